// An agent whose laptop was closed says nothing of it: the edge finds out by itself, and so do all others.

import type { AddressInfo } from 'node:net';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { socketCounters } from '../../../edge/socket/counters.ts';
import { startTestNats, type TestNats } from '../../parts/nats.ts';
import { type Business, found, open, startEdge, type TestEdge } from './edges.ts';
import { Talker } from './talker.ts';

let nats: TestNats;
let edge: TestEdge;
let other: TestEdge;
let business: Business;
let network: Server;
/** Both ends of what goes through the network. */
const wires: Socket[] = [];

beforeAll(async () => {
  nats = await startTestNats('newest', { syncAlways: false });
  const pace = { agentSilenceSeconds: 3 };
  [edge, other] = [await startEdge(nats, { pace }), await startEdge(nats, { pace })];
  business = await found(edge);
  network = createServer((near) => {
    const far = dial(edge.port, '127.0.0.1');
    wires.push(near, far);
    near.pipe(far).pipe(near);
    for (const wire of [near, far]) wire.on('error', () => wire.destroy());
  });
  await new Promise<void>((resolve) => network.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  for (const wire of wires) wire.destroy();
  await new Promise((resolve) => network?.close(resolve));
  await edge?.close();
  await other?.close();
  await nats?.stop();
});

const portOfNetwork = () => (network.address() as AddressInfo).port;
const isOnline = (at: TestEdge) => at.edge.online.agents(business.workspace).has(business.agent.number);
const soon = { timeout: 15_000 };

test('who answers stays online, though nothing else is said', async () => {
  const agent = await Talker.connect(portOfNetwork(), { token: business.agent.token });
  await expect.poll(() => isOnline(other), soon).toBe(true);
  let gone = false;
  void agent.closed.then(() => {
    gone = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  expect([gone, isOnline(edge), isOnline(other)]).toEqual([false, true, true]);
  agent.close();
  await expect.poll(() => isOnline(other), soon).toBe(false);
});

test('whose line is dead without a word is offline at every edge; a visitor who is as silent stays', async () => {
  const agent = await Talker.connect(portOfNetwork(), { token: business.agent.token });
  const visitor = await Talker.connect(portOfNetwork(), { ...(await open(edge, business.workspace)) });
  await expect.poll(() => isOnline(other), soon).toBe(true);
  const visitors = socketCounters.open['native-visitor'];
  expect(visitors).toBeGreaterThan(0);
  for (const wire of wires) wire.unpipe().pause();
  await expect.poll(() => isOnline(edge), soon).toBe(false);
  await expect.poll(() => isOnline(other), soon).toBe(false);
  expect(socketCounters.open['native-visitor']).toBe(visitors);
  for (const talker of [agent, visitor]) talker.socket.terminate();
  expect([...edge.faults, ...other.faults]).toEqual([]);
});
