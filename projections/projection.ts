// What a projection is: a named read model with its tables, and a handler that applies commits of one stream to them.
import type { Family, StreamName } from '../domain/log/subjects.ts';
import type { Batch } from './running/batch.ts';
import type { Runner, Sql } from './sql.ts';

export type { Sql };
/** Statements within one transaction. */
export type Transaction = Runner;

/** Spells a table's name in one generation: `inbox` becomes `inbox_g3`. */
export type Tables = (name: string) => string;

export function tablesOf(generation: number): Tables {
  if (!Number.isSafeInteger(generation) || generation < 1) throw new Error(`no generation ${generation}`);
  return (name) => `${name}_g${generation}`;
}

/** The handler of one (projection, generation, stream). It may remember rows, since nobody else writes them. */
export interface Model {
  /**
   * Applies commits of its stream, in order, inside the transaction that moves the checkpoint.
   * Throws on an event it cannot apply: nothing of the batch is then kept.
   */
  apply(tx: Transaction, batch: Batch): Promise<void>;
  /** Drops what it remembers: a transaction failed, or somebody else may have written. */
  forget(): void;
}

export interface Projection {
  /** Its durable identity: checkpoints and tables go by it. */
  readonly name: string;
  /** Raised when tables or handlers change their meaning: the next start then rebuilds it beside the old one. */
  readonly version: number;
  /** Which streams it reads. */
  readonly family: Family;
  /** Names of its tables without the generation. Each has a column `stream` (the shard), so that streams can be compared. */
  readonly tables: readonly string[];
  /** SQL that makes the tables with their primary keys. */
  create(tables: Tables): string;
  /** SQL of the other indexes, one statement each, repeatable; run once a large load is done. */
  indexes(tables: Tables): readonly string[];
  /** A handler for one stream. */
  open(tables: Tables, stream: StreamName): Model;
}
