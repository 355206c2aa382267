// What is due in a conversation without anybody asking: silent visitors are warned and let go, promises are broken, agents are reminded, each once.
import { describe, expect, test } from 'vitest';
import type { Target } from '../../domain/conversation/values.ts';
import { type IdleRules, nextTimer, noTimers, type Targets } from '../../domain/policies/timers.ts';
import { later, NOON } from '../given.ts';
import {
  ask,
  assign,
  assigned,
  by,
  bySystem,
  type ConversationFact,
  closed,
  fact,
  given,
  jane,
  note,
  omar,
  onceArchived,
  onceErased,
  reopenedBy,
  said,
  saidBy,
  saidByAi,
  started,
  startedWith,
  startedWithAi,
} from './conversation-words.ts';

const MINUTE = 60_000;
const idle: IdleRules = { warnAfterMinutes: 10, closeAfterMinutes: 15 };
const warnOnly: IdleRules = { warnAfterMinutes: 10, closeAfterMinutes: null };
const closeOnly: IdleRules = { warnAfterMinutes: null, closeAfterMinutes: 15 };
/** The moment so many minutes after the first fact. */
const minute = (count: number): string => later(NOON, count * MINUTE);
const warn = (unanswered: number, rules = idle) =>
  ask(bySystem, { type: 'WarnIdle', data: { unanswered, idle: rules } });
const end = (unanswered: number, rules = idle) =>
  ask(bySystem, { type: 'CloseIdle', data: { unanswered, idle: rules } });
const due = (facts: readonly ConversationFact[], rules: Partial<typeof noTimers>) => {
  const next = nextTimer(given(...facts).state, { ...noTimers, ...rules });
  return next && { kind: next.kind, at: new Date(next.at).toISOString() };
};

/** Facts come a minute apart: Jane's word is the fourth, at 12:03. */
const answered = [started, said('hello'), assigned(jane), saidBy(jane, 'yes?')];
const idleSince = minute(3);
const warnedAt = (count: number) =>
  fact('IdleWarned', { idleSince, closesAt: minute(count + 5) }, minute(count));
const endedIdle = fact('ConversationClosed', { by: 'system', reason: 'idle' });

describe('a silent visitor', () => {
  test('is warned once the time is up, of when it ends', () => {
    expect(due(answered, { idle })).toEqual({ kind: 'idle-warning', at: minute(13) });
    given(...answered)
      .when(warn(4), minute(13))
      .then(fact('IdleWarned', { idleSince, closesAt: minute(18) }));
    given(...answered)
      .when(warn(4, warnOnly), minute(13))
      .then(fact('IdleWarned', { idleSince }));
  });
  test('is not warned a moment before', () =>
    given(...answered)
      .when(warn(4), later(minute(13), -1))
      .thenNothing());
  test('is warned once', () => {
    given(...answered, warnedAt(13))
      .when(warn(4), minute(14))
      .thenNothing();
    expect(due([...answered, warnedAt(13)], { idle: warnOnly })).toBeUndefined();
  });
  test('is let go when nothing came after the warning', () => {
    expect(due([...answered, warnedAt(13)], { idle })).toEqual({ kind: 'idle-close', at: minute(18) });
    given(...answered, warnedAt(13))
      .when(end(4), minute(18))
      .then(endedIdle)
      .leaving({ status: 'closed', endReason: 'idle' });
    given(...answered, warnedAt(13))
      .when(end(4), later(minute(18), -1))
      .thenNothing();
  });
  test('has all the time after a warning that came late, as after an hour without a worker', () => {
    expect(due([...answered, warnedAt(63)], { idle })).toEqual({ kind: 'idle-close', at: minute(68) });
    given(...answered, warnedAt(63))
      .when(end(4), minute(64))
      .thenNothing();
  });
  test('is not let go before a warning, where there is to be one', () =>
    given(...answered)
      .when(end(4), minute(90))
      .thenNothing());
  test('is let go without one where none is to be', () =>
    given(...answered)
      .when(end(4, closeOnly), minute(18))
      .then(endedIdle));
  test('is let go once', () =>
    given(...answered, warnedAt(13), closed(minute(18)))
      .when(end(4), minute(19))
      .thenNothing());
  test('who is silent to the AI is so in the same way', () =>
    expect(due([startedWithAi, said('hello'), saidByAi('yes?')], { idle })).toEqual({
      kind: 'idle-warning',
      at: minute(12),
    }));
  test('who was greeted and never said a word is so as well, where the AI would answer', () => {
    const welcome = fact('MessagePosted', { text: 'Hello!', attachments: [], author: { kind: 'system' } });
    expect(due([startedWithAi, welcome], { idle })?.kind).toBe('idle-warning');
    expect(due([startedWithAi, said('hello'), welcome], { idle })).toBeUndefined();
  });
});

describe('a visitor who writes', () => {
  const wrote = said('wait', minute(17));
  test('is not let go, though the timer was set before', () => {
    given(...answered, warnedAt(13), wrote)
      .when(end(4), minute(18))
      .thenNothing();
    given(...answered, warnedAt(13), wrote)
      .when(end(4), minute(500))
      .thenNothing();
    expect(due([...answered, warnedAt(13), wrote], { idle })).toBeUndefined();
  });
  test('is warned anew, for our next message alone', () => {
    const again = [...answered, warnedAt(13), wrote, saidBy(jane, 'I do')];
    expect(due(again, { idle })).toEqual({ kind: 'idle-warning', at: minute(28) });
    given(...again)
      .when(end(4), minute(40))
      .thenNothing();
    given(...again)
      .when(warn(4), minute(40))
      .thenNothing();
    given(...again)
      .when(warn(7), minute(40))
      .then(fact('IdleWarned', { idleSince: minute(18), closesAt: minute(45) }));
  });
});

describe('whoever waits for us is not idle', () => {
  test.each<[string, readonly ConversationFact[]]>([
    ['in the queue', [started, said('hello')]],
    ['with a question that nobody answered', [started, said('hello'), assigned(jane)]],
    [
      'once the AI has called people',
      [startedWithAi, said('a'), saidByAi('b'), fact('HumanRequested', { reason: '' })],
    ],
    [
      'when a person comes who has not said a word',
      [startedWithAi, said('a'), saidByAi('b'), fact('HumanRequested', { reason: '' }), assigned(jane)],
    ],
    ['back in the queue', [...answered, fact('ConversationQueued', { reason: 'away' })]],
    [
      'handed over to somebody who has not said a word',
      [...answered, fact('ConversationTransferred', { to: omar, reason: '' })],
    ],
    [
      'while an agent has a reminder',
      [...answered, fact('ReminderSet', { at: minute(600), text: '', author: jane })],
    ],
    ['after the end', [...answered, closed()]],
    ['after it was reopened', [...answered, closed(), reopenedBy('agent'), assigned(jane)]],
    ['once archived', onceArchived],
  ])('%s', (_when, facts) => {
    expect(due(facts, { idle })?.kind ?? '').not.toMatch(/idle/);
    const last = given(...facts).state.lastMessage?.version ?? 1;
    given(...facts)
      .when(warn(last), minute(10_000))
      .thenNothing();
    given(...facts)
      .when(end(last, closeOnly), minute(10_000))
      .thenNothing();
  });
  test('nor counts what was before the AI took over again', () =>
    expect(due([...answered, fact('ConversationReturnedToAi', {}, minute(30))], { idle })).toEqual({
      kind: 'idle-warning',
      at: minute(40),
    }));
});

const promise = { firstResponseMinutes: 5, resolutionMinutes: 60 };
const targets: Targets = {
  medium: promise,
  urgent: { firstResponseMinutes: 1, resolutionMinutes: null },
};
const breach = (target: Target, rules = targets) =>
  ask(bySystem, { type: 'BreachTarget', data: { target, targets: rules } });
const breached = (target: Target, dueAt: string, at?: string) =>
  fact('TargetBreached', { target, dueAt }, at);

describe('a first response', () => {
  test('is due from the beginning, and its breach is told once', () => {
    expect(due([started], { targets })).toEqual({ kind: 'first-response', at: minute(5) });
    given(started)
      .when(breach('first-response'), minute(5))
      .then(breached('first-response', minute(5)));
    given(started)
      .when(breach('first-response'), later(minute(5), -1))
      .thenNothing();
    given(started, breached('first-response', minute(5), minute(5)))
      .when(breach('first-response'), minute(6))
      .thenNothing();
  });
  test('is a person’s: neither the AI nor the system keeps that promise', () => {
    const called = [startedWithAi, said('hello'), saidByAi('hm'), fact('HumanRequested', { reason: '' })];
    expect(due([startedWithAi, said('hello')], { targets })?.kind).toBe('resolution');
    // Counted from when people were called, not from when the AI began.
    expect(due(called, { targets })).toEqual({ kind: 'first-response', at: minute(8) });
    expect(due([...called, fact('ConversationReturnedToAi', {})], { targets })?.kind).toBe('resolution');
  });
  test('that came is no breach, and taking a conversation is no response', () => {
    given(...answered)
      .when(breach('first-response'), minute(90))
      .thenNothing();
    given(started, assigned(jane))
      .when(breach('first-response'), minute(5))
      .then(breached('first-response', minute(5)));
  });
  test('is that of the priority that it has now', () => {
    const urgent = startedWith({ priority: 'urgent' });
    expect(due([urgent], { targets })).toEqual({ kind: 'first-response', at: minute(1) });
    expect(due([urgent, fact('PrioritySet', { priority: 'low' })], { targets })).toBeUndefined();
    given(urgent, fact('PrioritySet', { priority: 'medium' }))
      .when(breach('first-response'), minute(2))
      .thenNothing();
  });
});

describe('a resolution', () => {
  test('is due from the beginning, whoever speaks', () => {
    expect(due(answered, { targets })).toEqual({ kind: 'resolution', at: minute(60) });
    given(...answered)
      .when(breach('resolution'), minute(60))
      .then(breached('resolution', minute(60)));
  });
  test('that came is no breach', () => {
    given(...answered, closed())
      .when(breach('resolution'), minute(90))
      .thenNothing();
    expect(due([...answered, closed()], { targets })).toBeUndefined();
  });
  test('is owed anew from a reopening, and so is a first response where the visitor reopened', () => {
    const again = [...answered, breached('resolution', minute(60), minute(60)), closed(minute(70))];
    const byVisitor = [...again, fact('ConversationReopened', { by: 'visitor' }, minute(100))];
    expect(due(byVisitor, { targets })).toEqual({ kind: 'first-response', at: minute(105) });
    given(...byVisitor)
      .when(breach('resolution'), minute(160))
      .then(breached('resolution', minute(160)));
    const byAgent = [...again, fact('ConversationReopened', { by: 'agent' }, minute(100))];
    expect(due(byAgent, { targets })).toEqual({ kind: 'resolution', at: minute(160) });
  });
});

const set = (at: string, text = 'call back', author = jane) =>
  ask(by(author), { type: 'SetReminder', data: { at, text, author } });
const clear = ask(by(jane), { type: 'ClearReminder', data: {} });
const remind = (at: string) => ask(bySystem, { type: 'Remind', data: { at } });
const reminder = (at: string) => fact('ReminderSet', { at, text: 'call back', author: jane });

describe('a reminder', () => {
  const at = minute(60);
  const is = { at, text: 'call back', author: jane };
  test('is set, also where the conversation has ended', () => {
    given(started).when(set(at)).then(reminder(at)).leaving({ reminder: is });
    given(...answered, closed())
      .when(set(at))
      .then(reminder(at));
  });
  test('is due at its moment, once', () => {
    expect(due([started, reminder(at)], {})).toEqual({ kind: 'reminder', at });
    given(started, reminder(at))
      .when(remind(at), at)
      .then(fact('ReminderDue', is))
      .leaving({ reminder: undefined });
    given(started, reminder(at)).when(remind(at), later(at, -1)).thenNothing();
    given(started, reminder(at), fact('ReminderDue', is, at))
      .when(remind(at), minute(61))
      .thenNothing();
  });
  test('outlives the end of the conversation, not its archiving', () => {
    given(...answered, reminder(at), closed())
      .when(remind(at), at)
      .then(fact('ReminderDue', is));
    given(...answered, reminder(at), closed(), fact('ConversationArchived', {}))
      .when(remind(at), at)
      .thenNothing();
    given(...onceArchived)
      .when(set(at))
      .thenRefused('conversation-archived');
  });
  test('takes the place of the one before, whose timer then does nothing', () => {
    given(started, reminder(at))
      .when(set(minute(90)))
      .then(reminder(minute(90)));
    given(started, reminder(at), reminder(minute(90)))
      .when(remind(at), minute(100))
      .thenNothing();
  });
  test('that is there already is not set again, nor cleared where there is none', () => {
    given(started, reminder(at)).when(set(at)).thenNothing();
    given(started).when(clear).thenNothing();
    given(started, reminder(at))
      .when(clear)
      .then(fact('ReminderCleared', {}))
      .leaving({ reminder: undefined });
  });
  test('lies ahead, and not too far', () => {
    given(started)
      .when(set(minute(1)), minute(1))
      .thenRefused('reminder-time');
    given(started)
      .when(set(later(NOON, 400 * 86_400_000)), NOON)
      .thenRefused('reminder-time');
  });
  test('gives the visitor all of their time again once it was due', () =>
    expect(due([...answered, reminder(at), fact('ReminderDue', is, at)], { idle })).toEqual({
      kind: 'idle-warning',
      at: minute(70),
    }));
});

test('nothing is due where the workspace has set nothing, and notes change none of it', () => {
  expect(due(answered, {})).toBeUndefined();
  given(...answered)
    .when(note)
    .leaving({ silence: given(...answered).state.silence });
  given(...answered)
    .when(assign(omar))
    .leaving({ silence: undefined });
});
test('an erased conversation has no timers', () => {
  given(...onceErased)
    .when(warn(4))
    .thenRefused('conversation-not-found');
  expect(due(onceErased, { idle, targets })).toBeUndefined();
});
