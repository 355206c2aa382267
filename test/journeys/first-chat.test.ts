// The first chat, as two people have it: a visitor on a customer's page and an agent in the console, in real browsers over the whole of Natter.
/// <reference lib="dom" />
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../parts/chromium.ts';
import { type Stack, startStack } from '../parts/stack.ts';
import {
  agentOf,
  answer,
  badge,
  bubbles,
  choose,
  launcher,
  openChat,
  type Person,
  SOON,
  shows,
  sticksOut,
  visitorOf,
  write,
} from './people.ts';

let stack: Stack;
let browser: Browser;
let visitor: Person;
let agent: Person;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchChromium()]);
  visitor = await visitorOf(stack, browser);
  agent = await agentOf(stack, browser, stack.agent);
}, 240_000);

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
}, 60_000);

const soon = { timeout: SOON };
const name = (text: string) => `${text} ${Math.random().toString(36).slice(2, 8)}`;

test('before the chat is opened the widget costs one request beside its script, and no socket', async () => {
  const other = await browser.newContext();
  const page = await other.newPage();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  let sockets = 0;
  page.on('websocket', () => {
    sockets += 1;
  });
  await page.goto(`${stack.url}/test-widget.html`, { waitUntil: 'networkidle' });
  await launcher(page).waitFor();
  expect(asked.filter((path) => !/\.(html|css|svg)$/.test(path))).toEqual([
    '/widget.js',
    `/api/widgets/${stack.siteKey}/config`,
  ]);
  expect(sockets).toBe(0);
  await other.close();
});

test('what the visitor writes is in the agent’s queue at once, and the answer comes back', async () => {
  const question = name('Is my fern hardy?');
  await openChat(visitor.page);
  await write(visitor.page, question);
  await visitor.page.getByText('You are next').waitFor();
  await choose(agent.page, question);
  await shows(agent.page, [question]);
  await answer(agent.page, 'It is, down to five below zero.');
  await shows(visitor.page, [question, 'It is, down to five below zero.']);
  await shows(agent.page, [question, 'It is, down to five below zero.']);
  await expect.poll(() => visitor.page.getByText('You are talking to Ada Agent').count(), soon).toBe(1);
});

test('each sees that the other is writing, and that it stops', async () => {
  await visitor.page.getByLabel('Message', { exact: true }).pressSequentially('thanks', { delay: 20 });
  await agent.page.getByText(/is writing$/).waitFor({ state: 'attached' });
  await visitor.page.keyboard.press('Enter');
  await agent.page.getByText(/is writing$/).waitFor({ state: 'detached' });
  await agent.page.getByLabel('Reply', { exact: true }).pressSequentially('you are welcome', { delay: 20 });
  await visitor.page.getByText('Ada Agent is writing').waitFor({ state: 'attached' });
  await agent.page.keyboard.press('Enter');
  await shows(visitor.page, ['thanks', 'you are welcome']);
  await visitor.page.getByText('Ada Agent is writing').waitFor({ state: 'detached' });
});

test('the writer sees that the message was read, once the other looks at it', async () => {
  await visitor.page.keyboard.press('Escape');
  await answer(agent.page, 'Anything else?');
  await expect.poll(() => agent.page.getByText('Delivered', { exact: true }).count(), soon).toBe(1);
  await expect
    .poll(() => launcher(visitor.page).getAttribute('aria-label'), soon)
    .toMatch(/1 unread message$/);
  expect(await badge(visitor.page)).toEqual(['1']);
  await launcher(visitor.page).click();
  await agent.page.getByText('Read', { exact: true }).waitFor();
  await expect.poll(() => badge(visitor.page), soon).toEqual([]);
});

test('pictures and files go both ways, seen by the other and fetched as they were', async () => {
  const picture = await sharp({ create: { width: 640, height: 420, channels: 3, background: '#2f6b4f' } })
    .png()
    .toBuffer();
  const note = Buffer.from('Water once a week.\n');
  await visitor.page.locator('input[type=file]').setInputFiles([
    { name: 'leaf.png', mimeType: 'image/png', buffer: picture },
    { name: 'care.txt', mimeType: 'text/plain', buffer: note },
  ]);
  await visitor.page.getByRole('button', { name: 'Send' }).click();
  const image = agent.page.getByRole('img', { name: 'leaf.png' });
  await image.waitFor();
  await expect
    .poll(() => image.evaluate((element: HTMLImageElement) => element.naturalWidth), soon)
    .toBeGreaterThan(0);
  const link = await agent.page.getByRole('link', { name: /care\.txt/ }).getAttribute('href');
  expect(await (await fetch(link ?? '')).text()).toBe(note.toString());
  await agent.page
    .locator('natter-conversation input[type=file]')
    .setInputFiles({ name: 'answer.txt', mimeType: 'text/plain', buffer: note });
  await agent.page.getByRole('button', { name: 'Send' }).click();
  await visitor.page.getByRole('link', { name: /answer\.txt/ }).waitFor();
});

test('what the server does not take says why, and the writer may discard it', async () => {
  await visitor.page.locator('input[type=file]').setInputFiles({
    name: 'virus.pdf',
    mimeType: 'application/pdf',
    buffer: Buffer.from('MZ this is no PDF'),
  });
  await visitor.page.getByRole('button', { name: 'Send' }).click();
  await visitor.page.getByText(/^Not sent: Supported are/).waitFor();
  await visitor.page.getByRole('button', { name: 'Discard' }).click();
  await visitor.page.getByText(/^Not sent/).waitFor({ state: 'detached' });
  expect(await agent.page.getByText('virus.pdf').count()).toBe(0);
  // The browser notes the refusal; nothing else was noted so far.
  expect(visitor.faults.splice(0)).toEqual([expect.stringContaining('400 (Bad Request)')]);
});

test('what is written offline waits in sight, and arrives once and in order when the line is back', async () => {
  const written = ['one', 'two', 'three'].map(name);
  await visitor.context.setOffline(true);
  await visitor.page.getByText('You are offline').waitFor();
  for (const text of written) await write(visitor.page, text);
  await expect.poll(() => visitor.page.getByText('Waiting to send').count(), soon).toBe(3);
  const answered = name('while you were away');
  await answer(agent.page, answered);
  await shows(agent.page, [answered]);
  await visitor.context.setOffline(false);
  await shows(agent.page, [answered, ...written]);
  await shows(visitor.page, [answered, ...written]);
  await expect.poll(() => visitor.page.getByText('Waiting to send').count(), soon).toBe(0);
});

test('what is written offline outlives its tab, and goes with the next visit before the chat is even opened', async () => {
  const written = ['four', 'five'].map(name);
  await visitor.context.setOffline(true);
  for (const text of written) await write(visitor.page, text);
  await expect.poll(() => visitor.page.getByText('Waiting to send').count(), soon).toBe(2);
  await visitor.page.close();
  await visitor.context.setOffline(false);
  visitor.page = await visitor.context.newPage();
  await visitor.page.goto(`${stack.url}/test-widget.html`);
  await shows(agent.page, written);
  await openChat(visitor.page);
  await shows(visitor.page, written);
});

test('an agent whose line was cut misses nothing and sees nothing twice', async () => {
  const written = Array.from({ length: 8 }, (_, index) => name(`missed ${index}`));
  await agent.context.setOffline(true);
  for (const text of written) await write(visitor.page, text);
  await shows(visitor.page, written);
  await agent.context.setOffline(false);
  await shows(agent.page, written);
});

test('when the server dies under them both come back by themselves, and what was written meanwhile arrives once', async () => {
  const written = ['during', 'the', 'outage'].map(name);
  const [edge] = await stack.pids('edge');
  if (!edge) throw new Error('there is no edge to kill');
  process.kill(edge, 'SIGKILL');
  for (const text of written) await write(visitor.page, text);
  const answered = name('me too');
  await answer(agent.page, answered);
  await expect
    .poll(async () => [...(await bubbles(agent.page))].sort(), { timeout: 40_000 })
    .toEqual(expect.arrayContaining([...written, answered]));
  await shows(agent.page, written);
  await shows(visitor.page, written);
  await shows(visitor.page, [answered]);
  const seen = await bubbles(visitor.page);
  expect(new Set(seen).size).toBe(seen.length);
}, 60_000);

test('after a reload both see the same conversation as before', async () => {
  const before = await bubbles(agent.page);
  expect(before.length).toBeGreaterThan(10);
  await Promise.all([agent.page.reload(), visitor.page.reload()]);
  await expect.poll(() => bubbles(agent.page), soon).toEqual(before);
  await openChat(visitor.page);
  // The visitor's begins with the widget's welcome.
  await expect.poll(async () => (await bubbles(visitor.page)).slice(-before.length), soon).toEqual(before);
});

test('a note is for the team alone', async () => {
  const note = name('ordered in May');
  await agent.page.getByRole('button', { name: 'Note', exact: true }).click();
  await agent.page.getByLabel('Note for your team').fill(note);
  await agent.page.keyboard.press('Enter');
  await shows(agent.page, [note]);
  await agent.page.getByRole('button', { name: 'Reply', exact: true }).click();
  const after = name('after the note');
  await answer(agent.page, after);
  await shows(visitor.page, [after]);
  expect(await visitor.page.getByText(note).count()).toBe(0);
});

test('tags, priority and department are kept', async () => {
  const { page } = agent;
  await page.getByLabel('Tags', { exact: true }).first().fill('ferns');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Remove tag ferns' }).waitFor();
  await page.locator('natter-customer').getByLabel('Priority').selectOption('urgent');
  await page.locator('natter-customer').getByLabel('Department').selectOption('billing');
  await page.getByRole('button', { name: 'All open' }).click();
  const row = page.getByRole('list', { name: 'Conversations' }).locator('[aria-current]');
  await expect.poll(() => row.textContent(), soon).toMatch(/Urgent.*Billing.*ferns/s);
  await page.reload();
  await page.getByRole('button', { name: 'Remove tag ferns' }).waitFor();
  await expect
    .poll(() => page.locator('natter-customer').getByLabel('Priority').inputValue(), soon)
    .toBe('urgent');
});

test('another agent can take over, and the visitor is told by whom', async () => {
  const colleague = { email: `${name('tom').replace(' ', '.')}@stack.example`, password: 'a-third-good-one' };
  const made = await fetch(`${stack.url}/api/agents`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${stack.admin.token}` },
    body: JSON.stringify({ ...colleague, full_name: 'Tom Two' }),
  });
  expect(made.status).toBe(201);
  const tom = await agentOf(stack, browser, colleague);
  await agent.page.reload();
  await agent.page.getByLabel('Hand over to').selectOption({ label: 'Tom Two' });
  await visitor.page.getByText('You are talking to Tom Two').waitFor();
  await tom.page.getByRole('button', { name: 'Mine' }).click();
  await choose(tom.page, 'after the note');
  await tom.page.getByText('Assigned to you').waitFor();
  await tom.page.getByLabel('Hand over to').selectOption({ label: 'Ada Agent' });
  await agent.page.getByText('Assigned to you').waitFor();
  expect(tom.faults).toEqual([]);
  await tom.context.close();
});

test('the visitor ends the chat, rates it, goes on with it after all, and begins another', async () => {
  await visitor.page.getByRole('button', { name: 'End chat' }).click();
  await visitor.page.getByRole('alertdialog').getByRole('button', { name: 'End chat' }).click();
  await agent.page.getByText('Closed', { exact: true }).first().waitFor();
  await visitor.page.getByLabel('5 of 5: Very good').check({ force: true });
  await visitor.page.getByLabel('Your feedback').fill('Quick and kind.');
  await visitor.page.getByRole('button', { name: 'Send rating' }).click();
  await visitor.page.getByText('You rated this chat 5 of 5').waitFor();
  await agent.page.getByText('5 of 5: Quick and kind.').waitFor();
  await visitor.page.getByRole('button', { name: 'Continue this one' }).click();
  const more = name('one more thing');
  await write(visitor.page, more);
  await shows(agent.page, [more]);
  await agent.page.getByText(/^The conversation was reopened/).waitFor();
  await agent.page.getByRole('button', { name: 'Close', exact: true }).click();
  await visitor.page.getByRole('button', { name: 'New conversation' }).click();
  const again = name('Something else');
  await write(visitor.page, again);
  await agent.page.getByRole('button', { name: /^Queue/ }).click();
  await choose(agent.page, again);
  await expect.poll(() => bubbles(agent.page), soon).toEqual([again]);
});

test('two tabs of one visitor are one conversation', async () => {
  const second = await visitor.context.newPage();
  await second.goto(`${stack.url}/test-widget.html`);
  await openChat(second);
  const text = name('from the second tab');
  await write(second, text);
  await shows(visitor.page, [text]);
  await shows(agent.page, [text]);
  await second.close();
});

test('the list is searched by the visitor’s name on the server', async () => {
  const { page } = agent;
  await page.getByLabel('Search').fill('nobody is called like this');
  await page.getByText('Nothing here.').waitFor();
  await page.getByLabel('Search').fill('');
  await page.getByRole('list', { name: 'Conversations' }).getByText('from the second tab').waitFor();
});

test('with the keyboard alone: Escape closes the chat and gives the focus back, Enter opens it again', async () => {
  const { page } = visitor;
  await page.getByLabel('Message', { exact: true }).focus();
  await page.keyboard.press('Escape');
  await expect.poll(() => launcher(page).evaluate((button) => button.matches(':focus')), soon).toBe(true);
  await page.keyboard.press('Enter');
  await expect
    .poll(() => page.getByLabel('Message', { exact: true }).evaluate((area) => area.matches(':focus')), soon)
    .toBe(true);
});

test('at 320 pixels nothing sticks out, neither on the customer’s page nor in the console', async () => {
  const narrow = { viewport: { width: 320, height: 600 } };
  const phone = await visitorOf(stack, browser, narrow);
  await openChat(phone.page);
  await write(phone.page, 'https://example.com/a/very/long/address/that/never/ends/'.repeat(4));
  expect(await sticksOut(phone.page)).toBe(false);
  const pocket = await agentOf(stack, browser, stack.agent, narrow);
  await choose(pocket.page, 'from the second tab');
  expect(await sticksOut(pocket.page)).toBe(false);
  await pocket.page.getByRole('button', { name: 'Back to the list' }).click();
  await pocket.page.getByRole('list', { name: 'Conversations' }).waitFor();
  expect([...phone.faults, ...pocket.faults]).toEqual([]);
  await Promise.all([phone.context.close(), pocket.context.close()]);
});

test('an agent who pauses has paused on every device', async () => {
  const { page: second, context } = await agentOf(stack, browser, stack.agent);
  const accepting = (page: Page) =>
    page.getByRole('switch', { name: 'Accepting chats' }).getAttribute('aria-checked');
  await expect.poll(() => accepting(second), soon).toBe('true');
  await agent.page.getByRole('switch', { name: 'Accepting chats' }).click();
  await expect.poll(() => accepting(second), soon).toBe('false');
  await second.getByRole('switch', { name: 'Accepting chats' }).click();
  await expect.poll(() => accepting(agent.page), soon).toBe('true');
  await context.close();
});

test('signing out ends the session, and the door is closed', async () => {
  await agent.page.getByRole('button', { name: 'Sign out' }).click();
  await agent.page.getByLabel('Password').waitFor();
  await agent.page.reload();
  await agent.page.getByLabel('Password').waitFor();
});

test('nobody’s browser complained about anything', () => {
  expect({ visitor: visitor.faults, agent: agent.faults }).toEqual({ visitor: [], agent: [] });
});
