// Opens pools on the read models' database with the settings all of them share.
import postgres from 'postgres';
import { SCHEMA } from './migrate.ts';
import type { Sql } from './projection.ts';

export interface PoolOptions {
  /** Connections at most. */
  readonly max: number;
  /** Shown in pg_stat_activity. */
  readonly name: string;
  /** Milliseconds a statement may take; none: as long as it needs. */
  readonly statementTimeout?: number;
  /** Keeps each connection for good: what hangs on a session (locks) must not be lost to tidiness. */
  readonly lasting?: boolean;
}

/** A pool; connections are made when first needed and again after a loss. The caller ends it. */
export function openPool(url: string, { max, name, statementTimeout, lasting }: PoolOptions): Sql {
  return postgres(url, {
    max,
    connect_timeout: 5,
    backoff: (retries) => Math.min(2, 0.05 * 2 ** retries),
    max_lifetime: lasting ? null : undefined,
    onnotice: () => {},
    connection: {
      application_name: name,
      search_path: `${SCHEMA}, public`,
      // A tail lost with the server is read again from the log: rows and checkpoint go together.
      synchronous_commit: 'off',
      ...(statementTimeout === undefined ? {} : { statement_timeout: statementTimeout }),
    },
  });
}
