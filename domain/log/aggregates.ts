// Where commands meet the log: one queue per aggregate, decided in order, joined into commits, appended with an expectation.
import type { Actor } from '../actor.ts';
import { type Decider, refuse } from '../decider.ts';
import { type Ask, type Batch, decideBatch, type Outcome, type Waiting } from './batch.ts';
import { encodeCommit, factOf, StoredCommit } from './commit.ts';
import { FoldCache } from './fold-cache.ts';
import type { Folded, Frozen } from './folded.ts';
import type { Log } from './log.ts';
import { LogUnreachable } from './log-unreachable.ts';
import { positionOf } from './position.ts';
import type { Snapshots } from './snapshots.ts';
import type { Address } from './subjects.ts';

export interface AggregatesOptions<State, Request, Fact> {
  readonly log: Log;
  readonly decider: Decider<State, Request & { readonly actor: Actor }, Fact>;
  readonly snapshots?: Snapshots<State>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** States kept in memory. */
  readonly cached?: number;
  /** Commands that may wait for one aggregate, and for all. */
  readonly waiting?: { readonly each: number; readonly all: number };
  /** Milliseconds waited between tries of an append of unknown outcome before the caller is told. */
  readonly patience?: number;
  /** Hears of faults that concern no caller, such as a snapshot that could not be written. */
  readonly onFault?: (fault: unknown) => void;
}

/** Versions between two snapshots. */
const SNAPSHOT_EVERY = 200;
const MAX_CONFLICTS = 20;

export type { Ask, Done, Outcome } from './batch.ts';

/** The aggregates of one kind, as one process sees them. */
export class Aggregates<
  State,
  Request extends { readonly type: string },
  Fact extends { readonly type: string; readonly data: unknown },
> {
  readonly #options: AggregatesOptions<State, Request, Fact>;
  readonly #cache: FoldCache<State, Request & { readonly actor: Actor }, Fact>;
  readonly #lanes = new Map<string, Waiting<State, Request>[]>();
  readonly #listeners: ((stored: StoredCommit, state: State) => void)[] = [];
  #waiting = 0;
  #arrivals = 0;

  constructor(options: AggregatesOptions<State, Request, Fact>) {
    this.#options = options;
    const { log, decider, snapshots, cached = 5_000 } = options;
    this.#cache = new FoldCache({ log, decider, snapshots, most: cached });
  }

  /** Hears every commit that this process stored, at once and in order per aggregate. */
  onStored(listener: (stored: StoredCommit, state: State) => void): void {
    this.#listeners.push(listener);
  }

  /** Carries a command out, once, in order of arrival with all others of this aggregate. */
  handle(address: Address, ask: Ask<Request>): Promise<Outcome<State>> {
    const limits = this.#options.waiting ?? { each: 1_000, all: 20_000 };
    const lane = this.#lanes.get(address.subject);
    if (this.#waiting >= limits.all || (lane && lane.length >= limits.each))
      return Promise.resolve(refuse('busy'));
    this.#waiting++;
    return new Promise<Outcome<State>>((resolve, reject) => {
      const waiting: Waiting<State, Request> = { ask, arrived: ++this.#arrivals, resolve, reject };
      if (lane) {
        lane.push(waiting);
        return;
      }
      const started = [waiting];
      this.#lanes.set(address.subject, started);
      void this.#run(address, started);
    }).finally(() => {
      this.#waiting--;
    });
  }

  /**
   * The aggregate's fold. With `confirm` (the default) it is compared with the log's head first, so
   * that it is current; without, it may lag behind other processes' commits. That there is nothing at all
   * is always confirmed: it may have been looked for before it began elsewhere.
   */
  async load(
    address: Address,
    options: { confirm?: boolean } = {},
  ): Promise<Readonly<Pick<Folded<State>, 'state' | 'sequence' | 'version' | 'at'>>> {
    const kept = this.#cache.peek(address);
    const folded = await this.#cache.get(address);
    if (!kept || (options.confirm === false && folded.version > 0)) return folded;
    const asOf = this.#arrivals;
    const [tail] = await this.#options.log.tails([address]);
    if (tail !== undefined && tail > folded.sequence) await this.#cache.refresh(address, folded, asOf);
    return folded;
  }

  /** The state as this process has it, without asking anybody; undefined where it has none. */
  peek(address: Address): Readonly<Pick<Folded<State>, 'state' | 'sequence' | 'version' | 'at'>> | undefined {
    return this.#cache.peek(address);
  }

  /** Takes in a live copy of a commit, wherever it was written: keeps a cached state warm. */
  observe(stored: StoredCommit): void {
    // While a lane is at work, it alone moves its fold: the append's answer brings the same commit.
    if (this.#lanes.has(stored.address.subject)) return;
    const folded = this.#cache.peek(stored.address);
    if (folded && !folded.apply(stored, this.#options.decider)) this.#cache.drop(stored.address);
  }

  /** Forgets the state, and its snapshot where `snapshot`: after an erasure. */
  async forget(address: Address, snapshot = false): Promise<void> {
    this.#cache.drop(address);
    if (snapshot) await this.#options.snapshots?.drop(address);
  }

  async #run(address: Address, lane: Waiting<State, Request>[]): Promise<void> {
    const { decider, now } = this.#options;
    const deciding = { decider, cache: this.#cache, now, arrivals: () => this.#arrivals };
    let conflicts = 0;
    while (lane.length > 0) {
      let batch: Batch<State, Request> | undefined;
      try {
        const folded = await this.#cache.get(address);
        batch = await decideBatch(deciding, address, lane, folded);
        if (!batch) continue;
        const asOf = this.#arrivals;
        const appended = await this.#store(address, batch);
        if (appended === 'conflict' && ++conflicts <= MAX_CONFLICTS) {
          lane.unshift(...batch.taken.map((taken) => taken.waiting));
          batch = undefined;
          await this.#cache.refresh(address, folded, this.#arrivals);
        } else if (typeof appended === 'string') {
          for (const { waiting } of batch.taken)
            waiting.resolve(refuse(appended === 'conflict' ? 'busy' : appended));
        } else {
          conflicts = 0;
          this.#stored(address, folded, appended, batch, asOf);
        }
      } catch (fault) {
        this.#cache.drop(address);
        for (const waiting of [...(batch?.taken.map((taken) => taken.waiting) ?? []), ...lane.splice(0)]) {
          if (fault instanceof LogUnreachable) waiting.resolve(refuse('unavailable'));
          else waiting.reject(fault);
        }
      }
    }
    this.#lanes.delete(address.subject);
  }

  async #store(
    address: Address,
    { base, at, spelled, events }: Batch<State, Request>,
  ): Promise<StoredCommit | 'conflict' | 'busy' | 'unavailable'> {
    const bytes = encodeCommit(base.version + 1, at, spelled);
    const { log, patience = 10_000 } = this.#options;
    let waited = 0;
    for (let pause = 50; ; pause = Math.min(pause * 2, 1_000)) {
      const appended = await log.append(address, bytes, base.sequence);
      if (appended.kind === 'stored')
        return new StoredCommit(address, appended.sequence, bytes, { version: base.version + 1, at, events });
      // Busy after a try of unknown outcome is not "nothing was done".
      const unknown = appended.kind === 'unknown' || (appended.kind === 'busy' && waited > 0);
      if (!unknown) return appended.kind;
      if (waited >= patience) return 'unavailable';
      waited += pause;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  #stored(
    address: Address,
    folded: Folded<State>,
    stored: StoredCommit,
    { base, taken }: Batch<State, Request>,
    asOf: number,
  ): void {
    const { decider } = this.#options;
    const before = base.version;
    let { state } = base;
    if (!folded.apply(stored, decider))
      throw new Error(`the commit at ${stored.sequence} does not follow the state it was decided on`);
    // What arrived while the append was under way may know of a commit that came right after it.
    folded.confirmed = Math.max(folded.confirmed, asOf);
    for (const listener of this.#listeners) listener(stored, folded.state);
    const events = stored.events();
    let next = 0;
    for (const { waiting, count } of taken) {
      const own = events.slice(next, next + count);
      next += count;
      // Several commands in one commit: each is told the state right after its own part.
      if (next < events.length) for (const event of own) state = decider.evolve(state, factOf<Fact>(event));
      else state = folded.state;
      waiting.resolve({
        version: before + next,
        position: positionOf(address, stored.sequence, next - 1),
        repeated: false,
        unchanged: false,
        events: own,
        state,
      });
    }
    const closes = events.some((event) => event.type === 'ConversationClosed');
    const { snapshots } = this.#options;
    if (
      snapshots &&
      folded.version >= 32 &&
      (closes || Math.floor(before / SNAPSHOT_EVERY) !== Math.floor(folded.version / SNAPSHOT_EVERY))
    ) {
      const { onFault } = this.#options;
      this.#freeze(address, folded.freeze(snapshots.shape), snapshots).catch((fault: unknown) =>
        onFault?.(fault),
      );
    }
  }

  /** Keeps a snapshot, unless what it was made of has been erased meanwhile: an erasure drops only those it finds. */
  async #freeze(address: Address, frozen: Frozen<State>, snapshots: Snapshots<State>): Promise<void> {
    await snapshots.save(address, frozen);
    if (!(await this.#options.log.at(address.stream, frozen.sequence))) await snapshots.drop(address);
  }
}
