// Builds read models anew beside those that serve, from the first event on, compares, and switches by one row.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../domain/log/log.ts';
import type { StreamName } from '../../domain/log/subjects.ts';
import { projections as allProjections } from '../all.ts';
import { openPool } from '../database.ts';
import type { Projection, Sql } from '../projection.ts';
import { compare, type Difference } from './compare.ts';
import {
  allGenerations,
  dropGeneration,
  ensureServing,
  indexGeneration,
  makeGeneration,
} from './generations.ts';
import { Locks } from './locks.ts';
import { migrate } from './migrate.ts';
import { run } from './run.ts';
import { Unit, unitKey } from './unit.ts';

/** Tries to become the one who rebuilds, 100 ms apart. */
const LOCK_TRIES = 20;

export interface RebuildProgress {
  readonly step: 'loading' | 'indexing' | 'comparing' | 'switched';
  /** Events in all the new read models so far: what the slowest has. */
  readonly events: number;
  /** Commits of the log that were there at the start, and how many of them the slowest has. */
  readonly commits: number;
  readonly of: number;
}

export interface RebuildOptions {
  readonly url: string;
  readonly log: Log;
  readonly onProgress?: (progress: RebuildProgress) => void;
  /** Gives up: what was built is dropped. */
  readonly signal?: AbortSignal;
  readonly projections?: readonly Projection[];
  /** Milliseconds the serving generation may take to be where the new one is; 20,000 by default. */
  readonly patience?: number;
  /** Switches even where the generations differ. */
  readonly force?: boolean;
}

export interface Rebuilt {
  readonly projection: string;
  readonly generation: number;
  /**
   * `equal`: compared at equal checkpoints. `incomparable`: the old one has another version, has stopped, or
   * belongs to another log, so there was nothing to hold the new one against.
   */
  readonly comparison: 'equal' | 'different' | 'incomparable';
}

/** The generations differ: nothing was switched, the new one is gone. */
export class RebuildDiffers extends Error {
  override readonly name = 'RebuildDiffers';
  readonly differences: readonly Difference[];

  constructor(differences: readonly Difference[]) {
    super(
      `the new read models differ from those that serve: ${differences.map(({ table, stream, rows }) => `${table}, stream ${stream}: ${rows.serving} and ${rows.built} rows`).join('; ')}`,
    );
    this.differences = differences;
  }
}

export const rebuildKey = ({ name }: Pick<Projection, 'name'>): string => `natter:rebuild:${name}`;

/**
 * Rebuilds the named projections, or all, while they go on serving and being fed by whoever runs projectors
 * (nobody need). Throws RebuildDiffers where the result differs, and a sentence where another rebuild is under way.
 */
export async function rebuild(names: readonly string[] | 'all', options: RebuildOptions): Promise<Rebuilt[]> {
  const known = options.projections ?? allProjections;
  const unknown =
    names === 'all' ? [] : names.filter((name) => !known.some((projection) => projection.name === name));
  if (unknown.length > 0)
    throw new Error(
      `there is no projection ${unknown.join(', ')}; there are ${known.map(({ name }) => name).join(', ')}`,
    );
  const wanted = known.filter(({ name }) => names === 'all' || names.includes(name));
  const sql = openPool(options.url, { max: 8, name: 'natter-rebuild' });
  const locks = new Locks(options.url, 'natter-rebuild-locks');
  try {
    await migrate(sql);
    await locks.check();
    for (const projection of wanted) {
      // A session that has just ended may hold its locks a moment longer than its process.
      for (let tries = 0; !(await locks.take(rebuildKey(projection))); tries++) {
        if (tries >= LOCK_TRIES) throw new Error(`${projection.name} is already being rebuilt`);
        await sleep(100);
      }
    }
    return await new Rebuild(sql, locks, wanted, options).run();
  } finally {
    await locks.close();
    await sql.end();
  }
}

interface Built {
  readonly projection: Projection;
  readonly generation: number;
  readonly serving: { readonly generation: number; readonly version: number };
  readonly units: Unit[];
}

class Rebuild {
  readonly #sql: Sql;
  readonly #locks: Locks;
  readonly #wanted: readonly Projection[];
  readonly #options: RebuildOptions;
  readonly #signal: AbortSignal;
  readonly #events = new Map<string, number>();
  #of = 0;

  constructor(sql: Sql, locks: Locks, wanted: readonly Projection[], options: RebuildOptions) {
    this.#sql = sql;
    this.#locks = locks;
    this.#wanted = wanted;
    this.#options = options;
    this.#signal = options.signal ?? new AbortController().signal;
  }

  async run(): Promise<Rebuilt[]> {
    await ensureServing(this.#sql, this.#options.projections ?? allProjections, (projection) =>
      this.#streamsOf(projection),
    );
    const built: Built[] = [];
    try {
      for (const projection of this.#wanted) built.push(await this.#make(projection));
      await this.#load(built);
      this.#say('indexing', built);
      await Promise.all(
        built.map(({ projection, generation }) => indexGeneration(this.#sql, projection, generation)),
      );
      this.#say('comparing', built);
      const results: Rebuilt[] = [];
      const differences: Difference[] = [];
      const left = [...built];
      // Two at a time keep two cores busy; each holds up to three connections of the pool's eight.
      const lane = async () => {
        for (let one = left.shift(); one !== undefined; one = left.shift()) {
          const found = await this.#compare(one);
          differences.push(...(found ?? []));
          const comparison =
            found === undefined ? 'incomparable' : found.length === 0 ? 'equal' : 'different';
          results.push({ projection: one.projection.name, generation: one.generation, comparison });
        }
      };
      await Promise.all([lane(), lane()]);
      if (differences.length > 0 && !this.#options.force) throw new RebuildDiffers(differences);
      await this.#catchUp(built);
      await this.#switch(built);
      this.#say('switched', built);
      return built.flatMap(({ projection }) =>
        results.filter((result) => result.projection === projection.name),
      );
    } catch (error) {
      for (const { projection, generation } of built) await dropGeneration(this.#sql, projection, generation);
      throw error;
    }
  }

  async #make(projection: Projection): Promise<Built> {
    const { name } = projection;
    const generations = (await allGenerations(this.#sql)).filter(
      (generation) => generation.projection === name,
    );
    for (const { generation, state } of generations) {
      if (state === 'building') await dropGeneration(this.#sql, projection, generation);
    }
    const serving = generations.find(({ state }) => state === 'serving');
    if (!serving) throw new Error(`${name} has no generation that serves`);
    const streams = this.#streamsOf(projection);
    const generation = await this.#sql.begin((tx) =>
      makeGeneration(tx, projection, { state: 'building', streams }),
    );
    const units: Unit[] = [];
    for (const stream of streams) {
      await this.#locks.take(unitKey(name, generation, stream.name));
      units.push(await Unit.open(this.#sql, projection, generation, stream));
    }
    return { projection, generation, serving, units };
  }

  async #load(built: readonly Built[]): Promise<void> {
    const streams = this.#byStream(built);
    const heads = await Promise.all([...streams.keys()].map((stream) => this.#options.log.head(stream)));
    this.#of = heads.reduce((sum, head) => sum + head, 0);
    // Several streams at once: while one waits for Postgres another is decoded.
    await Promise.all(
      [...streams.values()].map((units) =>
        this.#advance(units, undefined, () => this.#say('loading', built)),
      ),
    );
    await this.#catchUp(built);
  }

  /** To the head, until a read of the head finds next to nothing new. */
  async #catchUp(built: readonly Built[]): Promise<void> {
    for (const units of this.#byStream(built).values()) await this.#advance(units, undefined);
  }

  async #advance(units: readonly Unit[], upTo: number | undefined, onApplied?: () => void): Promise<void> {
    await run({
      log: this.#options.log,
      units,
      signal: this.#signal,
      follow: false,
      upTo,
      onApplied: (unit, events) => {
        this.#events.set(unit.key, (this.#events.get(unit.key) ?? 0) + events);
        onApplied?.();
      },
      onPoisoned: (_unit, fault) => {
        throw fault;
      },
    });
    this.#signal.throwIfAborted();
  }

  async #compare({ projection, generation, serving, units }: Built): Promise<Difference[] | undefined> {
    for (const unit of units) await this.#advance([unit], undefined);
    if (serving.version !== projection.version) return undefined;
    const deadline = Date.now() + (this.#options.patience ?? 20_000);
    for (;;) {
      // The serving one must be where the new one is, or beyond: a running projector sees to that, or we do.
      const behind = await this.#servingBehind(projection, serving.generation, units);
      if (behind.length === 0) {
        const found = await this.#compareHeld({ projection, generation, serving, units });
        if (found !== undefined) return found;
      }
      for (const unit of behind) await this.#advanceServing(projection, serving.generation, unit);
      if (Date.now() > deadline) return undefined;
      await sleep(100);
    }
  }

  async #compareHeld({ projection, generation, serving, units }: Built): Promise<Difference[] | undefined> {
    let comparing: Promise<Difference[] | undefined> = Promise.resolve(undefined);
    await this.#sql.begin(async (tx) => {
      const rows = await tx<{ stream: string; sequence: number }>`
        select stream, sequence::float8 as sequence from checkpoints
         where projection = ${projection.name} and generation = ${serving.generation} order by stream for update`;
      // While these rows are held the serving generation stands still; the new one comes to the very same place.
      for (const unit of units) {
        const place = rows.find(({ stream }) => stream === unit.stream.name);
        if (place) await this.#advance([unit], place.sequence);
      }
      await new Promise<void>((resolve) => {
        comparing = compare(
          this.#sql,
          projection,
          { serving: serving.generation, built: generation },
          resolve,
        );
        // A comparison that failed holds nobody up; its fault is heard below.
        comparing.catch(() => resolve());
      });
    });
    return comparing;
  }

  async #servingBehind(projection: Projection, generation: number, units: readonly Unit[]): Promise<Unit[]> {
    const rows = await this.#sql<{ stream: string; sequence: number }>`
      select stream, sequence::float8 as sequence from checkpoints where projection = ${projection.name} and generation = ${generation}`;
    return units.filter(
      ({ stream, sequence }) => (rows.find((row) => row.stream === stream.name)?.sequence ?? 0) < sequence,
    );
  }

  /** Nobody may be running the serving generation (no projector is): then it is ours to bring up to date. */
  async #advanceServing(projection: Projection, generation: number, to: Unit): Promise<void> {
    const key = unitKey(projection.name, generation, to.stream.name);
    if (!(await this.#locks.take(key))) return;
    try {
      const unit = await Unit.open(this.#sql, projection, generation, to.stream);
      await run({
        log: this.#options.log,
        units: [unit],
        signal: this.#signal,
        follow: false,
        upTo: to.sequence,
        // An old generation that cannot go on is the reason for this rebuild, not an obstacle to it.
        onPoisoned: () => {},
      });
    } finally {
      await this.#locks.release(key);
    }
  }

  async #switch(built: readonly Built[]): Promise<void> {
    await this.#sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtextextended('natter:generations', 0))`;
      for (const { projection, generation } of built) {
        await tx`update generations set state = 'retired', retired_at = now() where projection = ${projection.name} and state = 'serving'`;
        await tx`update generations set state = 'serving' where projection = ${projection.name} and generation = ${generation}`;
      }
    });
  }

  #say(step: RebuildProgress['step'], built: readonly Built[]): void {
    const slowest = (of: (unit: Unit) => number) =>
      Math.min(
        ...built
          .filter(({ projection }) => projection.family === 'chat')
          .map(({ units }) => units.reduce((sum, unit) => sum + of(unit), 0)),
      );
    const events = slowest((unit) => this.#events.get(unit.key) ?? 0);
    const commits = slowest(({ sequence }) => sequence);
    const finite = (figure: number) => (Number.isFinite(figure) ? figure : 0);
    this.#options.onProgress?.({ step, events: finite(events), commits: finite(commits), of: this.#of });
  }

  #byStream(built: readonly Built[]): Map<string, Unit[]> {
    const streams = new Map<string, Unit[]>();
    for (const unit of built.flatMap(({ units }) => units))
      streams.set(unit.stream.name, [...(streams.get(unit.stream.name) ?? []), unit]);
    return streams;
  }

  #streamsOf({ family }: Projection): StreamName[] {
    return this.#options.log.subjects.streams().filter((stream) => stream.family === family);
  }
}
