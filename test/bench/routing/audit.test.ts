// An audit that cannot find anything proves nothing: each fault that it is there for is put before it.
import { expect, test } from 'vitest';
import { type AuditedAgent, audit, type Moment } from './audit.ts';

const team = (...agents: [id: string, ...departments: string[]][]): AuditedAgent[] =>
  agents.map(([id, ...departments]) => ({ id, capacity: 2, departments }));
const agent = (at: number, id: string, available = true): Moment => ({
  kind: 'agent',
  at,
  agent: id,
  available,
});
const waits = (at: number, conversation: string, department = 'general'): Moment => ({
  kind: 'waits',
  at,
  conversation,
  department,
});
const given = (at: number, conversation: string, to: string, transferred = false): Moment => ({
  kind: 'given',
  at,
  conversation,
  agent: to,
  transferred,
});
const ended = (at: number, conversation: string): Moment => ({ kind: 'ended', at, conversation });

/** Two agents with everything in order. */
const fine: Moment[] = [
  agent(0, 'jane'),
  agent(0, 'joe'),
  waits(1_000, 'a'),
  given(1_010, 'a', 'jane'),
  waits(2_000, 'b'),
  given(2_020, 'b', 'joe'),
  ended(3_000, 'a'),
  waits(4_000, 'c'),
  given(4_005, 'c', 'jane'),
];

test('what is in order gives no finding', () => {
  const found = audit(fine, team(['jane'], ['joe']));
  expect(found).toMatchObject({
    assignments: 3,
    double: [],
    overCapacity: [],
    toAbsent: [],
    misfit: [],
  });
  expect(found.unequal.size).toBe(0);
  expect(found.idle.size).toBe(0);
  expect(found.spread).toBe(1);
  expect(found.decisions).toEqual([
    { ms: 10, cause: 'came' },
    { ms: 20, cause: 'came' },
    { ms: 5, cause: 'came' },
  ]);
});

test('a conversation that is given while another has it is a double assignment, also where it was transferred unasked', () => {
  expect(audit([...fine, given(5_000, 'b', 'jane')], team(['jane'], ['joe'])).double).toEqual(['b']);
  expect(audit([...fine, given(5_000, 'b', 'jane', true)], team(['jane'], ['joe'])).double).toEqual(['b']);
  // Back in the queue first, it is nobody's.
  const queued = [...fine, waits(5_000, 'b'), given(5_001, 'b', 'jane')];
  expect(audit(queued, team(['jane'], ['joe'])).double).toEqual([]);
});

test('more than an agent takes is over capacity, and what ended at the same millisecond makes room', () => {
  const more = [
    waits(5_000, 'd'),
    given(5_001, 'd', 'jane'),
    waits(6_000, 'e'),
    given(6_001, 'e', 'joe'),
    waits(7_000, 'f'),
  ];
  const over = audit([...fine, ...more, given(7_001, 'f', 'jane')], team(['jane'], ['joe']));
  expect(over.overCapacity).toEqual(['f']);
  const room = audit(
    [...fine, ...more, given(7_001, 'f', 'jane'), ended(7_001, 'd')],
    team(['jane'], ['joe']),
  );
  expect(room.overCapacity).toEqual([]);
});

test('who waits for over a second while one fitting agent is free has been forgotten', () => {
  const idle = (moments: Moment[], ...departments: string[]) => [
    ...audit([...fine, ...moments], team(['jane', ...departments], ['joe', 'sales']), { until: 9_000 }).idle,
  ];
  expect(idle([waits(5_000, 'd'), given(6_500, 'd', 'jane')])).toEqual([['d', 1_500]]);
  expect(idle([waits(5_000, 'd'), given(5_900, 'd', 'jane')])).toEqual([]);
  // Nobody ever gave it to anybody.
  expect(idle([waits(5_000, 'd')])).toEqual([['d', 4_000]]);
  // Jane's work is another, or she is not there: then nobody is free for it.
  expect(idle([waits(5_000, 'd')], 'billing')).toEqual([]);
  expect(idle([agent(4_900, 'jane', false), waits(5_000, 'd')])).toEqual([]);
  // She was away for most of the time.
  expect(
    idle([agent(4_900, 'jane', false), waits(5_000, 'd'), agent(8_000, 'jane'), given(8_050, 'd', 'jane')]),
  ).toEqual([]);
});

test('an agent with more is given nothing while a fitting one with fewer has been there', () => {
  const unequal = (moments: Moment[], ...departments: string[]) => [
    ...audit(moments, team(['jane'], ['joe', ...departments])).unequal,
  ];
  const both = [...fine, waits(5_000, 'd'), given(5_005, 'd', 'jane')];
  // Each has one: either is right.
  expect(unequal(both)).toEqual([]);
  const uneven = [...fine, ended(5_000, 'b'), waits(6_000, 'd'), given(6_005, 'd', 'jane')];
  expect(unequal(uneven)).toEqual([['d', 1_005]]);
  // Joe has become free too lately to be known of, or does other work.
  const lately = [...fine, waits(6_000, 'd'), ended(6_003, 'b'), given(6_005, 'd', 'jane')];
  expect(unequal(lately)).toEqual([]);
  expect(unequal(uneven, 'sales')).toEqual([]);
});

test('loads drift apart by more than one only where somebody is passed over', () => {
  const moments = [
    ...fine.slice(0, 4),
    waits(2_000, 'b'),
    given(2_010, 'b', 'jane'),
    waits(3_000, 'c'),
    given(3_010, 'c', 'joe'),
  ];
  const found = audit(moments, team(['jane'], ['joe']));
  expect(found.spread).toBe(2);
  expect([...found.unequal.keys()]).toEqual(['b']);
});

test('a decision is as late as what made it possible last is old', () => {
  const full = [
    agent(0, 'jane'),
    waits(100, 'a'),
    given(101, 'a', 'jane'),
    waits(200, 'b'),
    given(201, 'b', 'jane'),
    waits(300, 'c'),
    ended(900, 'a'),
    given(930, 'c', 'jane'),
    waits(1_000, 'd'),
    agent(2_000, 'joe'),
    given(2_070, 'd', 'joe'),
  ];
  expect(audit(full, team(['jane'], ['joe'])).decisions.slice(2)).toEqual([
    { ms: 30, cause: 'ended' },
    { ms: 70, cause: 'agent' },
  ]);
});

test('nothing is given to who is away, but for a moment', () => {
  const away = (at: number) =>
    audit(
      [...fine, agent(5_000, 'joe', false), waits(at, 'd'), given(at + 5, 'd', 'joe')],
      team(['jane'], ['joe']),
    );
  expect(away(5_010).toAbsent).toEqual([]);
  expect(away(6_000).toAbsent).toEqual(['d']);
});

test('nothing is given to who works for another department', () => {
  const moments = [agent(0, 'jane'), waits(1_000, 'a', 'sales'), given(1_010, 'a', 'jane')];
  expect(audit(moments, team(['jane', 'billing'])).misfit).toEqual(['a']);
  expect(audit(moments, team(['jane', 'billing', 'sales'])).misfit).toEqual([]);
  expect(audit(moments, team(['jane'])).misfit).toEqual([]);
});

test('the queue is measured in its length and in the time for which there was one', () => {
  const found = audit([...fine, waits(5_000, 'd'), waits(5_000, 'e')], team(), { until: 10_000 });
  expect(found.mostWaiting).toBe(2);
  expect(found.queued).toBeCloseTo(0.5, 1);
  const later = audit([...fine, waits(5_000, 'd')], team(['jane']), { from: 4_000, until: 8_000 });
  expect(later.queued).toBeCloseTo(0.75, 1);
  expect(later.decisions).toEqual([{ ms: 5, cause: 'came' }]);
});
