// Who works on what: advisory locks of one lasting Postgres session, gone the moment its process is.
import { openPool } from './database.ts';
import type { Sql } from './projection.ts';

/** Every projector holds this one, shared, so that each can count how many there are. */
const PROJECTOR = 'natter:projector';

export class Locks {
  readonly #sql: Sql;
  readonly #held = new Set<string>();
  #session = 0;

  /** The session's connection is made when first needed. */
  constructor(url: string, name: string) {
    this.#sql = openPool(url, { max: 1, name, lasting: true });
  }

  /** Looks after the session: false where it is another one than before, and with it every lock is lost. */
  async check(): Promise<boolean> {
    const [row] = await this.#sql<{ session: number }[]>`select pg_backend_pid() as session`;
    const session = row?.session ?? 0;
    const same = session === this.#session;
    if (!same) this.#held.clear();
    this.#session = session;
    return same;
  }

  /** Takes a lock if it is free. Not again while it is held: false. */
  async take(key: string): Promise<boolean> {
    if (this.#held.has(key)) return false;
    const [row] = await this.#sql<{ taken: boolean; session: number }[]>`
      select pg_try_advisory_lock(hashtextextended(${key}, 0)) as taken, pg_backend_pid() as session`;
    // A lock of a session that came about unseen is no use: the next check tells, and it was the first of its kind.
    if (!row?.taken || row.session !== this.#session) return false;
    this.#held.add(key);
    return true;
  }

  async release(key: string): Promise<void> {
    if (!this.#held.delete(key)) return;
    await this.#sql`select pg_advisory_unlock(hashtextextended(${key}, 0))`;
  }

  holds(key: string): boolean {
    return this.#held.has(key);
  }

  /** Counts itself among the projectors; once a session. */
  async enlist(): Promise<void> {
    await this.#sql`select pg_advisory_lock_shared(hashtextextended(${PROJECTOR}, 0))`;
  }

  /** How many sessions have enlisted in this database. */
  async enlisted(): Promise<number> {
    const [row] = await this.#sql<{ count: number }[]>`
      select count(*)::int as count from pg_locks
       where locktype = 'advisory' and objsubid = 1 and granted and mode = 'ShareLock'
         and database = (select oid from pg_database where datname = current_database())
         and (classid::bigint << 32 | objid::bigint) = hashtextextended(${PROJECTOR}, 0)`;
    return Math.max(1, row?.count ?? 1);
  }

  /** Ends the session, and with it every lock. */
  async close(): Promise<void> {
    this.#held.clear();
    await this.#sql.end({ timeout: 2 });
  }
}
