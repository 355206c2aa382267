// Opening the log: what is made, what is set right, and what is refused in one sentence.
import { jetstreamManager, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectStorage } from '../../../domain/log/jetstream/connect.ts';
import {
  durabilityOf,
  isBefore,
  refusalOf,
  warningOf,
} from '../../../domain/log/jetstream/server-version.ts';
import { hasNats } from '../../parts/nats.ts';
import { commit, WORKSPACE } from './commits.ts';
import { type KeptOnJetStream, startJetStream } from './jetstream.ts';

describe.each(['newest', 'debian'] as const)('opening on nats-server, %s', (version) => {
  describe.skipIf(!hasNats(version))('where it is', () => {
    let kept: KeptOnJetStream;
    beforeAll(async () => {
      kept = await startJetStream(version);
    });
    afterAll(() => kept.end());

    test('eight processes may start at once', async () => {
      const all = await Promise.all(Array.from({ length: 8 }, () => kept.open({ chatStreams: 3 })));
      expect(all.map(({ log }) => log.subjects.chatStreams)).toEqual(Array(8).fill(3));
      const address = all[0]?.log.subjects.conversation(WORKSPACE, 'c');
      if (!address) throw new Error('no address');
      const outcomes = await Promise.all(all.map(({ log }) => log.append(address, commit(1), 0)));
      expect(outcomes.filter(({ kind }) => kind === 'stored')).toHaveLength(1);
      await Promise.all(all.map((storage) => storage.close()));
    });

    test('the number of streams stays as at the first start', async () => {
      await expect(kept.open({ chatStreams: 5 })).rejects.toThrow(
        'LOG_STREAMS is 5, but this installation was started with 3, which cannot be changed',
      );
      const storage = await kept.open();
      expect(storage.log.subjects.chatStreams).toBe(3);
      expect(storage.server.version).toMatch(version === 'debian' ? /^2\.9\.10$/ : /^2\.\d+\.\d+$/);
      expect(storage.durability).toContain(storage.server.version);
      await storage.close();
    });

    test('settings that somebody changed are set right, and a stream that lost its promise is refused', async () => {
      const outside = await kept.nats.connect();
      const { streams } = await jetstreamManager(outside);
      const { config } = await streams.info('CHAT_2');
      await streams.update('CHAT_2', {
        ...config,
        max_age: 3_600_000_000_000,
        allow_direct: false,
        max_msgs: 10,
      });
      await (await kept.open()).close();
      const mended = (await streams.info('CHAT_2')).config;
      expect(mended).toEqual(config);
      expect(mended).toMatchObject({
        max_age: 0,
        max_msgs: -1,
        allow_direct: true,
        republish: { dest: 'live.>' },
      });

      await streams.delete('CHAT_2');
      await streams.add({ name: 'CHAT_2', subjects: ['chat.2.>'], storage: StorageType.Memory });
      await expect(kept.open()).rejects.toThrow(
        'the stream CHAT_2 cannot be used: it is kept in memory, not in files',
      );
      await streams.delete('CHAT_2');
      await streams.add({ name: 'CHAT_2', subjects: ['chat.2.>'], retention: RetentionPolicy.Workqueue });
      await expect(kept.open()).rejects.toThrow(
        'the stream CHAT_2 cannot be used: its retention is workqueue',
      );
      await streams.delete('CHAT_2');
      await streams.add({ name: 'CHAT_2', subjects: ['chat.2.*.only'] });
      await expect(kept.open()).rejects.toThrow(
        'the stream CHAT_2 cannot be used: it stores chat.2.*.only, not chat.2.>',
      );
      await streams.delete('CHAT_2');
      await outside.close();
      await (await kept.open()).close();
    });

    test('wrong credentials are refused at once, without saying them', async () => {
      const refused = kept.open({ password: 'guess-me' });
      await expect(refused).rejects.toThrow(
        /^NATS_URL: the server at nats:\/\/127.0.0.1:\d+ refuses the credentials$/,
      );
    });

    test('more replicas than the server is safe for, or has, are refused', async () => {
      const refused = kept.open({ replicas: 3 });
      await expect(refused).rejects.toThrow(version === 'debian' ? /lets two writers win/ : /replicas/);
    });
  });
});

test('a server that nobody answers at is given up after the time it may take, without its password', async () => {
  const started = Date.now();
  const opening = connectStorage({
    url: 'nats://me:secret@127.0.0.1:1',
    name: 'test',
    patienceMs: 1_500,
    onFault: () => {},
  });
  await expect(opening).rejects.toThrow(/^NATS_URL: nobody answers at nats:\/\/127.0.0.1:1 within 2 s$/);
  expect(Date.now() - started).toBeGreaterThan(1_000);
});

test('a bad number of streams is refused', async () => {
  if (!hasNats('newest')) return;
  const kept = await startJetStream('newest');
  await expect(kept.open({ chatStreams: 65 })).rejects.toThrow('LOG_STREAMS must be 1 to 64, not 65');
  await kept.end();
});

test('versions are compared as numbers', () => {
  expect(isBefore('2.9.10', '2.10.0')).toBe(true);
  expect(isBefore('2.14.9', '2.9.10')).toBe(false);
  expect(isBefore('2.9.10', '2.9.10')).toBe(false);
  expect(isBefore('2.12.0-RC.1', '2.12.0')).toBe(false);
});

test('servers that two writers could both win on are refused, doubtful ones warned of', () => {
  expect(refusalOf('2.9.9', 1)).toContain('too old');
  expect(refusalOf('2.9.10', 1)).toBeUndefined();
  expect(refusalOf('2.9.20', 3)).toContain('two writers');
  expect(refusalOf('2.9.21', 3)).toBeUndefined();
  expect(warningOf('2.11.4', 3)).toContain('2.12.12');
  expect(warningOf('2.11.4', 1)).toBeUndefined();
  expect(warningOf('2.12.12', 3)).toBeUndefined();
});

test('durability says no more than the server does', () => {
  expect(durabilityOf('2.9.10', 1, true)).toContain('cannot sync each commit');
  expect(durabilityOf('2.14.9', 1, true)).toContain('survives a power failure');
  expect(durabilityOf('2.14.9', 1, false)).toContain('may cost');
  expect(durabilityOf('2.14.9', 3, undefined)).toContain('only where');
});
