// From the AI to a person and back: a visitor asks, is answered from what the business knows, wants a person, and rates it all.
/// <reference lib="dom" />
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../parts/chromium.ts';
import { type Stack, startStack } from '../parts/stack.ts';
import {
  agentOf,
  answer,
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
  for (const [title, content] of [
    ['Delivery', 'Delivery takes two days within Germany.'],
    ['Other countries', 'Parcels to other countries need a week.'],
  ]) {
    const made = await fetch(`${stack.url}/api/knowledge`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${stack.admin.token}` },
      body: JSON.stringify({ title, content }),
    });
    expect(made.status).toBe(201);
  }
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
}, 60_000);

const soon = { timeout: SOON };
/** Waits until that is said in full: a draft of it is not. */
const said = (page: Page, text: string) =>
  page.locator('.bubble:not(.dots, .draft)').filter({ hasText: text }).first().waitFor();
const list = (page: Page) => page.getByRole('list', { name: 'Conversations' });

test('what the business knows is answered at once, marked as the AI’s, with where it stands', async () => {
  visitor = await visitorOf(stack, browser);
  await openChat(visitor.page);
  await write(visitor.page, 'How long does delivery take?');
  await said(visitor.page, 'Delivery takes two days within Germany.');
  await visitor.page.getByText('Sources: [1] Delivery').waitFor();
  await expect.poll(() => visitor.page.locator('abbr.ai').count(), soon).toBe(1);
  await visitor.page.getByText('You are talking to our AI assistant').waitFor();
});

test('who wants a person presses a button, and is told the place', async () => {
  await visitor.page.getByRole('button', { name: 'Talk to a person' }).click();
  await visitor.page.getByText('You are next').waitFor();
  await expect
    .poll(() => visitor.page.getByRole('button', { name: 'Talk to a person' }).count(), soon)
    .toBe(0);
});

test('the agent sees what the AI has said, takes it, and gives it back', async () => {
  agent = await agentOf(stack, browser, stack.agent);
  await list(agent.page).getByText('Delivery takes two days').first().click();
  await agent.page.getByRole('button', { name: 'Accept' }).click();
  await visitor.page.getByText('You are talking to Ada Agent').waitFor();
  await answer(agent.page, 'Where shall it go?');
  await shows(visitor.page, ['Where shall it go?']);
  await write(visitor.page, 'To Bremen');
  await shows(agent.page, ['To Bremen']);
  // A person has it: the AI is silent.
  await answer(agent.page, 'Two days then. Our assistant knows more.');
  await agent.page.getByLabel('Hand over to').selectOption('ai');
  await visitor.page.getByText('You are talking to our AI assistant').waitFor();
  await expect.poll(() => visitor.page.locator('abbr.ai').count(), soon).toBe(1);
  await write(visitor.page, 'How long do parcels to other countries need?');
  await said(visitor.page, 'Parcels to other countries need a week.');
});

test('what nobody wrote down is not made up: people are called, and know what it was about', async () => {
  await write(visitor.page, 'Can you engrave a zebra on the lid?');
  await said(visitor.page, 'I do not know that. A person will take over from here.');
  await agent.page.getByText('the AI was not sure').waitFor();
  await agent.page.getByText('Then: Can you engrave a zebra on the lid?').waitFor();
  expect(await visitor.page.getByText('Asked first:').count()).toBe(0);
});

test('the agent is reminded of it when they want, by keyboard too, and the visitor reads nothing of that', async () => {
  const { page } = agent;
  await page.getByLabel('Remind me').selectOption('hour');
  await page.getByText(/Reminder set by Ada Agent: Today|Reminder set by Ada Agent: Tomorrow/).waitFor();
  await page.getByRole('button', { name: 'Clear the reminder' }).click();
  await page.getByText('The reminder was cleared').waitFor();
  await page.getByLabel('Remind me').selectOption('other');
  await expect
    .poll(() => page.getByLabel('When').evaluate((field) => field.matches(':focus')), soon)
    .toBe(true);
  await page.keyboard.press('Escape');
  await page.getByLabel('Remind me').selectOption('other');
  await page.getByLabel('What for').fill('ask the workshop');
  await page.keyboard.press('Enter');
  await page.getByText(/Reminder set by Ada Agent: Tomorrow, 0?9:00.* – ask the workshop/).waitFor();
  await page.getByText(/^Reminder: Tomorrow/).waitFor();
  expect(await visitor.page.getByText('eminder').count()).toBe(0);
});

test('it ends and is rated, and nobody’s browser complained', async () => {
  await visitor.page.getByRole('button', { name: 'End chat' }).click();
  await visitor.page.getByRole('alertdialog').getByRole('button', { name: 'End chat' }).click();
  await visitor.page.getByLabel('4 of 5: Good').check({ force: true });
  await visitor.page.getByRole('button', { name: 'Send rating' }).click();
  await visitor.page.getByText('You rated this chat 4 of 5').waitFor();
  await visitor.page.setViewportSize({ width: 320, height: 600 });
  expect(await sticksOut(visitor.page)).toBe(false);
  expect({ visitor: visitor.faults, agent: agent.faults }).toEqual({ visitor: [], agent: [] });
  await Promise.all([visitor.context.close(), agent.context.close()]);
});
