// Postgres is disposable: its folder deleted, the next start answers every list, search and figure as before.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, signIn, startStack } from '../parts/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
}, 180_000);
afterAll(() => stack?.stop(), 60_000);

const QUESTIONS = [
  '/api/admin/live-chat/sessions?limit=50',
  '/api/admin/live-chat/sessions?status=closed',
  '/api/admin/live-chat/sessions?search=ines',
  '/api/admin/live-chat/sessions?assignedAgent=unassigned',
  `/api/admin/live-chat/analytics?startDate=2020-01-01T00:00:00.000Z&endDate=2100-01-01T00:00:00.000Z`,
  '/api/admin/live-chat/customers/ines@example.com/history',
  '/api/inbox?limit=50',
  '/api/messages/search?q=parcel',
];

test('postgres/ is deleted and everything comes back from the log', async () => {
  await history();
  const before = await answers();
  expect(JSON.stringify(before[0])).toContain('lost-postgres-1');
  expect(JSON.stringify(before.at(-1))).toContain('parcel');

  await stack.halt();
  await rm(join(stack.dataDir, 'postgres'), { recursive: true, force: true });
  await stack.restart();

  expect(await answers()).toEqual(before);
}, 180_000);

/** Some conversations with all that lists show: an agent's answers, a note, tags, an end with a rating, a deletion. */
async function history(): Promise<void> {
  for (let count = 1; count <= 6; count++) {
    const id = `lost-postgres-${count}`;
    const user = { name: `Ines ${count}`, email: 'ines@example.com' };
    await ask('POST', '/api/live-chat/sessions', {
      sessionId: id,
      user,
      pageUrl: 'https://example.com/help',
    });
    await ask('POST', `/api/live-chat/sessions/${id}/messages`, {
      content: `Where is my parcel number ${count}?`,
    });
    if (count > 4) continue;
    await ask(
      'POST',
      `/api/admin/live-chat/sessions/${id}/reply`,
      { content: 'I am looking.' },
      stack.agent.token,
    );
    await ask(
      'POST',
      `/api/admin/live-chat/sessions/${id}/notes`,
      { content: 'Known carrier trouble' },
      stack.agent.token,
    );
    const change = { priority: 'high', tags: ['carrier'] };
    await ask('PATCH', `/api/admin/live-chat/sessions/${id}/status`, change, stack.agent.token);
    if (count <= 2)
      await ask('PATCH', `/api/live-chat/sessions/${id}/end`, { rating: 3 + count, feedback: 'Thank you' });
    if (count === 4) await ask('DELETE', `/api/admin/live-chat/sessions/${id}`, undefined, stack.admin.token);
  }
}

/** The answers to all questions once every read model is at the log's head. */
async function answers(): Promise<unknown[]> {
  for (let waited = 0; ; waited += 100) {
    const ready = await fetch(`${stack.url}/readyz?lists=true`);
    if (ready.status === 200) break;
    if (waited > 60_000) throw new Error(`the read models did not catch up: ${await ready.text()}`);
    await sleep(100);
  }
  const token = await signIn(stack.url, stack.admin);
  return Promise.all(QUESTIONS.map((path) => ask('GET', path, undefined, token)));
}

async function ask(method: string, path: string, body?: unknown, token?: string): Promise<unknown> {
  const answer = await fetch(stack.url + path, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
  return withoutSeals(JSON.parse(text));
}

/** Links carry seals that change with the day. */
function withoutSeals(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer).replace(/\?e=[^"]*/g, ''));
}
