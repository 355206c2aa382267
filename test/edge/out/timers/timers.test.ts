// A worker's timers on a log in memory: each thing happens when it is due, once, whatever becomes of workers, clocks, rules and the log.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { ConversationEvent } from '../../../../domain/conversation/events.ts';
import type { TimerRules } from '../../../../domain/policies/timers.ts';
import { sayTyping } from '../../../../edge/chat/signals.ts';
import { by, byVisitor, close, jane, say, sayAs, start } from '../../../domain/conversation-words.ts';
import { WORKSPACE } from '../../../domain/log/processes.ts';
import { Town } from './worker.ts';

const idle: Partial<TimerRules> = { idle: { warnAfterMinutes: 10, closeAfterMinutes: 15 } };
const targets: Partial<TimerRules> = {
  targets: { medium: { firstResponseMinutes: 5, resolutionMinutes: 44 } },
};
const soon = { timeout: 10_000, interval: 20 };
/** Longer than a timer sleeps without looking at the clock. */
const whileNothing = () => sleep(1_300);

const towns: Town[] = [];
const town = (rules?: Partial<TimerRules>): Town => {
  const made = new Town(rules);
  towns.push(made);
  return made;
};
afterEach(async () => {
  for (const each of towns.splice(0)) expect(await each.close()).toEqual([]);
});

const happens = (there: Town, type: ConversationEvent['type'], id?: string) =>
  expect.poll(() => there.count(type, id), soon).toBe(1);
async function answered(there: Town, id?: string): Promise<void> {
  await there.does(start, id);
  await there.does(say('hello'), id);
  await there.does(sayAs(jane, 'yes?', { mayJoin: true }), id);
}
const remind = (at: string) => ({
  type: 'SetReminder' as const,
  data: { at, text: 'call back', author: jane },
  actor: by(jane),
});

test('a silent visitor is warned, and let go when nothing comes', async () => {
  const there = town(idle);
  await there.worker();
  await answered(there);
  there.clock.pass(9.9);
  await whileNothing();
  expect(await there.count('IdleWarned')).toBe(0);
  there.clock.pass(0.1);
  await happens(there, 'IdleWarned');
  there.clock.pass(5);
  await happens(there, 'ConversationClosed');
  expect((await there.events()).at(-1)).toMatchObject({
    type: 'ConversationClosed',
    data: { by: 'system', reason: 'idle' },
    actor: { kind: 'system' },
  });
});

test('a visitor who wrote after the warning stays, and so does one who is typing just then', async () => {
  const there = town(idle);
  const worker = await there.worker();
  await answered(there, 'chat-1');
  await answered(there, 'chat-2');
  there.clock.pass(10);
  await happens(there, 'IdleWarned', 'chat-1');
  await happens(there, 'IdleWarned', 'chat-2');
  await there.does(say('still here'), 'chat-1');
  const { signals } = there.people.storage;
  const typing = setInterval(
    () => sayTyping(signals, WORKSPACE, 'chat-2', { from: 'visitor', isTyping: true }),
    50,
  );
  there.clock.pass(5);
  await whileNothing();
  expect([await there.count('ConversationClosed', 'chat-1'), worker.sent]).toEqual([
    0,
    ['WarnIdle', 'WarnIdle'],
  ]);
  expect(await there.count('ConversationClosed', 'chat-2')).toBe(0);
  await there.does(say('and here is why'), 'chat-2');
  clearInterval(typing);
  await whileNothing();
  expect(await there.count('ConversationClosed', 'chat-2')).toBe(0);
});

test('who typed and sent nothing is let go a little later', async () => {
  const there = town({ idle: { warnAfterMinutes: null, closeAfterMinutes: 15 } });
  await there.worker();
  await answered(there);
  there.clock.pass(15);
  await sleep(50);
  for (let said = 0; said < 20; said++) {
    sayTyping(there.people.storage.signals, WORKSPACE, 'chat-1', { from: 'visitor', isTyping: true });
    await sleep(50);
  }
  await happens(there, 'ConversationClosed');
});

test('a word that was written in the very moment of the end keeps the chat, in whatever order they are decided', async () => {
  const there = town({ idle: { warnAfterMinutes: null, closeAfterMinutes: 15 } });
  await there.worker();
  await Promise.all(Array.from({ length: 20 }, (_, index) => answered(there, `chat-${index}`)));
  there.clock.pass(15);
  await sleep(1_000);
  await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      await sleep(index * 15);
      await there.does(say('wait!'), `chat-${index}`);
    }),
  );
  await whileNothing();
  for (let index = 0; index < 20; index++) {
    const types = await there.types(`chat-${index}`);
    const [last, ended] = [types.lastIndexOf('MessagePosted'), types.lastIndexOf('ConversationClosed')];
    // Either it had ended before, and the visitor's word opened it again, or it never ended.
    expect(ended).toBeLessThan(last);
  }
});

test('what was due while no worker was there is done when one comes, and the warning still gives time', async () => {
  const there = town({ ...idle, ...targets });
  await answered(there);
  await there.does(start, 'waiting');
  there.clock.pass(600);
  await there.worker();
  await happens(there, 'IdleWarned');
  await happens(there, 'TargetBreached');
  await expect.poll(() => there.count('TargetBreached', 'waiting'), soon).toBe(2);
  await whileNothing();
  expect(await there.count('ConversationClosed')).toBe(0);
  there.clock.pass(5);
  await happens(there, 'ConversationClosed');
  const told = (await there.events('waiting')).filter(({ type }) => type === 'TargetBreached');
  expect(told.map(({ data }) => (data as { target: string }).target)).toEqual([
    'first-response',
    'resolution',
  ]);
});

test('three workers, one of them stopped and begun anew, do each thing once', async () => {
  const there = town({ ...idle, ...targets });
  const [first] = [await there.worker(), await there.worker(), await there.worker()];
  const ids = Array.from({ length: 10 }, (_, index) => `chat-${index}`);
  await Promise.all(ids.map((id) => answered(there, id)));
  await Promise.all(ids.map((id) => there.does(remind(there.clock.in(30)), id)));
  there.clock.pass(30);
  for (const id of ids) await happens(there, 'ReminderDue', id);
  await first?.stop();
  await there.worker();
  there.clock.pass(10);
  for (const id of ids) await happens(there, 'IdleWarned', id);
  there.clock.pass(20);
  for (const id of ids) await happens(there, 'ConversationClosed', id);
  await whileNothing();
  for (const id of ids)
    expect([
      await there.count('IdleWarned', id),
      await there.count('ConversationClosed', id),
      await there.count('ReminderDue', id),
      await there.count('TargetBreached', id),
    ]).toEqual([1, 1, 1, 1]);
}, 40_000);

test('a reminder falls due also where the conversation has ended, and where a worker comes only then', async () => {
  const there = town();
  const first = await there.worker();
  await answered(there);
  await there.does(remind(there.clock.in(60)));
  await there.does(close);
  await first.stop();
  await there.worker();
  there.clock.pass(60);
  await happens(there, 'ReminderDue');
  expect((await there.types()).at(-1)).toBe('ReminderDue');
});

test('a clock that is set back loses nothing, and one that is set forward for one worker alone ends nothing', async () => {
  const there = town({ idle: { warnAfterMinutes: null, closeAfterMinutes: 15 } });
  // This one believes it is a day later; what is decided, is decided by the conversations' own times.
  const ahead = await there.worker(() => there.clock.at + 86_400_000);
  await answered(there);
  await whileNothing();
  expect([await there.count('ConversationClosed'), ahead.sent.length]).toEqual([0, 1]);
  await ahead.stop();
  await there.worker();
  there.clock.pass(-60);
  await whileNothing();
  there.clock.pass(60 + 14);
  await whileNothing();
  expect(await there.count('ConversationClosed')).toBe(0);
  there.clock.pass(1);
  await happens(there, 'ConversationClosed');
}, 20_000);

test('rules that change hold at once for what is under way', async () => {
  const there = town();
  await there.worker();
  await answered(there);
  there.clock.pass(20);
  await whileNothing();
  expect(await there.count('IdleWarned')).toBe(0);
  there.rules.change(idle);
  await happens(there, 'IdleWarned');
  there.rules.change({ idle: { warnAfterMinutes: null, closeAfterMinutes: null } });
  there.clock.pass(20);
  await whileNothing();
  expect(await there.count('ConversationClosed')).toBe(0);
});

test('while the log is away it is tried again, and then done once', async () => {
  const there = town(idle);
  const { process } = await there.worker();
  await answered(there);
  await sleep(200);
  process.storage.log.setConnected(false);
  there.clock.pass(10);
  await whileNothing();
  expect(await there.count('IdleWarned')).toBe(0);
  process.storage.log.setConnected(true);
  await happens(there, 'IdleWarned');
  await whileNothing();
  expect(await there.count('IdleWarned')).toBe(1);
}, 20_000);

test('who asks for nothing is told of no promise: an answer in time keeps it', async () => {
  const there = town(targets);
  await there.worker();
  await answered(there);
  await there.does({ type: 'CloseConversation', data: {}, actor: byVisitor });
  there.clock.pass(120);
  await whileNothing();
  expect(await there.count('TargetBreached')).toBe(0);
});
