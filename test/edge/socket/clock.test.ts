// Clocks that are set while people talk: nobody is cut off, silenced or taken for gone because the time was put right.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { RequestLimit } from '../../../edge/identity/request-limit.ts';
import { startTestNats, type TestNats } from '../../parts/nats.ts';
import { type Business, found, open, startEdge, type TestEdge } from './edges.ts';
import { guestToken, SupportClient } from './support-client.ts';
import { Talker } from './talker.ts';

const HOUR = 3_600_000;

let nats: TestNats;
let edge: TestEdge;
let other: TestEdge;
let business: Business;
let closers: (() => void)[] = [];

beforeAll(async () => {
  nats = await startTestNats('newest', { syncAlways: false });
  edge = await startEdge(nats, { pace: { heartbeatSeconds: 1 }, limits: 'on', now });
  other = await startEdge(nats, { pace: { heartbeatSeconds: 1 }, limits: 'on', now });
  business = await found(edge);
  await sleep(200);
}, 60_000);
afterEach(async () => {
  for (const close of closers) close();
  closers = [];
});
afterAll(async () => {
  await edge?.close();
  await other?.close();
  await nats?.stop();
});

/** What the clock of both edges is set by. */
let ahead = 0;
const now = () => Date.now() + ahead;

/** A visitor and an agent of one conversation, at two edges. */
async function pair(): Promise<{ conversation: string; visitor: Talker; agent: Talker }> {
  const { conversation, visitorToken } = await open(edge, business.workspace);
  const visitor = await Talker.connect(edge.port, { conversation, visitorToken });
  const agent = await Talker.connect(other.port, { token: business.agent.token });
  closers.push(
    () => visitor.close(),
    () => agent.close(),
  );
  await visitor.resume(conversation);
  await agent.resume(conversation);
  return { conversation, visitor, agent };
}

const typings = (talker: Talker) => talker.frames.filter((frame) => 'signal' in frame).length;

for (const [how, by] of [
  ['forward', HOUR],
  ['back', -HOUR],
] as const)
  test(`an hour ${how}: sockets stay, and messages, presence and typing go on`, async () => {
    const { conversation, visitor, agent } = await pair();
    const client = await SupportClient.connect(edge.port, await guestToken(edge, business), {
      transports: ['polling'],
    });
    closers.push(() => client.close());
    await client.join(conversation);
    agent.send({ signal: { conversation, type: 'typing', isTyping: true } });
    await expect.poll(() => typings(visitor)).toBe(1);
    expect(edge.edge.online.agents(business.workspace)).toContain(business.agent.number);

    ahead += by;
    // Longer than hearts take, than edges tell each other who is there, and than one may type unseen.
    for (let seconds = 0; seconds < 12; seconds++) {
      await sleep(1_000);
      expect(edge.edge.online.agents(business.workspace)).toContain(business.agent.number);
    }
    agent.send({ signal: { conversation, type: 'typing', isTyping: true } });
    await expect.poll(() => typings(visitor)).toBe(2);
    await visitor.post(conversation, 'still here');
    await agent.post(conversation, 'so am I');
    await expect.poll(() => visitor.texts.slice(-2)).toEqual(['still here', 'so am I']);
    await expect.poll(() => agent.texts.slice(-2)).toEqual(['still here', 'so am I']);
    await expect.poll(() => client.texts).toEqual(['still here', 'so am I']);
    expect(client.ends).toEqual([]);
    for (const { socket } of [visitor, agent]) expect(socket.readyState).toBe(socket.OPEN);
  }, 60_000);

test('a limit that was reached is over in its time, also where the clock was set back meanwhile', () => {
  let time = Date.now();
  const limit = new RequestLimit(() => time, edge.edge.storage.signals);
  closers.push(() => limit.close());
  expect(limit.take('somebody', 1).allowed).toBe(true);
  expect(limit.take('somebody', 1).allowed).toBe(false);
  time -= HOUR;
  expect(limit.take('somebody', 1)).toMatchObject({ allowed: true, reset: 15 * 60 });
});
