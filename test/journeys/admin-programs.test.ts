// An admin connects programs: the API token is shown, copied and replaced; the webhook is entered, switched on and off, and a visitor's message arrives at a real script.
/// <reference lib="dom" />
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../edge/out/receiver.ts';
import { launchChromium } from '../parts/chromium.ts';
import { type Stack, startStack } from '../parts/stack.ts';
import { openChat, SOON, sticksOut, visitorOf, write } from './people.ts';

let stack: Stack;
let browser: Browser;
let context: BrowserContext;
let admin: Page;
let receiver: Receiver;
const faults: string[] = [];
const soon = { timeout: SOON };

beforeAll(async () => {
  [stack, browser, receiver] = await Promise.all([
    startStack({ ALLOW_PRIVATE_WEBHOOKS: 'true' }),
    launchChromium(),
    startReceiver(),
  ]);
  context = await browser.newContext({ viewport: { width: 1000, height: 900 } });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: stack.url });
  context.on('weberror', (error) => faults.push(error.error().message));
  admin = await context.newPage();
  admin.setDefaultTimeout(SOON);
  await admin.goto(`${stack.url}/admin`);
  await admin.getByLabel('E-mail').fill(stack.admin.email);
  await admin.getByLabel('Password').fill(stack.admin.password);
  await admin.getByRole('button', { name: 'Sign in' }).click();
}, 240_000);

afterAll(async () => {
  await browser?.close();
  await receiver?.close();
  await stack?.stop();
}, 60_000);

const field = () => admin.getByRole('textbox', { name: 'API Token' });
const hidden = () => admin.locator('natter-api-token input');
const chats = (token: string) =>
  fetch(`${stack.url}/?get-all-chats-api=true&token=${token}`).then((answer) => answer.status);

/** What has the focus, by its name, its label or its text. */
const focused = () =>
  admin.evaluate(() => {
    let active = document.activeElement;
    while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
    const named = active?.getAttribute('name') ?? active?.getAttribute('aria-label');
    return named ?? active?.textContent?.trim() ?? '';
  });

let first: string;

test('Settings has the API Token: made at a click, hidden until asked for, copied whole', async () => {
  await admin.getByRole('button', { name: 'Settings' }).click();
  await admin.getByRole('heading', { name: 'API Token' }).waitFor();
  await admin.getByRole('button', { name: 'Make a token' }).click();
  await expect.poll(focused, soon).toBe('API Token');
  await expect.poll(() => field().inputValue(), soon).toMatch(/^[A-Za-z0-9]{32}$/);
  first = await field().inputValue();
  await admin.reload();
  await expect.poll(() => hidden().getAttribute('type'), soon).toBe('password');
  await admin.getByRole('button', { name: 'Show' }).click();
  expect(await field().inputValue()).toBe(first);
  await admin.locator('natter-api-token').getByRole('button', { name: 'Copy' }).click();
  await admin.getByText('Copied.').waitFor();
  expect(await admin.evaluate(() => navigator.clipboard.readText())).toBe(first);
  expect(await chats(first)).toBe(200);
});

test('a second click replaces it, and the old one stops working at once', async () => {
  await admin.getByRole('button', { name: 'Replace token' }).click();
  await admin.getByText('The old token stops working at once.').waitFor();
  await admin.getByRole('button', { name: 'Cancel' }).click();
  expect(await chats(first)).toBe(200);
  await admin.getByRole('button', { name: 'Replace token' }).click();
  await admin.getByRole('button', { name: 'Replace it now' }).click();
  await admin.getByText('This is the new token.').waitFor();
  const second = await field().inputValue();
  expect(second).not.toBe(first);
  expect([await chats(first), await chats(second)]).toEqual([403, 200]);
});

test('Options → Webhook takes the address of a script, and the box and the button of the document switch it on', async () => {
  await admin.getByRole('button', { name: 'Options' }).click();
  const form = admin.getByRole('form', { name: 'Webhook' });
  await admin.getByText('Nothing has been sent yet.').waitFor();
  await form.getByLabel('URL').fill(receiver.url);
  await form.getByLabel('Enable sending').check();
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByText('Saved.').waitFor();
  await form.getByRole('button', { name: 'Send a test' }).click();
  await form.getByText('Your script has received the test (200).').waitFor();
  expect(receiver.received.at(-1)?.text).toBe('This is a test of the webhook.');
});

test('a visitor’s message reaches the script with the document’s body, and the admin sees that it did', async () => {
  const visitor = await visitorOf(stack, browser);
  await openChat(visitor.page);
  await write(visitor.page, 'Hello, I have a question about my order!');
  await expect
    .poll(() => receiver.received.at(-1)?.text, soon)
    .toBe('Hello, I have a question about my order!');
  const sent = receiver.received.at(-1);
  const body = JSON.parse(sent?.body ?? '');
  expect(Object.keys(body)).toEqual(['session_data', 'message_text']);
  expect(body.session_data).toHaveLength(1);
  expect(Object.keys(body.session_data[0])).toEqual(['session_id', 'metadata', 'updated_at']);
  expect(body.session_data[0].session_id).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
  expect(body.session_data[0].metadata.user_session).toMatch(/Linux, .*Chrom/);
  expect(body.session_data[0].updated_at).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  expect(sent?.headers['content-type']).toBe('application/json');
  await admin.getByText('Received (200)').waitFor();

  // An address that cannot be reached is told of; the box unchecked ends it.
  receiver.answer = () => 500;
  await write(visitor.page, 'Is anybody there?');
  await admin.getByText('The address answered 500.').waitFor();
  await admin.getByText('One message waits and is tried again.').waitFor();
  const form = admin.getByRole('form', { name: 'Webhook' });
  await form.getByLabel('Enable sending').uncheck();
  await form.getByRole('button', { name: 'Save' }).click();
  await admin.getByText('Sending is off.').waitFor();
  receiver.answer = () => 200;
  const before = receiver.received.length;
  await write(visitor.page, 'Nobody hears this');
  await visitor.page.waitForTimeout(2_000);
  expect(receiver.received.slice(before).map(({ text }) => text)).toEqual([]);
  await visitor.context.close();
});

test('an address that must not be reached is refused in a sentence', async () => {
  const form = admin.getByRole('form', { name: 'Webhook' });
  await form.getByLabel('URL').fill('http://169.254.169.254/latest/meta-data/');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect
    .poll(() => admin.locator('natter-webhook').getByRole('alert').textContent(), soon)
    .toContain('public address');
  expect(faults).toEqual([]);
});

test('all of it can be reached by keyboard and fits on a small screen, from right to left as well', async () => {
  await admin.setViewportSize({ width: 320, height: 640 });
  expect(await sticksOut(admin)).toBe(false);
  await admin.evaluate(() => {
    document.documentElement.dir = 'rtl';
  });
  expect(await sticksOut(admin)).toBe(false);
  // A page from right to left leaves markup as it is.
  expect(await admin.getByLabel('Snippet').getAttribute('dir')).toBe('ltr');
  const reached: string[] = [];
  await admin.getByRole('button', { name: 'Options' }).focus();
  await admin.keyboard.press('Enter');
  for (let steps = 0; steps < 4; steps++) {
    await admin.keyboard.press('Tab');
    reached.push(await focused());
  }
  expect(reached).toEqual(['url', 'enabled', 'Save', 'Send a test']);
});

test('what is pressed by keyboard leaves the focus where one goes on', async () => {
  const press = async (name: string) => {
    await admin.getByRole('button', { name, exact: true }).focus();
    await admin.keyboard.press('Enter');
  };
  await press('Replace token');
  await press('Cancel');
  await expect.poll(focused, soon).toBe('Replace token');
  await admin.keyboard.press('Enter');
  expect(await focused()).toBe('Replace it now');
  await admin.keyboard.press('Enter');
  await admin.getByText('This is the new token.').waitFor();
  expect(await focused()).toBe('Replace token');
  await admin.getByRole('form', { name: 'Webhook' }).getByLabel('URL').fill(receiver.url);
  await admin.keyboard.press('Enter');
  await admin.getByText('Saved.').waitFor();
  expect(await focused()).toBe('url');
  await press('Send a test');
  await admin.getByText('Your script has received the test (200).').waitFor();
  expect(await focused()).toBe('Send a test');
});
