// What generations need beside being fed: indexes after a first load, a successor when the code has changed, and an end.
import type { Log, Signals } from '../../domain/log/log.ts';
import type { Projection, Sql } from '../projection.ts';
import { dropGeneration, type Generation, indexGeneration } from './generations.ts';
import type { Locks } from './locks.ts';
import { rebuild, rebuildKey } from './rebuild.ts';

export interface HousekeepingOptions {
  readonly url: string;
  readonly sql: Sql;
  readonly log: Log;
  readonly signals: Signals;
  readonly locks: Locks;
  readonly projections: readonly Projection[];
  readonly onFault: (fault: unknown) => void;
}

export class Housekeeping {
  readonly #options: HousekeepingOptions;
  /** Where the log ended when an unindexed generation was first seen, by generation and stream. */
  readonly #targets = new Map<string, Map<string, number>>();
  readonly #stopping = new AbortController();
  #rebuilding: Promise<void> | undefined;

  constructor(options: HousekeepingOptions) {
    this.#options = options;
  }

  /** Does what is due. Many processes may call it: each piece of work is done under a lock. */
  async look(generations: readonly Generation[]): Promise<void> {
    for (const generation of generations) {
      const projection = this.#options.projections.find(({ name }) => name === generation.projection);
      if (!projection) continue;
      if (generation.state === 'serving' && !generation.indexed)
        await this.#index(projection, generation.generation);
      if (generation.over) await this.#retire(projection, generation.generation);
      if (generation.state === 'building') await this.#abandoned(projection, generation.generation);
      if (generation.state === 'serving' && generation.version !== projection.version)
        this.#renew(projection);
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#rebuilding;
  }

  async #index(projection: Projection, generation: number): Promise<void> {
    const key = `${projection.name} ${generation}`;
    const { sql, log } = this.#options;
    const stored = await sql<{ stream: string; sequence: number }>`
      select stream, sequence::float8 as sequence from checkpoints where projection = ${projection.name} and generation = ${generation}`;
    const target =
      this.#targets.get(key) ??
      new Map(await Promise.all(stored.map(async ({ stream }) => [stream, await log.head(stream)] as const)));
    this.#targets.set(key, target);
    if (stored.some(({ stream, sequence }) => sequence < (target.get(stream) ?? 0))) return;
    await this.#alone(`natter:index:${key}`, () => indexGeneration(sql, projection, generation));
    this.#targets.delete(key);
  }

  async #retire(projection: Projection, generation: number): Promise<void> {
    const { sql } = this.#options;
    await this.#alone(`natter:drop:${projection.name}`, () => dropGeneration(sql, projection, generation));
  }

  /** Whoever built it has died: nobody else can go on with it. */
  async #abandoned(projection: Projection, generation: number): Promise<void> {
    await this.#alone(rebuildKey(projection), async () => {
      const [still] = await this.#options.sql`
        select from generations where projection = ${projection.name} and generation = ${generation} and state = 'building'`;
      if (still) await dropGeneration(this.#options.sql, projection, generation);
    });
  }

  #renew(projection: Projection): void {
    const { url, log, projections, onFault } = this.#options;
    this.#rebuilding ??= rebuild([projection.name], { url, log, projections, signal: this.#stopping.signal })
      .then(() => undefined, onFault)
      .finally(() => {
        this.#rebuilding = undefined;
      });
  }

  async #alone(key: string, work: () => Promise<void>): Promise<void> {
    const { locks } = this.#options;
    if (!(await locks.take(key))) return;
    try {
      await work();
    } finally {
      await locks.release(key);
    }
  }
}
