// Given events, the queue: who waits and in which order, how long waits were, and how each agent does.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bob, by, Chat, jane, system, visitor } from './chat.ts';
import { foreign, type Projecting, startProjecting, workspace } from './projecting.ts';

let p: Projecting;
const chat = (id: string, at: string) => new Chat(p.storage.log, workspace, id, `2026-11-01T${at}.000Z`);

beforeAll(async () => {
  p = await startProjecting();
  // Waits since 10:00:01; an hour later a human is asked for, which changes nobody's turn.
  const early = chat('early', '10:00:00');
  await early.start({ name: 'Early' });
  await early.ask(visitor, { type: 'RequestHuman', data: {} }, 3_600_000);
  // With the AI until 10:05:01, and waiting from then on.
  const escalated = chat('escalated', '10:00:00');
  await escalated.start({ name: 'Escalated' }, { ai: true, widget: 'w2' });
  await escalated.ask(visitor, { type: 'RequestHuman', data: {} }, 300_000);
  // Taken after two minutes, put back, and waiting again since 10:20.
  const again = chat('again', '10:00:00');
  await again.start({ name: 'Again' });
  await again.ask(by(jane), { type: 'AssignAgent', data: { agent: jane } }, 120_000);
  await again.ask(by(jane), { type: 'QueueConversation', data: {} }, 1_080_000);
  // Taken by answering after 60 s, rated 4.
  const answered = chat('answered', '10:00:00');
  await answered.start();
  await answered.say('Hello', by(bob), 60_000);
  await answered.say('And more', by(bob), 60_000);
  await answered.ask(by(bob), { type: 'CloseConversation', data: {} });
  await answered.ask(visitor, { type: 'RateConversation', data: { score: 4 } });
  // Answered by Bob, then handed to Jane, whose it stays: no second wait.
  const handed = chat('handed', '10:00:00');
  await handed.start({}, { widget: 'w2' });
  await handed.say('Hello', by(bob), 30_000);
  await handed.ask(by(bob), { type: 'TransferConversation', data: { to: jane } }, 600_000);
  // Waits that nobody ended by taking them are not measured.
  const left = chat('left', '10:00:00');
  await left.start();
  await left.ask(visitor, { type: 'CloseConversation', data: {} }, 5_000);
  // An agent who reopens has not taken it from the queue.
  const reopened = chat('reopened', '10:00:00');
  await reopened.start();
  await reopened.ask(visitor, { type: 'CloseConversation', data: {} });
  await reopened.ask(by(jane), { type: 'ReopenConversation', data: { agent: jane } });
  const talksToAi = chat('talks-to-ai', '10:00:00');
  await talksToAi.start({}, { ai: true });
  const erased = chat('erased', '10:00:00');
  await erased.start();
  await erased.say('At once', by(bob), 10);
  await erased.ask(system, { type: 'EraseConversation', data: {} });
  const other = new Chat(p.storage.log, foreign, 'elsewhere', '2026-11-01T10:00:00.000Z');
  await other.start();
  p.projector();
  await p.settled();
}, 60_000);
afterAll(() => p.stop());

test('who waits for an agent comes in order of coming into the queue, and nobody else does', async () => {
  const { rows, waiting, open } = await p.models.queue.findQueue({ workspace, most: 100 });
  const medium = { priority: 'medium', department: 'general' };
  expect(rows).toEqual([
    // An agent put it back: it has the place that it had.
    {
      conversation: 'again',
      version: 3,
      widget: 'w1',
      visitorName: 'Again',
      queuedAt: '2026-11-01T10:00:01.000Z',
      escalated: false,
      ...medium,
    },
    {
      conversation: 'early',
      version: 2,
      widget: 'w1',
      visitorName: 'Early',
      queuedAt: '2026-11-01T10:00:01.000Z',
      escalated: true,
      ...medium,
    },
    {
      conversation: 'escalated',
      version: 2,
      widget: 'w2',
      visitorName: 'Escalated',
      queuedAt: '2026-11-01T10:05:01.000Z',
      escalated: true,
      ...medium,
    },
  ]);
  expect(waiting).toEqual(
    new Map([
      ['w1', 2],
      ['w2', 1],
    ]),
  );
  expect(open).toEqual(new Map([['jane', 2]]));
});

test('a look that is cut short still counts all who wait', async () => {
  const { rows, waiting } = await p.models.queue.findQueue({ workspace, most: 1 });
  expect(rows.map(({ conversation }) => conversation)).toEqual(['again']);
  expect(waiting.get('w1')).toBe(2);
  expect(waiting.get('w2')).toBe(1);
  const before = (
    conversation: string,
    queuedAt: string,
    priority: 'medium' | 'high' = 'medium',
    department?: string,
  ) => p.models.queue.countBefore({ workspace, conversation, queuedAt, priority, department });
  expect(await before('again', '2026-11-01T10:00:01.000Z')).toBe(0);
  expect(await before('early', '2026-11-01T10:00:01.000Z')).toBe(1);
  expect(await before('zzz', '2026-11-01T10:20:01.000Z')).toBe(3);
  expect(await before('aaa', '2026-11-01T10:05:01.000Z')).toBe(2);
  expect(await before('zzz', '2026-11-01T10:20:01.000Z', 'high')).toBe(0);
  expect(await before('zzz', '2026-11-01T10:20:01.000Z', 'medium', 'nowhere')).toBe(0);
});

test('waits are measured from coming into the queue to being taken, and only those', async () => {
  const waits = await p.models.queue.findWaits({ workspace, now: '2026-11-01T10:30:00.000Z' });
  expect(waits).toEqual({
    takenInHour: 3,
    takenInDay: 3,
    averageMs: (120_000 + 60_000 + 30_000) / 3,
    averageMsOf: new Map([
      ['w1', (120_000 + 60_000) / 2],
      ['w2', 30_000],
    ]),
  });
});

test('what was taken more than an hour ago is of the day, and after a day of no figure', async () => {
  const later = (now: string) => p.models.queue.findWaits({ workspace, now });
  expect(await later('2026-11-01T11:01:30.000Z')).toMatchObject({ takenInHour: 1, takenInDay: 3 });
  expect(await later('2026-11-01T12:00:00.000Z')).toMatchObject({ takenInHour: 0, takenInDay: 3 });
  expect(await later('2026-11-03T12:00:00.000Z')).toEqual({
    takenInHour: 0,
    takenInDay: 0,
    averageMs: null,
    averageMsOf: new Map(),
  });
});

test('an agent’s figures: conversations last given to them, first answers of their own, standing ratings', async () => {
  const figures = (agent: string) => p.models.analytics.findAgentFigures({ workspace, agent });
  expect(await figures('jane')).toEqual({ sessionsHandled: 3, avgResponseMs: null, avgRating: null });
  expect(await figures('bob')).toEqual({
    sessionsHandled: 1,
    avgResponseMs: (60_000 + 30_000) / 2,
    avgRating: 4,
  });
  expect(await figures('nobody')).toEqual({ sessionsHandled: 0, avgResponseMs: null, avgRating: null });
  const analytics = { workspace, from: '2026-11-01T00:00:00.000Z', to: '2026-11-01T10:00:30.000Z' };
  expect((await p.models.analytics.findChatAnalytics(analytics)).topAgents).toEqual([
    { agent: 'jane', sessionsHandled: 3, avgRating: null },
    { agent: 'bob', sessionsHandled: 1, avgRating: 4 },
  ]);
});
