// To whom a waiting conversation goes: given agents and a queue, these assignments; and what holds whatever they are.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  assignments,
  fits,
  inQueueOrder,
  type RoutableAgent,
  type WaitingConversation,
} from '../../../domain/policies/routing.ts';

const agent = (id: string, more: Partial<RoutableAgent> = {}): RoutableAgent => ({
  id,
  load: 0,
  capacity: 2,
  departments: [],
  skills: [],
  lastAt: '',
  ...more,
});
const waiting = (conversation: string, more: Partial<WaitingConversation> = {}): WaitingConversation => ({
  conversation,
  since: `2026-03-02T12:0${conversation.slice(-1)}:00.000Z`,
  priority: 'medium',
  departments: ['general'],
  skills: [],
  ...more,
});
const given = (agents: RoutableAgent[], queue: WaitingConversation[]) =>
  assignments(agents, queue).map(({ conversation, agent }) => `${conversation} to ${agent}`);

describe('who is given a conversation', () => {
  test('whoever has the fewest', () =>
    expect(given([agent('1', { load: 1 }), agent('2')], [waiting('c1')])).toEqual(['c1 to 2']));
  test('of equals, who was given none for longest; who never was, first', () => {
    const [early, late] = [{ lastAt: '2026-03-02T09:00:00.000Z' }, { lastAt: '2026-03-02T11:00:00.000Z' }];
    expect(given([agent('1', late), agent('2', early)], [waiting('c1')])).toEqual(['c1 to 2']);
    expect(given([agent('1', early), agent('2')], [waiting('c1')])).toEqual(['c1 to 2']);
    expect(given([agent('10'), agent('9')], [waiting('c1')])).toEqual(['c1 to 9']);
  });
  test('nobody who has as many as they take', () =>
    expect(given([agent('1', { load: 2 }), agent('2', { capacity: 0 })], [waiting('c1')])).toEqual([]));
  test('several are spread in one go, and the rest waits', () =>
    expect(
      given(
        [agent('1'), agent('2', { load: 1 })],
        [waiting('c1'), waiting('c2'), waiting('c3'), waiting('c4')],
      ),
    ).toEqual(['c1 to 1', 'c2 to 2', 'c3 to 1']));
});

describe('which conversation goes first', () => {
  test('who has waited longer', () =>
    expect(given([agent('1', { capacity: 1 })], [waiting('c2'), waiting('c1')])).toEqual(['c1 to 1']));
  test('the more urgent one, however late it came', () =>
    expect(
      given([agent('1', { capacity: 1 })], [waiting('c1'), waiting('c2', { priority: 'urgent' })]),
    ).toEqual(['c2 to 1']));
  test('one whom nobody fits holds up no other', () =>
    expect(
      given(
        [agent('1', { departments: ['sales'] })],
        [
          waiting('c1', { departments: ['billing'], priority: 'urgent' }),
          waiting('c2', { departments: ['sales'] }),
        ],
      ),
    ).toEqual(['c2 to 1']));
});

describe('whom it may go to', () => {
  test('agents of its department, of one that stands in for it, and those of none in particular', () => {
    const sales = waiting('c1', { departments: ['sales', 'general'] });
    expect(fits(agent('1', { departments: ['billing'] }), sales)).toBe(false);
    expect(fits(agent('1', { departments: ['billing', 'general'] }), sales)).toBe(true);
    expect(fits(agent('1'), sales)).toBe(true);
  });
  test('nobody while all of its departments are closed', () =>
    expect(fits(agent('1'), waiting('c1', { departments: [] }))).toBe(false));
  test('only who knows all that it asks for', () => {
    const asks = waiting('c1', { skills: ['german', 'tax'] });
    expect(fits(agent('1', { skills: ['german'] }), asks)).toBe(false);
    expect(fits(agent('1', { skills: ['tax', 'german', 'golf'] }), asks)).toBe(true);
  });
  test('the agent whom the visitor had last, before one with less to do', () => {
    const back = waiting('c1', { preferred: '1' });
    expect(given([agent('1', { load: 1 }), agent('2')], [back])).toEqual(['c1 to 1']);
    expect(given([agent('1', { load: 2 }), agent('2')], [back])).toEqual(['c1 to 2']);
  });
  test('not the agent who put it back', () => {
    const back = waiting('c1', { notTo: '1', preferred: '1' });
    expect(given([agent('1'), agent('2', { load: 1 })], [back])).toEqual(['c1 to 2']);
    expect(given([agent('1')], [back])).toEqual([]);
  });
});

const few = <T>(of: readonly T[]) => fc.subarray([...of], { maxLength: 2 });
const agents = fc.uniqueArray(
  fc.record({
    id: fc.integer({ min: 1, max: 30 }).map(String),
    load: fc.integer({ min: 0, max: 4 }),
    capacity: fc.integer({ min: 0, max: 4 }),
    departments: few(['sales', 'billing', 'general']),
    skills: few(['german', 'tax']),
    lastAt: fc.constantFrom('', '2026-03-02T09:00:00.000Z', '2026-03-02T10:00:00.000Z'),
  }),
  { selector: ({ id }) => id, maxLength: 12 },
);
const queue = fc.uniqueArray(
  fc.record({
    conversation: fc.integer({ min: 1, max: 99 }).map((n) => `c${n}`),
    since: fc.constantFrom(
      '2026-03-02T12:00:00.000Z',
      '2026-03-02T12:00:01.000Z',
      '2026-03-02T12:00:02.000Z',
    ),
    priority: fc.constantFrom('low' as const, 'medium' as const, 'high' as const, 'urgent' as const),
    departments: few(['sales', 'billing', 'general']),
    skills: few(['german', 'tax']),
    preferred: fc.option(fc.integer({ min: 1, max: 30 }).map(String), { nil: undefined }),
    notTo: fc.option(fc.integer({ min: 1, max: 30 }).map(String), { nil: undefined }),
  }),
  { selector: ({ conversation }) => conversation, maxLength: 30 },
);

describe('whatever the agents and the queue are', () => {
  test('nobody is given more than they take, nothing is given twice, and all fit', () =>
    fc.assert(
      fc.property(agents, queue, (people, chats) => {
        const done = assignments(people, chats);
        expect(new Set(done.map(({ conversation }) => conversation)).size).toBe(done.length);
        for (const person of people) {
          const news = done.filter(({ agent }) => agent === person.id);
          if (news.length > 0) expect(person.load + news.length).toBeLessThanOrEqual(person.capacity);
          for (const { conversation } of news) {
            const chat = chats.find((each) => each.conversation === conversation);
            expect(chat && fits(person, chat)).toBe(true);
          }
        }
      }),
    ));

  test('nobody waits for whom a fitting agent has room', () =>
    fc.assert(
      fc.property(agents, queue, (people, chats) => {
        const done = assignments(people, chats);
        const left = chats.filter(
          (chat) => !done.some(({ conversation }) => conversation === chat.conversation),
        );
        for (const person of people) {
          const load = person.load + done.filter(({ agent }) => agent === person.id).length;
          if (load < person.capacity) expect(left.filter((chat) => fits(person, chat))).toEqual([]);
        }
      }),
    ));

  test('of those who ask for the same, nobody is overtaken', () =>
    fc.assert(
      fc.property(agents, queue, (people, chats) => {
        const plain = chats.map((chat) => ({
          ...chat,
          skills: [],
          departments: ['sales'],
          notTo: undefined,
        }));
        const done = new Set(assignments(people, plain).map(({ conversation }) => conversation));
        const order = plain.toSorted(inQueueOrder).map(({ conversation }) => done.has(conversation));
        expect(order).toEqual(order.toSorted((a, b) => Number(b) - Number(a)));
      }),
    ));

  test('equals end up with as many, give or take one', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 0, max: 60 }),
        queue,
        (many, capacity, chats) => {
          const people = Array.from({ length: many }, (_, index) => agent(String(index + 1), { capacity }));
          const plain = chats.map(({ conversation }) => waiting(conversation, { since: NOON }));
          const loads = new Map(people.map(({ id }) => [id, 0]));
          for (const { agent } of assignments(people, plain)) loads.set(agent, (loads.get(agent) ?? 0) + 1);
          expect(Math.max(...loads.values()) - Math.min(...loads.values())).toBeLessThanOrEqual(1);
        },
      ),
    ));

  test('the order in which they are listed does not matter', () =>
    fc.assert(
      fc.property(agents, queue, (people, chats) => {
        expect(assignments(people.toReversed(), chats.toReversed())).toEqual(assignments(people, chats));
      }),
    ));
});

const NOON = '2026-03-02T12:00:00.000Z';
