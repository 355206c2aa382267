// Erases commits for good: overwritten where they lie, not only forgotten, which a purge by subject would leave on the disk.
import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import type { StoredCommit } from '../commit.ts';
import type { Address } from '../subjects.ts';
import type { Link } from './link.ts';

/** Overwrites under way at once, and how often what was left is looked for again. */
const AT_ONCE = 16;
const ROUNDS = 10;

/** Overwrites every commit of the aggregate up to and with `upTo`. Throws where some are still there after ten rounds. */
export async function eraseCommits(
  link: Link,
  address: Address,
  upTo: number,
  read: () => AsyncIterable<StoredCommit>,
): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const sequences: number[] = [];
    for await (const commit of read()) {
      if (commit.sequence > upTo) break;
      sequences.push(commit.sequence);
    }
    if (sequences.length === 0) return;
    for (let from = 0; from < sequences.length; from += AT_ONCE) {
      await Promise.all(
        sequences.slice(from, from + AT_ONCE).map((sequence) => overwrite(link, address.stream, sequence)),
      );
    }
  }
  throw new Error(`commits of ${address.subject} are still there after ${ROUNDS} rounds of erasing`);
}

async function overwrite(link: Link, stream: string, sequence: number): Promise<void> {
  link.assertConnected();
  try {
    await link.jsm.streams.deleteMessage(stream, sequence, true);
  } catch (error) {
    // Somebody else erased it in between: that is what was wanted.
    if (!isGone(error)) throw error;
  }
}

function isGone(error: unknown): boolean {
  if (!(error instanceof JetStreamApiError)) return false;
  return error.code === JetStreamApiCodes.NoMessageFound || /not found|no message/i.test(error.message);
}
