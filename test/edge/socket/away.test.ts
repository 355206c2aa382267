// An agent who does nothing is away after the workspace's minutes: at every edge, in what they are told, and in what they are given.
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { isRefusal } from '../../../domain/decider.ts';
import { startTestNats, type TestNats } from '../../parts/nats.ts';
import { type Business, found, open, startEdge, type TestEdge } from './edges.ts';
import { Talker } from './talker.ts';

let nats: TestNats;
let edge: TestEdge;
let other: TestEdge;
let business: Business;
const talkers: Talker[] = [];

beforeAll(async () => {
  nats = await startTestNats('newest', { syncAlways: false });
  // Their time passes in leaps, over which nobody is to be taken for dead.
  const pace = { agentSilenceSeconds: 1e6, idleSeconds: 1e6 };
  [edge, other] = [await startEdge(nats, { pace }), await startEdge(nats, { pace })];
  business = await found(edge);
  const by = await edge.edge.principals.user(business.admin);
  if (!by) throw new Error('the admin is not known');
  const changed = await edge.edge.accounts.changeSettings({ awayAfterMinutes: 5 }, by);
  if (isRefusal(changed)) throw new Error(changed.refused);
});
afterEach(() => {
  for (const talker of talkers.splice(0)) talker.close();
  vi.restoreAllMocks();
});
afterAll(async () => {
  await edge?.close();
  await other?.close();
  await nats?.stop();
});

const soon = { timeout: 15_000 };
/** Lets minutes pass for both edges. */
let ahead = 0;
const real = performance.now.bind(performance);
function pass(minutes: number): void {
  ahead += minutes * 60_000;
  vi.spyOn(performance, 'now').mockImplementation(() => real() + ahead);
}

async function come(at: TestEdge): Promise<Talker> {
  const talker = await Talker.connect(at.port, { token: business.agent.token });
  talkers.push(talker);
  return talker;
}
const told = ({ frames }: Talker) => frames.flatMap((frame) => ('me' in frame ? [frame.me.away] : []));
const available = (at: TestEdge) => [...at.edge.online.available(business.workspace)];
const isThere = (at: TestEdge) => at.edge.online.agents(business.workspace).has(business.agent.number);

test('is told so in every tab, is available again with the first sign of activity, and stays connected', async () => {
  const [here, there] = [await come(edge), await come(other)];
  for (const each of [edge, other])
    await expect.poll(() => available(each), soon).toEqual([business.agent.number]);
  pass(4);
  here.send({ active: true });
  // Frames are heard in their order: with the answer, the one before has been heard too.
  here.send({ ping: 4 });
  await here.until((frame) => 'pong' in frame);
  pass(2);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(available(edge)).toEqual([business.agent.number]);
  pass(4);
  for (const each of [edge, other]) {
    await expect.poll(() => available(each), soon).toEqual([]);
    expect(isThere(each)).toBe(true);
  }
  for (const talker of [here, there]) await expect.poll(() => told(talker), soon).toEqual([false, true]);
  there.send({ active: true });
  for (const each of [edge, other])
    await expect.poll(() => available(each), soon).toEqual([business.agent.number]);
  for (const talker of [here, there])
    await expect.poll(() => told(talker), soon).toEqual([false, true, false]);
});

test('does not come back by what a console does by itself, but by what a person writes', async () => {
  const { conversation } = await open(edge, business.workspace);
  const agent = await come(edge);
  await agent.resume(conversation);
  pass(6);
  await expect.poll(() => told(agent), soon).toEqual([false, true]);
  agent.send({ ping: 1 });
  await agent.resume(conversation);
  await agent.ask({ watch: true });
  await agent.command(conversation, 'MarkRead', { upTo: 1 });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(told(agent)).toEqual([false, true]);
  agent.send({ signal: { conversation, type: 'typing', isTyping: true } });
  await expect.poll(() => told(agent), soon).toEqual([false, true, false]);
  pass(6);
  await expect.poll(() => told(agent), soon).toEqual([false, true, false, true]);
  await agent.post(conversation, 'I am back');
  await expect.poll(() => told(agent), soon).toEqual([false, true, false, true, false]);
});
