// What an edge still does over HTTP while Postgres or the log is away.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, type Door, openDoor, register, type Servers, startServers } from './door.ts';

let servers: Servers;
let door: Door;
let admin: { token: string };

beforeAll(async () => {
  servers = await startServers();
  door = await openDoor(servers);
  admin = await register(door.url, 'owner');
});

afterAll(async () => {
  await door?.close();
  await servers?.stop().catch(() => undefined);
});

const start = () =>
  ask(door.url, 'POST', '/api/live-chat/sessions', { json: { user: { name: 'V', email: 'v@example.com' } } });

test('without Postgres chats go on; only lists say to come back', async () => {
  const before = await start();
  await servers.projector.stop();
  await servers.postgres.stop();
  const { sessionId } = before.body.data.session;
  const path = `/api/live-chat/sessions/${sessionId}/messages`;
  expect((await ask(door.url, 'POST', path, { json: { content: 'still here' } })).status).toBe(201);
  expect((await ask(door.url, 'GET', path)).body.total).toBe(2);
  expect((await start()).status).toBe(201);
  const list = await ask(door.url, 'GET', '/api/admin/live-chat/sessions', { token: admin.token });
  expect([list.status, list.headers.get('retry-after'), list.body.success]).toEqual([503, '1', false]);
  const widgets = await ask(door.url, 'GET', '/api/widgets', { token: admin.token });
  expect(widgets.body.data.stats).toEqual({ total_widgets: 1, active_widgets: 1, inactive_widgets: 0 });
  const ready = await ask(door.url, 'GET', '/readyz');
  expect([ready.status, ready.body.postgres]).toEqual([200, false]);
  expect((await ask(door.url, 'GET', '/readyz?lists=true')).status).toBe(503);
});

test('without the log nothing is promised: 503, and the edge says that it is not ready', async () => {
  await servers.nats.kill();
  const answer = await start();
  expect([answer.status, answer.headers.get('retry-after'), answer.body.success]).toEqual([503, '1', false]);
  const ready = await ask(door.url, 'GET', '/readyz');
  expect([ready.status, ready.body.ready]).toEqual([503, false]);
  expect((await ask(door.url, 'GET', '/healthz')).status).toBe(200);
});
