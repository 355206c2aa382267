// Everything the serving read models say, as one digest a table, to hold two databases against each other.

import { projections } from '../../projections/all.ts';
import type { Sql } from '../../projections/projection.ts';
import { tablesOf } from '../../projections/projection.ts';

/** `{table: "<rows> <digest>"}` of what serves. */
export async function contentsOf(sql: Sql): Promise<Record<string, string>> {
  const contents: Record<string, string> = {};
  for (const { name, tables } of projections) {
    const [serving] = await sql<{
      generation: number;
    }>`select generation from generations where projection = ${name} and state = 'serving'`;
    if (!serving) throw new Error(`no ${name} serves`);
    for (const table of tables) {
      const [row] = await sql<{ n: number; digest: string }>`
        select count(*)::int as n, md5(coalesce(string_agg(t::text, E'\n' order by t::text collate "C"), '')) as digest from ${sql(tablesOf(serving.generation)(table))} t`;
      contents[table] = `${row?.n} ${row?.digest}`;
    }
  }
  return contents;
}
