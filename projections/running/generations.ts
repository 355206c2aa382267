// Which generation of each read model is read, and how generations come and go.
import type { StreamName } from '../../domain/log/subjects.ts';
import { ReadModelsDown } from '../faults.ts';
import { type Projection, type Sql, type Transaction, tablesOf } from '../projection.ts';
import type { Runner } from '../sql.ts';

/** How old a process's idea of the serving generation may be, in ms. */
export const CACHED = 1_000;
/** How long after a switch the old generation stays: longer than any idea of it and any query on it, in ms. */
export const KEPT = 15_000;

/** The serving generations as readers know them: looked up at most once a second. */
export class Generations {
  readonly #sql: Runner;
  #known: Promise<Map<string, number>> | undefined;
  #until = 0;

  constructor(sql: Runner) {
    this.#sql = sql;
  }

  /** The generation of a projection that is to be read. Throws ReadModelsDown where there is none yet. */
  async serving(projection: string): Promise<number> {
    const generation = (await this.#look()).get(projection);
    if (generation === undefined) {
      this.forget();
      throw new ReadModelsDown(`there is no ${projection} yet`);
    }
    return generation;
  }

  /** Looks it up anew next time: what was known turned out to be gone. */
  forget(): void {
    this.#known = undefined;
  }

  #look(): Promise<Map<string, number>> {
    const now = performance.now();
    if (this.#known && now < this.#until) return this.#known;
    const known = servingOf(this.#sql);
    this.#known = known;
    this.#until = now + CACHED;
    // A failed look-up is the asker's to hear, and nobody's to keep.
    known.catch(() => {
      if (this.#known === known) this.#known = undefined;
    });
    return known;
  }
}

async function servingOf(sql: Runner): Promise<Map<string, number>> {
  const rows = await sql<{
    projection: string;
    generation: number;
  }>`select projection, generation from generations where state = 'serving'`;
  return new Map(rows.map(({ projection, generation }) => [projection, generation]));
}

export interface Generation {
  readonly projection: string;
  readonly generation: number;
  readonly version: number;
  readonly state: 'building' | 'serving' | 'retired';
  readonly indexed: boolean;
  /** Retired for so long that nobody reads it any more: it is no longer fed, and goes. */
  readonly over: boolean;
  /** When it was made: one that was lost and made again has the same number, but is another. */
  readonly born: string;
}

/** Every generation there is. */
export async function allGenerations(sql: Runner): Promise<Generation[]> {
  return sql<Generation>`select projection, generation, version, state, indexed, made_at::text as born,
    coalesce(retired_at < now() - ${KEPT / 1_000} * interval '1 second', false) as over
    from generations order by projection, generation`;
}

/** Makes the tables and checkpoints of a new generation; large indexes follow with `indexGeneration`. */
export async function makeGeneration(
  tx: Transaction,
  projection: Projection,
  { state, streams }: { readonly state: 'building' | 'serving'; readonly streams: readonly StreamName[] },
): Promise<number> {
  const { name, version } = projection;
  const [row] = await tx<{
    next: number;
  }>`select coalesce(max(generation), 0) + 1 as next from generations where projection = ${name}`;
  const generation = row?.next ?? 1;
  await dropTables(tx, projection, generation);
  await tx.unsafe(projection.create(tablesOf(generation)));
  await tx`insert into generations (projection, generation, version, state, indexed)
           values (${name}, ${generation}, ${version}, ${state}, false)`;
  for (const stream of streams) {
    await tx`insert into checkpoints (projection, generation, stream, sequence) values (${name}, ${generation}, ${stream.name}, 0)`;
  }
  return generation;
}

/** Makes the indexes that a large load does without. Repeatable. */
export async function indexGeneration(sql: Sql, projection: Projection, generation: number): Promise<void> {
  const tables = tablesOf(generation);
  for (const statement of projection.indexes(tables)) await sql.unsafe(statement);
  for (const table of projection.tables) await sql`analyze ${sql(tables(table))}`;
  await sql`update generations set indexed = true where projection = ${projection.name} and generation = ${generation}`;
}

/** Removes a generation with its tables. */
export async function dropGeneration(sql: Sql, projection: Projection, generation: number): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`delete from generations where projection = ${projection.name} and generation = ${generation}`;
    await dropTables(tx, projection, generation);
  });
}

async function dropTables(tx: Transaction, projection: Projection, generation: number): Promise<void> {
  const tables = tablesOf(generation);
  await tx.unsafe(projection.tables.map((table) => `drop table if exists ${tables(table)};`).join('\n'));
}

/** Makes what is missing so that every projection has a serving generation with all its tables. */
export async function ensureServing(
  sql: Sql,
  projections: readonly Projection[],
  streamsOf: (projection: Projection) => readonly StreamName[],
): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtextextended('natter:generations', 0))`;
    for (const projection of projections) {
      const [serving] =
        await tx<Generation>`select * from generations where projection = ${projection.name} and state = 'serving'`;
      if (serving && (await complete(tx, projection, serving.generation))) continue;
      // A generation that lost a table cannot be mended: it begins again from the start of the log.
      if (serving)
        await tx`delete from generations where projection = ${projection.name} and generation = ${serving.generation}`;
      await makeGeneration(tx, projection, { state: 'serving', streams: streamsOf(projection) });
    }
  });
}

async function complete(tx: Transaction, projection: Projection, generation: number): Promise<boolean> {
  const tables = tablesOf(generation);
  const [row] = await tx<{ missing: number }>`
    select count(*)::int as missing from unnest(${projection.tables.map(tables)}::text[]) as wanted(name) where to_regclass(wanted.name) is null`;
  return row?.missing === 0;
}
