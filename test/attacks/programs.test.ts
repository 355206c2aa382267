// What strangers try against the API token: guess it, at whichever door is not watched, and under tokens that anybody gets.
import { io } from 'socket.io-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { signalAmong } from '../../domain/log/subjects.ts';
import { ask, type Door, openDoor, register, type Servers, startServers } from '../edge/http/door.ts';

let servers: Servers;
const doors: Door[] = [];
let token: string;
let admin: string;

beforeAll(async () => {
  servers = await startServers();
  const door = await strict();
  ({ token: admin } = await register(door.url, 'programs'));
  const made = await ask(door.url, 'POST', '/api/workspace/api-token', { token: admin });
  ({ token } = made.body.data);
});

afterAll(async () => {
  for (const door of doors) await door.close();
  await servers?.stop();
});

/** A door with limits of its own, behind a proxy that says who calls. */
async function strict(): Promise<Door> {
  const door = await openDoor(servers, { rateLimits: 'on', trustProxy: 1 });
  doors.push(door);
  return door;
}

const from = (address: string) => ({ 'x-forwarded-for': address });

async function guest(door: Door, address: string): Promise<string> {
  const json = { userId: 'mallory' };
  const { body } = await ask(door.url, 'POST', '/api/auth/token', { json, headers: from(address) });
  return body.token;
}

/** Tries to be let in over Socket.IO: what it was told. */
function socketIo(door: Door, address: string, auth: Record<string, string>): Promise<string> {
  const socket = io(door.url, {
    auth,
    forceNew: true,
    reconnection: false,
    transports: ['websocket'],
    extraHeaders: from(address),
  });
  return new Promise<string>((resolve) => {
    socket.on('connect', () => resolve('in'));
    socket.on('connect_error', ({ message }) => resolve(message));
  }).finally(() => socket.disconnect());
}

const TOO_MANY = 'Too many requests from this IP, please try again later.';

test('a guest’s token does not pay for guesses at the API key', async () => {
  const door = await strict();
  const address = '198.51.100.1';
  const headers = { ...from(address), authorization: `Bearer ${await guest(door, address)}` };
  const guess = (key: string) =>
    ask(door.url, 'GET', '/api/chat/session/nobody', { headers: { ...headers, 'x-api-key': key } });
  const statuses: number[] = [];
  for (let tried = 0; tried < 101; tried++) statuses.push((await guess(`guess${tried}`)).status);
  expect(statuses.filter((status) => status === 404)).toHaveLength(100);
  expect(statuses[100]).toBe(429);
  // Whether this one is right is told to nobody there, at no door, and to everybody elsewhere.
  expect((await guess(token)).status).toBe(429);
  await expect.poll(() => socketIo(door, address, { apiKey: token }), { timeout: 5_000 }).toBe(TOO_MANY);
  const list = `/?get-all-chats-api=true&token=${token}`;
  expect(await ask(door.url, 'GET', list, { headers: from(address) })).toMatchObject({
    status: 429,
    body: { error: TOO_MANY },
  });
  expect(await socketIo(door, '198.51.100.2', { apiKey: token })).toBe('in');
  expect((await ask(door.url, 'GET', list, { headers: from('198.51.100.2') })).status).toBe(200);
  // Who does not guess is not kept out by a neighbour who did.
  expect((await ask(door.url, 'GET', '/api/auth/me', { token: admin, headers: from(address) })).status).toBe(
    200,
  );
});

test('nor is it guessed over Socket.IO, one after the other or all at once', async () => {
  const door = await strict();
  const slowly: string[] = [];
  for (let tried = 0; tried < 101; tried++)
    slowly.push(await socketIo(door, '198.51.100.3', { apiKey: `guess${tried}` }));
  expect(slowly.filter((told) => told === 'Invalid or expired token')).toHaveLength(100);
  expect(slowly[100]).toBe(TOO_MANY);
  const all = Array.from({ length: 150 }, (_, at) => `guess${at}`);
  const told = await Promise.all(all.map((key) => socketIo(door, '198.51.100.4', { token: key })));
  expect(told.filter((one) => one === 'Invalid or expired token').length).toBeLessThanOrEqual(100);
});

test('many guesses at once are answered no oftener than one after the other', async () => {
  const door = await strict();
  const guesses = Array.from({ length: 300 }, (_, at) =>
    ask(door.url, 'GET', `/?get-all-chats-api=true&token=at-once-${at}`, { headers: from('198.51.100.5') }),
  );
  const statuses = (await Promise.all(guesses)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 403)).toHaveLength(100);
});

test('visitors and guests of one address have a limit together, however many tokens they have', async () => {
  const door = await strict();
  const { signals } = door.storage;
  const address = '198.51.100.6';
  const bearer = await guest(door, address);
  const asked = () =>
    ask(door.url, 'GET', '/api/chat/session/nobody', { token: bearer, headers: from(address) });
  expect((await asked()).status).toBe(404);
  // What another edge has counted meanwhile.
  signals.publish(signalAmong('asked'), { edge: 'another', counts: [[`strangers ${address}`, 20_000]] });
  await expect.poll(async () => (await asked()).status).toBe(429);
  expect((await ask(door.url, 'GET', '/api/auth/me', { token: admin, headers: from(address) })).status).toBe(
    200,
  );
});

test('an address is one client however a proxy spells it', async () => {
  const door = await strict();
  const left = async (address: string) => {
    const { headers } = await ask(door.url, 'GET', '/api/auth/me', { headers: from(address) });
    return Number(headers.get('ratelimit-remaining'));
  };
  const before = await left('198.51.100.7');
  const spellings = ['198.51.100.7:4711', '::ffff:198.51.100.7', '[::ffff:c633:6407]:80', '::ffff:c633:6407'];
  for (const [index, spelling] of spellings.entries())
    expect([spelling, await left(spelling)]).toEqual([spelling, before - 1 - index]);
  expect(await left('::ffff:198.51.100.8')).toBe(before);
  const six = await left('2001:db8:1:2::1');
  expect(await left('2001:db8:1:2:ffff::')).toBe(six - 1);
  expect(await left('2001:db8:1:3::1')).toBe(six);
});

test('one Socket.IO connection does not become several callers', async () => {
  const door = await strict();
  const address = '198.51.100.9';
  const socket = new WebSocket(`ws://127.0.0.1:${door.port}/socket.io/?EIO=4&transport=websocket`, {
    headers: from(address),
  });
  const said: string[] = [];
  socket.on('message', (data) => said.push(String(data)));
  await expect.poll(() => said.length).toBe(1);
  const connect = (with_: object) => socket.send(`40${JSON.stringify(with_)}`);
  const bearer = await guest(door, address);
  connect({ token: bearer });
  connect({ token: admin });
  connect({ apiKey: token });
  await expect.poll(() => said.length, { timeout: 5_000 }).toBeGreaterThanOrEqual(3);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(said.filter((frame) => frame.startsWith('40'))).toHaveLength(1);
  // Who leaves the namespace has left.
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.send('41');
  await closed;
});
