// One CHAT stream for all webhooks: what is new goes to every lane that keeps up; a lane that does not is read to by itself until it does.
import type { StoredCommit } from '../../../domain/log/commit.ts';
import type { Log } from '../../../domain/log/log.ts';

/** Whoever takes commits of one workspace. */
export interface Taker {
  readonly workspace: string;
  /** False where it has no room. */
  offer(stored: StoredCommit): boolean;
}

/** Sequences behind the head up to which lanes are caught up with together; who is further back goes alone. */
const NEAR = 200_000;
/** Milliseconds before the stream is read again where it could not be. */
const RETRY = 1_000;

export class Feed {
  readonly stream: string;
  readonly #log: Log;
  readonly #onFault: (fault: unknown) => void;
  readonly #stop = new AbortController();
  /** Those that keep up, by workspace, each with the sequence up to which it was read to before. */
  readonly #live = new Map<string, Map<Taker, number>>();
  /** Those that do not, with the sequence up to which each was offered everything. */
  readonly #behind = new Map<Taker, number>();
  /** Of those, who wait to be read to. */
  readonly #waiting = new Set<Taker>();
  readonly #runs = new Map<'near' | 'far', Promise<void>>();
  readonly #following: Promise<void>;
  /** Everything up to here was offered to those that keep up. */
  #at: number;

  /** `from`: the stream's head. */
  constructor(log: Log, stream: string, from: number, onFault: (fault: unknown) => void) {
    this.#log = log;
    this.stream = stream;
    this.#at = from;
    this.#onFault = onFault;
    this.#following = this.#follow();
  }

  /** Lets a lane in that was offered everything up to `after` before; it is offered the rest once `resume` is called. */
  join(taker: Taker, after: number): void {
    this.#behind.set(taker, after);
  }

  /** Reads on to a lane that is new, or had no room. */
  resume(taker: Taker): void {
    if (!this.#behind.has(taker)) return;
    this.#waiting.add(taker);
    this.#run();
  }

  leave(taker: Taker): void {
    this.#behind.delete(taker);
    this.#waiting.delete(taker);
    this.#live.get(taker.workspace)?.delete(taker);
  }

  /** Up to where that lane was offered everything. */
  scanned(taker: Taker): number {
    const floor = this.#live.get(taker.workspace)?.get(taker) ?? 0;
    return this.#behind.get(taker) ?? Math.max(this.#at, floor);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all([this.#following, ...this.#runs.values()]);
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        for await (const batch of this.#log.readStream(this.stream, this.#at, { follow: true, signal })) {
          for (const stored of batch) {
            for (const [taker, floor] of this.#live.get(stored.address.workspace) ?? [])
              if (stored.sequence > floor && !taker.offer(stored)) this.#fallBehind(taker, stored.sequence);
            this.#at = stored.sequence;
          }
        }
      } catch (fault) {
        this.#onFault(fault);
        await new Promise((resolve) => setTimeout(resolve, RETRY));
      }
    }
  }

  #fallBehind(taker: Taker, refused: number): void {
    this.#live.get(taker.workspace)?.delete(taker);
    this.#behind.set(taker, refused - 1);
  }

  #run(): void {
    for (const kind of ['near', 'far'] as const) {
      if (this.#runs.has(kind) || this.#stop.signal.aborted || this.#group(kind).length === 0) continue;
      const run = this.#catchUp(kind)
        .catch(async (fault: unknown) => {
          this.#onFault(fault);
          await new Promise((resolve) => setTimeout(resolve, RETRY));
        })
        .finally(() => {
          this.#runs.delete(kind);
          this.#run();
        });
      this.#runs.set(kind, run);
    }
  }

  /** Who is to be read to next: all that are near, or one that is not. */
  #group(kind: 'near' | 'far'): Taker[] {
    const those = [...this.#waiting].filter(
      (taker) => this.scanned(taker) >= this.#at - NEAR === (kind === 'near'),
    );
    return kind === 'near' ? those : those.slice(0, 1);
  }

  async #catchUp(kind: 'near' | 'far'): Promise<void> {
    const group = this.#group(kind);
    for (;;) {
      // Who left, or has no room, is read to no more.
      const reading = group.filter((taker) => this.#waiting.has(taker));
      for (const taker of reading) this.#catchLive(taker);
      const left = reading.filter((taker) => this.#waiting.has(taker));
      if (left.length === 0 || this.#stop.signal.aborted) return;
      await this.#read(left);
    }
  }

  /** From the first of them to the head. */
  async #read(takers: readonly Taker[]): Promise<void> {
    const head = await this.#log.head(this.stream);
    // Whoever had no room is read to anew from there: were it let in again on the way, it would miss what passed meanwhile.
    const reading = new Set(takers);
    const after = Math.min(...takers.map((taker) => this.scanned(taker)));
    for await (const batch of this.#log.readStream(this.stream, after, { signal: this.#stop.signal })) {
      for (const stored of batch)
        for (const taker of [...reading]) if (!this.#offer(taker, stored)) reading.delete(taker);
      if (reading.size === 0) return;
    }
    if (this.#stop.signal.aborted) return;
    // What lies last may have been erased: up to the head all was read nevertheless.
    for (const taker of reading) {
      const before = this.#behind.get(taker);
      if (before !== undefined) this.#behind.set(taker, Math.max(before, head));
    }
  }

  /** False where it has left or has no room. */
  #offer(taker: Taker, stored: StoredCommit): boolean {
    const before = this.#behind.get(taker);
    if (before === undefined) return false;
    if (stored.sequence <= before) return true;
    if (stored.address.workspace === taker.workspace && !taker.offer(stored)) {
      this.#waiting.delete(taker);
      return false;
    }
    this.#behind.set(taker, stored.sequence);
    return true;
  }

  /** Everything that the others were offered was offered to this one too: from now on it is one of them. */
  #catchLive(taker: Taker): void {
    const scanned = this.#behind.get(taker);
    if (scanned === undefined || scanned < this.#at) return;
    this.#behind.delete(taker);
    this.#waiting.delete(taker);
    const those = this.#live.get(taker.workspace) ?? new Map<Taker, number>();
    this.#live.set(taker.workspace, those.set(taker, scanned));
  }
}
