// What the loader appends must be history that could have happened: whole, in order, in the past, and the same for the same seed.
import { beforeEach, describe, expect, test } from 'vitest';
import { type LoadOptions, load } from '../../cmd/load/load.ts';
import { conversation } from '../../domain/conversation/decide.ts';
import { conversationEvent } from '../../domain/conversation/events.ts';
import { commandId } from '../../domain/ids.ts';
import type { StoredCommit } from '../../domain/log/commit.ts';
import { Folded } from '../../domain/log/folded.ts';
import type { Storage } from '../../domain/log/log.ts';
import { memoryStorage } from '../../domain/log/memory.ts';

const now = Date.parse('2026-11-20T12:00:00Z');
const DAY = 86_400_000;
let storage: Storage;
let options: LoadOptions;

beforeEach(() => {
  storage = memoryStorage();
  options = {
    storage,
    workspace: 'wabcdefghij23',
    widget: 'widgetaggregate',
    agents: [
      { id: '65792', name: 'Jonas Lindqvist' },
      { id: '131328', name: 'Amira Haddad' },
    ],
    events: 20_000,
    seed: 7,
    now,
  };
});

describe('a loaded history', () => {
  test('has as many events as were asked for, in conversations without gaps that fold', async () => {
    const loaded = await load(options);
    const commits = await allCommits();
    const conversations = new Map<string, Folded<typeof conversation.initial>>();
    for (const commit of commits) {
      const folded = conversations.get(commit.address.id) ?? new Folded(conversation.initial);
      conversations.set(commit.address.id, folded);
      expect(folded.apply(commit, conversation)).toBe(true);
    }
    expect(loaded.events).toBeGreaterThanOrEqual(20_000);
    expect(loaded.events).toBeLessThan(20_004);
    expect(conversations.size).toBe(loaded.conversations);
    const statuses = new Set([...conversations.values()].map(({ state }) => state.status));
    expect([...statuses].sort()).toEqual(['archived', 'closed', 'erased', 'open', 'queued']);
  });

  test('holds only events of known shapes, by commands with ids of their own, in the past and never going back', async () => {
    await load(options);
    const latest = new Map<string, string>();
    const commands = new Map<string, string>();
    for (const commit of await allCommits()) {
      const { at } = commit.commit;
      expect(Date.parse(at)).toBeLessThanOrEqual(now);
      expect(Date.parse(at)).toBeGreaterThanOrEqual(now - 28 * DAY);
      expect(at >= (latest.get(commit.address.id) ?? '')).toBe(true);
      latest.set(commit.address.id, at);
      for (const event of commit.events()) {
        const parsed = conversationEvent.safeParse({ type: event.type, data: event.data });
        expect(parsed.success, `${event.type}: ${JSON.stringify(event.data)}`).toBe(true);
        expect(commandId.safeParse(event.command).success).toBe(true);
        const place = `${commit.address.id} ${commit.sequence}`;
        expect(commands.get(event.command) ?? place).toBe(place);
        commands.set(event.command, place);
      }
    }
  });

  test('leaves nothing of what was erased', async () => {
    const loaded = await load(options);
    expect(loaded.erased).toBeGreaterThan(0);
    const commits = await allCommits();
    const erased = commits.filter((commit) =>
      commit.events().some(({ type }) => type === 'ConversationErased'),
    );
    expect(erased).toHaveLength(loaded.erased);
    for (const { address } of erased)
      expect(commits.filter((commit) => commit.address.id === address.id)).toHaveLength(1);
  });

  test('is the same for the same seed and another for another', async () => {
    const tell = async (seed: number) => {
      storage = memoryStorage();
      await load({ ...options, storage, seed, events: 500, atOnce: 1 });
      return (await allCommits()).map(({ address, commit }) => [address.id, commit]);
    };
    const first = await tell(1);
    expect(await tell(1)).toEqual(first);
    expect(await tell(2)).not.toEqual(first);
  });

  test('is not loaded twice', async () => {
    await load({ ...options, events: 500 });
    await expect(load({ ...options, events: 500 })).rejects.toThrow(
      /in the log already: load with another seed/,
    );
  });

  test('ends early when it is told to', async () => {
    const stopping = new AbortController();
    const loaded = await load({
      ...options,
      events: 1_000_000,
      signal: stopping.signal,
      onProgress: () => stopping.abort(),
    });
    expect(loaded.events).toBeGreaterThan(0);
    expect(loaded.events).toBeLessThan(1_000_000);
  });
});

async function allCommits(): Promise<StoredCommit[]> {
  const commits: StoredCommit[] = [];
  for (const { name, family } of storage.log.subjects.streams()) {
    if (family !== 'chat') continue;
    for await (const batch of storage.log.readStream(name, 0)) commits.push(...batch);
  }
  return commits;
}
