// Who hears every conversation of a workspace hears each message once and in order, also where copies were lost and the log is slow to say what they held.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Log, Storage } from '../../../domain/log/log.ts';
import { startTestNats, type TestNats } from '../../parts/nats.ts';
import { type Business, found, open, startEdge, type TestEdge } from './edges.ts';
import { Talker } from './talker.ts';

let nats: TestNats;
let one: TestEdge;
let two: TestEdge;
let business: Business;
/** While true the second edge loses every live copy. */
let deaf = false;
/** Milliseconds that each commit takes which the second edge reads. */
let slow = 0;

beforeAll(async () => {
  nats = await startTestNats('newest', { syncAlways: false });
  one = await startEdge(nats);
  two = await startEdge(nats, { wrap: poorly });
  business = await found(one);
  await sleep(200);
}, 60_000);
afterAll(async () => {
  await one?.close();
  await two?.close();
  await nats?.stop();
});

function poorly(storage: Storage): Storage {
  const log: Log = new Proxy(storage.log, {
    get(target, name) {
      if (name === 'live')
        return ((what, listener) =>
          target.live(what, (stored) => {
            if (!deaf) listener(stored);
          })) satisfies Log['live'];
      if (name === 'read')
        return async function* read(...asked: Parameters<Log['read']>): ReturnType<Log['read']> {
          for await (const stored of target.read(...asked)) {
            await sleep(slow);
            yield stored;
          }
        } satisfies Log['read'];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { ...storage, log };
}

test('once and in order, though more comes while what was lost is read', async () => {
  const { conversation, visitorToken } = await open(one, business.workspace);
  const visitor = await Talker.connect(one.port, { conversation, visitorToken });
  const admin = Talker.knock(two.port, { admin: 'true', token: business.agent.token }, '/ws/live-chat');
  await admin.until((frame) => JSON.stringify(frame).includes('connection_established'));
  const heard = () => JSON.stringify(admin.frames).match(/message \d+/g) ?? [];
  await visitor.post(conversation, 'message 1');
  await expect.poll(heard).toEqual(['message 1']);

  deaf = true;
  await visitor.post(conversation, 'message 2');
  await visitor.post(conversation, 'message 3');
  await sleep(100);
  deaf = false;
  slow = 60;
  for (let count = 4; count <= 9; count++) {
    await visitor.post(conversation, `message ${count}`);
    await sleep(25);
  }
  slow = 0;
  const all = Array.from({ length: 9 }, (_, index) => `message ${index + 1}`);
  await expect.poll(() => heard().length, { timeout: 5_000 }).toBeGreaterThanOrEqual(9);
  await sleep(500);
  expect(heard()).toEqual(all);
  visitor.close();
  admin.close();
  expect(two.faults).toEqual([]);
}, 30_000);
