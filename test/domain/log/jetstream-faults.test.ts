// What the log on JetStream does when servers die, come back, lose consumers or hear nonsense.
import { jetstreamManager } from '@nats-io/jetstream';
import { afterEach, describe, expect, test } from 'vitest';
import type { Storage } from '../../../domain/log/log.ts';
import { startTestNats, type TestNats } from '../../parts/nats.ts';
import { collect, commit, fill, until, versions, WORKSPACE } from './commits.ts';
import { type KeptOnJetStream, startJetStream } from './jetstream.ts';

const ending: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

async function opened(): Promise<{ kept: KeptOnJetStream; storage: Storage }> {
  const kept = await startJetStream('newest');
  ending.push(() => kept.end());
  const storage = await kept.open();
  ending.push(() => storage.close());
  return { kept, storage };
}

async function startAgain(kept: KeptOnJetStream): Promise<TestNats> {
  const again = await startTestNats('newest', { dataDir: kept.nats.dataDir, syncAlways: false });
  ending.push(() => again.stop());
  expect(again.url).toBe(kept.nats.url);
  return again;
}

describe('a server that dies', () => {
  test('mid-append leaves outcomes unknown; the same bytes again are stored exactly once', {
    timeout: 60_000,
  }, async () => {
    const { kept, storage } = await opened();
    const { log } = storage;
    const told: string[] = [];
    log.onDisturbance((what) => told.push(what));
    const addresses = Array.from({ length: 50 }, (_, i) => log.subjects.conversation(WORKSPACE, `k${i}`));
    let unknowns = 0;
    let killed: Promise<void> | undefined;
    let stored = 0;
    const written = addresses.map(async (address) => {
      let expected = 0;
      for (let version = 1; version <= 40; version++) {
        const bytes = commit(version);
        for (;;) {
          const asked = Date.now();
          const appended = await log.append(address, bytes, expected);
          if (appended.kind === 'stored') {
            expected = appended.sequence;
            if (++stored === 500) killed = kept.nats.kill();
            break;
          }
          if (appended.kind === 'conflict') {
            // The try whose outcome was unknown had been stored: it is the head, with this very version.
            const last = await log.last(address, true);
            expect(last?.commit.version).toBe(version);
            expected = last?.sequence ?? 0;
            break;
          }
          expect(appended.kind).toBe('unknown');
          // Told as soon as the connection breaks, not when the time for an answer is over.
          expect(Date.now() - asked).toBeLessThan(3_000);
          unknowns++;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
    });
    await until(() => killed !== undefined);
    await killed;
    await until(() => !storage.server.connected());
    expect((await log.append(log.subjects.conversation(WORKSPACE, 'away'), commit(1), 0)).kind).toBe(
      'unknown',
    );
    await expect(log.last(addresses[0] ?? log.subjects.conversation(WORKSPACE, 'x'))).rejects.toThrow(
      'cannot be reached',
    );
    await expect(storage.secrets.put('k', new Uint8Array(1))).rejects.toThrow('cannot be reached');
    await startAgain(kept);
    await Promise.all(written);
    expect(unknowns).toBeGreaterThan(0);
    for (const address of addresses) {
      expect(versions(await collect(log.read(address, 0)))).toEqual(
        Array.from({ length: 40 }, (_, i) => i + 1),
      );
    }
    expect(told.filter((what) => what !== 'leader-changed').slice(0, 2)).toEqual([
      'disconnected',
      'reconnected',
    ]);
  });

  test('and comes back is followed on: no commit twice, none missing', { timeout: 60_000 }, async () => {
    const { kept, storage } = await opened();
    const { log } = storage;
    const address = log.subjects.conversation(WORKSPACE, 'c');
    const calledOff = new AbortController();
    const seen: number[] = [];
    const following = (async () => {
      for await (const batch of log.readStream(address.stream, 0, {
        follow: true,
        signal: calledOff.signal,
      })) {
        seen.push(...batch.map(({ sequence }) => sequence));
      }
    })();
    const heard: number[] = [];
    const live = log.live(address, ({ sequence }) => heard.push(sequence));
    await live.ready;
    const before = await fill(log, address, 20);
    await until(() => seen.length === 20 && heard.length === 20);
    await kept.nats.kill();
    await until(() => !storage.server.connected());
    await startAgain(kept);
    await until(() => storage.server.connected());
    await log.live(address, () => {}).ready;
    await until(async () => (await log.append(address, commit(21), before.at(-1) ?? 0)).kind !== 'unknown');
    await until(() => seen.length === 21 && heard.length === 21);
    calledOff.abort();
    await following;
    expect(seen).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
    expect(heard).toEqual(seen);
  });

  test('while its stream is read from the beginning, the read goes on where it was', {
    timeout: 60_000,
  }, async () => {
    const { kept, storage } = await opened();
    const { log } = storage;
    const addresses = Array.from({ length: 400 }, (_, i) => log.subjects.conversation(WORKSPACE, `r${i}`));
    const inIt = addresses.filter(({ stream }) => stream === 'CHAT_1');
    await Promise.all(inIt.map((address) => fill(log, address, 250)));
    const seen: number[] = [];
    let restarted: Promise<unknown> | undefined;
    for await (const batch of log.readStream('CHAT_1', 0, { batch: 100 })) {
      seen.push(...batch.map(({ sequence }) => sequence));
      if (seen.length > 5_000) restarted ??= kept.nats.kill().then(() => startAgain(kept));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await restarted;
    expect(restarted).toBeDefined();
    expect(seen).toEqual(Array.from({ length: inIt.length * 250 }, (_, i) => i + 1));
  });
});

describe('a server that hangs', () => {
  test('makes outcomes unknown in time, and nothing ready', { timeout: 60_000 }, async () => {
    const { kept, storage } = await opened();
    const { log } = storage;
    const address = log.subjects.conversation(WORKSPACE, 'c');
    expect(kept.nats.pid).toBeGreaterThan(0);
    process.kill(kept.nats.pid, 'SIGSTOP');
    ending.push(async () => process.kill(kept.nats.pid, 'SIGCONT'));
    // On a busy machine its threads stop a moment later.
    await new Promise((resolve) => setTimeout(resolve, 300));
    let ready = false;
    const live = log.live(address, () => {});
    const heard = live.ready.then(() => {
      ready = true;
    });
    const asked = Date.now();
    expect(await log.append(address, commit(1), 0)).toEqual({
      kind: 'unknown',
      cause: 'the log did not answer in time',
    });
    expect(Date.now() - asked).toBeLessThan(6_000);
    expect(ready).toBe(false);
    process.kill(kept.nats.pid, 'SIGCONT');
    await heard;
    // It was stored after all: the same bytes again meet themselves.
    await until(async () => (await log.tails([address]))[0] === 1);
    expect(await log.append(address, commit(1), 0)).toEqual({ kind: 'conflict' });
    expect(versions(await collect(log.read(address, 0)))).toEqual([1]);
  });
});

describe('an ordered reader', () => {
  test('from whose consumer somebody took commits reads them all the same', async () => {
    const { kept, storage } = await opened();
    const { log } = storage;
    const address = log.subjects.conversation(WORKSPACE, 'c');
    const outside = await kept.nats.connect();
    const calledOff = new AbortController();
    const seen: number[] = [];
    const following = (async () => {
      for await (const batch of log.readStream(address.stream, 0, {
        follow: true,
        signal: calledOff.signal,
      })) {
        seen.push(...batch.map(({ sequence }) => sequence));
      }
    })();
    const sequences = await fill(log, address, 3);
    await until(() => seen.length === 3);
    const names = (await outside.request(`$JS.API.CONSUMER.NAMES.${address.stream}`)).json<{
      consumers: string[];
    }>();
    // Two pulls wait at one consumer: the server serves them in turn, so half of what comes goes astray.
    const stolen: number[] = [];
    outside.subscribe('thief', {
      callback: (_, message) => {
        stolen.push(message.data.length);
      },
    });
    outside.publish(
      `$JS.API.CONSUMER.MSG.NEXT.${address.stream}.${names.consumers[0]}`,
      JSON.stringify({ batch: 100, expires: 20_000_000_000 }),
      { reply: 'thief' },
    );
    await outside.flush();
    await fill(log, address, 10, 4, sequences[2]);
    await until(() => seen.length === 13);
    calledOff.abort();
    await following;
    expect(stolen.length).toBeGreaterThan(0);
    expect(seen).toEqual(Array.from({ length: 13 }, (_, i) => i + 1));
    await outside.close();
  });

  test('whose consumer is deleted under it makes another', async () => {
    const { kept, storage } = await opened();
    const { log } = storage;
    const address = log.subjects.conversation(WORKSPACE, 'c');
    const calledOff = new AbortController();
    const seen: number[] = [];
    const following = (async () => {
      for await (const batch of log.readStream(address.stream, 0, {
        follow: true,
        signal: calledOff.signal,
      })) {
        seen.push(...batch.map(({ sequence }) => sequence));
      }
    })();
    const sequences = await fill(log, address, 3);
    await until(() => seen.length === 3);
    const outside = await kept.nats.connect();
    const consumers = async () =>
      JSON.parse((await outside.request(`$JS.API.CONSUMER.NAMES.${address.stream}`)).string()).consumers;
    const [name] = await consumers();
    await outside.request(`$JS.API.CONSUMER.DELETE.${address.stream}.${name}`);
    await fill(log, address, 2, 4, sequences[2]);
    await until(() => seen.length === 5);
    calledOff.abort();
    await following;
    expect(seen).toEqual([1, 2, 3, 4, 5]);
    await until(async () => !(await consumers())?.length);
    await outside.close();
  });
});

describe('nonsense', () => {
  test('on a signal is dropped and counted, and what a listener throws ends nothing', async () => {
    const { kept, storage } = await opened();
    const outside = await kept.nats.connect();
    const heard: unknown[] = [];
    const listening = storage.signals.subscribe('signal.x', (payload) => {
      heard.push(payload);
      if (payload === 'throw') throw new Error('a listener failed');
    });
    await listening.ready;
    outside.publish('signal.x', 'no json');
    outside.publish('signal.x', new Uint8Array([0xff, 0xfe]));
    outside.publish('signal.x', '"throw"');
    outside.publish('signal.x', '1');
    await until(() => heard.length === 2);
    expect(storage.signals.malformed).toBe(2);
    expect(kept.faults.map(String)).toEqual(['Error: a listener failed']);
    await outside.close();
  });

  test('in a live listener is reported, and the log stays usable', async () => {
    const { kept, storage } = await opened();
    const { log } = storage;
    const address = log.subjects.conversation(WORKSPACE, 'c');
    await log.live(address, () => {
      throw new Error('a listener failed');
    }).ready;
    await fill(log, address, 3);
    await until(() => kept.faults.length === 3);
    expect(await log.tails([address])).toEqual([3]);
  });
});

describe('a damaged object', () => {
  test('is never handed out: a part is missing, or all are', async () => {
    const { kept, storage } = await opened();
    const body = Uint8Array.from({ length: 500_000 }, (_, i) => i % 251);
    const outside = await kept.nats.connect();
    const { streams } = await jetstreamManager(outside);
    await storage.files.put('one', body);
    await streams.deleteMessage('OBJ_files', 2);
    await expect(storage.files.get('one')).rejects.toThrow(/damaged|digests do not match/);
    await storage.files.put('two', body);
    await streams.purge('OBJ_files', { filter: '$O.files.C.>' });
    await expect(storage.files.get('two')).rejects.toThrow('its parts are missing');
    await outside.close();
  });
});
