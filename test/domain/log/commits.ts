// Commits for the log's tests: small, with a text to look for.
import { encodeCommit, encodeEvent, type StoredCommit } from '../../../domain/log/commit.ts';
import type { Log } from '../../../domain/log/log.ts';
import type { Address } from '../../../domain/log/subjects.ts';

export const WORKSPACE = 'waaaaaaaaaaa2';
export const OTHER_WORKSPACE = 'wbbbbbbbbbbb3';

/** A commit of one message, as bytes. */
export function commit(version: number, text = `message ${version}`): Uint8Array {
  return encodeCommit(version, '2026-11-21T05:00:00.000Z', [
    encodeEvent({
      type: 'MessagePosted',
      data: { text },
      actor: { kind: 'visitor' },
      command: `command-${version}`,
    }),
  ]);
}

/** Appends `count` commits one after another; returns their sequences. */
export async function fill(
  log: Log,
  address: Address,
  count: number,
  from = 1,
  expected = 0,
): Promise<number[]> {
  const sequences: number[] = [];
  for (let version = from; version < from + count; version++) {
    const appended = await log.append(address, commit(version), sequences.at(-1) ?? expected);
    if (appended.kind !== 'stored') throw new Error(`not stored: ${JSON.stringify(appended)}`);
    sequences.push(appended.sequence);
  }
  return sequences;
}

export async function collect(commits: AsyncIterable<StoredCommit>): Promise<StoredCommit[]> {
  const all: StoredCommit[] = [];
  for await (const one of commits) all.push(one);
  return all;
}

export const versions = (commits: readonly StoredCommit[]): number[] =>
  commits.map(({ commit }) => commit.version);

/** Waits until it holds; throws after ten seconds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const givesUp = Date.now() + 10_000;
  while (!(await holds())) {
    if (Date.now() > givesUp) throw new Error('it did not come true within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
