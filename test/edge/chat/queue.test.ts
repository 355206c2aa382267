// The queue of a workspace: places, estimates from measured waits, who is there; and how seldom the read models are asked.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { conversation } from '../../../domain/conversation/decide.ts';
import { Aggregates } from '../../../domain/log/aggregates.ts';
import { Queue } from '../../../edge/chat/queue.ts';
import { Rounds } from '../../../edge/chat/rounds.ts';
import { Directory, type KnownUser } from '../../../edge/identity/directory.ts';
import { by, Chat, jane, visitor } from '../../projections/chat.ts';
import { type Projecting, startProjecting, workspace } from '../../projections/projecting.ts';

let p: Projecting;
let directory: Directory;
let looks = 0;
/** Whether any agent works for some departments alone. */
let hasDepartments = false;
let now = Date.parse('2026-11-01T12:00:00.000Z');

function worksFor(department: string): KnownUser {
  const profile = { username: 'sal', email: 'sal@example.com', fullName: 'Sal', role: 'support' as const };
  return {
    id: 'sal',
    workspace,
    number: 1,
    profile: { ...profile, departments: [department], skills: [] },
    accepting: true,
    tokenVersion: 1,
    createdAt: '2026-11-01T09:00:00.000Z',
  };
}

/** A queue as one edge has it; `lookedAt` places are told without counting anew. */
function queueOf(lookedAt?: number, of: Projecting = p): Queue {
  const { log } = of.storage;
  const conversations = new Aggregates({ log, decider: conversation, now: () => now });
  const { queue } = of.models;
  const findQueue: typeof queue.findQueue = (asked) => {
    looks++;
    return queue.findQueue(asked);
  };
  return new Queue({
    readModels: { queue: { ...queue, findQueue } },
    directory: {
      user: (of, number) => directory.user(of, number),
      workspace: (id) => directory.workspace(id),
      users: () => (hasDepartments ? [worksFor('sales')] : []),
    },
    online: { available: () => new Set() },
    conversations,
    subjects: log.subjects,
    now: () => now,
    lookedAt,
  });
}

async function waits(id: string, at: string, of: Projecting = p): Promise<Chat> {
  const chat = new Chat(of.storage.log, workspace, id, `2026-11-01T${at}.000Z`);
  await chat.start({ name: id });
  return chat;
}

beforeAll(async () => {
  p = await startProjecting();
  directory = await Directory.open(p.storage.log, (fault) => p.faults.push(fault));
  p.projector();
  for (const [id, at] of [
    ['third', '11:30:00'],
    ['first', '11:00:00'],
    ['second', '11:10:00'],
    ['fourth', '11:40:00'],
  ] as const)
    await waits(id, at);
  await p.settled();
}, 60_000);
afterAll(async () => {
  await directory.close();
  await p.stop();
});

describe('places', () => {
  test('are by the time of coming into the queue; where nobody was ever taken nothing is estimated', async () => {
    const queue = queueOf();
    expect((await queue.waiting(workspace)).map((one) => one.conversation)).toEqual([
      'first',
      'second',
      'third',
      'fourth',
    ]);
    expect((await queue.waiting(workspace, 2)).map((one) => one.conversation)).toEqual(['first', 'second']);
    expect(await queue.standing(workspace, 'third')).toEqual({ position: 3, estimatedWait: null });
    expect([...(await queue.standings(workspace)).keys()]).toEqual(['first', 'second', 'third', 'fourth']);
  });

  test('beyond what is looked at are counted', async () => {
    const queue = queueOf(2);
    for (const [id, position] of [
      ['first', 1],
      ['second', 2],
      ['third', 3],
      ['fourth', 4],
    ] as const)
      expect(await queue.standing(workspace, id)).toMatchObject({ position });
    expect((await queue.stats(workspace)).waiting).toBe(4);
    expect((await queue.stats(workspace, 'w1')).waiting).toBe(4);
    expect((await queue.stats(workspace, 'another')).waiting).toBe(0);
  });

  test('are there the moment a conversation waits, before the read models know of it, and gone as soon', async () => {
    const behind = await startProjecting();
    // Nothing is projected but the tables.
    const projector = behind.projector();
    await behind.settled();
    await projector.stop();
    const chat = await waits('unprojected', '11:50:00', behind);
    const queue = queueOf(undefined, behind);
    expect(await queue.standing(workspace, 'unprojected')).toEqual({ position: 1, estimatedWait: null });
    expect(await queue.waiting(workspace)).toEqual([]);
    await chat.ask(by(jane), { type: 'AssignAgent', data: { agent: jane } });
    expect(await queueOf(undefined, behind).standing(workspace, 'unprojected')).toBeUndefined();
    expect(await queue.standing(workspace, 'nobody')).toBeUndefined();
    await behind.stop();
  });
});

test('the more urgent come first, and departments have queues of their own once agents have departments', async () => {
  const apart = await startProjecting();
  apart.projector();
  const chats = [];
  for (const [id, at] of [
    ['one', '11:00:00'],
    ['two', '11:01:00'],
    ['three', '11:02:00'],
    ['four', '11:03:00'],
  ] as const)
    chats.push(await waits(id, at, apart));
  const [, two, three, four] = chats;
  await two?.ask(by(jane), { type: 'SetDepartment', data: { department: 'sales' } });
  await three?.ask(by(jane), { type: 'SetDepartment', data: { department: 'sales' } });
  await four?.ask(by(jane), { type: 'SetPriority', data: { priority: 'urgent' } });
  await apart.settled();
  const inOrder = async (lookedAt?: number) => {
    const queue = queueOf(lookedAt, apart);
    const places = ['one', 'two', 'three', 'four'].map(
      async (id) => (await queue.standing(workspace, id))?.position,
    );
    return Promise.all(places);
  };
  expect(await inOrder()).toEqual([2, 3, 4, 1]);
  expect(await inOrder(1)).toEqual([2, 3, 4, 1]);
  hasDepartments = true;
  expect(await inOrder()).toEqual([2, 1, 2, 1]);
  expect(await inOrder(1)).toEqual([2, 1, 2, 1]);
  const standings = await queueOf(undefined, apart).standings(workspace);
  expect([...standings].map(([id, { standing }]) => [id, standing.position])).toEqual([
    ['four', 1],
    ['one', 2],
    ['two', 1],
    ['three', 2],
  ]);
  hasDepartments = false;
  await apart.stop();
});

describe('estimates', () => {
  test('follow from what was taken within the hour, else within the day, else there are none', async () => {
    for (let n = 0; n < 6; n++) {
      const chat = await waits(`taken-${n}`, '11:00:00');
      await chat.ask(by(jane), { type: 'AssignAgent', data: { agent: jane } }, 240_000);
    }
    await waits('late', '11:55:00');
    await p.settled();
    const estimate = async (at: string) => {
      now = Date.parse(at);
      return (await queueOf().standing(workspace, 'late'))?.estimatedWait;
    };
    // Six within the hour, one in ten minutes; and it is the fifth.
    expect(await estimate('2026-11-01T12:00:00.000Z')).toBe(50);
    // The same six within a day, one in four hours.
    expect(await estimate('2026-11-01T18:00:00.000Z')).toBe(1_200);
    expect(await estimate('2026-11-04T18:00:00.000Z')).toBeNull();
    now = Date.parse('2026-11-01T12:00:00.000Z');
    const { averageWaitMs } = await queueOf().stats(workspace);
    expect(averageWaitMs).toBe(240_000);
    expect((await queueOf().stats(workspace, 'another')).averageWaitMs).toBeNull();
  });
});

describe('the read models', () => {
  test('are asked once for a hundred who want to know, and again for who comes later', async () => {
    const queue = queueOf();
    looks = 0;
    await Promise.all(Array.from({ length: 100 }, () => queue.stats(workspace)));
    expect(looks).toBe(1);
    await Promise.all(Array.from({ length: 100 }, () => queue.waiting(workspace)));
    expect(looks).toBe(2);
  });

  test('are asked after the question, never before it', async () => {
    const queue = queueOf();
    await queue.waiting(workspace);
    const chat = await waits('just-now', '11:59:00');
    await p.settled();
    expect((await queue.waiting(workspace)).map((one) => one.conversation)).toContain('just-now');
    await chat.ask(visitor, { type: 'CloseConversation', data: {} });
    await p.settled();
    expect((await queue.waiting(workspace)).map((one) => one.conversation)).not.toContain('just-now');
  });
});

describe('rounds', () => {
  test('begin no more often than they may, one at a time, and a fault is told to that round alone', async () => {
    const begun: number[] = [];
    let running = 0;
    const rounds = new Rounds<number>(async () => {
      begun.push(Date.now());
      running++;
      expect(running).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 20));
      running--;
      if (begun.length === 2) throw new Error('the second fails');
      return begun.length;
    }, 50);
    const first = rounds.ask('a');
    expect(await first).toBe(1);
    const second = [rounds.ask('a'), rounds.ask('a')].map((asked) =>
      asked.catch((fault: Error) => fault.message),
    );
    expect(await Promise.all(second)).toEqual(['the second fails', 'the second fails']);
    expect(await rounds.ask('a')).toBe(3);
    for (const at of [1, 2]) expect((begun[at] ?? 0) - (begun[at - 1] ?? 0)).toBeGreaterThanOrEqual(49);
  });

  test('leave those who answer slowly most of the time to themselves', async () => {
    const begun: number[] = [];
    const slow = new Rounds<number>(async () => {
      begun.push(Date.now());
      await new Promise((resolve) => setTimeout(resolve, 60));
      return begun.length;
    }, 10);
    expect(await slow.ask('a')).toBe(1);
    expect(await slow.ask('a')).toBe(2);
    expect((begun[1] ?? 0) - (begun[0] ?? 0)).toBeGreaterThanOrEqual(295);
  });
});
