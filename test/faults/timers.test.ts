// Kill -9 of the worker, and a second one beside it: what is due comes all the same, and once.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { v7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Talker } from '../edge/socket/talker.ts';
import { type Stack, startStack } from '../parts/stack.ts';

let stack: Stack;
const talkers: Talker[] = [];
const spawned: ChildProcess[] = [];

beforeAll(async () => {
  stack = await startStack();
  const set = await fetch(`${stack.url}/api/workspace/settings`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${stack.admin.token}` },
    body: JSON.stringify({ max_chats: 50, idle: { warn_after_minutes: 1, close_after_minutes: 2 } }),
  });
  expect(set.status).toBe(200);
}, 180_000);
afterAll(async () => {
  for (const talker of talkers) talker.close();
  for (const worker of spawned) worker.kill('SIGKILL');
  await stack?.stop();
}, 60_000);

/** An agent on a conversation in which they had the last word. */
async function answered(): Promise<{ id: string; person: Talker }> {
  const started = await fetch(`${stack.url}/api/conversations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ siteKey: stack.siteKey, command: v7(), visitor: {} }),
  });
  const { conversation: id, visitorToken } = (await started.json()) as Record<string, string>;
  if (!id || !visitorToken) throw new Error(`no conversation was started: ${started.status}`);
  const visitor = await line(id, { conversation: id, visitorToken });
  await visitor.post(id, 'Hello?');
  const person = await line(id, { token: stack.agent.token });
  expect(await person.post(id, 'Yes?')).toMatchObject({ ok: true });
  return { id, person };
}

async function line(id: string, query: Record<string, string>): Promise<Talker> {
  const talker = await Talker.connect(stack.port, query);
  talkers.push(talker);
  await talker.resume(id);
  return talker;
}

const remind = async ({ id, person }: { id: string; person: Talker }, seconds: number) =>
  expect(
    await person.command(id, 'SetReminder', { at: new Date(Date.now() + seconds * 1_000).toISOString() }),
  ).toMatchObject({ ok: true });
const times = ({ events }: Talker, type: string) => events.filter((event) => event.type === type).length;
const comes = (talker: Talker, type: string) =>
  expect.poll(() => times(talker, type), { timeout: 100_000, interval: 200 }).toBe(1);

/** The running worker's own program with its own settings, once more. */
async function anotherWorker(): Promise<void> {
  const [pid] = await stack.pids('worker');
  const [program, ...words] = (await readFile(join('/proc', String(pid), 'cmdline'), 'utf8'))
    .split('\0')
    .slice(0, -1);
  const env = Object.fromEntries(
    (await readFile(join('/proc', String(pid), 'environ'), 'utf8'))
      .split('\0')
      .filter(Boolean)
      .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)] as const),
  );
  if (!program) throw new Error('no worker is running');
  const worker = spawn(program, words, { env, stdio: 'ignore' });
  spawned.push(worker);
  await sleep(5_000);
  expect(worker.exitCode).toBeNull();
}

test('a worker is killed before anything is due, and each thing comes once', async () => {
  const chats = await Promise.all([answered(), answered(), answered()]);
  await Promise.all(chats.map((chat) => remind(chat, 12)));
  await sleep(2_000);
  const [pid] = await stack.pids('worker');
  process.kill(pid as number, 'SIGKILL');
  for (const { person } of chats) await comes(person, 'ReminderDue');
  for (const { person } of chats) await comes(person, 'IdleWarned');
  for (const { person } of chats) await comes(person, 'ConversationClosed');
  await sleep(3_000);
  for (const { person } of chats)
    expect(['ReminderDue', 'IdleWarned', 'ConversationClosed'].map((type) => times(person, type))).toEqual([
      1, 1, 1,
    ]);
}, 300_000);

test('of two workers one dies in the very moment, and each reminder comes once', async () => {
  await anotherWorker();
  const chats = await Promise.all(Array.from({ length: 8 }, answered));
  await Promise.all(chats.map((chat, index) => remind(chat, 8 + index / 20)));
  await sleep(8_100);
  const [pid] = await stack.pids('worker');
  process.kill(pid as number, 'SIGKILL');
  for (const { person } of chats) await comes(person, 'ReminderDue');
  await sleep(8_000);
  for (const { person } of chats) expect(times(person, 'ReminderDue')).toBe(1);
}, 120_000);
