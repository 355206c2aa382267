// A business puts the chat on its own site: an admin gives it its looks, and it works on a foreign origin under a strict content policy.
/// <reference lib="dom" />
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../parts/chromium.ts';
import { type Stack, startStack } from '../parts/stack.ts';
import { agentOf, answer, bubbles, choose, launcher, openChat, SOON, shows, write } from './people.ts';

/** The site's pages, and whom each says to have before it (seed 000: user_id, user_name, user_email). */
const CUSTOMERS: Readonly<Record<string, string>> = {
  '/': '',
  '/account': 'data-user-id="2" data-user-name="Vitaliy Kaplia" data-user-email="vitalii.kaplia@gmail.com"',
  '/account-of-another': 'data-user-id="3" data-user-name="Dana" data-user-email="not an address"',
};

let stack: Stack;
let browser: Browser;
let site: Server;
let siteUrl: string;
let admin: Page;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchChromium()]);
  // A customer's page that trusts the chat's origin for scripts, files and sockets, and nobody for inline anything.
  const policy = `default-src 'none'; script-src ${stack.url}; connect-src ${stack.url} ${stack.url.replace('http', 'ws')}; img-src ${stack.url}`;
  site = createServer((request, response) => {
    const customer = CUSTOMERS[request.url ?? ''];
    if (customer === undefined) return void response.writeHead(204).end();
    response
      .setHeader('content-type', 'text/html; charset=utf-8')
      .setHeader('content-security-policy', policy);
    response.end(`<!doctype html><html lang="he" dir="rtl"><title>חנות</title><h1>חנות</h1>
      <script async src="${stack.url}/widget.js" data-site-key="${stack.siteKey}" ${customer}></script></html>`);
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  siteUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
}, 240_000);

afterAll(async () => {
  await browser?.close();
  if (site) await new Promise((resolve) => site.close(resolve));
  await stack?.stop();
}, 60_000);

const soon = { timeout: SOON };

test('an admin signs in and finds the snippet of the site’s widget', async () => {
  admin = await browser.newPage();
  admin.setDefaultTimeout(SOON);
  await admin.goto(`${stack.url}/`);
  await admin.getByLabel('E-mail').fill(stack.admin.email);
  await admin.getByLabel('Password').fill('not the password');
  await admin.getByRole('button', { name: 'Sign in' }).click();
  await expect.poll(() => admin.getByRole('alert').textContent(), soon).toBe('Invalid email or password');
  await admin.getByLabel('Password').fill(stack.admin.password);
  await admin.getByRole('button', { name: 'Sign in' }).click();
  const snippet = await admin.getByLabel('Snippet').first().textContent();
  expect(snippet).toBe(
    `<script async src="${stack.url}/widget.js" data-site-key="${stack.siteKey}"></script>`,
  );
});

test('the looks that the admin gives are on the customer’s site', async () => {
  const form = admin.getByRole('form').first();
  await form.getByLabel('Title').fill('שאלו אותנו');
  await form.getByLabel('Welcome message').fill('שלום! <b>מה</b> נשמע?');
  await form.getByLabel('Main colour').fill('#b3261e');
  await form.getByLabel('Position').selectOption('bottom-left');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByText('Saved.').waitFor();
  const page = await browser.newPage();
  await page.goto(siteUrl);
  await expect.poll(() => launcher(page).getAttribute('aria-label'), soon).toBe('שאלו אותנו');
  const looks = await launcher(page).evaluate((button) => ({
    colour: getComputedStyle(button).backgroundColor,
    left: button.getBoundingClientRect().left,
  }));
  expect(looks).toEqual({ colour: 'rgb(179, 38, 30)', left: 20 });
  await openChat(page);
  // Shown as it was written: nothing a person writes becomes markup.
  await shows(page, ['שלום! <b>מה</b> נשמע?']);
  await page.close();
});

test('the chat works on a foreign origin under a strict content policy, files too', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(SOON);
  const faults: string[] = [];
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  page.on('pageerror', (error) => faults.push(String(error)));
  await page.goto(siteUrl);
  await openChat(page);
  await write(page, 'האם אתם שולחים לחיפה?');
  const agent = await agentOf(stack, browser, stack.agent);
  await choose(agent.page, 'האם אתם שולחים לחיפה?');
  await answer(agent.page, 'כן, תוך יומיים.');
  await shows(page, ['האם אתם שולחים לחיפה?', 'כן, תוך יומיים.']);
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'list.txt', mimeType: 'text/plain', buffer: Buffer.from('רשימה') });
  await page.getByRole('button', { name: 'Send' }).click();
  await agent.page.getByRole('link', { name: /list\.txt/ }).waitFor();
  expect(faults).toEqual([]);
  expect(agent.faults).toEqual([]);
  await Promise.all([context.close(), agent.context.close()]);
});

test('who writes before the browser has opened its database loses nothing, in the order of writing', async () => {
  const context = await browser.newContext();
  await context.addInitScript(() => {
    const { open } = IDBFactory.prototype;
    IDBFactory.prototype.open = function slowly(...asked) {
      const opening = open.apply(this, asked);
      const set = (listener: EventListener) =>
        opening.addEventListener('success', (event) => setTimeout(() => listener(event), 1_500));
      return Object.defineProperty(opening, 'onsuccess', { set });
    };
  });
  const page = await context.newPage();
  page.setDefaultTimeout(SOON);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  await page.goto(siteUrl);
  await openChat(page);
  await write(page, 'Quick');
  await write(page, 'and quicker still');
  await shows(page, ['Quick', 'and quicker still']);
  const agent = await agentOf(stack, browser, stack.agent);
  await choose(agent.page, 'and quicker still');
  await shows(agent.page, ['Quick', 'and quicker still']);
  expect(faults).toEqual([]);
  await Promise.all([context.close(), agent.context.close()]);
});

test('what the business asks first is asked first, and the agent knows it', async () => {
  const asked = [
    { name: 'name', label: 'Your name', type: 'text', required: true },
    { name: 'email', label: 'E-mail', type: 'email', required: false },
    { name: 'topic', label: 'Topic', type: 'select', required: true, options: ['Beans', 'Delivery'] },
  ];
  const changed = await fetch(`${stack.url}/api/widgets/${stack.siteKey}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${stack.admin.token}` },
    body: JSON.stringify({ enable_prechat_form: true, prechat_fields: asked }),
  });
  expect(changed.status).toBe(200);
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(SOON);
  await page.goto(siteUrl);
  await launcher(page).click();
  await page.getByLabel('Topic').selectOption('Delivery');
  await page.getByRole('button', { name: 'Start chat' }).click();
  // Without the name that is required the form stays.
  expect(await page.getByLabel('Message', { exact: true }).count()).toBe(0);
  await page.getByLabel('Your name').fill('Rina Gold');
  await page.getByRole('button', { name: 'Start chat' }).click();
  await write(page, 'When does it come?');
  const agent = await agentOf(stack, browser, stack.agent);
  await choose(agent.page, 'Rina Gold');
  await shows(agent.page, ['Topic: Delivery', 'When does it come?']);
  await Promise.all([context.close(), agent.context.close()]);
});

test('an agent whom the admin adds can sign in', async () => {
  await admin.getByRole('form', { name: 'Add an agent' }).getByLabel('Name').fill('Noa Levi');
  await admin.getByRole('form', { name: 'Add an agent' }).getByLabel('E-mail').fill('noa@stack.example');
  await admin.getByRole('form', { name: 'Add an agent' }).getByLabel('Password').fill('a-good-one-too');
  await admin.getByRole('button', { name: 'Add', exact: true }).click();
  await admin.getByText('noa@stack.example').waitFor();
  const noa = await agentOf(stack, browser, { email: 'noa@stack.example', password: 'a-good-one-too' });
  await noa.page.getByText('Noa Levi').waitFor();
  await noa.context.close();
});

test('who registers gets a workspace of their own, and sees nothing of the others', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(SOON);
  await page.goto(`${stack.url}/admin`);
  await page.getByRole('button', { name: 'Register' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Other Shop');
  await page.getByLabel('E-mail').fill('owner@other.example');
  await page.getByLabel('Password').fill('quite-another-one');
  await page.getByRole('button', { name: 'Register' }).click();
  await page.getByRole('heading', { name: 'Agents' }).waitFor();
  const snippet = await page.getByLabel('Snippet').first().textContent();
  expect(snippet).toContain('data-site-key="widget-');
  expect(snippet).not.toContain(stack.siteKey);
  expect(await page.getByText('noa@stack.example').count()).toBe(0);
  await context.close();
});

test('a widget that is switched off is not shown', async () => {
  const form = admin.getByRole('form').first();
  await form.getByLabel('Shown on the site').uncheck();
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByText('Saved.').waitFor();
  const page = await browser.newPage();
  const told = page.waitForEvent('console', {
    predicate: (message) => message.text().includes('no active widget'),
  });
  await page.goto(siteUrl);
  await told;
  await expect.poll(() => launcher(page).count(), soon).toBe(0);
  await page.close();
});

test('whom the page knows is known to the programs of the business, and nobody sees another’s chat', async () => {
  const changed = await fetch(`${stack.url}/api/widgets/${stack.siteKey}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${stack.admin.token}` },
    body: JSON.stringify({ is_active: true, enable_prechat_form: false }),
  });
  expect(changed.status).toBe(200);
  const made = await fetch(`${stack.url}/api/workspace/api-token`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stack.admin.token}` },
  });
  const { token } = ((await made.json()) as { data: { token: string } }).data;
  const known = async () => {
    const listed = await fetch(`${stack.url}/?get-all-chats-api=true&token=${token}`);
    const sessions = (await listed.json()) as { metadata: Record<string, string> }[];
    return sessions.flatMap(({ metadata }) => (metadata.user_id ? [metadata] : []));
  };
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(SOON);

  // Not signed in at first: the conversation goes on when they are.
  await page.goto(siteUrl);
  await openChat(page);
  await write(page, 'Hello, I have a question about my order!');
  await shows(page, ['Hello, I have a question about my order!']);
  await page.goto(`${siteUrl}account`);
  await expect.poll(known, soon).toHaveLength(1);
  const vitaliy = { user_id: '2', user_name: 'Vitaliy Kaplia', user_email: 'vitalii.kaplia@gmail.com' };
  expect((await known())[0]).toMatchObject(vitaliy);
  await openChat(page);
  await shows(page, ['Hello, I have a question about my order!']);

  await page.goto(`${siteUrl}account-of-another`);
  await openChat(page);
  await write(page, 'Is this mine?');
  await expect.poll(known, soon).toHaveLength(2);
  const [dana] = await known();
  // What is no address is left out, and does not stop the chat.
  expect(dana).toMatchObject({ user_id: '3', user_name: 'Dana' });
  expect(dana).not.toHaveProperty('user_email');
  expect(await bubbles(page)).not.toContain('Hello, I have a question about my order!');
  await context.close();
});

test('what was written goes from the next page, though the chat is not opened there', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(SOON);
  // The first page never hears that the conversation began.
  await page.route('**/api/conversations', (route) =>
    page.url() === siteUrl ? route.abort() : route.continue(),
  );
  await page.goto(siteUrl);
  await openChat(page);
  await write(page, 'Written in the last moment of a page');
  await shows(page, ['Written in the last moment of a page']);
  const started = page.waitForResponse((response) => response.url().endsWith('/api/conversations'));
  await page.goto(`${siteUrl}account`);
  expect((await started).status()).toBe(201);
  const agent = await agentOf(stack, browser, stack.agent);
  await choose(agent.page, 'Written in the last moment of a page');
  await expect.poll(() => bubbles(agent.page), soon).toEqual(['Written in the last moment of a page']);
  // Said once it is acknowledged, it does not bring the chat up on every page.
  await expect
    .poll(
      () => page.evaluate(() => Object.entries(localStorage).find(([key]) => key.startsWith('natter:'))?.[1]),
      soon,
    )
    .toContain('"unsent":false');
  await Promise.all([context.close(), agent.context.close()]);
});
