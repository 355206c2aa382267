// What holds for timers whatever happens in a conversation: each fires once, none while it is not due, and what is due is found again from the state alone.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Conversation } from '../../domain/conversation/conversation.ts';
import { initial } from '../../domain/conversation/conversation.ts';
import { decide } from '../../domain/conversation/decide.ts';
import type { ConversationEvent } from '../../domain/conversation/events.ts';
import { evolve } from '../../domain/conversation/evolve.ts';
import { isRefusal, type Placed } from '../../domain/decider.ts';
import { nextTimer, type Timer, type TimerRules } from '../../domain/policies/timers.ts';
import { timerCommand } from '../../edge/out/timers/commands.ts';
import { frozen, later, NOON } from '../given.ts';
import {
  assign,
  by,
  bySystem,
  close,
  jane,
  note,
  omar,
  queue,
  reopen,
  requestHuman,
  returnToAi,
  say,
  sayAs,
  sayAsAi,
  startWith,
  transfer,
} from './conversation-words.ts';

type Fact = ConversationEvent & Placed;

const minutes = fc.constantFrom(null, 1, 5, 10, 30);
const rules: fc.Arbitrary<TimerRules> = fc
  .record({ warn: minutes, close: minutes, first: minutes, resolution: minutes })
  .map(({ warn, close, first, resolution }) => ({
    idle: {
      warnAfterMinutes: warn,
      closeAfterMinutes: warn !== null && close !== null ? warn + close : close,
    },
    targets: { medium: { firstResponseMinutes: first, resolutionMinutes: resolution } },
  }));

const remind = (ahead: number) => (at: string) => ({
  type: 'SetReminder' as const,
  data: { at: later(at, ahead), text: '', author: jane },
  actor: by(jane),
});
const step = fc.constantFrom(
  ...[say('hello'), say('hello'), sayAs(jane, 'yes'), sayAs(jane, 'yes'), sayAs(omar, 'no'), sayAsAi('so')],
  ...[assign(jane), transfer(omar), queue, requestHuman, returnToAi, close, reopen, note],
);
const act = fc.record({
  what: fc.oneof(
    { weight: 8, arbitrary: step.map((command) => () => command) },
    { weight: 1, arbitrary: fc.constantFrom(60_000, 3_600_000).map(remind) },
    {
      weight: 1,
      arbitrary: fc.constant(() => ({ type: 'ClearReminder' as const, data: {}, actor: by(jane) })),
    },
    // Nobody says anything: time alone passes.
    { weight: 6, arbitrary: fc.constant(undefined) },
  ),
  wait: fc.constantFrom(0, 1_000, 60_000, 240_000, 600_000, 3_600_000),
});
const story = fc.record({
  ai: fc.boolean(),
  rules,
  acts: fc.array(act, { minLength: 5, maxLength: 40, size: 'max' }),
});
type Story = typeof story extends fc.Arbitrary<infer Value> ? Value : never;

interface Fired {
  readonly timer: Timer;
  readonly before: Conversation;
  readonly facts: readonly Fact[];
  readonly now: Conversation;
  readonly at: string;
}

/** Lives it, with a worker that fires whatever is due before each act; hears of every firing and every fact. */
function live({ ai, rules, acts }: Story, fired: (what: Fired) => void = () => {}): Fact[] {
  let state = frozen(initial);
  let at = NOON;
  const facts: Fact[] = [];
  const ask = (command: Parameters<typeof decide>[0]): Fact[] => {
    const decision = decide(frozen(command), state);
    const news = (isRefusal(decision) ? [] : decision).map((fact, index): Fact => {
      const version = facts.length + index + 1;
      return { ...fact, version, position: version * 65_536, at };
    });
    state = news.reduce((now, fact) => frozen(evolve(now, frozen(fact))), state);
    facts.push(...news);
    return news;
  };
  ask({ ...startWith(ai), at });
  for (const { what, wait } of acts) {
    at = later(at, wait);
    for (let due = nextTimer(state, rules); due && due.at <= Date.parse(at); due = nextTimer(state, rules)) {
      const before = state;
      const news = ask({ ...timerCommand(due, state, rules), actor: bySystem, at });
      fired({ timer: due, before, facts: news, now: state, at });
      if (news.length === 0)
        throw new Error(`${due.kind} was due and did nothing: it would be asked for ever`);
    }
    const asked = what?.(at);
    if (asked) ask({ ...asked, at } as Parameters<typeof decide>[0]);
  }
  return facts;
}

const holds = (check: (told: Story) => void) => fc.assert(fc.property(story, check), { numRuns: 500 });

test('what is due brings about exactly its own fact, and asked again nothing', () =>
  holds((told) => {
    live(told, ({ timer, facts, now, before, at }) => {
      const types: Record<Timer['kind'], ConversationEvent['type']> = {
        'idle-warning': 'IdleWarned',
        'idle-close': 'ConversationClosed',
        'first-response': 'TargetBreached',
        resolution: 'TargetBreached',
        reminder: 'ReminderDue',
      };
      expect(facts.map(({ type }) => type)).toEqual([types[timer.kind]]);
      const again = { ...timerCommand(timer, before, told.rules), actor: bySystem, at };
      expect(decide(again, now)).toEqual([]);
    });
  }));

test('a millisecond too early nothing happens, whatever the timer believes', () =>
  holds((told) => {
    live(told, ({ timer, before }) => {
      const early = new Date(timer.at - 1).toISOString();
      expect(
        decide({ ...timerCommand(timer, before, told.rules), actor: bySystem, at: early }, before),
      ).toEqual([]);
    });
  }));

test('nobody is warned or closed unless ours was the last word', () =>
  holds((told) => {
    const facts = live(told);
    for (const [index, fact] of facts.entries()) {
      if (fact.type !== 'IdleWarned' && !(fact.type === 'ConversationClosed' && fact.data.by === 'system'))
        continue;
      const last = facts.slice(0, index).findLast(({ type }) => type === 'MessagePosted');
      expect(last?.type === 'MessagePosted' && last.data.author.kind).toMatch(/agent|ai/);
      const { warnAfterMinutes: warn, closeAfterMinutes: close } = told.rules.idle;
      const silent = (warn !== null && fact.type === 'IdleWarned' ? warn : (close ?? 0)) * 60_000;
      expect(Date.parse(fact.at) - Date.parse(last?.at ?? '')).toBeGreaterThanOrEqual(silent);
    }
  }));

test('a chat that is closed was warned as long before as the workspace says, however late the worker was', () =>
  holds((told) => {
    const { warnAfterMinutes: warn, closeAfterMinutes: close } = told.rules.idle;
    if (warn === null || close === null) return;
    const facts = live(told);
    for (const [index, fact] of facts.entries()) {
      if (fact.type !== 'ConversationClosed' || fact.data.by !== 'system') continue;
      const warned = facts.slice(0, index).findLast(({ type }) => type === 'IdleWarned');
      expect(Date.parse(fact.at) - Date.parse(warned?.at ?? '')).toBeGreaterThanOrEqual(
        (close - warn) * 60_000,
      );
    }
  }));

test('each promise is broken once at most between two reopenings, each reminder falls due once', () =>
  holds((told) => {
    const breached = new Set<string>();
    let reminders = 0;
    for (const fact of live(told)) {
      if (fact.type === 'ConversationReopened') breached.clear();
      if (fact.type === 'TargetBreached') {
        expect(breached.has(fact.data.target)).toBe(false);
        breached.add(fact.data.target);
      }
      if (fact.type === 'ReminderSet') reminders = 1;
      if (fact.type === 'ReminderDue') expect(reminders--).toBe(1);
    }
  }));

test('what is stored is enough: a fold that was written down and read again is due at the same moment', () =>
  holds((told) => {
    let state = initial;
    for (const fact of live(told)) {
      state = evolve(state, fact);
      const restored = JSON.parse(JSON.stringify(state)) as Conversation;
      expect(nextTimer(restored, told.rules)).toEqual(nextTimer(state, told.rules));
    }
  }));

test('every kind of timer is reached by these stories', () => {
  const kinds = new Set<string>();
  holds((told) => void live(told, ({ timer }) => kinds.add(timer.kind)));
  expect([...kinds].sort()).toEqual([
    'first-response',
    'idle-close',
    'idle-warning',
    'reminder',
    'resolution',
  ]);
});
