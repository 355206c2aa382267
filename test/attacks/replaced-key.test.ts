// What is left to somebody who had the API key once it is replaced: nothing of what it was good for, at no door.
import { io } from 'socket.io-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { ask, type Door, openDoor, register, type Servers, startServers } from '../edge/http/door.ts';

let servers: Servers;
let door: Door;
let admin: string;

beforeAll(async () => {
  servers = await startServers();
  door = await openDoor(servers);
  ({ token: admin } = await register(door.url, 'leaky'));
});

afterAll(async () => {
  await door?.close();
  await servers?.stop();
});

async function replaceKey(): Promise<string> {
  const { status, body } = await ask(door.url, 'POST', '/api/workspace/api-token', { token: admin });
  expect(status).toBe(201);
  return body.data.token;
}

async function tokenOf(userType: string, from: { key?: string; token?: string }): Promise<[string, string]> {
  const { status, body } = await ask(door.url, 'POST', '/api/auth/token', {
    json: { userId: 'grace', userType },
    token: from.token,
    headers: from.key === undefined ? {} : { 'x-api-key': from.key },
  });
  expect(status).toBe(200);
  return [body.token, body.data.agentId];
}

/** Opens a socket and waits until it is told something; `ended`: milliseconds until it is closed. */
async function opened(path: string): Promise<{ ended: Promise<number>; socket: WebSocket }> {
  const socket = new WebSocket(`ws://127.0.0.1:${door.port}${path}`);
  const ended = new Promise<number>((resolve) => socket.on('close', () => resolve(performance.now())));
  await new Promise((resolve, reject) => {
    socket.on('message', resolve);
    socket.on('close', (code) => reject(new Error(`${path} was closed with ${code}`)));
  });
  return { ended, socket };
}

async function stock(token: string): Promise<{ ended: Promise<number> }> {
  const socket = io(door.url, { auth: { token }, forceNew: true, reconnection: false });
  const ended = new Promise<number>((resolve) => socket.on('disconnect', () => resolve(performance.now())));
  await new Promise<void>((resolve, reject) => {
    socket.on('connect', resolve);
    socket.on('connect_error', reject);
  });
  return { ended };
}

test('tokens that were given for a key end with it, on every socket within 5 seconds', async () => {
  const key = await replaceKey();
  const [agent, id] = await tokenOf('agent', { key });
  const [system] = await tokenOf('system', { key });
  const [byAdmin] = await tokenOf('agent', { token: admin });
  const query = new URLSearchParams({ token: agent });
  const sockets = [
    await opened(`/ws/v1?${query}`),
    await opened(`/ws/live-chat?admin=true&${query}`),
    await opened(`/ws/agent/${id}?${query}`),
    await stock(agent),
    await stock(system),
    await stock(key),
  ];
  const kept = await opened(`/ws/v1?${new URLSearchParams({ token: byAdmin })}`);
  const me = async (token: string) => (await ask(door.url, 'GET', '/api/auth/me', { token })).status;
  expect([await me(agent), await me(byAdmin)]).toEqual([200, 200]);

  const replaced = performance.now();
  await replaceKey();
  expect(await me(agent)).toBe(401);
  const stats = await ask(door.url, 'GET', '/api/chat/stats', { token: system });
  expect(stats.status).toBe(401);
  for (const { ended } of sockets) expect((await ended) - replaced).toBeLessThan(5_000);
  // What an admin gave is an admin's word, and stays.
  expect(await me(byAdmin)).toBe(200);
  expect(kept.socket.readyState).toBe(WebSocket.OPEN);
  kept.socket.terminate();
});

test('and an agent’s token makes no other that would outlive the key', async () => {
  const key = await replaceKey();
  const [agent] = await tokenOf('agent', { key });
  const again = await ask(door.url, 'POST', '/api/auth/token', {
    token: agent,
    json: { userId: 'grace', userType: 'agent' },
  });
  expect(again.status).toBe(401);
});
