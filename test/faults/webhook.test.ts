// Kill -9 of the worker in the middle of its deliveries, and the loss of Postgres: every message arrives, each under one id with one body, and none that was settled comes again.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../edge/out/receiver.ts';
import { type Stack, startStack } from '../parts/stack.ts';
import { type Speaker, startConversation, visitor } from './load.ts';

const CONVERSATIONS = 4;
const EACH = 60;

let stack: Stack;
let receiver: Receiver;
let speakers: Speaker[] = [];

beforeAll(async () => {
  [stack, receiver] = await Promise.all([startStack({ ALLOW_PRIVATE_WEBHOOKS: 'true' }), startReceiver()]);
  const set = await fetch(`${stack.url}/api/workspace/webhook`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${stack.admin.token}` },
    body: JSON.stringify({ url: receiver.url, enabled: true }),
  });
  expect(set.status).toBe(200);
}, 180_000);
afterAll(async () => {
  for (const speaker of speakers) speaker.close();
  await receiver?.close();
  await stack?.stop();
}, 60_000);

interface State {
  readonly pending: number;
  readonly delivered: number;
}

async function stateOf(): Promise<State> {
  const headers = { authorization: `Bearer ${stack.admin.token}` };
  const answer = await fetch(`${stack.url}/api/workspace/webhook`, { headers });
  return ((await answer.json()) as { data: { webhook: State } }).data.webhook;
}

/** What each session was told, without what came twice. */
function told(): Map<string, string[]> {
  const sessions = new Map<string, string[]>();
  const seen = new Set<string>();
  for (const { id, session, text } of receiver.received) {
    if (seen.has(id)) continue;
    seen.add(id);
    sessions.set(session, [...(sessions.get(session) ?? []), text]);
  }
  return sessions;
}

test('the worker dies with deliveries under way, and nothing is lost, changed or out of order', async () => {
  const running: Promise<void>[] = [];
  speakers = await Promise.all(
    Array.from({ length: CONVERSATIONS }, async () => {
      const speaker = visitor(stack, await startConversation(stack));
      running.push(speaker.run());
      return speaker;
    }),
  );
  // Slow enough that the crash meets some of them on their way.
  receiver.answer = async () => {
    await sleep(40);
    return 200;
  };
  const talks = speakers.map(async (speaker) => {
    for (let count = 1; count <= EACH; count++) await speaker.say(String(count));
  });
  await expect.poll(() => receiver.received.length, { timeout: 30_000 }).toBeGreaterThan(20);
  const [pid] = await stack.pids('worker');
  expect(pid, 'no worker is running').toBeDefined();
  process.kill(pid as number, 'SIGKILL');
  const before = receiver.received.length;
  await Promise.all(talks);
  expect(before).toBeLessThan(CONVERSATIONS * EACH);

  const ids = () => new Set(receiver.received.map(({ id }) => id)).size;
  await expect.poll(ids, { timeout: 60_000, interval: 200 }).toBe(CONVERSATIONS * EACH);
  await expect
    .poll(stateOf, { timeout: 10_000 })
    .toMatchObject({ pending: 0, delivered: CONVERSATIONS * EACH });
  const inOrder = Array.from({ length: EACH }, (_, index) => String(index + 1));
  for (const speaker of speakers) expect(told().get(speaker.conversation)).toEqual(inOrder);
  const bodies = new Set(receiver.received.map(({ id, body }) => `${id} ${body}`));
  expect(bodies.size, 'each id has one body').toBe(CONVERSATIONS * EACH);
  // Twice came only what the crash met on its way, or before its outcome was written down.
  expect(receiver.received.length - ids()).toBeLessThan(40);
  for (const speaker of speakers) speaker.close();
  await Promise.all(running);
}, 150_000);

test('without Postgres’ data the next start sends nothing again, and what comes then', async () => {
  const before = receiver.received.length;
  await stack.halt();
  await rm(join(stack.dataDir, 'postgres'), { recursive: true, force: true });
  await stack.restart();
  const speaker = visitor(stack, await startConversation(stack));
  const running = speaker.run();
  await speaker.say('after the loss');
  await expect.poll(() => receiver.received.at(-1)?.text, { timeout: 30_000 }).toBe('after the loss');
  await sleep(1_000);
  expect(receiver.received.slice(before).map(({ text }) => text)).toEqual(['after the loss']);
  speaker.close();
  await running;
}, 150_000);
