// Fills a log with realistic history fast: for demonstrations, for the bench, for trying a rebuild at size.
import { mintConversationId } from '../../domain/ids.ts';
import type { Log, Storage } from '../../domain/log/log.ts';
import type { Address } from '../../domain/log/subjects.ts';
import { Randomness } from './randomness.ts';
import { type Cast, tellStory } from './story.ts';
import { Telling, type ToldCommit } from './telling.ts';

export interface LoadOptions extends Cast {
  readonly storage: Pick<Storage, 'log'>;
  /** The workspace the conversations belong to. */
  readonly workspace: string;
  /** How many events to append; exact but for a last commit of several. At least 1. */
  readonly events: number;
  /** The same seed tells the same conversations; a second load with it fails, for they are there already. */
  readonly seed: number;
  /** The present, in milliseconds since 1970: history ends here. */
  readonly now: number;
  /** Days that the history covers; 28. */
  readonly days?: number;
  /** Conversations appended at the same time; 256. */
  readonly atOnce?: number;
  /** Hears about four times a second how many events are stored. */
  readonly onProgress?: (stored: number) => void;
  readonly signal?: AbortSignal;
}

export interface Loaded {
  readonly events: number;
  readonly commits: number;
  readonly conversations: number;
  readonly erased: number;
  readonly seconds: number;
}

const DAY = 86_400_000;
/** How busy each hour of a day is, from midnight on. */
const RHYTHM = [1, 1, 1, 1, 1, 2, 4, 8, 14, 18, 20, 20, 17, 17, 19, 19, 18, 15, 12, 11, 10, 7, 4, 2];
const BUSY_PAUSE_MS = 20;

interface Told {
  readonly address: Address;
  readonly commits: readonly ToldCommit[];
  readonly erased: boolean;
}

/** Appends the history and waits until all of it is stored. Throws where the log refuses or the history is there already. */
export async function load(options: LoadOptions): Promise<Loaded> {
  const { storage, atOnce = 256, onProgress, signal } = options;
  const started = performance.now();
  const histories = tell(options);
  const done = { events: 0, commits: 0, conversations: 0, erased: 0 };
  let failed = false;
  const lane = async () => {
    // All lanes draw from one generator, so that the log holds the conversations about in the order of their starts.
    for (const told of histories) {
      for (const count of await appendAll(storage.log, told, () => failed || signal?.aborted === true)) {
        done.events += count;
        done.commits += 1;
      }
      done.conversations += 1;
      if (told.erased) done.erased += 1;
      if (failed || signal?.aborted) return;
    }
  };
  const ticking = setInterval(() => onProgress?.(done.events), 250);
  try {
    await Promise.all(
      Array.from({ length: atOnce }, () =>
        lane().catch((fault: unknown) => {
          failed = true;
          throw fault;
        }),
      ),
    );
  } finally {
    clearInterval(ticking);
  }
  onProgress?.(done.events);
  return { ...done, seconds: (performance.now() - started) / 1_000 };
}

/** Tells conversation after conversation, each when it is asked for, until there are enough events. */
function* tell(options: LoadOptions): Generator<Told, void, undefined> {
  const { workspace, events, seed, now, days = 28, storage } = options;
  const random = new Randomness(seed);
  let told = 0;
  while (told < events) {
    const startsAt = now - days * DAY + momentOf(told / events, days);
    const telling = new Telling(random, startsAt, now);
    const id = mintConversationId(workspace, random.bytes(16));
    tellStory(telling, random, options);
    const commits: ToldCommit[] = [];
    for (const commit of telling.commits) {
      if (told >= events) break;
      commits.push(commit);
      told += commit.events;
    }
    const whole = commits.length === telling.commits.length;
    const address = storage.log.subjects.conversation(workspace, id);
    yield { address, commits, erased: whole && telling.state.status === 'erased' };
  }
}

/** Milliseconds from the history's beginning at which that part (0 to 1) of it has happened: nights are quiet. */
function momentOf(part: number, days: number): number {
  const day = Math.floor(part * days);
  const total = RHYTHM.reduce((sum, weight) => sum + weight, 0);
  let left = (part * days - day) * total;
  for (const [hour, weight] of RHYTHM.entries()) {
    if (left < weight) return day * DAY + ((hour + left / weight) * DAY) / 24;
    left -= weight;
  }
  return (day + 1) * DAY;
}

/** Appends one conversation's commits in order; answers the number of events in each that was stored. */
async function appendAll(
  log: Log,
  { address, commits, erased }: Told,
  isStopped: () => boolean,
): Promise<number[]> {
  let sequence = 0;
  let before = 0;
  const counts: number[] = [];
  for (const commit of commits) {
    if (isStopped()) return counts;
    before = sequence;
    sequence = await appendOne(log, address, commit, sequence);
    counts.push(commit.events);
  }
  if (erased) await log.erase(address, before);
  return counts;
}

async function appendOne(log: Log, address: Address, commit: ToldCommit, expected: number): Promise<number> {
  for (;;) {
    const appended = await log.append(address, commit.bytes, expected);
    switch (appended.kind) {
      case 'stored':
        return appended.sequence;
      case 'conflict': {
        // Either our own, sent again after an unknown outcome, or this history was loaded before.
        const last = await log.last(address, true);
        if (
          last &&
          last.commit.version === commit.version &&
          last.commit.events[0]?.command === commit.command &&
          last.sequence > expected
        ) {
          return last.sequence;
        }
        throw new Error(`the conversation ${address.id} is in the log already: load with another seed`);
      }
      case 'busy':
      case 'unknown':
        await new Promise((resolve) => setTimeout(resolve, BUSY_PAUSE_MS));
    }
  }
}
