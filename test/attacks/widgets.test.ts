// What a widget demanded of its visitors and their pages, once it is deleted: who takes a shop's widget away must not open its chats.
import { v7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import WebSocket from 'ws';
import { ask, type Door, openDoor, register, type Servers, startServers } from '../edge/http/door.ts';

let servers: Servers;
let door: Door;
let admin: { token: string };

beforeAll(async () => {
  servers = await startServers();
  door = await openDoor(servers);
  admin = await register(door.url, 'closing');
});

afterAll(async () => {
  await door?.close();
  await servers?.stop();
});

interface Left {
  readonly conversation: string;
  readonly visitorToken: string;
}

/** A conversation of a widget with these rules that was deleted since. */
async function left(rules: Record<string, unknown>): Promise<Left> {
  const widget = { business_name: 'Closing down', ...rules };
  const made = await ask(door.url, 'POST', '/api/widgets', { token: admin.token, json: widget });
  const { site_key: siteKey } = made.body.data.widget;
  const { body } = await ask(door.url, 'POST', '/api/conversations', {
    json: { siteKey, command: v7(), visitor: { name: 'Vera' } },
  });
  const gone = await ask(door.url, 'DELETE', `/api/widgets/${siteKey}`, { token: admin.token });
  expect([made.status, gone.status]).toEqual([201, 200]);
  return body;
}

/** The code a socket is closed with, or `in`. */
function knock(path: string, origin?: string): Promise<number | 'in'> {
  const socket = new WebSocket(`ws://127.0.0.1:${door.port}${path}`, { origin });
  return new Promise((resolve) => {
    socket.on('message', () => {
      resolve('in');
      socket.terminate();
    });
    socket.on('close', (code) => resolve(code));
    socket.on('error', () => {
      // A close follows.
    });
  });
}

const native = (conversation: string) => `/ws/v1?${new URLSearchParams({ conversation })}`;
const liveChat = (sessionId: string) => `/ws/live-chat?${new URLSearchParams({ sessionId })}`;

test('the visitor token is asked for as before', async () => {
  const { conversation, visitorToken } = await left({ require_visitor_token: true });
  const path = `/api/live-chat/sessions/${conversation}`;
  expect((await ask(door.url, 'GET', path)).status).toBe(401);
  for (const socket of [native(conversation), liveChat(conversation), `/ws/${conversation}`])
    expect([socket, await knock(socket)]).toEqual([socket, 4401]);
  const headers = { 'x-visitor-token': visitorToken };
  expect((await ask(door.url, 'GET', path, { headers })).status).toBe(200);
});

test('its pages are the only ones as before', async () => {
  const shop = 'https://shop.example';
  const { conversation, visitorToken } = await left({ allowed_origins: [shop] });
  const path = `/api/live-chat/sessions/${conversation}`;
  const from = async (origin: string) =>
    (await ask(door.url, 'GET', path, { headers: { origin, 'x-visitor-token': visitorToken } })).status;
  expect([await from('https://evil.example'), await from(shop)]).toEqual([403, 200]);
  for (const socket of [native(conversation), liveChat(conversation), `/ws/${conversation}`])
    expect([socket, await knock(socket, 'https://evil.example')]).toEqual([socket, 4403]);
  expect(await knock(native(conversation), shop)).toBe('in');
});
