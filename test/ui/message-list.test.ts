// The transcript in a real browser: bounded however long the conversation, at the newest unless one reads back, and never markup.
/// <reference lib="dom" />
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { MessageList } from '../../ui/parts/message-list.ts';
import { launchChromium } from '../parts/chromium.ts';

declare global {
  interface Window {
    list: MessageList;
    show(texts: readonly string[]): Promise<void>;
    harmed?: boolean;
  }
}

const SOON = { timeout: 15_000 };
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `message ${index + 1}`);
let browser: Browser;
let page: Page;
let script: string;

beforeAll(async () => {
  const bundle = await build({
    entryPoints: [new URL('message-list-page.ts', import.meta.url).pathname],
    bundle: true,
    format: 'iife',
    write: false,
    target: 'es2022',
  });
  script = bundle.outputFiles[0]?.text ?? '';
  browser = await launchChromium();
});

afterAll(() => browser?.close());

beforeEach(async () => {
  page = await browser.newPage({ viewport: { width: 500, height: 500 } });
  await page.setContent('<!doctype html><title>transcript</title><body></body>');
  await page.addScriptTag({ content: script });
  return () => page.close();
});

const show = (texts: readonly string[]) => page.evaluate((all) => window.show(all), texts);
const bubbles = () => page.locator('.bubble').allTextContents();
const inView = (text: string) =>
  page.getByText(text, { exact: true }).evaluate((bubble) => {
    const { top, bottom } = bubble.getBoundingClientRect();
    return top >= 0 && bottom <= window.innerHeight;
  });

test('of a very long conversation the newest part is drawn, and more of it on wish', async () => {
  await show(numbered(5_000));
  expect(await bubbles()).toHaveLength(200);
  expect((await bubbles()).at(-1)).toBe('message 5000');
  await page.getByRole('button', { name: 'Earlier messages' }).click();
  await expect.poll(async () => (await bubbles()).length, SOON).toBe(400);
});

test('it is at the newest message, and stays there as more come', async () => {
  await show(numbered(50));
  await expect.poll(() => inView('message 50'), SOON).toBe(true);
  await show(numbered(60));
  await expect.poll(() => inView('message 60'), SOON).toBe(true);
});

test('who reads back is left in peace, told of what is new, and brought there on wish', async () => {
  await show(numbered(60));
  await page.getByRole('log').evaluate((log) => {
    log.scrollTop = 0;
  });
  await expect.poll(() => page.evaluate(() => window.list.atEnd), SOON).toBe(false);
  await show(numbered(61));
  expect(await inView('message 1')).toBe(true);
  await page.getByRole('button', { name: 'New messages' }).click();
  await expect.poll(() => inView('message 61'), SOON).toBe(true);
  await expect.poll(() => page.getByRole('button', { name: 'New messages' }).count(), SOON).toBe(0);
});

test('what a person writes is text: neither tags nor scripts nor odd links come to life', async () => {
  const hostile = [
    '<img src=x onerror="harmed = true">',
    '<script>harmed = true</script>',
    'javascript:alert(1)',
    '<a href="https://evil.example">bank</a>',
  ];
  await show(hostile);
  expect(await bubbles()).toEqual(hostile);
  expect(await page.locator('.bubble img, .bubble script').count()).toBe(0);
  const links = await page
    .locator('.bubble a')
    .evaluateAll((all) =>
      all.map((link) => ({ href: (link as HTMLAnchorElement).href, rel: (link as HTMLAnchorElement).rel })),
    );
  expect(links).toEqual([{ href: 'https://evil.example/', rel: 'noopener noreferrer nofollow' }]);
  expect(await page.evaluate(() => window.harmed)).toBeUndefined();
});
