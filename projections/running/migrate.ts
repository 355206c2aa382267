// Brings the shared tables up to date, once, however many processes start at the same moment.
import { createHash } from 'node:crypto';
import type { Sql } from '../projection.ts';
import { migrations } from '../tables/meta.ts';

/** Where everything of ours lies in the database, so that a database may be shared with others. */
export const SCHEMA = 'natter';

/** Applies what is missing. Throws where a migration that was applied has since been changed. */
export async function migrate(sql: Sql): Promise<void> {
  await sql.begin(async (tx) => {
    // Before anything is made: "create if not exists" races with itself.
    await tx`select pg_advisory_xact_lock(hashtextextended('natter:migrate', 0))`;
    await tx.unsafe(`create schema if not exists ${SCHEMA};
      create table if not exists ${SCHEMA}.migrations (name text primary key, digest text not null, applied_at timestamptz not null default now())`);
    const rows = await tx<{
      name: string;
      digest: string;
    }>`select name, digest from ${tx(SCHEMA)}.migrations`;
    const applied = new Map(rows.map(({ name, digest }) => [name, digest]));
    for (const { name, sql: text } of migrations) {
      const digest = createHash('sha256').update(text).digest('hex');
      if (applied.has(name) && applied.get(name) !== digest)
        throw new Error(`the migration ${name} was changed after it had been applied`);
      if (applied.has(name)) continue;
      await tx.unsafe(text);
      await tx`insert into ${tx(SCHEMA)}.migrations (name, digest) values (${name}, ${digest})`;
    }
  });
}
