// The outbox in a real browser, with its real database: once, in order, through reloads, dead lines and several tabs.
/// <reference lib="dom" />
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Outbox } from '../../ui/client/outbox.ts';
import { launchChromium } from '../parts/chromium.ts';

declare global {
  interface Window {
    outbox: Outbox;
    boxes(prefix: string): Promise<string[]>;
  }
}

/** The machine may be busy with other tests; what comes, comes within this. */
const SOON = { timeout: 15_000 };

interface Delivery {
  readonly command: string;
  readonly text: string;
  readonly names: readonly string[];
  readonly contents: readonly string[];
}

/** What the server does with a delivery: `lost` stores it and lets the answer never arrive. */
type Mood = 'store' | 'dead' | 'lost' | 'busy' | 'refuse';

let browser: Browser;
let server: Server;
let url: string;
let mood: Mood;
let arrived: Delivery[];
let inFlight: number;
let mostInFlight: number;
let context: BrowserContext;

beforeAll(async () => {
  const bundle = await build({
    entryPoints: [new URL('outbox-page.ts', import.meta.url).pathname],
    bundle: true,
    format: 'esm',
    write: false,
    target: 'es2022',
    tsconfigRaw: {},
  });
  const script = bundle.outputFiles[0]?.text ?? '';
  server = createServer((request, response) => {
    if (request.url === '/page.js')
      return void response.setHeader('content-type', 'text/javascript').end(script);
    if (request.url !== '/deliver')
      return void response
        .setHeader('content-type', 'text/html')
        .end('<!doctype html><script type="module" src="/page.js"></script>');
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      inFlight += 1;
      mostInFlight = Math.max(mostInFlight, inFlight);
      setTimeout(() => {
        inFlight -= 1;
        const now = mood;
        if (now === 'dead') return response.destroy();
        if (now === 'store' || now === 'lost')
          arrived.push(JSON.parse(Buffer.concat(parts).toString()) as Delivery);
        if (now === 'lost') return response.destroy();
        response.end(
          JSON.stringify(now === 'refuse' ? { refused: 'No.' } : now === 'busy' ? { busy: true } : {}),
        );
      }, 15);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  await new Promise((resolve) => server?.close(resolve));
});

beforeEach(async () => {
  mood = 'store';
  arrived = [];
  inFlight = 0;
  mostInFlight = 0;
  context = await browser.newContext();
});

afterEach(async () => {
  await context.close();
  await expect.poll(() => inFlight, SOON).toBe(0);
});

async function open(): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForFunction(() => document.title === 'ready');
  return page;
}

const write = (page: Page, text: string) =>
  page.evaluate((said) => window.outbox.add({ text: said, files: [] }), text);
const states = (page: Page) =>
  page.evaluate(() => window.outbox.waiting.map((message) => `${message.text}: ${message.state}`));
const texts = () => arrived.map((delivery) => delivery.text);
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `message ${index}`);

test('messages arrive in the order in which they were written, one at a time', async () => {
  const page = await open();
  await page.evaluate(async (all) => {
    await Promise.all(all.map((text) => window.outbox.add({ text, files: [] })));
  }, numbered(20));
  await expect.poll(texts, SOON).toEqual(numbered(20));
  expect(mostInFlight).toBe(1);
  expect(new Set(arrived.map((delivery) => delivery.command)).size).toBe(20);
});

test('what could not be sent is there after a reload, and goes in order once the line is back', async () => {
  mood = 'dead';
  const first = await open();
  for (const text of numbered(5)) await write(first, text);
  await expect.poll(() => states(first), SOON).toContain('message 4: queued');
  await first.reload();
  await first.waitForFunction(() => document.title === 'ready');
  expect((await states(first)).map((state) => state.split(':')[0])).toEqual(numbered(5));
  mood = 'store';
  await first.evaluate(() => window.outbox.wake());
  await expect.poll(texts, SOON).toEqual(numbered(5));
});

test('a message whose acknowledgement was lost is sent again under the same id', async () => {
  mood = 'lost';
  const page = await open();
  await write(page, 'hello');
  await expect.poll(() => arrived.length, SOON).toBeGreaterThanOrEqual(1);
  mood = 'store';
  await page.evaluate(() => window.outbox.wake());
  await expect.poll(() => states(page), SOON).toEqual(['hello: sent']);
  expect(new Set(arrived.map((delivery) => delivery.command)).size).toBe(1);
  expect(arrived.length).toBeGreaterThanOrEqual(2);
});

test('who waits for what was written goes on once it is sent; what was refused, or never goes, holds up nobody', async () => {
  const page = await open();
  const order = await page.evaluate(async () => {
    const said: string[] = [];
    const adding = window.outbox.add({ text: 'before', files: [] }).then(() => said.push('written down'));
    await window.outbox.settled(15_000);
    said.push('settled');
    await adding;
    return said;
  });
  expect(order).toEqual(['written down', 'settled']);
  expect(texts()).toEqual(['before']);
  mood = 'refuse';
  await write(page, 'unwanted');
  await expect.poll(() => states(page), SOON).toContain('unwanted: failed');
  await page.evaluate(() => window.outbox.settled(15_000));
  mood = 'dead';
  await write(page, 'never');
  await page.evaluate(() => window.outbox.settled(300));
  expect((await states(page)).filter((state) => /^never: (queued|sending)$/.test(state))).toHaveLength(1);
  // Nothing is left on its way for the next test to hear of.
  mood = 'store';
  await page.evaluate(() => window.outbox.wake());
  await expect.poll(texts, SOON).toEqual(['before', 'never']);
  await expect.poll(() => states(page), SOON).toContain('never: sent');
});

test('a busy server is asked again, and later messages wait their turn', async () => {
  mood = 'busy';
  const page = await open();
  await write(page, 'one');
  await write(page, 'two');
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(arrived).toEqual([]);
  mood = 'store';
  await expect.poll(texts, SOON).toEqual(['one', 'two']);
});

test('a refused message stays until its writer decides, and does not hold up the next', async () => {
  mood = 'refuse';
  const page = await open();
  const command = await write(page, 'one');
  await expect.poll(() => states(page), SOON).toEqual(['one: failed']);
  mood = 'store';
  await write(page, 'two');
  await expect.poll(texts, SOON).toEqual(['two']);
  await page.evaluate((id) => window.outbox.retry(id), command);
  await expect.poll(texts, SOON).toEqual(['two', 'one']);
  expect(arrived[1]?.command).toBe(command);
});

test('a refused message can be discarded, for good', async () => {
  mood = 'refuse';
  const page = await open();
  const command = await write(page, 'one');
  await expect.poll(() => states(page), SOON).toEqual(['one: failed']);
  await page.evaluate((id) => window.outbox.discard(id), command);
  mood = 'store';
  await page.reload();
  await page.waitForFunction(() => document.title === 'ready');
  expect(await states(page)).toEqual([]);
  expect(arrived).toEqual([]);
});

test('files wait beside their message and outlive a reload', async () => {
  mood = 'dead';
  const page = await open();
  await page.evaluate(() => window.outbox.add({ text: '', files: [new File(['the content'], 'notes.txt')] }));
  await page.reload();
  await page.waitForFunction(() => document.title === 'ready');
  mood = 'store';
  await page.evaluate(() => window.outbox.wake());
  await expect
    .poll(() => arrived.map(({ names, contents }) => ({ names, contents })), SOON)
    .toEqual([{ names: ['notes.txt'], contents: ['the content'] }]);
});

test('of several tabs one sends; each message goes once, and every tab sees it go', async () => {
  const tabs = await Promise.all([open(), open(), open()]);
  await Promise.all(tabs.flatMap((tab, at) => numbered(5).map((text) => write(tab, `tab ${at} ${text}`))));
  await expect.poll(() => arrived.length, SOON).toBe(15);
  expect(mostInFlight).toBe(1);
  expect(new Set(arrived.map((delivery) => delivery.command)).size).toBe(15);
  for (const at of [0, 1, 2])
    expect(texts().filter((text) => text.startsWith(`tab ${at}`))).toEqual(
      numbered(5).map((text) => `tab ${at} ${text}`),
    );
  for (const tab of tabs)
    await expect
      .poll(async () => (await states(tab)).filter((state) => !state.endsWith(': sent')), SOON)
      .toEqual([]);
});

test('when the sending tab is closed another takes over', async () => {
  mood = 'dead';
  const first = await open();
  const second = await open();
  await write(first, 'one');
  await write(second, 'two');
  await first.close();
  mood = 'store';
  await second.evaluate(() => window.outbox.wake());
  // What the closed tab had under way may arrive as well, under the same id: nobody was left to hear its acknowledgement.
  const stored = () => [...new Map(arrived.map(({ command, text }) => [command, text])).values()];
  await expect.poll(stored, SOON).toEqual(['one', 'two']);
});

test('boxes in which something waits can be found again', async () => {
  mood = 'dead';
  const page = await open();
  await write(page, 'one');
  expect(await page.evaluate(() => window.boxes('te'))).toEqual(['test']);
  expect(await page.evaluate(() => window.boxes('other'))).toEqual([]);
});
