// Where commands meet the log: one queue per aggregate, decided in order, joined into commits, appended with an expectation.
import type { Actor } from '../actor.ts';
import { type Decider, isRefusal, type Placed, type Refusal, refuse } from '../decider.ts';
import {
  encodeCommit,
  encodeEvent,
  MAX_COMMIT_BYTES,
  type RecordedEvent,
  StoredCommit,
  type StoredEvent,
  weigh,
} from './commit.ts';
import { type Effect, Folded } from './folded.ts';
import type { Log } from './log.ts';
import { LogUnreachable } from './log-unreachable.ts';
import { MAX_EVENTS, positionOf } from './position.ts';
import type { Snapshots } from './snapshots.ts';
import type { Address } from './subjects.ts';

/** A request with its id, who asks, and what led to it. */
export type Ask<Request> = Request & {
  readonly actor: Actor;
  readonly command: string;
  readonly cause?: string;
};

/** What became of a command that was not refused. */
export interface Done<State> extends Effect {
  /** True where the command had been carried out before: this answer repeats the first. */
  readonly repeated: boolean;
  /** True where all was as asked already, so that nothing was stored. */
  readonly unchanged: boolean;
  readonly events: readonly RecordedEvent[];
  /** The state right after this command, as far as it is known. */
  readonly state: State;
}

/** Beside the decider's own reasons: `busy` (nothing was done, try later), `unavailable` (done or not; the same command again is safe). */
export type Outcome<State> = Done<State> | Refusal;

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

interface Waiting<State, Request> {
  readonly ask: Ask<Request>;
  readonly arrived: number;
  resolve(outcome: Outcome<State>): void;
  reject(fault: unknown): void;
}

interface Taken<State, Request> {
  readonly waiting: Waiting<State, Request>;
  readonly count: number;
}

/** What was decided for one commit, and what it was decided on. */
interface Batch<State, Request> {
  readonly taken: readonly Taken<State, Request>[];
  readonly events: readonly StoredEvent[];
  /** The same, spelled. */
  readonly spelled: readonly string[];
  readonly at: string;
  readonly base: { readonly state: State; readonly version: number; readonly sequence: number };
}

const SNAPSHOT_EVERY = 200;
const MAX_CONFLICTS = 20;

/** The aggregates of one kind, as one process sees them. */
export class Aggregates<
  State,
  Request extends { readonly type: string },
  Fact extends { readonly type: string; readonly data: unknown },
> {
  readonly #options: AggregatesOptions<State, Request, Fact>;
  readonly #cache = new Map<string, Folded<State>>();
  readonly #lanes = new Map<string, Waiting<State, Request>[]>();
  readonly #loading = new Map<string, Promise<Folded<State>>>();
  readonly #listeners: ((stored: StoredCommit, state: State) => void)[] = [];
  #waiting = 0;
  #arrivals = 0;

  constructor(options: AggregatesOptions<State, Request, Fact>) {
    this.#options = options;
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
   * that it is current; without, it may lag behind other processes' commits.
   */
  async load(
    address: Address,
    options: { confirm?: boolean } = {},
  ): Promise<Readonly<Pick<Folded<State>, 'state' | 'sequence' | 'version' | 'at'>>> {
    const cached = this.#cached(address);
    if (!cached) return this.#fetch(address);
    if (options.confirm === false) return cached;
    const [tail] = await this.#options.log.tails([address]);
    return tail !== undefined && tail > cached.sequence ? this.#refresh(address, cached) : cached;
  }

  /** The state as this process has it, without asking anybody; undefined where it has none. */
  peek(address: Address): Readonly<Pick<Folded<State>, 'state' | 'sequence' | 'version' | 'at'>> | undefined {
    return this.#cache.get(address.subject);
  }

  /** Takes in a live copy of a commit, wherever it was written: keeps a cached state warm. */
  observe(stored: StoredCommit): void {
    // While a lane is at work, it alone moves its fold: the append's answer brings the same commit.
    if (this.#lanes.has(stored.address.subject)) return;
    const folded = this.#cache.get(stored.address.subject);
    if (folded && !folded.apply(stored, this.#options.decider)) this.#cache.delete(stored.address.subject);
  }

  /** Forgets the state, and its snapshot where `snapshot`: after an erasure. */
  async forget(address: Address, snapshot = false): Promise<void> {
    this.#cache.delete(address.subject);
    if (snapshot) await this.#options.snapshots?.drop(address);
  }

  async #run(address: Address, lane: Waiting<State, Request>[]): Promise<void> {
    let conflicts = 0;
    while (lane.length > 0) {
      let batch: Batch<State, Request> | undefined;
      try {
        const folded = this.#cached(address) ?? (await this.#fetch(address));
        batch = await this.#take(address, lane, folded);
        if (!batch) continue;
        const appended = await this.#store(address, batch);
        if (appended === 'conflict' && ++conflicts <= MAX_CONFLICTS) {
          lane.unshift(...batch.taken.map((taken) => taken.waiting));
          batch = undefined;
          await this.#refresh(address, folded);
        } else if (typeof appended === 'string') {
          for (const { waiting } of batch.taken)
            waiting.resolve(refuse(appended === 'conflict' ? 'busy' : appended));
        } else {
          conflicts = 0;
          this.#stored(address, folded, appended, batch);
        }
      } catch (fault) {
        this.#cache.delete(address.subject);
        for (const waiting of [...(batch?.taken.map((taken) => taken.waiting) ?? []), ...lane.splice(0)]) {
          if (fault instanceof LogUnreachable) waiting.resolve(refuse('unavailable'));
          else waiting.reject(fault);
        }
      }
    }
    this.#lanes.delete(address.subject);
  }

  /** Decides what waits, in order, until a commit is full; answers what needs no commit. Undefined where nothing is to be stored. */
  async #take(
    address: Address,
    lane: Waiting<State, Request>[],
    folded: Folded<State>,
  ): Promise<Batch<State, Request> | undefined> {
    const { decider, now } = this.#options;
    // A clock that jumped back does not turn the history round.
    const time = () => new Date(Math.max(now(), folded.at === '' ? 0 : Date.parse(folded.at))).toISOString();
    let at = time();
    const taken: Taken<State, Request>[] = [];
    const stored: StoredEvent[] = [];
    const spelled: string[] = [];
    const inBatch = new Set<string>();
    let bytes = 0;
    // Reads may move the fold on while this waits: what was decided stands on this base alone.
    let base = { state: folded.state, version: folded.version, sequence: folded.sequence };
    let { state, version } = base;

    for (let next = lane[0]; next; next = lane[0]) {
      const { ask } = next;
      // A repeat of a command that is in this very commit waits for it, and is then found in the state.
      if (inBatch.has(ask.command)) break;
      const known =
        folded.effectOf(ask.command) ??
        (folded.mayHaveForgotten(ask.command) ? await this.#lookUp(address, ask.command) : undefined);
      if (known) {
        lane.shift();
        next.resolve({ ...known, repeated: true, unchanged: false, events: [], state: folded.state });
        continue;
      }
      const decision = decider.decide({ ...ask, at }, state);
      if (isRefusal(decision) || decision.length === 0) {
        // What a stale state turns down might be allowed: it is confirmed against the head first, or by the append before it.
        if (taken.length > 0) break;
        if (folded.confirmed < next.arrived) {
          await this.#refresh(address, folded);
          base = { state: folded.state, version: folded.version, sequence: folded.sequence };
          ({ state, version } = base);
          at = time();
          continue;
        }
        lane.shift();
        next.resolve(
          isRefusal(decision)
            ? decision
            : { ...this.#head(address, folded), repeated: false, unchanged: true, events: [], state },
        );
        continue;
      }
      const events = decision.map(
        (fact): StoredEvent => ({
          type: fact.type,
          data: fact.data,
          actor: ask.actor,
          command: ask.command,
          cause: ask.cause,
        }),
      );
      const lines = events.map(encodeEvent);
      const weight = lines.reduce((sum, line) => sum + weigh(line), 0);
      if (
        taken.length > 0 &&
        (spelled.length + lines.length > MAX_EVENTS || bytes + weight > MAX_COMMIT_BYTES - 1_024)
      )
        break;
      lane.shift();
      for (const [index, fact] of decision.entries()) {
        // The position is not known before the append; nothing that is decided may depend on it.
        state = decider.evolve(state, {
          ...fact,
          actor: ask.actor,
          version: version + index + 1,
          position: 0,
          at,
        } as Fact & Placed);
      }
      taken.push({ waiting: next, count: lines.length });
      inBatch.add(ask.command);
      stored.push(...events);
      spelled.push(...lines);
      version += lines.length;
      bytes += weight;
    }
    return taken.length > 0 ? { taken, events: stored, spelled, at, base } : undefined;
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
  ): void {
    const { decider } = this.#options;
    const before = base.version;
    let { state } = base;
    if (!folded.apply(stored, decider))
      throw new Error(`the commit at ${stored.sequence} does not follow the state it was decided on`);
    folded.confirmed = this.#arrivals;
    for (const listener of this.#listeners) listener(stored, folded.state);
    const events = stored.events();
    let next = 0;
    for (const { waiting, count } of taken) {
      const own = events.slice(next, next + count);
      next += count;
      // Several commands in one commit: each is told the state right after its own part.
      if (next < events.length)
        for (const event of own) state = decider.evolve(state, event as unknown as Fact & Placed);
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
    if (
      this.#options.snapshots &&
      folded.version >= 32 &&
      (closes || Math.floor(before / SNAPSHOT_EVERY) !== Math.floor(folded.version / SNAPSHOT_EVERY))
    ) {
      const { snapshots, onFault } = this.#options;
      snapshots.save(address, folded.freeze(snapshots.shape)).catch((fault: unknown) => onFault?.(fault));
    }
  }

  #head(address: Address, folded: Folded<State>): Effect {
    return {
      version: folded.version,
      position: folded.sequence === 0 ? 0 : positionOf(address, folded.sequence, 0),
    };
  }

  async #lookUp(address: Address, command: string): Promise<Effect | undefined> {
    let found: Effect | undefined;
    for await (const stored of this.#options.log.read(address, 0)) {
      for (const event of stored.events())
        if (event.command === command) found = { version: event.version, position: event.position };
    }
    return found;
  }

  async #refresh(address: Address, folded: Folded<State>): Promise<Folded<State>> {
    const asOf = this.#arrivals;
    const last = await this.#options.log.last(address, true);
    if (last && last.sequence > folded.sequence) {
      if (last.commit.version !== folded.version + 1 || !folded.apply(last, this.#options.decider)) {
        for await (const stored of this.#options.log.read(address, folded.sequence)) {
          if (folded.apply(stored, this.#options.decider)) continue;
          this.#cache.delete(address.subject);
          return this.#fetch(address);
        }
      }
    }
    folded.confirmed = Math.max(folded.confirmed, asOf);
    return folded;
  }

  #cached(address: Address): Folded<State> | undefined {
    const folded = this.#cache.get(address.subject);
    if (!folded) return undefined;
    this.#cache.delete(address.subject);
    this.#cache.set(address.subject, folded);
    return folded;
  }

  #fetch(address: Address): Promise<Folded<State>> {
    const under = this.#loading.get(address.subject);
    if (under) return under;
    const loading = this.#read(address).finally(() => this.#loading.delete(address.subject));
    this.#loading.set(address.subject, loading);
    return loading;
  }

  async #read(address: Address): Promise<Folded<State>> {
    const asOf = this.#arrivals;
    const { log, decider, snapshots, cached = 5_000 } = this.#options;
    const last = await log.last(address);
    const frozen = snapshots && last && last.commit.version > 64 ? await snapshots.load(address) : undefined;
    let folded = frozen ? Folded.thaw(frozen) : new Folded(decider.initial);
    if (
      last &&
      last.sequence > folded.sequence &&
      !(last.commit.version === folded.version + 1 && folded.apply(last, decider))
    ) {
      for await (const stored of log.read(address, folded.sequence)) {
        if (folded.apply(stored, decider)) continue;
        // The snapshot does not fit the log (restored from a backup, say): the log is right.
        folded = new Folded(decider.initial);
        for await (const again of log.read(address, 0)) folded.apply(again, decider);
        break;
      }
    }
    folded.confirmed = asOf;
    this.#cache.set(address.subject, folded);
    if (this.#cache.size > cached) {
      const [oldest] = this.#cache.keys();
      if (oldest !== undefined && oldest !== address.subject) this.#cache.delete(oldest);
    }
    return folded;
  }
}
