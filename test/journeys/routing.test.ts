// Two agents and a visitor: who accepts has the chat, the other reads who that is; it moves between departments; and an agent who goes leaves nobody alone.
/// <reference lib="dom" />
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../parts/chromium.ts';
import { type Stack, startStack } from '../parts/stack.ts';
import {
  agentOf,
  answer,
  choose,
  openChat,
  type Person,
  shows,
  sticksOut,
  visitorOf,
  write,
} from './people.ts';

let stack: Stack;
let browser: Browser;
let visitor: Person;
let ada: Person;
let bea: Person;

const password = 'a-good-enough-one';
const accept = (page: Page) => page.getByRole('button', { name: 'Accept', exact: true });

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchChromium()]);
  const made = await fetch(`${stack.url}/api/agents`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${stack.admin.token}` },
    body: JSON.stringify({ email: 'bea@stack.example', password, full_name: 'Bea Bright', max_chats: 1 }),
  });
  expect(made.status).toBe(201);
  visitor = await visitorOf(stack, browser);
  ada = await agentOf(stack, browser, stack.agent);
  bea = await agentOf(stack, browser, { email: 'bea@stack.example', password });
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
}, 60_000);

test('who accepts has it, and a colleague who looks at it reads who that is', async () => {
  await openChat(visitor.page);
  await write(visitor.page, 'Is anybody there?');
  await visitor.page.getByText('You are next').waitFor();
  await choose(ada.page, 'Is anybody there?');
  await choose(bea.page, 'Is anybody there?');
  await accept(ada.page).click();
  await bea.page.getByText('Assigned to Ada Agent').waitFor();
  expect(await accept(bea.page).count()).toBe(0);
  await visitor.page.getByText('You are talking to Ada Agent').waitFor();
});

test('it moves to another department, and waits there at its place', async () => {
  await answer(ada.page, 'Billing knows more about this.');
  await shows(visitor.page, ['Billing knows more about this.']);
  await ada.page.getByLabel('Hand over to').selectOption({ label: 'Billing' });
  await visitor.page.getByText('You are next').waitFor();
  await accept(bea.page).click();
  await visitor.page.getByText('You are talking to Bea Bright').waitFor();
});

test('who has as many as they take reads so, and keeps what they have', async () => {
  const other = await visitorOf(stack, browser);
  await openChat(other.page);
  await write(other.page, 'A second question');
  await choose(bea.page, 'A second question');
  await accept(bea.page).click();
  await bea.page.getByText(/Bea Bright has as many sessions as they take at once/).waitFor();
  await bea.page.setViewportSize({ width: 320, height: 640 });
  expect(await sticksOut(bea.page)).toBe(false);
  await bea.page.setViewportSize({ width: 1400, height: 820 });
  await other.context.close();
});

test('an agent who closes the laptop leaves nobody alone: the visitor is told, and the next takes it', async () => {
  await bea.context.close();
  await visitor.page
    .getByText('Bea Bright has lost the connection. You keep your place in the queue')
    .waitFor({ timeout: 60_000 });
  await choose(ada.page, 'Billing knows more about this.');
  await accept(ada.page).click();
  await answer(ada.page, 'I am here for you now.');
  await shows(visitor.page, ['I am here for you now.']);
  expect({ visitor: visitor.faults, ada: ada.faults }).toEqual({ visitor: [], ada: [] });
}, 120_000);
