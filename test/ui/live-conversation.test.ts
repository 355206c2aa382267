// A live conversation in a real browser against a socket that does what networks and servers do: gaps, silence, snapshots, goodbyes.
/// <reference lib="dom" />
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ServerFrame, WireEvent } from '../../domain/wire.ts';
import type { Connection } from '../../ui/client/connection.ts';
import type { LiveConversation } from '../../ui/client/live-conversation.ts';
import { launchChromium } from '../parts/chromium.ts';
import { answered, placed, said, started } from './frames.ts';

declare global {
  interface Window {
    connection: Connection;
    live: LiveConversation;
    states: string[];
  }
}

const SOON = { timeout: 15_000 };
const history = placed([started, said('one'), answered('two'), said('three'), answered('four')]);

let browser: Browser;
let server: Server;
let sockets: WebSocketServer;
let page: Page;
/** The sockets that came, newest last, and what each said. */
let came: { socket: WebSocket; heard: Record<string, unknown>[] }[];
/** How many events the log has at this moment, and how the server beats. */
let stored: number;
let heartbeatSeconds: number;
let onResume: 'replay' | 'nothing' | 'erased';

beforeAll(async () => {
  const bundle = await build({
    entryPoints: [new URL('live-page.ts', import.meta.url).pathname],
    bundle: true,
    format: 'esm',
    write: false,
    target: 'es2022',
    tsconfigRaw: {},
  });
  const script = bundle.outputFiles[0]?.text ?? '';
  server = createServer((request, response) => {
    if (request.url === '/page.js') response.setHeader('content-type', 'text/javascript').end(script);
    else
      response
        .setHeader('content-type', 'text/html')
        .end('<!doctype html><script type="module" src="/page.js"></script>');
  });
  sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    const heard: Record<string, unknown>[] = [];
    came.push({ socket, heard });
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as Record<string, unknown> & {
        id: number;
        resume?: { after: number };
      };
      heard.push(frame);
      if ('auth' in frame) send(socket, { re: frame.id, welcome: { as: 'visitor', heartbeatSeconds } });
      if (frame.resume && onResume === 'erased')
        send(socket, {
          re: frame.id,
          snapshot: { conversation: 'c1', version: 9, erased: true, events: [] },
        });
      if (!frame.resume || onResume !== 'replay') return;
      for (const event of history.slice(0, stored))
        if (event.version > frame.resume.after) send(socket, { event });
      send(socket, { re: frame.id, ok: true, version: stored });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  for (const client of sockets?.clients ?? []) client.terminate();
  await new Promise((resolve) => server?.close(resolve));
});

beforeEach(() => {
  came = [];
  stored = 2;
  heartbeatSeconds = 20;
  onResume = 'replay';
});

afterEach(() => page?.close());

async function open(): Promise<void> {
  page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

function send(socket: WebSocket, frame: ServerFrame): void {
  socket.send(JSON.stringify(frame));
}

/** The newest socket. */
function last() {
  const newest = came.at(-1);
  if (!newest) throw new Error('nobody connected');
  return newest;
}

function event(version: number): WireEvent {
  const found = history[version - 1];
  if (!found) throw new Error(`the history has no version ${version}`);
  return found;
}

const texts = () =>
  page.evaluate(() =>
    window.live.view.lines.map((line) => (line.kind === 'message' ? line.text : line.kind)),
  );
const state = () => page.evaluate(() => window.connection.state.kind);
const resumes = () =>
  came.flatMap(({ heard }) =>
    heard.flatMap((frame) => ('resume' in frame ? [(frame.resume as { after: number }).after] : [])),
  );

test('the tokens go in the first frame, and never in the address', async () => {
  await open();
  await expect.poll(texts, SOON).toEqual(['one']);
  expect(last().heard[0]).toEqual({ id: 0, auth: { conversation: 'c1', visitorToken: 'the token' } });
  expect(resumes()).toEqual([0]);
});

test('an event that leaves a gap makes it ask for what is missing, and shows everything once and in order', async () => {
  await open();
  await expect.poll(texts, SOON).toEqual(['one']);
  stored = 5;
  send(last().socket, { event: event(5) });
  send(last().socket, { event: event(4) });
  await expect.poll(texts, SOON).toEqual(['one', 'two', 'three', 'four']);
  expect(resumes()).toContain(2);
});

test('a last message that was lost shows by the heartbeat’s head', async () => {
  await open();
  await expect.poll(texts, SOON).toEqual(['one']);
  stored = 3;
  send(last().socket, { heartbeat: { at: new Date().toISOString(), heads: { c1: 3 } } });
  await expect.poll(texts, SOON).toEqual(['one', 'two']);
  expect(resumes()).toEqual([0, 2]);
});

test('a heartbeat that tells nothing new asks for nothing', async () => {
  await open();
  await expect.poll(texts, SOON).toEqual(['one']);
  send(last().socket, { heartbeat: { at: new Date().toISOString(), heads: { c1: 2 } } });
  send(last().socket, { event: event(3) });
  await expect.poll(texts, SOON).toEqual(['one', 'two']);
  expect(resumes()).toEqual([0]);
});

test('a socket that says nothing any more is given up for a new one, which goes on where it stood', async () => {
  heartbeatSeconds = 0.2;
  await open();
  await expect.poll(texts, SOON).toEqual(['one']);
  stored = 3;
  await expect.poll(() => came.length, SOON).toBeGreaterThan(1);
  await expect.poll(texts, SOON).toEqual(['one', 'two']);
  expect(resumes().slice(0, 2)).toEqual([0, 2]);
});

test('a server that drains is left for another at once', async () => {
  await open();
  await expect.poll(texts, SOON).toEqual(['one']);
  last().socket.close(4503);
  await expect.poll(() => came.length, SOON).toBe(2);
  await expect.poll(state, SOON).toBe('online');
});

test('a visitor who is not let in does not knock again and again', async () => {
  await open();
  await expect.poll(texts, SOON).toEqual(['one']);
  last().socket.close(4401);
  await expect.poll(state, SOON).toBe('ended');
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(came).toHaveLength(1);
});

test('while the server is away it tries again, later each time, and comes back', async () => {
  await open();
  await expect.poll(texts, SOON).toEqual(['one']);
  const drop = (socket: WebSocket) => socket.terminate();
  sockets.on('connection', drop);
  last().socket.terminate();
  await expect.poll(() => came.length, SOON).toBeGreaterThan(3);
  sockets.off('connection', drop);
  stored = 4;
  await expect.poll(texts, SOON).toEqual(['one', 'two', 'three']);
  const states = await page.evaluate(() => window.states);
  expect(states.filter((each) => each === 'waiting').length).toBeGreaterThanOrEqual(3);
});

test('what was asked when the line broke is answered with that, not with silence', async () => {
  onResume = 'nothing';
  await open();
  await expect.poll(() => came[0]?.heard.length, SOON).toBe(2);
  const outcome = page.evaluate(() =>
    window.live.command('CloseConversation', {}).then(
      () => 'answered',
      (error: Error) => error.message,
    ),
  );
  await expect.poll(() => came[0]?.heard.length, SOON).toBe(3);
  last().socket.terminate();
  expect(await outcome).toBe('connection lost');
});

test('an erased conversation is empty, whatever was shown before', async () => {
  await open();
  await expect.poll(texts, SOON).toEqual(['one']);
  onResume = 'erased';
  send(last().socket, { heartbeat: { at: new Date().toISOString(), heads: { c1: 9 } } });
  await expect.poll(() => page.evaluate(() => window.live.view.status), SOON).toBe('erased');
  expect(await texts()).toEqual([]);
});

test('typing of the other side fades, and a message ends it', async () => {
  await open();
  await expect.poll(texts, SOON).toEqual(['one']);
  send(last().socket, {
    signal: { conversation: 'c1', type: 'typing', from: 'agent', isTyping: true, name: 'Jane' },
  });
  await expect.poll(() => page.evaluate(() => window.live.typing?.name), SOON).toBe('Jane');
  send(last().socket, { event: event(3) });
  await expect.poll(() => page.evaluate(() => window.live.typing), SOON).toBeUndefined();
  send(last().socket, {
    signal: { conversation: 'c1', type: 'typing', from: 'agent', isTyping: true, name: 'Jane' },
  });
  await expect.poll(() => page.evaluate(() => window.live.typing?.name), SOON).toBe('Jane');
  await expect.poll(() => page.evaluate(() => window.live.typing), SOON).toBeUndefined();
});
