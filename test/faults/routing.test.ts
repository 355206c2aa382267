// Kill -9 of the worker and of the edge in the middle of assignments: everybody is given somebody, nobody two, and no agent more than they take.
import { setTimeout as sleep } from 'node:timers/promises';
import { v7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { notedServers } from '../../cmd/running-servers.ts';
import type { StoredCommit } from '../../domain/log/commit.ts';
import { connectStorage } from '../../domain/log/jetstream/connect.ts';
import { Talker } from '../edge/socket/talker.ts';
import { type Stack, signIn, startStack } from '../parts/stack.ts';

const AGENTS = 4;
const CAPACITY = 2;
const WAVES = 5;

let stack: Stack;
let tokens: string[] = [];
let stopped = false;
let lines: Promise<void>[] = [];

beforeAll(async () => {
  stack = await startStack();
  await send('PATCH', '/api/workspace/settings', { routing: 'auto', max_chats: CAPACITY });
  const password = 'a-good-enough-one';
  for (let n = 0; n < AGENTS; n++) {
    const email = `agent${n}@routing.example`;
    await send('POST', '/api/agents', { email, password, full_name: `Agent ${n}` });
    tokens = [...tokens, await signIn(stack.url, { email, password })];
  }
}, 180_000);
afterAll(async () => {
  stopped = true;
  await Promise.all(lines);
  await stack?.stop();
}, 60_000);

async function send(method: string, path: string, json: unknown): Promise<void> {
  const answer = await fetch(stack.url + path, {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${stack.admin.token}` },
    body: JSON.stringify(json),
  });
  expect(answer.ok, await answer.text()).toBe(true);
}

/** An agent's console: connected, and connected again whenever the line breaks. */
async function console(token: string): Promise<void> {
  while (!stopped) {
    const talker = await Talker.connect(stack.port, { token }).catch(() => undefined);
    while (talker && !stopped && talker.socket.readyState === talker.socket.OPEN) await sleep(50);
    talker?.close();
    await sleep(100);
  }
}

/** Begins one, however often the line breaks; the same command each time. */
async function begins(): Promise<string> {
  const command = v7();
  for (;;) {
    const answer = await fetch(`${stack.url}/api/conversations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ siteKey: stack.siteKey, command, visitor: { name: 'Vera' } }),
    }).catch(() => undefined);
    if (answer?.status === 201) return ((await answer.json()) as { conversation: string }).conversation;
    await sleep(100);
  }
}

async function ends(conversation: string): Promise<void> {
  for (;;) {
    const answer = await fetch(`${stack.url}/api/admin/live-chat/sessions/${conversation}/status`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${stack.admin.token}` },
      body: JSON.stringify({ status: 'closed' }),
    }).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(100);
  }
}

/** Everything in the log that says who had what: the routing's commits, and each conversation's. */
async function facts(): Promise<{ routing: StoredCommit[]; chats: Map<string, StoredCommit[]> }> {
  const noted = notedServers(stack.dataDir);
  const storage = await connectStorage({
    url: noted?.NATS_URL ?? '',
    user: noted?.NATS_USER,
    password: noted?.NATS_PASSWORD,
    name: 'test-audit',
    onFault: () => {},
  });
  try {
    const routing: StoredCommit[] = [];
    const chats = new Map<string, StoredCommit[]>();
    for (const { name, family } of storage.log.subjects.streams()) {
      if (family !== 'routing' && family !== 'chat') continue;
      for await (const batch of storage.log.readStream(name, 0))
        for (const stored of batch) {
          if (family === 'routing') routing.push(stored);
          else chats.set(stored.address.id, [...(chats.get(stored.address.id) ?? []), stored]);
        }
    }
    return { routing, chats };
  } finally {
    await storage.close();
  }
}

interface Held {
  readonly conversation: string;
  readonly agent: string;
  readonly overCapacity?: boolean;
}

/** By the routing's own history: never two places for one, never more than anybody takes. */
function auditPlaces(routing: readonly StoredCommit[]): Map<string, string> {
  const held = new Map<string, string>();
  for (const { type, data } of routing.flatMap((stored) => stored.events())) {
    const { conversation, agent, overCapacity } = data as Held;
    if (type === 'AgentReleased') {
      expect(held.get(conversation)).toBe(agent);
      held.delete(conversation);
      continue;
    }
    expect(held.get(conversation) ?? agent).toBe(agent);
    expect(overCapacity).toBeUndefined();
    held.set(conversation, agent);
    expect([...held.values()].filter((each) => each === agent).length).toBeLessThanOrEqual(CAPACITY);
  }
  return held;
}

/** By the conversation's own history: given to one after another only with the queue in between. Answers who has it. */
function auditOwner(chat: readonly StoredCommit[]): string | undefined {
  let owner: string | undefined;
  for (const { type, data } of chat.flatMap((stored) => stored.events())) {
    if (type === 'AgentAssigned') {
      expect(owner).toBeUndefined();
      owner = (data as { agent: { id: string } }).agent.id;
    }
    if (type === 'ConversationQueued' || type === 'ConversationClosed') owner = undefined;
    expect(type).not.toBe('ConversationTransferred');
  }
  return owner;
}

test('everybody is given somebody, nobody two, and nobody too many, whoever dies when', async () => {
  lines = tokens.map(console);
  await sleep(1_000);
  const begun: string[] = [];
  let waiting: string[] = [];
  for (let wave = 0; wave < WAVES; wave++) {
    const news = await Promise.all(Array.from({ length: AGENTS * CAPACITY }, begins));
    begun.push(...news);
    const over = waiting;
    waiting = news;
    const closing = over.map(ends);
    const [pid] = await stack.pids(wave % 2 === 0 ? 'worker' : 'edge');
    if (pid) process.kill(pid, 'SIGKILL');
    await Promise.all(closing);
    await sleep(1_500);
  }
  // The last wave is given wholly once all that came before is over.
  await expect
    .poll(
      async () => {
        const { chats } = await facts();
        return waiting.filter((id) => auditOwner(chats.get(id) ?? []) !== undefined).length;
      },
      { timeout: 90_000, interval: 500 },
    )
    .toBe(waiting.length);
  await sleep(1_000);

  const { routing, chats } = await facts();
  const held = auditPlaces(routing);
  const ours = begun.map((id) => ({ id, owner: auditOwner(chats.get(id) ?? []) }));
  for (const { id, owner } of ours) expect(held.get(id)).toBe(owner);
  expect(ours.filter(({ owner }) => owner !== undefined)).toHaveLength(AGENTS * CAPACITY);
}, 240_000);
