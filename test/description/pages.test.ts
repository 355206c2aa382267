// The pages about the interface in a real browser: they show all of it, keep to their policy and ask nobody else.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Door, openDoor, type Servers, startServers } from '../edge/http/door.ts';
import { launchChromium } from '../parts/chromium.ts';

let servers: Servers;
let door: Door;
let browser: Browser;
let origin: string;

beforeAll(async () => {
  [servers, browser] = await Promise.all([startServers(), launchChromium()]);
  door = await openDoor(servers);
  origin = `http://localhost:${door.port}`;
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await door?.close();
  await servers?.stop();
});

/** Opens a page and notes what it complains of and whom it asks. */
async function visit(path: string): Promise<{ page: Page; complaints: string[]; hosts: Set<string> }> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  const hosts = new Set<string>();
  page.on('console', (line) => {
    if (line.type() === 'error' || line.type() === 'warning') complaints.push(line.text());
  });
  page.on('pageerror', (fault) => complaints.push(fault.message));
  page.on('request', (request) => {
    if (!request.url().startsWith('data:')) hosts.add(new URL(request.url()).origin);
  });
  const answer = await page.goto(origin + path);
  expect(answer?.status()).toBe(200);
  expect(answer?.headers()['content-security-policy']).toMatch(/script-src 'self'(;|$)/);
  return { page, complaints, hosts };
}

test('the reference page shows every dialect and an operation in full, and carries one out', async () => {
  const { page, complaints, hosts } = await visit('/api/docs');
  const tags = page.locator('.opblock-tag');
  await tags.first().waitFor();
  await page.getByRole('heading', { name: /^Natter/ }).waitFor();
  // Whose interface it is, and where the rest of it is described; not whose library shows it.
  expect(await page.locator('.topbar img').getAttribute('src')).toMatch(/^data:image\/svg\+xml/);
  expect(await page.locator('.topbar .download-url-wrapper').isVisible()).toBe(false);
  for (const [name, path] of [
    ['for people', '/api/docs/sockets'],
    ['AsyncAPI 3', '/api/asyncapi.json'],
    ['Postman collection', '/api/postman.json'],
  ] as const) {
    const link = page.getByRole('link', { name });
    expect(new URL((await link.getAttribute('href')) ?? '').pathname).toBe(path);
  }
  for (const dialect of ['native', 'token', 'widget', 'support', 'live-chat'])
    expect(await page.locator(`[data-tag="${dialect}"]`).count()).toBe(1);
  await page.locator('[data-tag="native"]').click();
  const operation = page.locator('#operations-native-getHealthz');
  await operation.locator('button').first().click();
  await operation.getByRole('button', { name: 'Try it out' }).click();
  await operation.getByRole('button', { name: 'Execute' }).click();
  await operation.locator('.live-responses-table').getByText('"alive": true').waitFor();
  expect(complaints).toEqual([]);
  expect([...hosts]).toEqual([origin]);
  await page.close();
}, 120_000);

test('the page about sockets shows every socket and frame, without a script', async () => {
  const { page, complaints, hosts } = await visit('/api/docs/sockets');
  expect(await page.locator('h2').allTextContents()).toEqual([
    'Native socket',
    'Live chat, for guests',
    'Live chat, for agents',
    'Widget, for customers',
    'Widget, for agents',
    'Support, over Socket.IO',
    'Events of the log',
    'How a socket closes',
  ]);
  expect(await page.locator('script').count()).toBe(0);
  const welcome = page.locator('article', { hasText: 'NativeWelcome' });
  await welcome.getByText('heartbeatSeconds').first().waitFor();
  const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(background).toBe('rgb(255, 255, 255)');
  await page.setViewportSize({ width: 320, height: 700 });
  await page.emulateMedia({ colorScheme: 'dark' });
  const narrow = await page.evaluate(() => ({
    width: document.documentElement.scrollWidth,
    background: getComputedStyle(document.body).backgroundColor,
  }));
  expect(narrow).toEqual({ width: 320, background: 'rgb(17, 21, 28)' });
  await page.getByRole('cell', { name: '4503' }).waitFor();
  expect(complaints).toEqual([]);
  expect([...hosts]).toEqual([origin]);
  await page.close();
}, 120_000);
