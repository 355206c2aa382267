// What everyone may expect of the log, whatever it is kept on: the same sentences for JetStream and for its twin.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StoredCommit } from '../../../domain/log/commit.ts';
import type { Log, Storage } from '../../../domain/log/log.ts';
import type { Address } from '../../../domain/log/subjects.ts';
import { collect, commit, fill, OTHER_WORKSPACE, until, versions, WORKSPACE } from './commits.ts';

export interface Kept {
  /** One process's storage; `appendsInFlight` bounds its appends. */
  open(options?: { appendsInFlight?: number }): Promise<Storage>;
  end(): Promise<void>;
}

/** Runs the contract on what `start` brings up; each storage that `open` gives is one process. */
export function logContract(start: () => Promise<Kept>): void {
  let kept: Kept;
  let one: Storage;
  let two: Storage;
  let log: Log;
  let count = 0;
  const fresh = (workspace = WORKSPACE): Address => log.subjects.conversation(workspace, `c${++count}`);

  beforeAll(async () => {
    kept = await start();
    [one, two] = [await kept.open(), await kept.open()];
    log = one.log;
  });
  afterAll(async () => {
    await Promise.all([one?.close(), two?.close()]);
    await kept?.end();
  });

  describe('append', () => {
    test('stores a commit where the expectation holds, and says where', async () => {
      const address = fresh();
      const [first, second] = await fill(log, address, 2);
      expect(second).toBeGreaterThan(first ?? 0);
      expect(versions(await collect(log.read(address, 0)))).toEqual([1, 2]);
    });

    test('refuses a commit whose expectation does not hold', async () => {
      const address = fresh();
      expect(await log.append(address, commit(1), 5)).toEqual({ kind: 'conflict' });
      await fill(log, address, 1);
      expect(await log.append(address, commit(2), 0)).toEqual({ kind: 'conflict' });
      expect(versions(await collect(log.read(address, 0)))).toEqual([1]);
    });

    test('lets exactly one of two writers win', async () => {
      const address = fresh();
      const outcomes = await Promise.all([
        log.append(address, commit(1, 'mine'), 0),
        two.log.append(address, commit(1, 'yours'), 0),
      ]);
      expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['conflict', 'stored']);
      expect(await collect(log.read(address, 0))).toHaveLength(1);
    });

    test('does not take the same bytes twice under one expectation', async () => {
      const address = fresh();
      const bytes = commit(1);
      expect((await log.append(address, bytes, 0)).kind).toBe('stored');
      expect(await log.append(address, bytes, 0)).toEqual({ kind: 'conflict' });
    });

    test('counts sequences per stream, and keeps workspaces apart', async () => {
      const mine = fresh();
      const theirs = log.subjects.conversation(OTHER_WORKSPACE, mine.id);
      expect(theirs.stream).toBe(mine.stream);
      const [first] = await fill(log, mine, 1);
      const [second] = await fill(log, theirs, 1);
      expect(second).toBe((first ?? 0) + 1);
      expect((await log.last(mine))?.sequence).toBe(first);
    });

    test('is busy at once past its bound, and takes more when answers have come', async () => {
      const bounded = await kept.open({ appendsInFlight: 4 });
      const outcomes = await Promise.all(
        Array.from({ length: 6 }, () => bounded.log.append(fresh(), commit(1), 0)),
      );
      expect(outcomes.map(({ kind }) => kind)).toEqual([
        'stored',
        'stored',
        'stored',
        'stored',
        'busy',
        'busy',
      ]);
      expect((await bounded.log.append(fresh(), commit(1), 0)).kind).toBe('stored');
      await bounded.close();
    });

    test('takes a commit of the largest size', async () => {
      const address = fresh();
      const bytes = commit(1, 'x'.repeat(255 * 1024));
      expect((await log.append(address, bytes, 0)).kind).toBe('stored');
      expect((await log.last(address))?.bytes).toBe(bytes.length);
    });

    test('keeps versions gapless, whatever two writers do', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.record({ writer: fc.boolean(), reads: fc.boolean() }), { maxLength: 12 }),
          async (steps) => {
            const address = fresh();
            const known = { true: { sequence: 0, version: 0 }, false: { sequence: 0, version: 0 } };
            await Promise.all(
              [true, false].map(async (writer) => {
                const { log } = writer ? one : two;
                const mine = known[`${writer}`];
                for (const step of steps.filter((step) => step.writer === writer)) {
                  if (step.reads) {
                    const last = await log.last(address, true);
                    if (last) Object.assign(mine, { sequence: last.sequence, version: last.lastVersion });
                  }
                  const appended = await log.append(address, commit(mine.version + 1), mine.sequence);
                  if (appended.kind === 'stored') {
                    Object.assign(mine, { sequence: appended.sequence, version: mine.version + 1 });
                  }
                }
              }),
            );
            const stored = versions(await collect(log.read(address, 0)));
            expect(stored).toEqual(stored.map((_, index) => index + 1));
            if (steps.length > 0) expect(stored.length).toBeGreaterThan(0);
          },
        ),
        { numRuns: 25 },
      );
    });
  });

  describe('reading one aggregate', () => {
    test('last is the newest commit, or nothing', async () => {
      const address = fresh();
      expect(await log.last(address)).toBeUndefined();
      expect(await log.last(address, true)).toBeUndefined();
      const sequences = await fill(log, address, 3);
      for (const freshly of [false, true]) {
        const last = await two.log.last(address, freshly);
        expect(last?.sequence).toBe(sequences[2]);
        expect(last?.commit.events[0]?.data).toEqual({ text: 'message 3' });
        expect(last?.address).toEqual(address);
      }
    });

    test('tails are asked for many at once, 0 where there is nothing', async () => {
      const addresses = Array.from({ length: 1_100 }, () => fresh());
      const written = await Promise.all(
        addresses.map(async (address, index) =>
          index % 3 === 0 ? ((await fill(log, address, 2))[1] ?? 0) : 0,
        ),
      );
      expect(await two.log.tails(addresses)).toEqual(written);
      expect(await log.tails([])).toEqual([]);
    });

    test.each([0, 1, 31, 32, 33, 300, 700])('reads %i commits in order, and only its own', async (length) => {
      const [address, neighbour] = [fresh(), fresh()];
      const [sequences] = await Promise.all([fill(log, address, length), fill(log, neighbour, 3)]);
      const all = await collect(log.read(address, 0));
      expect(all.map(({ sequence }) => sequence)).toEqual(sequences);
      expect(versions(all)).toEqual(sequences.map((_, index) => index + 1));
      const middle = sequences[Math.floor(length / 2)] ?? 0;
      expect((await collect(log.read(address, middle))).length).toBe(
        Math.max(length - Math.floor(length / 2) - 1, 0),
      );
    });

    test('a read may be left early, and begun again', async () => {
      const address = fresh();
      await fill(log, address, 100);
      for (let again = 0; again < 3; again++) {
        for await (const { commit } of log.read(address, 0)) if (commit.version === 40) break;
      }
      expect(await collect(log.read(address, 0))).toHaveLength(100);
    });

    test('a position leads to its commit', async () => {
      const address = fresh();
      const [sequence = 0] = await fill(log, address, 1);
      const found = await log.at(address.stream, sequence);
      expect(found?.address).toEqual(address);
      expect(found?.events()[0]?.version).toBe(1);
      for (const nobodys of [0, 1_000_000]) expect(await log.at(address.stream, nobodys)).toBeUndefined();
    });
  });

  describe('reading a stream', () => {
    const stream = (): string => 'DELIVERY';
    // DELIVERY is nobody else's in this suite, so that its sequences can be counted.
    const delivery = (id: number): Address => {
      const address = log.subjects.parse(`delivery.${WORKSPACE}.hook${id}`);
      if (!address) throw new Error('no delivery address');
      return address;
    };

    test('an empty stream ends at once', async () => {
      expect(await log.head(stream())).toBe(0);
      expect(await batches(log.readStream(stream(), 0))).toEqual([]);
    });

    test('10,000 commits come whole, in order and in batches, from wherever one begins', {
      timeout: 60_000,
    }, async () => {
      await Promise.all(Array.from({ length: 100 }, (_, id) => fill(log, delivery(id), 100)));
      expect(await log.head(stream())).toBe(10_000);
      const read = await batches(two.log.readStream(stream(), 0));
      expect(read.flat().map(({ sequence }) => sequence)).toEqual(
        Array.from({ length: 10_000 }, (_, i) => i + 1),
      );
      expect(Math.max(...read.map((batch) => batch.length))).toBeLessThanOrEqual(1_000);
      expect(read.length).toBeLessThan(2_000);
      const late = (await batches(log.readStream(stream(), 9_990, { batch: 3 }))).flat();
      expect(late.map(({ sequence }) => sequence)).toEqual([
        9991, 9992, 9993, 9994, 9995, 9996, 9997, 9998, 9999, 10_000,
      ]);
      expect(await batches(log.readStream(stream(), 10_000))).toEqual([]);
    });

    test('following brings what is there, then what comes, until it is called off', async () => {
      const head = await log.head(stream());
      const calledOff = new AbortController();
      const heard: number[] = [];
      const following = (async () => {
        const commits = two.log.readStream(stream(), head - 5, { follow: true, signal: calledOff.signal });
        for await (const batch of commits) heard.push(...batch.map(({ sequence }) => sequence));
      })();
      await until(() => heard.length === 5);
      await fill(log, delivery(200), 7);
      await until(() => heard.length === 12);
      calledOff.abort();
      await following;
      await fill(log, delivery(201), 1);
      expect(heard).toEqual(Array.from({ length: 12 }, (_, i) => head - 4 + i));
    });

    test('a slow reader gets all of it too', async () => {
      const seen: number[] = [];
      for await (const batch of log.readStream(stream(), 5_000, { batch: 500 })) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        seen.push(...batch.map(({ sequence }) => sequence));
      }
      expect(seen).toEqual(Array.from({ length: (await log.head(stream())) - 5_000 }, (_, i) => 5_001 + i));
    });

    test('what was erased is passed over', async () => {
      const head = await log.head(stream());
      const address = delivery(300);
      const sequences = await fill(log, address, 5);
      await fill(log, delivery(301), 1);
      await log.erase(address, sequences[3] ?? 0);
      const left = (await batches(log.readStream(stream(), head))).flat().map(({ sequence }) => sequence);
      expect(left).toEqual([sequences[4], head + 6]);
    });

    test('a stream whose last commits were erased still ends', async () => {
      const address = delivery(302);
      const head = await log.head(stream());
      const [last = 0] = await fill(log, address, 1);
      await log.erase(address, last);
      expect(await batches(log.readStream(stream(), head))).toEqual([]);
      expect((await batches(log.readStream(stream(), head - 1))).flat()).toHaveLength(1);
    });
  });

  describe('live', () => {
    test('a listener hears what is stored from ready on, decoded when it looks', async () => {
      const address = fresh();
      const heard: StoredCommit[] = [];
      const live = log.live(address, (stored) => heard.push(stored));
      await live.ready;
      const sequences = await fill(two.log, address, 3);
      await fill(two.log, fresh(), 1);
      await until(() => heard.length === 3);
      expect(heard.map(({ sequence }) => sequence)).toEqual(sequences);
      expect(versions(heard)).toEqual([1, 2, 3]);
      expect(heard[0]).toBeInstanceOf(StoredCommit);
      live.close();
      await fill(two.log, address, 1, 4, sequences[2]);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(heard).toHaveLength(3);
    });

    test("a workspace's chats are heard together, and nobody else's", async () => {
      const heard: string[] = [];
      const live = log.live({ chatsOf: WORKSPACE }, ({ address }) => heard.push(address.subject));
      await live.ready;
      const mine = [fresh(), fresh(), fresh()];
      await fill(two.log, fresh(OTHER_WORKSPACE), 1);
      await fill(two.log, log.subjects.aggregate(WORKSPACE, 'user', 'jane'), 1);
      for (const address of mine) await fill(two.log, address, 1);
      await until(() => heard.length >= 3);
      expect(heard).toEqual(mine.map(({ subject }) => subject));
      live.close();
    });

    test('all workspace aggregates are heard together', async () => {
      const heard: string[] = [];
      const live = log.live('workspaces', ({ address }) =>
        heard.push(`${address.workspace} ${address.kind} ${address.id}`),
      );
      await live.ready;
      await fill(two.log, log.subjects.aggregate(WORKSPACE, 'user', 'joan'), 1);
      await fill(two.log, fresh(), 1);
      await fill(two.log, log.subjects.aggregate(OTHER_WORKSPACE, 'settings', 'settings'), 1);
      await until(() => heard.length >= 2);
      expect(heard).toEqual([`${WORKSPACE} user joan`, `${OTHER_WORKSPACE} settings settings`]);
      live.close();
    });

    test('many subscriptions are ready together', async () => {
      const addresses = Array.from({ length: 2_000 }, () => fresh());
      const heard = new Set<string>();
      const all = addresses.map((address) => log.live(address, () => heard.add(address.subject)));
      await Promise.all(all.map(({ ready }) => ready));
      await Promise.all(addresses.map((address) => fill(two.log, address, 1)));
      await until(() => heard.size === 2_000);
      for (const live of all) live.close();
    });

    test('following by subscribe, ready, read, live leaves no gap under writes', async () => {
      const address = fresh();
      let writing = true;
      const writer = (async () => {
        let expected = 0;
        for (let version = 1; writing; version++)
          expected = (await fill(two.log, address, 1, version, expected))[0] ?? 0;
      })();
      await until(async () => (await log.tails([address]))[0] !== 0);
      const heard: number[] = [];
      const live = log.live(address, ({ sequence }) => heard.push(sequence));
      await live.ready;
      const read = (await collect(log.read(address, 0))).map(({ sequence }) => sequence);
      await until(() => heard.length > 20 && (heard.at(-1) ?? 0) > (read.at(-1) ?? 0));
      writing = false;
      await writer;
      await until(async () => heard.at(-1) === (await log.tails([address]))[0]);
      live.close();
      const followed = [...read, ...heard.filter((sequence) => sequence > (read.at(-1) ?? 0))];
      expect(followed).toEqual((await collect(log.read(address, 0))).map(({ sequence }) => sequence));
    });
  });

  describe('erase', () => {
    test('removes what lies up to a sequence and leaves the rest', async () => {
      const address = fresh();
      const sequences = await fill(log, address, 60);
      await log.erase(address, sequences[58] ?? 0);
      expect(versions(await collect(two.log.read(address, 0)))).toEqual([60]);
      expect(await log.at(address.stream, sequences[3] ?? 0)).toBeUndefined();
      expect((await log.append(address, commit(61), sequences[59] ?? 0)).kind).toBe('stored');
    });

    test('may be asked twice, and of nothing', async () => {
      const address = fresh();
      const sequences = await fill(log, address, 20);
      await Promise.all([log.erase(address, sequences[18] ?? 0), two.log.erase(address, sequences[18] ?? 0)]);
      await log.erase(address, sequences[18] ?? 0);
      await log.erase(fresh(), 10);
      expect(versions(await collect(log.read(address, 0)))).toEqual([20]);
    });
  });

  storageContract(() => ({ one, two }));
}

async function batches(commits: AsyncIterable<StoredCommit[]>): Promise<StoredCommit[][]> {
  const all: StoredCommit[][] = [];
  for await (const batch of commits) all.push(batch);
  return all;
}

/** What is kept beside the log: buckets, objects, signals. */
function storageContract(processes: () => { one: Storage; two: Storage }): void {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const text = (value: Uint8Array | undefined): string | undefined =>
    value && new TextDecoder().decode(value);

  describe('key-value', () => {
    test('what one process puts another gets; what nobody put is undefined', async () => {
      const { one, two } = processes();
      expect(await one.secrets.get('nobody')).toBeUndefined();
      const revision = await one.secrets.put('user.jane', bytes('first'));
      const found = await two.secrets.get('user.jane');
      expect([text(found?.value), found?.revision]).toEqual(['first', revision]);
      expect(await two.leases.get('user.jane')).toBeUndefined();
    });

    test('create lets one win', async () => {
      const { one, two } = processes();
      const won = await Promise.all(
        [one, two, one, two].map(({ secrets }, i) => secrets.create('once', bytes(`${i}`))),
      );
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(text((await one.secrets.get('once'))?.value)).toBe(String(won.indexOf(true)));
    });

    test('update needs the newest revision', async () => {
      const { one, two } = processes();
      const first = await one.leases.put('lease', bytes('a'));
      expect(await two.leases.update('lease', bytes('b'), first)).toBe(true);
      expect(await one.leases.update('lease', bytes('c'), first)).toBe(false);
      expect(text((await one.leases.get('lease'))?.value)).toBe('b');
    });

    test('delete removes for good: neither found nor listed, free to create, old revisions useless', async () => {
      const { one, two } = processes();
      const revision = await one.snapshots.put('gone', bytes('x'));
      await Promise.all([one.snapshots.delete('gone'), two.snapshots.delete('gone')]);
      await one.snapshots.delete('gone');
      expect(await two.snapshots.get('gone')).toBeUndefined();
      expect(await keys(one.snapshots.keys())).not.toContain('gone');
      expect(await two.snapshots.update('gone', bytes('y'), revision)).toBe(false);
      expect(await two.snapshots.create('gone', bytes('z'))).toBe(true);
    });

    test('keys are listed by filter', async () => {
      const { one, two } = processes();
      expect(await keys(one.reservations.keys('list.>'))).toEqual([]);
      for (const key of ['list.a.1', 'list.a.2', 'list.b.1', 'other'])
        await one.reservations.put(key, bytes(key));
      expect((await keys(two.reservations.keys('list.a.*'))).sort()).toEqual(['list.a.1', 'list.a.2']);
      expect((await keys(two.reservations.keys('list.>'))).sort()).toEqual([
        'list.a.1',
        'list.a.2',
        'list.b.1',
      ]);
      expect(await keys(one.reservations.keys())).toContain('other');
    });

    test('a key that could be a pattern is refused', async () => {
      const { one } = processes();
      for (const key of ['', 'a b', 'a.*', '>', '.a', 'a.'])
        await expect(one.secrets.put(key, bytes('x'))).rejects.toThrow();
    });
  });

  describe('objects', () => {
    test('come back as they were put, whatever their size', async () => {
      const { one, two } = processes();
      for (const size of [0, 1, 128 * 1024, 3_000_001]) {
        const body = Uint8Array.from({ length: size }, (_, i) => (i * 31) % 251);
        await one.files.put(`${WORKSPACE}/file ${size}`, body);
        const back = await two.files.get(`${WORKSPACE}/file ${size}`);
        expect(back && Buffer.compare(back, body)).toBe(0);
      }
      expect(await one.files.get('never')).toBeUndefined();
    });

    test('are replaced and deleted', async () => {
      const { one, two } = processes();
      await one.files.put('f', bytes('old'));
      await two.files.put('f', bytes('new'));
      expect(text(await one.files.get('f'))).toBe('new');
      await one.files.delete('f');
      await one.files.delete('f');
      expect(await two.files.get('f')).toBeUndefined();
    });
  });

  describe('signals', () => {
    test('are heard by whoever listens, by pattern, until they stop', async () => {
      const { one, two } = processes();
      const heard: unknown[] = [];
      const listening = two.signals.subscribe('signal.chat.w.*', (payload, subject) =>
        heard.push([subject, payload]),
      );
      await listening.ready;
      one.signals.publish('signal.chat.w.c', { typing: true });
      one.signals.publish('signal.chat.v.c', { typing: true });
      one.signals.publish('signal.chat.w.d', null);
      await until(() => heard.length === 2);
      expect(heard).toEqual([
        ['signal.chat.w.c', { typing: true }],
        ['signal.chat.w.d', null],
      ]);
      listening.close();
      one.signals.publish('signal.chat.w.c', 1);
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(heard).toHaveLength(2);
    });
  });
}

async function keys(listed: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const key of listed) all.push(key);
  return all;
}
