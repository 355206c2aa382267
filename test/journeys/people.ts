// A visitor and an agent in browsers of their own, and what each of them does, in the words of the screen.
/// <reference lib="dom" />
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { SignIn, Stack } from '../parts/stack.ts';

/** What comes, comes within this, in ms: the machine may be busy with other tests. */
export const SOON = 15_000;

/** A person's browser; `faults` are what their pages complained about. */
export interface Person {
  readonly context: BrowserContext;
  page: Page;
  readonly faults: string[];
}

async function person(browser: Browser, options: BrowserContextOptions): Promise<Person> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(SOON);
  const faults: string[] = [];
  context.on('weberror', (error) => faults.push(error.error().stack ?? error.error().message));
  context.on('console', (message) => {
    // A line that is down is what some of these journeys are about.
    if (
      message.type() === 'error' &&
      !/ERR_INTERNET_DISCONNECTED|ERR_CONNECTION|WebSocket/.test(message.text())
    )
      faults.push(message.text());
  });
  return { context, page: await context.newPage(), faults };
}

/** A visitor on the customer's page, with the chat still closed. */
export async function visitorOf(
  stack: Stack,
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<Person> {
  const visitor = await person(browser, { viewport: { width: 1100, height: 760 }, ...options });
  await visitor.page.goto(`${stack.url}/test-widget.html`);
  return visitor;
}

/** An agent who has signed in at the console. */
export async function agentOf(
  stack: Stack,
  browser: Browser,
  who: SignIn,
  options: BrowserContextOptions = {},
): Promise<Person> {
  const agent = await person(browser, { viewport: { width: 1400, height: 820 }, ...options });
  const { page } = agent;
  await page.goto(`${stack.url}/agent`);
  await page.getByLabel('E-mail').fill(who.email);
  await page.getByLabel('Password').fill(who.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('list', { name: 'Conversations' }).waitFor();
  return agent;
}

export const launcher = (page: Page): Locator => page.locator('button[aria-haspopup=dialog]');

/** What the launcher's badge says; nothing where none is shown. */
export const badge = (page: Page): Promise<string[]> =>
  launcher(page).locator('span:visible').allTextContents();

export async function openChat(page: Page): Promise<void> {
  await launcher(page).click();
  await page.getByLabel('Message', { exact: true }).waitFor();
}

export async function write(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message', { exact: true }).fill(text);
  await page.keyboard.press('Enter');
}

export async function answer(page: Page, text: string): Promise<void> {
  await page.getByLabel('Reply', { exact: true }).fill(text);
  await page.keyboard.press('Enter');
}

/** Opens, in the console, the conversation whose last message is this. */
export async function choose(page: Page, text: string): Promise<void> {
  await page.getByRole('list', { name: 'Conversations' }).getByText(text).first().click();
  await page.getByLabel('Reply', { exact: true }).waitFor();
}

/** The messages on the screen, oldest first, as they read; not what is still being written. */
export function bubbles(page: Page): Promise<string[]> {
  return page.locator('.bubble:not(.dots, .draft)').allInnerTexts();
}

export async function shows(page: Page, texts: readonly string[]): Promise<void> {
  await expect
    .poll(async () => (await bubbles(page)).filter((text) => texts.includes(text)), { timeout: SOON })
    .toEqual([...texts]);
}

/** Whether something sticks out of the screen to the side. */
export function sticksOut(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
}
