// Opens connections to the read models' database with the settings all of them share.
import pg from 'pg';
import { SCHEMA } from './running/migrate.ts';
import { onPool, type Sql } from './sql.ts';

export interface PoolOptions {
  /** Connections at most. */
  readonly max: number;
  /** Shown in pg_stat_activity. */
  readonly name: string;
  /** Milliseconds a statement may take; none: as long as it needs. */
  readonly statementTimeout?: number;
  /** Milliseconds to wait for a connection, be it made or be it free; 30,000 by default. */
  readonly patience?: number;
}

/** A pool; connections are made when first needed and again after a loss. The caller ends it. */
export function openPool(url: string, { max, name, statementTimeout, patience = 30_000 }: PoolOptions): Sql {
  return onPool(
    new pg.Pool({
      ...settings(url, name),
      max,
      connectionTimeoutMillis: patience,
      idleTimeoutMillis: 60_000,
      statement_timeout: statementTimeout,
    }),
  );
}

/** What each connection begins with. */
export function settings(url: string, name: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: name,
    keepAlive: true,
    // A tail lost with the server is read again from the log: rows and checkpoint go together.
    // Plans are made for the values at hand: what a search finds ranges from nothing to everything. Compiling
    // them would cost more than any of these queries. A misspelled word is less like the right one than pg_trgm's 0.6.
    options: `-c search_path=${SCHEMA},public -c synchronous_commit=off -c plan_cache_mode=force_custom_plan -c jit=off -c pg_trgm.word_similarity_threshold=0.5`,
  };
}
