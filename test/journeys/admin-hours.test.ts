// An admin says when a department is open, with the keyboard alone, and an agent who does nothing is told that they are away.
/// <reference lib="dom" />
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../parts/chromium.ts';
import { type Stack, startStack } from '../parts/stack.ts';
import { SOON, sticksOut } from './people.ts';

let stack: Stack;
let browser: Browser;
const soon = { timeout: SOON };

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchChromium()]);
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
}, 60_000);

async function admin(options = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1000, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(SOON);
  await page.goto(`${stack.url}/admin`);
  await page.getByLabel('E-mail').fill(stack.admin.email);
  await page.getByLabel('Password').fill(stack.admin.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Hours' }).waitFor();
  return page;
}
async function settings() {
  const answer = await fetch(`${stack.url}/api/workspace/settings`, {
    headers: { authorization: `Bearer ${stack.admin.token}` },
  });
  const { data } = (await answer.json()) as { data: { settings: Record<string, unknown> } };
  return data.settings;
}

test('hours are entered with the keyboard alone, kept, and shown again', async () => {
  const page = await admin();
  const card = page.locator('natter-hours');
  await card.locator('summary', { hasText: 'sales' }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await card.getByLabel('Time zone').fill('Europe/Berlin');
  await card.getByLabel('Monday').fill('9:00-12:00, 13:00 – 17:30');
  await card.getByLabel('Saturday').fill('20:00-24:00');
  await card.getByLabel('Overflow to').selectOption('support');
  await card.getByLabel('Also after seconds of waiting').fill('120');
  await card.getByLabel('Away after minutes without activity').fill('10');
  await page.keyboard.press('Enter');
  await card.getByText('Saved').waitFor();
  const { hours, away_after_minutes } = await settings();
  expect([hours, away_after_minutes]).toEqual([
    {
      sales: {
        time_zone: 'Europe/Berlin',
        weekly: {
          mon: [
            { from: '09:00', to: '12:00' },
            { from: '13:00', to: '17:30' },
          ],
          sat: [{ from: '20:00', to: '24:00' }],
        },
        overflow: 'support',
        overflow_after_seconds: 120,
      },
    },
    10,
  ]);
  await page.reload();
  await card.locator('summary', { hasText: 'sales: Europe/Berlin' }).click();
  await expect.poll(() => card.getByLabel('Monday').inputValue(), soon).toBe('09:00-12:00, 13:00-17:30');
  expect(await card.getByLabel('Overflow to').inputValue()).toBe('support');
});

test('what cannot be is said in one sentence, stays on the screen, and changes nothing', async () => {
  const before = await settings();
  const page = await admin();
  const card = page.locator('natter-hours');
  await card.locator('summary', { hasText: 'sales' }).click();
  const save = card.getByRole('button', { name: 'Save hours' });
  await card.getByLabel('Tuesday').fill('nine to five');
  await save.click();
  await card.getByText('Tuesday (sales): write hours as 09:00-17:30, several with commas between').waitFor();
  await card.getByLabel('Tuesday').fill('17:00-09:00');
  await save.click();
  await card.getByText('must be later than').waitFor();
  await card.getByLabel('Tuesday').fill('');
  await card.getByLabel('Time zone').fill('Europe/Atlantis');
  await save.click();
  await card.getByText('must be a time zone such as Europe/Berlin').waitFor();
  expect(await card.getByLabel('Time zone').inputValue()).toBe('Europe/Atlantis');
  expect(await settings()).toEqual(before);
});

for (const colorScheme of ['light', 'dark'] as const)
  test(`the card fits a small ${colorScheme} screen`, async () => {
    const page = await admin({ viewport: { width: 320, height: 700 }, colorScheme });
    const card = page.locator('natter-hours');
    await card.locator('summary', { hasText: 'sales' }).click();
    await card.getByLabel('Time zone').waitFor();
    expect(await sticksOut(page)).toBe(false);
  });
