// Who works on what: advisory locks of one lasting Postgres session, gone the moment its process is.
import pg from 'pg';
import { settings } from '../database.ts';
import { ConnectionLost } from '../faults.ts';
import { onClient, type Runner } from '../sql.ts';

/** Every projector holds this one, shared, so that each can count how many there are. */
const PROJECTOR = 'natter:projector';

export class Locks {
  readonly #url: string;
  readonly #name: string;
  readonly #held = new Set<string>();
  #client: pg.Client | undefined;
  #sql: Runner | undefined;

  /** The session is made by the first `check`. */
  constructor(url: string, name: string) {
    this.#url = url;
    this.#name = name;
  }

  /** Looks after the session: false where it had to be made anew, and with the old one every lock was lost. */
  async check(): Promise<boolean> {
    if (this.#sql) {
      await this.#session()`select 1`;
      return true;
    }
    this.#held.clear();
    const client = new pg.Client({ ...settings(this.#url, this.#name), connectionTimeoutMillis: 10_000 });
    const onEnd = () => {
      if (this.#client === client) this.#sql = undefined;
    };
    client.on('error', onEnd);
    client.on('end', onEnd);
    try {
      await client.connect();
    } catch (error) {
      throw error instanceof pg.DatabaseError
        ? error
        : new ConnectionLost('no connection for locks', { cause: error });
    }
    this.#client = client;
    this.#sql = onClient(client);
    return false;
  }

  /** Takes a lock if it is free. Not again while it is held: false. */
  async take(key: string): Promise<boolean> {
    if (this.#held.has(key)) return false;
    const [row] = await this.#session()<{
      taken: boolean;
    }>`select pg_try_advisory_lock(hashtextextended(${key}, 0)) as taken`;
    if (row?.taken !== true) return false;
    this.#held.add(key);
    return true;
  }

  async release(key: string): Promise<void> {
    if (!this.#held.delete(key)) return;
    await this.#session()`select pg_advisory_unlock(hashtextextended(${key}, 0))`;
  }

  /** Counts itself among the projectors; once a session. */
  async enlist(): Promise<void> {
    await this.#session()`select pg_advisory_lock_shared(hashtextextended(${PROJECTOR}, 0))`;
  }

  /** How many sessions have enlisted in this database. */
  async enlisted(): Promise<number> {
    const [row] = await this.#session()<{ count: number }>`
      select count(*)::int as count from pg_locks
       where locktype = 'advisory' and objsubid = 1 and granted and mode = 'ShareLock'
         and database = (select oid from pg_database where datname = current_database())
         and (classid::bigint << 32 | objid::bigint) = hashtextextended(${PROJECTOR}, 0)`;
    return Math.max(1, row?.count ?? 1);
  }

  /** Ends the session, and with it every lock. */
  async close(): Promise<void> {
    this.#held.clear();
    const client = this.#client;
    this.#client = undefined;
    this.#sql = undefined;
    await client?.end();
  }

  #session(): Runner {
    if (!this.#sql) throw new ConnectionLost('the session with the locks is gone');
    return this.#sql;
  }
}
