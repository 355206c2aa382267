// One reader of a stream for all webhooks: whoever has no room now and then is still offered every commit of its workspace, once, in order.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StoredCommit } from '../../../domain/log/commit.ts';
import { type MemoryStorage, memoryStorage } from '../../../domain/log/memory.ts';
import { Feed, type Taker } from '../../../edge/out/webhooks/feed.ts';
import { commit, OTHER_WORKSPACE, until, WORKSPACE } from '../../domain/log/commits.ts';

/** Takes until it has no room; `drain` makes some. */
class Reader implements Taker {
  readonly workspace: string;
  readonly taken: number[] = [];
  #room: number;
  readonly #size: number;
  constructor(workspace: string, size: number) {
    this.workspace = workspace;
    this.#size = size;
    this.#room = size;
  }
  offer(stored: StoredCommit): boolean {
    if (this.#room === 0) return false;
    this.#room -= 1;
    this.taken.push(stored.sequence);
    return true;
  }
  drain(): boolean {
    const was = this.#room;
    this.#room = this.#size;
    return was === 0;
  }
}

/** Appends to conversations of a workspace, all in one stream; returns the sequences. */
function writer(storage: MemoryStorage, workspace: string) {
  const address = storage.log.subjects.conversation(workspace, `talk-of-${workspace}`);
  let version = 0;
  const sequences: number[] = [];
  return {
    sequences,
    async write(count: number) {
      for (let each = 0; each < count; each++) {
        version += 1;
        const stored = await storage.log.append(address, commit(version), sequences.at(-1) ?? 0);
        if (stored.kind !== 'stored') throw new Error(stored.kind);
        sequences.push(stored.sequence);
      }
    },
  };
}

test('every reader is offered all of its workspace’s commits once and in order, however little room it has', async () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('write' as const),
      mine: fc.boolean(),
      count: fc.integer({ min: 1, max: 6 }),
    }),
    fc.record({ kind: fc.constant('drain' as const), who: fc.nat(3) }),
    fc.record({
      kind: fc.constant('join' as const),
      size: fc.integer({ min: 1, max: 5 }),
      mine: fc.boolean(),
    }),
    fc.record({ kind: fc.constant('wait' as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const storage = memoryStorage({ chatStreams: 1 });
      const faults: unknown[] = [];
      const [mine, other] = [writer(storage, WORKSPACE), writer(storage, OTHER_WORKSPACE)];
      await mine.write(3);
      const feed = new Feed(storage.log, 'CHAT_0', await storage.log.head('CHAT_0'), (fault) =>
        faults.push(fault),
      );
      const readers: { reader: Reader; after: number }[] = [];
      for (const each of steps) {
        if (each.kind === 'write') await (each.mine ? mine : other).write(each.count);
        else if (each.kind === 'join') {
          const reader = new Reader(each.mine ? WORKSPACE : OTHER_WORKSPACE, each.size);
          const after = readers.length % 2 === 0 ? 0 : await storage.log.head('CHAT_0');
          feed.join(reader, after);
          feed.resume(reader);
          readers.push({ reader, after });
        } else if (each.kind === 'drain') {
          const chosen = readers[each.who]?.reader;
          if (chosen?.drain()) feed.resume(chosen);
        } else await new Promise((resolve) => setTimeout(resolve, 1));
      }
      const expected = ({ reader, after }: (typeof readers)[number]) =>
        (reader.workspace === WORKSPACE ? mine : other).sequences.filter((sequence) => sequence > after);
      await until(() => {
        for (const { reader } of readers) if (reader.drain()) feed.resume(reader);
        return readers.every((each) => each.reader.taken.length >= expected(each).length);
      });
      for (const each of readers) expect(each.reader.taken).toEqual(expected(each));
      const head = await storage.log.head('CHAT_0');
      await until(() => readers.every(({ reader }) => feed.scanned(reader) === head));
      await feed.close();
      await storage.close();
      expect(faults).toEqual([]);
    }),
    { numRuns: 60 },
  );
}, 60_000);

test('how far a reader was read to never runs ahead of what it was offered', async () => {
  const storage = memoryStorage({ chatStreams: 1 });
  const mine = writer(storage, WORKSPACE);
  const feed = new Feed(storage.log, 'CHAT_0', 0, (fault) => {
    throw fault;
  });
  const reader = new Reader(WORKSPACE, 2);
  feed.join(reader, 0);
  await mine.write(5);
  expect(feed.scanned(reader)).toBe(0);
  feed.resume(reader);
  await until(() => reader.taken.length === 2);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(feed.scanned(reader)).toBe(mine.sequences[1]);
  reader.drain();
  feed.resume(reader);
  await until(() => reader.taken.length === 4);
  feed.leave(reader);
  await mine.write(3);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(reader.taken).toEqual(mine.sequences.slice(0, 4));
  await feed.close();
  await storage.close();
});

test('a reader that has room again while the rest is being read misses nothing of what passed meanwhile', async () => {
  const storage = memoryStorage({ chatStreams: 1 });
  const mine = writer(storage, WORKSPACE);
  await mine.write(6);
  const { log } = storage;
  const taken: number[] = [];
  let room = 2;
  let refused = false;
  const taker: Taker = {
    workspace: WORKSPACE,
    offer({ sequence }) {
      refused = room === 0;
      if (refused) return false;
      room -= 1;
      taken.push(sequence);
      return true;
    },
  };
  let feed: Feed | undefined;
  const makeRoom = () => {
    if (!refused) return;
    refused = false;
    room = 2;
    feed?.resume(taker);
  };
  const readStream = log.readStream.bind(log);
  log.readStream = async function* (stream, after, options) {
    if (options?.follow) return yield* readStream(stream, after, options);
    // Between any two commits, and after the last.
    for await (const batch of readStream(stream, after, options))
      for (const stored of batch) {
        yield [stored];
        makeRoom();
      }
  };
  feed = new Feed(log, 'CHAT_0', 6, (fault) => {
    throw fault;
  });
  // While the first is read to, the two others wait, and are then read to together: one of them has all the room there is.
  const [first, roomy] = [new Reader(WORKSPACE, 100), new Reader(WORKSPACE, 100)];
  for (const each of [first, taker, roomy]) feed.join(each, 0);
  for (const each of [first, taker, roomy]) feed.resume(each);
  await until(() => {
    makeRoom();
    return taken.length >= 6;
  });
  expect(taken).toEqual(mine.sequences);
  for (const each of [first, roomy]) expect(each.taken).toEqual(mine.sequences);
  await feed.close();
  await storage.close();
});

test('what a reader was read to already it is not offered again by who comes later', async () => {
  const storage = memoryStorage({ chatStreams: 1 });
  const mine = writer(storage, WORKSPACE);
  let open: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const { log } = storage;
  const readStream = log.readStream.bind(log);
  log.readStream = async function* (stream, after, options) {
    if (options?.follow) await gate;
    yield* readStream(stream, after, options);
  };
  await mine.write(2);
  const feed = new Feed(log, 'CHAT_0', 2, (fault) => {
    throw fault;
  });
  const reader = new Reader(WORKSPACE, 100);
  await mine.write(3);
  feed.join(reader, 0);
  feed.resume(reader);
  await until(() => reader.taken.length === 5);
  open();
  await mine.write(2);
  await until(() => reader.taken.length >= 7);
  expect(reader.taken).toEqual(mine.sequences);
  await feed.close();
  await storage.close();
});
