// Of several workers one does the work: as long as its heart beats, and not a moment longer.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KeyValue, Storage } from '../../../domain/log/log.ts';
import { Turn } from '../../../edge/out/turn.ts';
import { type KeptOnJetStream, startJetStream } from '../../domain/log/jetstream.ts';

let servers: KeptOnJetStream;
let storage: Storage;
beforeAll(async () => {
  servers = await startJetStream('newest');
  storage = await servers.open();
});
afterAll(async () => {
  await storage?.close();
  await servers?.end();
});

const PATIENCE = 2_000;

/** Notes who begins and who ends. */
function workers(name: string) {
  const at: string[] = [];
  const faults: unknown[] = [];
  const worker = (holder: string, bucket: KeyValue = storage.leases) =>
    new Turn({
      bucket,
      name,
      holder,
      patience: PATIENCE,
      onFault: (fault) => faults.push(fault),
      work: () => {
        at.push(`${holder} begins`);
        return async () => void at.push(`${holder} ends`);
      },
    });
  return { at, faults, worker };
}

test('the first one works, the second one waits until the first gives its turn away', async () => {
  const { at, faults, worker } = workers('given');
  const first = worker('a');
  await expect.poll(() => first.held, { timeout: 5_000 }).toBe(true);
  const second = worker('b');
  await sleep(PATIENCE * 2);
  expect([first.held, second.held]).toEqual([true, false]);
  await first.close();
  await expect.poll(() => second.held, { timeout: PATIENCE }).toBe(true);
  await second.close();
  expect(at).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  expect(faults).toEqual([]);
});

test('one whose heart stops without a word is followed after its patience, and not before', async () => {
  const { at, worker } = workers('died');
  // As kill -9 leaves it.
  await storage.leases.put('turn.died', Buffer.from('the dead'));
  const began = performance.now();
  const heir = worker('heir');
  await expect.poll(() => heir.held, { timeout: PATIENCE * 4, interval: 10 }).toBe(true);
  expect(performance.now() - began).toBeGreaterThanOrEqual(PATIENCE);
  await heir.close();
  expect(at).toEqual(['heir begins', 'heir ends']);
});

test('one that cannot reach the log lays its work down before another takes it up', async () => {
  const { at, worker } = workers('cut-off');
  let away = false;
  const hung = <Value>(value: Promise<Value>): Promise<Value> => (away ? new Promise(() => {}) : value);
  const { leases } = storage;
  const first = worker('a', {
    get: (key) => hung(leases.get(key)),
    create: (key, value) => hung(leases.create(key, value)),
    put: (key, value) => hung(leases.put(key, value)),
    update: (key, value, revision) => hung(leases.update(key, value, revision)),
    delete: (key) => hung(leases.delete(key)),
    keys: (filter) => leases.keys(filter),
  });
  await expect.poll(() => first.held, { timeout: 5_000 }).toBe(true);
  const second = worker('b');
  away = true;
  await expect.poll(() => second.held, { timeout: PATIENCE * 4 }).toBe(true);
  expect(first.held).toBe(false);
  expect(at).toEqual(['a begins', 'a ends', 'b begins']);
  await second.close();
});
