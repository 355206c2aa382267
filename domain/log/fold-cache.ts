// The folds that a process keeps: read when cold, brought up to the head when asked, the longest unused forgotten first.
import type { Decider } from '../decider.ts';
import type { StoredCommit } from './commit.ts';
import { type Effect, Folded, type Frozen } from './folded.ts';
import type { Log } from './log.ts';
import type { Snapshots } from './snapshots.ts';
import type { Address } from './subjects.ts';

/** Below this version a history is read faster than its snapshot is looked for. */
const WORTH_A_SNAPSHOT = 64;

export interface FoldCacheOptions<State, Request, Fact> {
  readonly log: Log;
  readonly decider: Decider<State, Request, Fact>;
  readonly snapshots?: Snapshots<State>;
  /** Folds kept. */
  readonly most: number;
}

export class FoldCache<State, Request, Fact> {
  readonly #options: FoldCacheOptions<State, Request, Fact>;
  readonly #folds = new Map<string, Folded<State>>();
  readonly #loading = new Map<string, Promise<Folded<State>>>();

  constructor(options: FoldCacheOptions<State, Request, Fact>) {
    this.#options = options;
  }

  /** The fold as it is kept, without asking anybody. */
  peek(address: Address): Folded<State> | undefined {
    return this.#folds.get(address.subject);
  }

  /** The fold, read from the log where it is not kept; another process may be ahead of it. */
  async get(address: Address): Promise<Folded<State>> {
    const kept = this.#folds.get(address.subject);
    if (!kept) return this.#load(address);
    this.#folds.delete(address.subject);
    this.#folds.set(address.subject, kept);
    return kept;
  }

  drop(address: Address): void {
    this.#folds.delete(address.subject);
  }

  /** Brings a fold up to the log's head, asked of the leader. `asOf` counts as the moment of the confirmation. */
  async refresh(address: Address, folded: Folded<State>, asOf: number): Promise<void> {
    const { log, decider } = this.#options;
    const last = await log.last(address, true);
    if (last && last.sequence > folded.sequence) {
      const next = last.commit.version === folded.version + 1 && folded.apply(last, decider);
      if (!next) await this.#catchUp(address, folded);
    }
    folded.confirmed = Math.max(folded.confirmed, asOf);
  }

  /** What a command brought about, looked for in the whole history; the fold learns on the way which others are in it. */
  async lookUp(address: Address, command: string, folded: Folded<State>): Promise<Effect | undefined> {
    let found: Effect | undefined;
    const commands = new Set<string>();
    for await (const stored of this.#options.log.read(address, 0)) {
      for (const event of stored.events()) {
        commands.add(event.command);
        if (event.command === command) found = { version: event.version, position: event.position };
      }
    }
    folded.learn(commands);
    return found;
  }

  #load(address: Address): Promise<Folded<State>> {
    const under = this.#loading.get(address.subject);
    if (under) return under;
    const loading = this.#read(address).finally(() => this.#loading.delete(address.subject));
    this.#loading.set(address.subject, loading);
    return loading;
  }

  async #read(address: Address): Promise<Folded<State>> {
    const { log, decider, snapshots, most } = this.#options;
    const last = await log.last(address);
    const long = last !== undefined && last.commit.version > WORTH_A_SNAPSHOT;
    const frozen = snapshots && long ? await snapshots.load(address) : undefined;
    const folded = frozen && fits(frozen, last) ? Folded.thaw(frozen) : new Folded(decider.initial);
    if (last && last.sequence > folded.sequence) {
      const next = last.commit.version === folded.version + 1 && folded.apply(last, decider);
      if (!next) await this.#catchUp(address, folded);
    }
    this.#folds.set(address.subject, folded);
    if (this.#folds.size > most) {
      const [oldest] = this.#folds.keys();
      if (oldest !== undefined && oldest !== address.subject) this.#folds.delete(oldest);
    }
    return folded;
  }

  /** Reads on from where the fold stands; a fold that the log does not continue is made anew: the log is right. */
  async #catchUp(address: Address, folded: Folded<State>): Promise<void> {
    const { log, decider } = this.#options;
    for await (const stored of log.read(address, folded.sequence)) {
      if (folded.apply(stored, decider)) continue;
      const anew = new Folded(decider.initial);
      for await (const again of log.read(address, 0)) mustFollow(anew.apply(again, decider), again);
      folded.become(anew);
      return;
    }
  }
}

/** A snapshot that is ahead of its log belongs to another one (restored from a backup, say): the log is right. */
function fits(frozen: Frozen<unknown>, last: StoredCommit | undefined): boolean {
  if (!last || frozen.sequence > last.sequence) return false;
  return frozen.sequence < last.sequence || frozen.version === last.lastVersion;
}

function mustFollow(follows: boolean, stored: StoredCommit): void {
  if (!follows)
    throw new Error(`the log has a gap before version ${stored.commit.version} of ${stored.address.subject}`);
}
