// Socket.IO over several edges on one port: whichever edge a poll or an upgrade reaches, its session goes on.
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { freePort } from '../../../cmd/embedded/free-port.ts';
import { startTestNats, type TestNats } from '../../parts/nats.ts';
import { type Business, found, open, startEdge, type TestEdge } from './edges.ts';
import { guestToken, SupportClient } from './support-client.ts';

let nats: TestNats;
let port: number;
let one: TestEdge;
let two: TestEdge;
let business: Business;
const clients: SupportClient[] = [];
const extra: TestEdge[] = [];

beforeAll(async () => {
  nats = await startTestNats('newest', { syncAlways: false });
  port = await freePort();
  one = await startEdge(nats, { port, sharedPort: true });
  two = await startEdge(nats, { port, sharedPort: true });
  business = await found(one);
  await sleep(200);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const edge of extra.splice(0)) await edge.close();
});
afterAll(async () => {
  await one?.close();
  await two?.close();
  await nats?.stop();
});

const connect = async (options = {}, at = port) => {
  const client = await SupportClient.connect(at, await guestToken(one, business), options);
  clients.push(client);
  return client;
};
const edgeOf = (client: SupportClient) => String(client.socket.io.engine.id).split('.')[0];

/** The status with which a WebSocket is refused. */
function knock(url: string): Promise<unknown> {
  const socket = new WebSocket(url);
  return new Promise((resolve) => {
    socket.on('unexpected-response', (request, response) => {
      resolve(response.statusCode);
      request.destroy();
    });
    socket.on('open', () => {
      resolve('open');
      socket.terminate();
    });
    socket.on('error', () => resolve('error'));
  });
}

/** Where the edges of this log say that they can be reached by each other. */
async function privateAddresses(): Promise<{ host: string; port: number }[]> {
  const { leases } = one.edge.storage;
  const found: { host: string; port: number }[] = [];
  for await (const key of leases.keys('socket-io.*')) {
    const lease = await leases.get(key);
    if (lease) found.push(JSON.parse(Buffer.from(lease.value).toString()));
  }
  return found;
}

describe.each([
  ['polling first, then a WebSocket', {}, 'websocket'],
  ['polling alone', { transports: ['polling'] }, 'polling'],
])('two edges on one port, %s', (_name, options, transport) => {
  test('30 stock clients all get in, and hear everything once and in order', async () => {
    const { conversation: sessionId } = await open(one, business.workspace);
    const all = await Promise.all(
      Array.from({ length: 30 }, () => connect({ ...options, reconnection: false })),
    );
    expect(all.flatMap(({ refusals }) => refusals)).toEqual([]);
    await Promise.all(all.map((client) => client.join(sessionId)));
    await Promise.all(all.map((client) => client.when(() => client.transport === transport)));
    expect(new Set(all.map(edgeOf)).size).toBe(2);
    const said: string[] = [];
    for (const [turn, client] of all.entries()) {
      const message = `message ${turn}`;
      expect(await client.ask('send_message', { sessionId, message })).toMatchObject({ success: true });
      said.push(message);
    }
    await Promise.all(all.map((client) => client.when(() => client.texts.length >= said.length, 10_000)));
    await sleep(200);
    for (const client of all) expect(client.texts).toEqual(said);
    expect(all.flatMap(({ ends }) => ends)).toEqual([]);
    expect([...one.faults, ...two.faults]).toEqual([]);
  });
});

test('a client whose edge has gone begins anew at another and goes on', async () => {
  const own = await freePort();
  const staying = await startEdge(nats, { port: own, sharedPort: true });
  const going = await startEdge(nats, { port: own, sharedPort: true });
  extra.push(staying);
  const { conversation: sessionId } = await open(staying, business.workspace);
  const all = await Promise.all(
    Array.from({ length: 12 }, (_, index) => connect(index % 2 ? {} : { transports: ['polling'] }, own)),
  );
  expect(new Set(all.map(edgeOf)).size).toBe(2);
  await going.close();
  await Promise.all(all.map((client) => client.when(() => client.socket.connected, 10_000)));
  await sleep(500);
  await Promise.all(all.map((client) => client.when(() => client.socket.connected, 10_000)));
  await Promise.all(all.map((client) => client.join(sessionId)));
  expect(new Set(all.map(edgeOf)).size).toBe(1);
  const [first] = all;
  await first?.ask('send_message', { sessionId, message: 'still here' });
  await Promise.all(all.map((client) => client.when(() => client.texts.includes('still here'))));
  expect(staying.faults).toEqual([]);
});

test('an edge that is about to go sends its clients elsewhere, spread over time', async () => {
  const own = await freePort();
  const going = await startEdge(nats, { port: own, sharedPort: true });
  const all = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      connect({ reconnectionDelay: 500, ...(index % 2 ? {} : { transports: ['polling'] }) }, own),
    ),
  );
  const before = new Set(all.map(edgeOf));
  const staying = await startEdge(nats, { port: own, sharedPort: true });
  extra.push(staying);
  await going.server.drain(1);
  await going.close();
  await Promise.all(
    all.map((client) => client.when(() => client.socket.connected && !before.has(edgeOf(client)), 10_000)),
  );
  for (const { ends } of all) expect(ends).not.toContain('io server disconnect');
  expect([...going.faults, ...staying.faults]).toEqual([]);
});

test('an edge that was closed leaves no lease, no port and no timer behind', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = { timers: timers(), addresses: (await privateAddresses()).length };
  const edge = await startEdge(nats);
  const client = await SupportClient.connect(edge.port, business.agent.token, { reconnection: false });
  expect(await privateAddresses()).toHaveLength(before.addresses + 1);
  await edge.close();
  await client.when(() => client.ends.length > 0);
  expect(await privateAddresses()).toHaveLength(before.addresses);
  await expect.poll(timers, { timeout: 5_000 }).toBeLessThanOrEqual(before.timers);
});

describe('the port between edges', () => {
  test('is on the loopback and opens for nobody but edges', async () => {
    const addresses = await privateAddresses();
    expect(addresses.length).toBeGreaterThanOrEqual(2);
    for (const { host, port: inner } of addresses) {
      expect(host).toBe('127.0.0.1');
      const url = `http://${host}:${inner}`;
      const query = 'EIO=4&transport=polling';
      expect((await fetch(`${url}/socket.io/?${query}`)).status).toBe(404);
      const headers = { 'x-natter-edge-key': 'guessed' };
      expect((await fetch(`${url}/socket.io/?${query}`, { headers })).status).toBe(404);
      expect((await fetch(`${url}/`)).status).toBe(404);
      expect(await knock(`ws://${host}:${inner}/socket.io/?EIO=4&transport=websocket`)).toBe(404);
    }
  });

  test("is not reached by a key that a client brings to the public one, and a stranger's session stays unknown", async () => {
    const unknown = { code: 1, message: 'Session ID unknown' };
    const sids = [
      `${'a'.repeat(16)}.${'b'.repeat(26)}`,
      'nonsense',
      '__proto__',
      'constructor',
      '../x',
      'a.b',
    ];
    for (const sid of sids) {
      const query = `EIO=4&transport=polling&sid=${encodeURIComponent(sid)}`;
      for (const method of ['GET', 'POST']) {
        const answer = await fetch(`http://127.0.0.1:${port}/socket.io/?${query}`, {
          method,
          headers: { 'x-natter-edge-key': 'guessed' },
          body: method === 'POST' ? '40' : undefined,
        });
        expect(answer.status).toBe(400);
        expect(await answer.json()).toEqual(unknown);
      }
      const upgrade = `ws://127.0.0.1:${port}/socket.io/?${query.replace('polling', 'websocket')}`;
      expect(await knock(upgrade)).toBe(400);
    }
  });
});

test('while the log is away clients are told so and stay; when it is back they go on', async () => {
  const dataDir = `${nats.dataDir}-frail`;
  const frail = await startTestNats('newest', { syncAlways: false, dataDir });
  const edge = await startEdge(frail);
  extra.push(edge);
  const own = await found(edge);
  const { conversation: sessionId } = await open(edge, own.workspace);
  const token = await guestToken(edge, own);
  const client = await (await SupportClient.connect(edge.port, token)).join(sessionId);
  clients.push(client);
  await frail.kill();
  await sleep(200);
  const away = { success: false, message: expect.stringContaining('did not answer in time') };
  expect(await client.ask('join_session', 'session-never-seen')).toEqual(away);
  const keyed = new SupportClient(edge.port, { auth: { apiKey: 'some key' }, reconnection: false });
  clients.push(keyed);
  await keyed.when(() => keyed.refusals.length > 0);
  expect(keyed.refusals).toEqual([away.message]);
  const again = await startTestNats('newest', { syncAlways: false, dataDir });
  try {
    await expect
      .poll(async () => (await client.ask('send_message', { sessionId, message: 'hello again' })).success, {
        timeout: 20_000,
      })
      .toBe(true);
    await client.when(() => client.texts.includes('hello again'));
    expect(client.ends).toEqual([]);
  } finally {
    await extra.pop()?.close();
    await again.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
});
