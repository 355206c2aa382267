// A visitor who comes while nobody is there: they leave a message once, are answered when somebody is back, and are promised nothing that is not known.
/// <reference lib="dom" />
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../parts/chromium.ts';
import { type Stack, startStack } from '../parts/stack.ts';
import {
  agentOf,
  answer,
  bubbles,
  choose,
  launcher,
  openChat,
  type Person,
  SOON,
  sticksOut,
  visitorOf,
} from './people.ts';

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchChromium()]);
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
}, 60_000);

const soon = { timeout: SOON };
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const NAMES = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** Opens the department where conversations begin only then, or always. */
async function setHours(weekly: object | undefined): Promise<void> {
  const general = weekly && { time_zone: 'UTC', weekly };
  const answered = await fetch(`${stack.url}/api/workspace/settings`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${stack.admin.token}` },
    body: JSON.stringify({ hours: general ? { general } : {} }),
  });
  expect(answered.status).toBe(200);
  await expect
    .poll(async () => {
      const told = await fetch(`${stack.url}/api/widgets/${stack.siteKey}/availability`);
      return ((await told.json()) as { open: boolean }).open;
    }, soon)
    .toBe(weekly === undefined);
}
/** The day after tomorrow at nine, which is still ahead wherever midnight falls meanwhile. */
function later(): { weekly: object; day: string } {
  const day = (new Date().getUTCDay() + 2) % 7;
  return { weekly: { [DAYS[day] ?? 'mon']: [{ from: '09:00', to: '17:00' }] }, day: NAMES[day] ?? '' };
}
const guest = (options = {}): Promise<Person> =>
  visitorOf(stack, browser, { locale: 'en-GB', timezoneId: 'UTC', ...options });
const form = (page: Page) => page.locator('natter-offline');
async function openForm(page: Page): Promise<void> {
  await launcher(page).click();
  await form(page).getByLabel('Message').waitFor();
}
const thanks = (page: Page, email: string) =>
  page.getByText(`Thank you. We will answer you at ${email}, or here when you come back.`);

test('closed: a form says when somebody is back, takes nothing without an address and a message, and sends once', async () => {
  const { weekly, day } = later();
  await setHours(weekly);
  const visitor = await guest();
  const { page } = visitor;
  await openForm(page);
  await page.getByText(`We are closed now. We are back on ${day}, 09:00.`).waitFor();
  expect(await page.getByLabel('Message', { exact: true }).count()).toBe(1);
  // Whoever opens it by keyboard is in the form.
  await expect
    .poll(
      () => form(page).evaluate((element) => element.shadowRoot?.activeElement?.getAttribute('name')),
      soon,
    )
    .toBe('name');

  const send = page.getByRole('button', { name: 'Send message' });
  const wrong = (name: string) => form(page).locator(`[name=${name}]:invalid`).count();
  await send.click();
  expect(await wrong('email')).toBe(1);
  expect(await wrong('text')).toBe(1);
  for (const address of ['vera', 'vera@', 'vera@shop', 've..ra@shop.example', 'vera @shop.example']) {
    await page.getByLabel('E-mail').fill(address);
    await send.click();
    expect([address, await wrong('email')]).toEqual([address, 1]);
  }
  await page.getByLabel('Name (optional)').fill('Vera');
  await page.getByLabel('E-mail').fill('vera@shop.example');
  await form(page).getByLabel('Message').fill('   ');
  await send.click();
  expect(await bubbles(page)).toEqual([]);
  await form(page).getByLabel('Message').fill('Do you repair clocks?');
  await send.click();
  await thanks(page, 'vera@shop.example').waitFor();
  await page.getByText(`We are closed now. We are back on ${day}, 09:00.`).waitFor();
  expect((await bubbles(page)).at(-1)).toBe('Do you repair clocks?');

  await page.reload();
  await launcher(page).click();
  await thanks(page, 'vera@shop.example').waitFor();
  expect((await bubbles(page)).at(-1)).toBe('Do you repair clocks?');
  expect(await form(page).count()).toBe(0);

  // It waits like any other, with who it is, and only once.
  const agent = await agentOf(stack, browser, stack.agent);
  const list = agent.page.getByRole('list', { name: 'Conversations' });
  await list.getByText('Do you repair clocks?').waitFor();
  expect(await list.getByText('Do you repair clocks?').count()).toBe(1);
  await choose(agent.page, 'Do you repair clocks?');
  await agent.page.getByText('vera@shop.example').first().waitFor();
  await answer(agent.page, 'We do, bring it in.');
  await expect.poll(async () => (await bubbles(page)).at(-1), soon).toBe('We do, bring it in.');
  await thanks(page, 'vera@shop.example').waitFor({ state: 'detached' });
  expect([...visitor.faults, ...agent.faults]).toEqual([]);
  await agent.context.close();
  await visitor.context.close();
});

test('a message left while the line is down goes once it is back, also from another page', async () => {
  await setHours(later().weekly);
  const visitor = await guest();
  const { page, context } = visitor;
  await openForm(page);
  await context.setOffline(true);
  await page.getByLabel('E-mail').fill('otto@shop.example');
  await form(page).getByLabel('Message').fill('Is my parcel lost?');
  await page.getByRole('button', { name: 'Send message' }).click();
  await expect.poll(async () => (await bubbles(page)).at(-1), soon).toContain('Is my parcel lost?');
  // It has not gone yet, so nothing is said of an answer.
  expect(await thanks(page, 'otto@shop.example').count()).toBe(0);
  await context.setOffline(false);
  await page.reload();
  await launcher(page).click();
  await thanks(page, 'otto@shop.example').waitFor();
  await expect
    .poll(async () => (await bubbles(page)).filter((text) => text.includes('parcel')).length, soon)
    .toBe(1);
  await context.close();
});

test('where it is not known when somebody is back, nothing is promised; once it is open, the chat is as ever', async () => {
  await setHours({});
  const visitor = await guest();
  const { page } = visitor;
  await openForm(page);
  await page.getByText('We are closed now.', { exact: true }).waitFor();
  await setHours(undefined);
  const other = await guest();
  await openChat(other.page);
  expect(await form(other.page).count()).toBe(0);
  await visitor.context.close();
  await other.context.close();
});

test('who waits when it closes is told when somebody is back instead of an estimate, and again their place', async () => {
  await setHours(undefined);
  const visitor = await guest();
  const { page } = visitor;
  await openChat(page);
  await page.getByLabel('Message', { exact: true }).fill('Hello?');
  await page.keyboard.press('Enter');
  await page.getByText(/^You are (next|number)/).waitFor();
  const { weekly, day } = later();
  await setHours(weekly);
  await page.getByText(`We are closed now. We are back on ${day}, 09:00.`).waitFor({ timeout: 30_000 });
  await setHours(undefined);
  await page.getByText(/^You are (next|number)/).waitFor({ timeout: 30_000 });
  await visitor.context.close();
}, 90_000);

for (const colorScheme of ['light', 'dark'] as const)
  test(`the form fits a small ${colorScheme} screen to its last button`, async () => {
    await setHours(later().weekly);
    const visitor = await guest({ viewport: { width: 320, height: 568 }, colorScheme });
    const { page } = visitor;
    await openForm(page);
    expect(await sticksOut(page)).toBe(false);
    await page.getByRole('button', { name: 'Send message' }).scrollIntoViewIfNeeded();
    await visitor.context.close();
  });
