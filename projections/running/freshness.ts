// Lets a list read wait until it can see a write: the caller's own, made a moment ago.
import type { Log, Signals } from '../../domain/log/log.ts';
import { signalAmong } from '../../domain/log/subjects.ts';
import type { Runner } from '../sql.ts';
import type { Generations } from './generations.ts';

/** What a projector says after each batch, under `signalAmong('projected')`. */
export interface ProjectedSignal {
  readonly projection: string;
  readonly generation: number;
  readonly stream: string;
  readonly sequence: number;
}

/** What a reader says who waits for a stream, under `signalAmong('wanted')`: projectors then do not rest. */
export interface WantedSignal {
  readonly stream: string;
}

/** A place in the log that a reader wants to see. */
export interface Place {
  readonly stream: string;
  readonly sequence: number;
}

/** Reads that may wait at once; one more is answered as it stands. */
const WAITING = 5_000;
/** How often a checkpoint is looked up while no signal comes, in ms. */
const LOOK = 200;

/** Knows how far the read models are. `close` ends its subscription. */
export class Freshness {
  readonly #sql: Runner;
  readonly #generations: Generations;
  readonly #log: Log;
  readonly #signals: Signals;
  readonly #seen = new Map<string, number>();
  readonly #wakers = new Set<() => void>();
  readonly #subscription;

  constructor({
    sql,
    generations,
    log,
    signals,
  }: { sql: Runner; generations: Generations; log: Log; signals: Signals }) {
    this.#sql = sql;
    this.#generations = generations;
    this.#log = log;
    this.#signals = signals;
    this.#subscription = signals.subscribe(signalAmong('projected'), (payload) => {
      if (isProjected(payload)) this.#hear(payload);
    });
  }

  /**
   * Settles as `fresh` once all the projections have the place in their serving generation, or after
   * `timeoutMs` with the greatest lag in commits. Throws where Postgres cannot be asked.
   */
  async waitFor(
    projections: readonly string[],
    place: Place,
    timeoutMs: number,
  ): Promise<'fresh' | { readonly lag: number }> {
    const deadline = performance.now() + timeoutMs;
    let behind = await this.#behind(projections, place);
    if (behind.length > 0) {
      const wish: WantedSignal = { stream: place.stream };
      this.#signals.publish(signalAmong('wanted'), wish);
    }
    for (;;) {
      if (behind.length === 0) return 'fresh';
      const left = deadline - performance.now();
      if (left <= 0 || this.#wakers.size >= WAITING) return { lag: await this.#lag(behind, place.stream) };
      // Signals are at most once, so the stored checkpoint is asked as well, now and then.
      const woken = await this.#woken(behind, place, Math.min(left, LOOK));
      behind = woken ? await this.#unseen(projections, place) : await this.#behind(behind, place);
    }
  }

  close(): void {
    this.#subscription.close();
    for (const wake of this.#wakers) wake();
  }

  #hear({ projection, generation, stream, sequence }: ProjectedSignal): void {
    const key = `${projection} ${generation} ${stream}`;
    if (sequence <= (this.#seen.get(key) ?? 0)) return;
    // Generations come and go: what was said of old ones is let go in one sweep.
    if (this.#seen.size > 10_000) this.#seen.clear();
    this.#seen.set(key, sequence);
    for (const wake of this.#wakers) wake();
  }

  async #unseen(projections: readonly string[], { stream, sequence }: Place): Promise<string[]> {
    const behind: string[] = [];
    for (const projection of projections) {
      const generation = await this.#generations.serving(projection);
      if ((this.#seen.get(`${projection} ${generation} ${stream}`) ?? 0) < sequence) behind.push(projection);
    }
    return behind;
  }

  async #behind(projections: readonly string[], place: Place): Promise<string[]> {
    const unseen = await this.#unseen(projections, place);
    if (unseen.length === 0) return [];
    const rows = await this.#sql<ProjectedSignal>`
      select c.projection, c.generation, c.stream, c.sequence::float8 as sequence from checkpoints c
        join generations g using (projection, generation)
       where g.state = 'serving' and c.stream = ${place.stream} and c.projection = any(${unseen})`;
    for (const row of rows) this.#hear(row);
    const stored = new Map(rows.map(({ projection, sequence }) => [projection, sequence]));
    // A projection without a checkpoint there does not read that stream: there is nothing to wait for.
    return unseen.filter(
      (projection) => (stored.get(projection) ?? Number.POSITIVE_INFINITY) < place.sequence,
    );
  }

  #woken(projections: readonly string[], place: Place, ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (woken: boolean) => {
        clearTimeout(timer);
        this.#wakers.delete(wake);
        resolve(woken);
      };
      const wake = () => {
        void this.#unseen(projections, place).then(
          (behind) => behind.length === 0 && end(true),
          () => end(false),
        );
      };
      const timer = setTimeout(() => end(false), ms);
      this.#wakers.add(wake);
    });
  }

  async #lag(projections: readonly string[], stream: string): Promise<number> {
    const [head, rows] = await Promise.all([
      this.#log.head(stream),
      this.#sql<{ sequence: number }>`
        select min(c.sequence)::float8 as sequence from checkpoints c join generations g using (projection, generation)
         where g.state = 'serving' and c.stream = ${stream} and c.projection = any(${[...projections]})`,
    ]);
    return Math.max(1, head - (rows[0]?.sequence ?? 0));
  }
}

function isProjected(payload: unknown): payload is ProjectedSignal {
  if (typeof payload !== 'object' || payload === null) return false;
  const { projection, generation, stream, sequence } = payload as Partial<
    Record<keyof ProjectedSignal, unknown>
  >;
  return (
    typeof projection === 'string' &&
    typeof stream === 'string' &&
    Number.isSafeInteger(generation) &&
    Number.isSafeInteger(sequence)
  );
}
