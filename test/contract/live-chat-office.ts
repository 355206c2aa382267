// The office that the live-chat document's tests talk to: an edge over real HTTP, its people, and a client of each kind.
import { afterAll, beforeAll, expect } from 'vitest';
import {
  addAgent,
  ask,
  type Door,
  openDoor,
  register,
  type Servers,
  startServers,
} from '../edge/http/door.ts';

interface Person {
  readonly token: string;
  readonly id: number;
  readonly email: string;
}

interface Office {
  readonly servers: Servers;
  readonly door: Door;
  readonly boss: { readonly token: string; readonly id: number };
  readonly jane: Person;
  readonly bob: Person;
}

/** A moment as the document spells it. */
export const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
export const guests = '/api/live-chat';
export const admin = '/api/admin/live-chat';

/** Opened before the tests of the file that imports it, and closed after them. */
export let office: Office;
let made = 0;

beforeAll(async () => {
  const servers = await startServers();
  const door = await openDoor(servers);
  const boss = await register(door.url, 'owner');
  const jane = await addAgent(door.url, boss.token, 'Jane Smith');
  const bob = await addAgent(door.url, boss.token, 'Bob Wilson');
  office = { servers, door, boss, jane, bob };
});

afterAll(async () => {
  await office?.door.close();
  await office?.servers.stop();
});

/** A session under an id as the document's own client makes them. */
export async function startSession(user: object = { name: 'John Doe', email: 'john@example.com' }) {
  const sessionId = `session-1701691234567-abc${++made}`;
  const answer = await ask(office.door.url, 'POST', `${guests}/sessions`, {
    json: { sessionId, user, pageUrl: 'https://example.com/pricing' },
    headers: { 'user-agent': 'Mozilla/5.0 (test)' },
  });
  expect(answer.status).toBe(201);
  return { sessionId, answer };
}

/** Asks as the agent Jane; `path` follows the admin endpoints' address. */
export const asJane = (method: string, path: string, json?: unknown) =>
  ask(office.door.url, method, `${admin}${path}`, { token: office.jane.token, json });

/** Asks as a guest, with nothing but what is in the address. */
export const asGuest = (method: string, path: string, json?: unknown) =>
  ask(office.door.url, method, `${guests}${path}`, { json });
