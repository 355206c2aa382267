// Snapshots make a cold start short, and whatever becomes of them, the log is right.
import { describe, expect, test } from 'vitest';
import type { KeyValue } from '../../../domain/log/log.ts';
import { close, erase } from '../conversation-words.ts';
import {
  chat,
  command,
  commitsOf,
  eventsOf,
  type Process,
  process,
  saying,
  starting,
  until,
  watchReads,
} from './processes.ts';

const keyOf = (edge: Process) => {
  const { workspace, kind, id } = chat(edge);
  return `${workspace}.${kind}.${id}`;
};

/** A process that has said so much, with the snapshot of it written. */
async function talkative(messages: number): Promise<{ edge: Process; bucket: KeyValue; key: string }> {
  const edge = process(undefined, { snapshotted: true });
  await edge.done(starting());
  for (let said = 0; said < messages; said += 50)
    await Promise.all(
      Array.from({ length: Math.min(50, messages - said) }, (_, index) =>
        edge.done(saying(`${said + index}`)),
      ),
    );
  const bucket = edge.storage.snapshots;
  const key = keyOf(edge);
  await until(async () => (await bucket.get(key)) !== undefined);
  return { edge, bucket, key };
}

const stateOf = async (edge: Process) => {
  const { state, version, sequence, at } = await edge.aggregates.load(chat(edge));
  return { state, version, sequence, at };
};

describe('a snapshot', () => {
  test('lets a cold process read only what came after it, to the same state', async () => {
    const { edge } = await talkative(249);
    const plain = await stateOf(process(edge));
    const cold = process(edge, { snapshotted: true });
    const reads = watchReads(cold);
    expect(await stateOf(cold)).toEqual(plain);
    expect(reads.every((after) => after > 0)).toBe(true);
  });
  test('is also written when a conversation that is worth it closes', async () => {
    const edge = process(undefined, { snapshotted: true });
    await edge.done(starting());
    for (let index = 0; index < 40; index++) await edge.done(saying(`${index}`));
    expect(await edge.storage.snapshots.get(keyOf(edge))).toBeUndefined();
    await edge.done(command(close));
    await until(async () => (await edge.storage.snapshots.get(keyOf(edge))) !== undefined);
  });
  test('remembers commands, those of the last 512 and those before', async () => {
    const edge = process(undefined, { snapshotted: true });
    await edge.done(starting());
    const first = saying('first');
    const { version, position } = await edge.done(first);
    for (let round = 0; round < 12; round++)
      await Promise.all(Array.from({ length: 50 }, (_, index) => edge.done(saying(`${round}.${index}`))));
    const last = saying('last');
    await edge.done(last);
    await edge.done(command(close));
    await until(async () => (await edge.storage.snapshots.get(keyOf(edge))) !== undefined);
    const cold = process(edge, { snapshotted: true });
    const reads = watchReads(cold);
    expect(await cold.done(last)).toMatchObject({ repeated: true, version: 603 });
    expect(reads.every((after) => after > 0)).toBe(true);
    expect(await cold.done(first)).toMatchObject({ repeated: true, version, position });
    expect(await cold.done(saying('new'))).toMatchObject({ repeated: false });
    expect((await eventsOf(edge)).filter((event) => event.command === first.command)).toHaveLength(1);
  });
  for (const [how, spoil] of Object.entries({
    deleted: (bucket: KeyValue, key: string) => bucket.delete(key),
    damaged: (bucket: KeyValue, key: string) => bucket.put(key, new TextEncoder().encode('{"shape":1,"sta')),
    'of an older shape': async (bucket: KeyValue, key: string) => {
      const frozen = JSON.parse(new TextDecoder().decode((await bucket.get(key))?.value));
      await bucket.put(key, new TextEncoder().encode(JSON.stringify({ ...frozen, shape: 0, state: {} })));
    },
    'ahead of the log, as after a restored backup': async (bucket: KeyValue, key: string) => {
      const frozen = JSON.parse(new TextDecoder().decode((await bucket.get(key))?.value));
      const ahead = { ...frozen, sequence: frozen.sequence + 1_000, version: frozen.version + 1_000 };
      await bucket.put(key, new TextEncoder().encode(JSON.stringify(ahead)));
    },
    'of another history that the log does not continue': async (bucket: KeyValue, key: string) => {
      const frozen = JSON.parse(new TextDecoder().decode((await bucket.get(key))?.value));
      const other = { ...frozen, sequence: 3, version: 77 };
      await bucket.put(key, new TextEncoder().encode(JSON.stringify(other)));
    },
  }))
    test(`that is ${how} changes nothing but the time it takes`, async () => {
      const { edge, bucket, key } = await talkative(249);
      const plain = await stateOf(process(edge));
      await spoil(bucket, key);
      const cold = process(edge, { snapshotted: true });
      expect(await stateOf(cold)).toEqual(plain);
      expect(await cold.done(saying('on'))).toMatchObject({ version: 251 });
    });
  test('that cannot be written is heard of, and no caller suffers', async () => {
    const faults: unknown[] = [];
    const edge = process(undefined, { snapshotted: true, onFault: (fault) => faults.push(fault) });
    edge.storage.snapshots.put = () => Promise.reject(new Error('no room'));
    await edge.done(starting());
    for (let index = 0; index < 40; index++) await edge.done(saying(`${index}`));
    expect(await edge.done(command(close))).toMatchObject({ version: 42 });
    await until(() => faults.length > 0);
    expect(await commitsOf(edge)).toHaveLength(42);
  });
  test('that comes late, after an erasure, does not stay', async () => {
    const edge = process(undefined, { snapshotted: true });
    const { snapshots, log } = edge.storage;
    const put = snapshots.put.bind(snapshots);
    let letGo: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let written = 0;
    snapshots.put = async (...args) => {
      await held;
      const revision = await put(...args);
      written++;
      return revision;
    };
    await edge.done(starting());
    for (let index = 0; index < 40; index++) await edge.done(saying(`${index}`));
    await edge.done(command(close));
    await edge.done(command(erase));
    const { sequence } = await stateOf(edge);
    await log.erase(chat(edge), sequence - 1);
    await snapshots.delete(keyOf(edge));
    letGo();
    await until(() => written > 0);
    await until(async () => (await snapshots.get(keyOf(edge))) === undefined);
  });
  test('is forgotten with the state, when that is asked', async () => {
    const { edge, bucket, key } = await talkative(249);
    await edge.aggregates.forget(chat(edge), true);
    expect(await bucket.get(key)).toBeUndefined();
    expect(edge.aggregates.peek(chat(edge))).toBeUndefined();
  });
});
