// The unit of projecting: one projection, one generation, one stream, one checkpoint. Rows and checkpoint move in one transaction.
import type { StreamName } from '../../domain/log/subjects.ts';
import { codeOf, Fenced, passes } from '../faults.ts';
import { type Model, type Projection, type Sql, tablesOf } from '../projection.ts';
import type { Batch } from './batch.ts';

/** A commit that a unit cannot apply: it has stopped before it and skips nothing. */
export class Poisoned extends Error {
  override readonly name = 'Poisoned';
}

export class Unit {
  readonly projection: Projection;
  readonly generation: number;
  readonly stream: StreamName;
  readonly #sql: Sql;
  readonly #model: Model;
  #sequence: number;

  private constructor(
    sql: Sql,
    projection: Projection,
    generation: number,
    stream: StreamName,
    sequence: number,
  ) {
    this.projection = projection;
    this.generation = generation;
    this.stream = stream;
    this.#sql = sql;
    this.#model = projection.open(tablesOf(generation), stream);
    this.#sequence = sequence;
  }

  /** Opens a unit at its stored checkpoint. The caller holds its lock. Throws Fenced where it no longer exists. */
  static async open(sql: Sql, projection: Projection, generation: number, stream: StreamName): Promise<Unit> {
    const [row] = await sql<{ sequence: number }>`
      select sequence::float8 as sequence from checkpoints
       where projection = ${projection.name} and generation = ${generation} and stream = ${stream.name}`;
    if (!row) throw new Fenced(`${unitKey(projection.name, generation, stream.name)} is gone`);
    return new Unit(sql, projection, generation, stream, row.sequence);
  }

  /** What its lock and its failures go by. */
  get key(): string {
    return unitKey(this.projection.name, this.generation, this.stream.name);
  }

  /** The last sequence applied. */
  get sequence(): number {
    return this.#sequence;
  }

  /**
   * Applies the commits above the checkpoint. Throws Poisoned at the first one that cannot be applied (all
   * before it are kept), and what passes by itself (a lost connection, a lost lock) as it came.
   */
  async apply(batch: Batch): Promise<void> {
    const due = batch.above(this.#sequence);
    if (due.commits.length === 0) return;
    try {
      await this.#applyInOne(due);
    } catch (error) {
      this.#model.forget();
      if (passes(error)) throw error;
      if (due.commits.length === 1) throw await this.#poisoned(due.last, error);
      // Somewhere in here is what cannot be applied: everything before it shall count.
      for (const half of due.halves()) await this.apply(half);
    }
  }

  async #applyInOne(batch: Batch): Promise<void> {
    const to = batch.last;
    await this.#sql.begin(async (tx) => {
      // First, so that a second holder of this unit waits here, before it has touched a row.
      const moved = await tx`
        update checkpoints set sequence = ${to}, failure = null
         where projection = ${this.projection.name} and generation = ${this.generation} and stream = ${this.stream.name}
           and sequence = ${this.#sequence}`;
      if (moved.count !== 1) throw new Fenced(`${this.key} is no longer at ${this.#sequence}`);
      await this.#model.apply(tx, batch);
    });
    this.#sequence = to;
  }

  async #poisoned(sequence: number, cause: unknown): Promise<Poisoned> {
    // Only the place is stored: this word is shown to operators over HTTP, and a message may quote a visitor.
    const kind = codeOf(cause) || (cause instanceof Error ? cause.name : 'unknown');
    await this.#sql`
      update checkpoints set failure = ${`stopped at sequence ${sequence} (${kind})`}
       where projection = ${this.projection.name} and generation = ${this.generation} and stream = ${this.stream.name}`;
    return new Poisoned(`${this.key} cannot apply the commit ${sequence}`, { cause });
  }
}

export function unitKey(projection: string, generation: number, stream: string): string {
  return `natter:unit:${projection}:${generation}:${stream}`;
}
