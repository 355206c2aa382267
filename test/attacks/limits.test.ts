// What strangers try against the limits: spell an address otherwise, or make callers out of callers.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, type Door, openDoor, register, type Servers, startServers } from '../edge/http/door.ts';

let servers: Servers;
let door: Door;
let admin: { token: string };

beforeAll(async () => {
  servers = await startServers();
  door = await openDoor(servers, { rateLimits: 'on' });
  admin = await register(door.url, 'limited');
});

afterAll(async () => {
  await door?.close();
  await servers?.stop();
});

const vera = { user: { name: 'Vera', email: 'vera@example.com' } };

async function countsFor(
  method: string,
  path: string,
  options: Parameters<typeof ask>[3] = {},
): Promise<[limit: string | null, remaining: number]> {
  const { headers } = await ask(door.url, method, path, options);
  return [headers.get('ratelimit-limit'), Number(headers.get('ratelimit-remaining'))];
}

test('a request counts however its address is spelled', async () => {
  const [, before] = await countsFor('GET', '/api/auth/me');
  const spellings = ['/%61pi/auth/me', '/api/%61uth/me', '/x/../api/auth/me', '/./api/auth/me'];
  for (const [index, path] of spellings.entries())
    expect([path, await countsFor('GET', path)]).toEqual([path, ['100', before - 1 - index]]);
});

test('a visitor’s token does not pay for the next visitor, nor for a user', async () => {
  const { body } = await ask(door.url, 'POST', '/api/live-chat/sessions', { json: vera });
  const { sessionId } = body.data.session;
  const headers = { 'x-visitor-token': body.data.visitorToken };
  const own = await countsFor('GET', `/api/live-chat/sessions/${sessionId}`, { headers });
  expect(own).toEqual(['3000', 2_999]);
  const [, before] = await countsFor('GET', '/api/auth/me');
  expect(await countsFor('POST', '/api/live-chat/sessions', { headers, json: vera })).toEqual([
    '100',
    before - 1,
  ]);
  expect(await countsFor('POST', '/api/conversations', { headers, json: {} })).toEqual(['100', before - 2]);
  expect(await countsFor('POST', '/api/auth/register', { headers, json: {} })).toEqual(['100', before - 3]);
});

test('a user’s token does not pay for the next user, nor for guesses at passwords', async () => {
  const [, before] = await countsFor('GET', '/api/auth/me');
  for (const [index, route] of ['register', 'login', 'agent-login'].entries()) {
    const counted = await countsFor('POST', `/api/auth/${route}`, { token: admin.token, json: {} });
    expect(counted).toEqual(['100', before - 1 - index]);
  }
  const started = await countsFor('POST', '/api/live-chat/sessions', { token: admin.token, json: vera });
  expect(started[0]).toBe('3000');
});

test('probes by the hundred ask the servers in rounds, not each for itself', async () => {
  const { log } = door.storage;
  const head = log.head.bind(log);
  let asked = 0;
  log.head = (stream) => {
    asked++;
    return head(stream);
  };
  try {
    await ask(door.url, 'GET', '/readyz');
    const round = asked;
    expect(round).toBeGreaterThan(0);
    const all = await Promise.all(Array.from({ length: 100 }, () => ask(door.url, 'GET', '/readyz')));
    expect(all.every(({ status, body }) => status === 200 && body.ready)).toBe(true);
    expect(asked - round).toBeLessThanOrEqual(round * 20);
    const before = asked;
    const again = await ask(door.url, 'GET', '/readyz');
    expect(again.status).toBe(200);
    expect(asked - before).toBeGreaterThanOrEqual(round);
    // A round that was given up on a busy machine may still be asking while the next one does.
    expect(asked - before).toBeLessThanOrEqual(round * 2);
  } finally {
    log.head = head;
  }
});
