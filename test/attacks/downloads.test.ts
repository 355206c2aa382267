// What strangers try with the links of files: many at once, and reading them slowly or not at all.
import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Downloads, inSlices } from '../../edge/http/downloads.ts';
import { unread } from '../../edge/http/exchange.ts';
import { ask, type Door, openDoor, register, type Servers, startServers } from '../edge/http/door.ts';

let servers: Servers;
let door: Door;
const bytes = new Uint8Array(9 * 1024 * 1024).map((_, at) => 97 + (at % 26));
let path: string;

beforeAll(async () => {
  servers = await startServers();
  door = await openDoor(servers);
  await register(door.url, 'owner');
  const { body } = await ask(door.url, 'POST', '/api/live-chat/sessions', {
    json: { user: { name: 'Vera', email: 'vera@example.com' } },
  });
  const form = new FormData();
  form.append('files', new Blob([bytes]), 'large.txt');
  const { sessionId } = body.data.session;
  const uploaded = await ask(door.url, 'POST', `/api/conversations/${sessionId}/attachments`, { form });
  path = uploaded.body.attachments[0].url;
});

afterAll(async () => {
  await door?.close();
  await servers?.stop();
});

const until = async (holds: () => boolean) => {
  for (const deadline = Date.now() + 10_000; !holds(); ) {
    if (Date.now() > deadline) throw new Error('has not come about');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

test('one file asked for by many at once is read once, and is whole for all of them', async () => {
  const right = createHash('sha256').update(bytes).digest('hex');
  const answers = await Promise.all(
    Array.from({ length: 12 }, async () => {
      const response = await fetch(door.url + path);
      const body = Buffer.from(await response.arrayBuffer());
      return [response.status, createHash('sha256').update(body).digest('hex')];
    }),
  );
  for (const answer of answers) expect(answer).toEqual([200, right]);
  await until(() => unread.bytes === 0);
});

test('who opens a file without reading it is counted until they leave; past the bound files are busy, chats are not', async () => {
  const idle: Socket[] = [];
  for (let at = 0; at < 29; at++) {
    const socket = connect(door.port, '127.0.0.1', () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`),
    );
    socket.once('data', () => socket.pause());
    socket.on('error', () => {});
    idle.push(socket);
  }
  await until(() => unread.bytes > 256 * 1024 * 1024);
  const refused = await ask(door.url, 'GET', path);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
  expect(refused.body.success).toBe(false);
  const started = await ask(door.url, 'POST', '/api/live-chat/sessions', {
    json: { user: { name: 'Victor', email: 'victor@example.com' } },
  });
  expect(started.status).toBe(201);
  for (const socket of idle) socket.destroy();
  await until(() => unread.bytes === 0);
  expect((await fetch(door.url + path)).status).toBe(200);
  // Whoever leaves is no fault of ours, and what opens a file is in no log.
  expect(door.logged()).not.toMatch(/"level":[456]0/);
  expect(door.logged()).not.toContain(new URLSearchParams(path.split('?')[1]).get('s'));
});

test('the store is asked for three files at once, and no queue before it grows without end', async () => {
  const downloads = new Downloads();
  let running = 0;
  let most = 0;
  let letGo: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const open = async () => {
    most = Math.max(most, ++running);
    await held;
    running--;
    return new Uint8Array(1);
  };
  const all = Array.from({ length: 210 }, (_, at) => downloads.read(`file ${at}`, open));
  expect(await all.at(-1)).toEqual({ refused: 'busy' });
  letGo();
  const outcomes = await Promise.all(all);
  expect(most).toBe(3);
  expect(outcomes.filter((outcome) => outcome instanceof Uint8Array)).toHaveLength(203);
  expect(await downloads.read('later', async () => undefined)).toBeUndefined();
});

test('a fault at the store is that one reader’s, and gives its turn back', async () => {
  const downloads = new Downloads();
  for (let at = 0; at < 5; at++)
    await expect(downloads.read('bad', () => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
  expect(await downloads.read('bad', async () => new Uint8Array(2))).toHaveLength(2);
});

test('slices are the whole, in order, and an empty file is empty', async () => {
  const joined = async (of: Uint8Array) => Buffer.concat(await inSlices(of).toArray());
  expect((await joined(bytes)).equals(Buffer.from(bytes))).toBe(true);
  expect(await joined(new Uint8Array(0))).toHaveLength(0);
});
