// Whether two generations of a projection say the same, stream by stream, at equal checkpoints.
import { type Projection, type Sql, tablesOf } from '../projection.ts';

export interface Difference {
  readonly projection: string;
  readonly table: string;
  /** Number of the stream. */
  readonly stream: number;
  readonly rows: { readonly serving: number; readonly built: number };
}

/**
 * Compares row counts and a digest of every row. Undefined where the checkpoints are not equal in the moment
 * looked at. `looking` is called as soon as that moment is fixed: from then on either may move again.
 */
export async function compare(
  sql: Sql,
  projection: Projection,
  generations: { readonly serving: number; readonly built: number },
  looking: () => void,
): Promise<Difference[] | undefined> {
  return sql.begin(async (tx) => {
    const { name } = projection;
    const [unequal] = await tx<{ count: number }>`
      select count(*)::int as count from checkpoints s join checkpoints b using (projection, stream)
       where s.projection = ${name} and s.generation = ${generations.serving} and b.generation = ${generations.built} and s.sequence <> b.sequence`;
    looking();
    if (unequal?.count !== 0) return undefined;
    const differences: Difference[] = [];
    for (const table of projection.tables) {
      const digest = (generation: number) => tx<{ stream: number; rows: number; digest: string }>`
        select stream, count(*)::float8 as rows, sum(hash_record_extended(t, 0))::text as digest
          from ${tx(tablesOf(generation)(table))} t group by stream`;
      const serving = new Map((await digest(generations.serving)).map((row) => [row.stream, row]));
      const built = new Map((await digest(generations.built)).map((row) => [row.stream, row]));
      for (const stream of new Set([...serving.keys(), ...built.keys()])) {
        const a = serving.get(stream);
        const b = built.get(stream);
        if (a?.digest === b?.digest && a?.rows === b?.rows) continue;
        differences.push({
          projection: name,
          table,
          stream,
          rows: { serving: a?.rows ?? 0, built: b?.rows ?? 0 },
        });
      }
    }
    return differences;
  }, 'isolation level repeatable read read only');
}
