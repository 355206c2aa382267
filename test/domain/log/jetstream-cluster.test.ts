// The log on three servers: what is acknowledged outlives a leader, and fresh reads come from the new one.
import { expect, onTestFinished, test } from 'vitest';
import { connectStorage } from '../../../domain/log/jetstream/connect.ts';
import { startCluster } from './cluster.ts';
import { collect, commit, until, versions, WORKSPACE } from './commits.ts';

test('a leader that dies under writes loses nothing, and is told of', { timeout: 120_000 }, async () => {
  const cluster = await startCluster();
  onTestFinished(() => cluster.end());
  const storage = await connectStorage({
    url: cluster.url,
    name: 'test',
    chatStreams: 1,
    replicas: 3,
    onFault: () => {},
  });
  onTestFinished(() => storage.close());
  const { log } = storage;
  expect(storage.durability).toContain('3 copies');
  const told = new Set<string>();
  log.onDisturbance((what) => told.add(what));
  const addresses = Array.from({ length: 20 }, (_, i) => log.subjects.conversation(WORKSPACE, `c${i}`));
  let stored = 0;
  let killed: Promise<void> | undefined;
  await Promise.all(
    addresses.map(async (address) => {
      let expected = 0;
      for (let version = 1; version <= 30; ) {
        const appended = await log.append(address, commit(version), expected);
        if (appended.kind === 'stored') {
          expected = appended.sequence;
          version++;
          if (++stored === 200) killed = cluster.killLeaderOf('CHAT_0');
        } else if (appended.kind === 'conflict') {
          // Either an earlier try of these bytes was stored, or (2.11 and later) it is still under way.
          const last = await log.last(address, true).catch(() => undefined);
          if (last?.commit.version === version) {
            expected = last.sequence;
            version++;
          } else await new Promise((resolve) => setTimeout(resolve, 50));
        } else await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }),
  );
  await killed;
  expect(killed).toBeDefined();
  for (const address of addresses) {
    expect((await log.last(address, true))?.commit.version).toBe(30);
    await until(async () => (await collect(log.read(address, 0))).length === 30);
    expect(versions(await collect(log.read(address, 0)))).toEqual(
      Array.from({ length: 30 }, (_, i) => i + 1),
    );
  }
  const whole = [];
  for await (const batch of log.readStream('CHAT_0', 0)) whole.push(...batch);
  expect(whole).toHaveLength(600);
  expect(await log.last(log.subjects.conversation(WORKSPACE, 'nobody'), true)).toBeUndefined();
  await until(() => told.has('leader-changed') || told.has('reconnected'));
});
