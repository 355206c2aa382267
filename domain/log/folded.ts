// An aggregate as folded from the log so far: its state, where the log stood, and the commands it remembers.
import type { Decider } from '../decider.ts';
import { madeAt } from '../ids.ts';
import { factOf, type RecordedEvent, type StoredCommit } from './commit.ts';

/** Commands an aggregate remembers; an older one is looked up in its whole history. */
export const REMEMBERED = 512;

/** What a remembered command brought about. */
export interface Effect {
  /** Version of its last event. */
  readonly version: number;
  /** Position of its last event. */
  readonly position: number;
}

/** What a snapshot holds: a fold that can be taken up again. Disposable. */
export interface Frozen<State> {
  readonly shape: number;
  readonly sequence: number;
  readonly version: number;
  readonly at: string;
  readonly state: State;
  readonly commands: readonly (readonly [string, number, number])[];
  /** Prints of all older commands; left out where they are not known, or too many. */
  readonly forgotten?: readonly number[];
}

/** Prints a snapshot may hold: beyond, one look through the history after a cold start is cheaper. */
const MAX_PRINTS = 20_000;

/** 28 random bits of a command's id: tells nearly always that a command is not among the forgotten ones. */
const printOf = (command: string): number => Number.parseInt(command.slice(-7), 16);

/** An aggregate's fold; moves forward commit by commit and never back. */
export class Folded<State> {
  state: State;
  /** Sequence of the last commit folded in; the next append expects it. */
  sequence = 0;
  version = 0;
  /** ISO 8601 of the last commit. */
  at = '';
  /** Counts confirmations against the log's head: a reader compares it with the count at its own arrival. */
  confirmed = -1;
  readonly #commands = new Map<string, Effect>();
  /** Prints of the commands that are not remembered any more; undefined where the history before is not known. */
  #forgotten: Set<number> | undefined = new Set();

  constructor(initial: State) {
    this.state = initial;
  }

  /** Folds in the next commit. Copies of what is folded already are dropped; false for a commit that does not follow. */
  apply<Request, Fact>(stored: StoredCommit, decider: Decider<State, Request, Fact>): boolean {
    if (stored.sequence <= this.sequence) return true;
    const { version } = stored.commit;
    // A history that was erased begins anew at a later version; any other jump is a gap.
    if (version !== this.version + 1 && this.version !== 0) return false;
    let { state } = this;
    for (const event of stored.events()) {
      state = decider.evolve(state, factOf<Fact>(event));
      this.#remember(event, decider.forgets ?? false);
    }
    this.state = state;
    this.sequence = stored.sequence;
    this.version = stored.lastVersion;
    this.at = stored.commit.at;
    return true;
  }

  /** What the command brought about, if it is remembered. */
  effectOf(command: string): Effect | undefined {
    return this.#commands.get(command);
  }

  /** Whether a command that is not remembered may nevertheless be in the history. */
  mayHaveForgotten(command: string): boolean {
    if (this.#forgotten) return this.#forgotten.has(printOf(command));
    if (this.#commands.size < REMEMBERED) return false;
    const [oldest] = this.#commands.keys();
    return oldest !== undefined && madeAt(command) <= madeAt(oldest) + CLOCKS_APART;
  }

  /** Told the ids of all commands in the history: from then on a new command is known to be new without a look. */
  learn(commands: Iterable<string>): void {
    this.#forgotten = new Set();
    for (const command of commands) this.#forgotten.add(printOf(command));
  }

  /** Takes over everything from another fold of the same aggregate. */
  become(other: Folded<State>): void {
    this.state = other.state;
    this.sequence = other.sequence;
    this.version = other.version;
    this.at = other.at;
    this.#commands.clear();
    for (const [id, effect] of other.#commands) this.#commands.set(id, effect);
    this.#forgotten = other.#forgotten;
  }

  freeze(shape: number): Frozen<State> {
    const commands = [...this.#commands].map(
      ([id, effect]) => [id, effect.version, effect.position] as const,
    );
    return {
      shape,
      sequence: this.sequence,
      version: this.version,
      at: this.at,
      state: this.state,
      commands,
      forgotten: this.#forgotten && this.#forgotten.size <= MAX_PRINTS ? [...this.#forgotten] : undefined,
    };
  }

  static thaw<State>(frozen: Frozen<State>): Folded<State> {
    const folded = new Folded(frozen.state);
    folded.sequence = frozen.sequence;
    folded.version = frozen.version;
    folded.at = frozen.at;
    folded.#forgotten = frozen.forgotten && new Set(frozen.forgotten);
    for (const [id, version, position] of frozen.commands) folded.#commands.set(id, { version, position });
    return folded;
  }

  #remember(event: RecordedEvent, forgets: boolean): void {
    this.#commands.set(event.command, { version: event.version, position: event.position });
    if (this.#commands.size > REMEMBERED) {
      const [oldest] = this.#commands.keys();
      if (oldest === undefined) return;
      this.#commands.delete(oldest);
      if (!forgets) this.#forgotten?.add(printOf(oldest));
    }
  }
}

/** Command ids carry their client's clock; how far two clients' clocks may be apart before a repeat is looked up in vain. */
const CLOCKS_APART = 7 * 86_400_000;
