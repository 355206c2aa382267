// Past conversations out of a real history: which are read, until where, and that nothing is written.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load } from '../../cmd/load/load.ts';
import { candidateOf } from '../../cmd/replay/candidate.ts';
import { pastConversations } from '../../cmd/replay/past-conversations.ts';
import type { RecordedEvent } from '../../domain/log/commit.ts';
import type { Log } from '../../domain/log/log.ts';
import { memoryStorage } from '../../domain/log/memory.ts';
import { handOverRules } from '../../domain/policies/handover.ts';
import { widgetDefaults } from '../../domain/workspace/values.ts';
import { embeddedAnswerer } from '../../edge/out/ai/embedded.ts';
import { type PastConversation, pastOf } from '../../edge/out/ai/past.ts';
import { replay, summaryOf } from '../../edge/out/ai/replay.ts';

const workspace = 'wabcdefghij23';
const storage = memoryStorage();
const { log } = storage;
const ids: string[] = [];

beforeAll(async () => {
  const agents = [{ id: '65792', name: 'Jonas Lindqvist' }];
  const now = Date.parse('2026-11-20T12:00:00Z');
  await load({ storage, workspace, widget: 'widgetaggregate', agents, events: 1_500, seed: 7, now });
  const seen = new Set<string>();
  for (const { name, family } of log.subjects.streams()) {
    if (family !== 'chat') continue;
    for await (const batch of log.readStream(name, 0)) for (const { address } of batch) seen.add(address.id);
  }
  ids.push(...seen);
});

async function heads(): Promise<Record<string, number>> {
  const all: Record<string, number> = {};
  for (const { name } of log.subjects.streams()) all[name] = await log.head(name);
  return all;
}

/** The log without the ways to change it: who tries fails. */
function readOnly(): Log {
  return new Proxy(log, {
    get(target, name) {
      if (name === 'append' || name === 'erase') throw new Error(`a replay must not ${name}`);
      const value = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

async function readAll(wanted: Iterable<string>): Promise<PastConversation[]> {
  const read: PastConversation[] = [];
  for await (const past of pastConversations(readOnly(), workspace, wanted)) read.push(past);
  return read;
}

test('a replay over a whole history asks every conversation, and writes nothing', async () => {
  const before = await heads();
  expect(Object.values(before).some((head) => head > 0)).toBe(true);
  const turns = [];
  const options = {
    answerer: embeddedAnswerer,
    persona: { businessName: 'Acme', prompt: '', tone: '', model: undefined, temperature: 0 },
    rules: handOverRules.parse({}),
    findPassages: async () => [],
    clock: () => 0,
  };
  for await (const turn of replay(pastConversations(readOnly(), workspace, ids), options)) turns.push(turn);
  expect(turns.length).toBeGreaterThan(10);
  expect(summaryOf(turns)).toMatchObject({ turns: turns.length, answered: turns.length, failures: 0 });
  expect(await heads()).toEqual(before);
});

test('conversations come with their widget and messages, and none that was erased', async () => {
  const read = await readAll(ids);
  expect(read.length).toBeGreaterThan(10);
  expect(read.length).toBeLessThanOrEqual(ids.length);
  for (const past of read) {
    expect(past.widget).toBe('widgetaggregate');
    expect(past.messages.length).toBeGreaterThan(0);
    const [, ...later] = past.messages;
    for (const [each, { at }] of later.entries()) expect(at >= (past.messages[each]?.at ?? '')).toBe(true);
  }
  // An agent's first word comes after the hand-over, in every one of them.
  for (const { messages, handedOverAfter = messages.length } of read)
    expect(messages.slice(0, handedOverAfter).some(({ from }) => from === 'agent')).toBe(false);
});

test('an id that is none, leads nowhere or elsewhere is said so', async () => {
  await expect(readAll(['no id!'])).rejects.toThrow('"no id!" is not the id of a conversation');
  await expect(readAll(['user_nobody'])).rejects.toThrow('there is no conversation user_nobody');
  const [first = ''] = ids;
  const elsewhere = pastConversations(readOnly(), 'wzzzzzzzzzzzz', [first]);
  await expect(elsewhere.next()).rejects.toThrow('belongs to another workspace');
});

describe('people take over', () => {
  const at = '2026-11-20T12:00:00.000Z';
  const event = (type: string, data: unknown): RecordedEvent => ({
    type,
    data,
    actor: { kind: 'system' },
    command: '',
    version: 1,
    position: 1,
    at,
  });
  const said = (kind: string, text: string) =>
    event('MessagePosted', { text, attachments: [], author: { kind } });
  const ai = [
    said('visitor', 'Hi'),
    said('ai', 'Hello'),
    said('system', 'Noted'),
    said('visitor', ' '),
    said('visitor', 'A human'),
  ];

  test.each(['AgentAssigned', 'AgentJoined', 'ConversationTransferred', 'HumanRequested'])(
    'with %s',
    (type) => {
      const past = pastOf('c', [...ai, event(type, {}), said('visitor', 'Hi?'), said('agent', 'Jane here')]);
      expect(past.messages.map(({ text }) => text)).toEqual(['Hi', 'Hello', 'A human', 'Hi?', 'Jane here']);
      expect(past.handedOverAfter).toBe(3);
    },
  );

  test('by writing', () => {
    expect(pastOf('c', [...ai, said('agent', 'Jane here'), said('visitor', 'Hi')]).handedOverAfter).toBe(3);
    expect(pastOf('c', [...ai, event('NoteAdded', {})]).handedOverAfter).toBeUndefined();
  });
});

describe('a candidate', () => {
  const config = { ...widgetDefaults, businessName: 'Acme' };
  const widget = { id: 'w', workspace, number: 1, siteKey: 'widget-aaaaaaaaaaaa', config, createdAt: '' };
  const ai = { baseUrl: 'http://127.0.0.1:9/v1', apiKey: 'sk-secret', model: 'acme/default' };
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'natter-replay-'));
    await writeFile(join(dir, 'prompt.txt'), 'Be brief.');
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  test('has the prompt of its file and what the command line says', async () => {
    const options = { prompt: join(dir, 'prompt.txt'), model: 'acme/new', temperature: 1 };
    const candidate = await candidateOf(options, widget, { ai });
    expect(candidate.name).toBe('acme/new');
    expect(candidate.persona).toEqual({
      businessName: 'Acme',
      prompt: 'Be brief.',
      tone: '',
      model: 'acme/new',
      temperature: 1,
    });
    await candidate.close();
  });

  test('is the knowledge base where there is no key, and then nothing else can be tried', async () => {
    const keyless = { ai: { ...ai, apiKey: undefined } };
    expect((await candidateOf({}, widget, keyless)).answerer).toBe(embeddedAnswerer);
    await expect(candidateOf({ model: 'acme/new' }, widget, keyless)).rejects.toThrow(
      'AI_API_KEY is not set',
    );
  });

  test('without a readable prompt is none', async () => {
    await expect(candidateOf({ prompt: join(dir, 'none.txt') }, widget, { ai })).rejects.toThrow(
      'cannot be read',
    );
  });
});
