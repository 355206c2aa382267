// Rows on their way into Postgres: a batch is one JSON parameter, cleaned of what Postgres cannot store.

/**
 * Spells rows for `json_to_recordset($1::text::json)`. Postgres stores neither U+0000 nor half a surrogate
 * pair, and a visitor may send both: they become U+FFFD, so that no message can stop a projection.
 */
export function asJson(rows: readonly object[]): string {
  const json = JSON.stringify(rows);
  // JSON.stringify escapes exactly what is in question (and a few harmless controls), so the check is cheap.
  return /\\u(0000|d[89a-f])/.test(json) ? JSON.stringify(rows, clean) : json;
}

/** One string as Postgres can hold it. */
export function storable(text: string): string {
  return text.replace(/\p{Surrogate}|\0/gu, '\uFFFD');
}

/** A value with every string in it as Postgres can hold it: what is asked for comes from outside as well. */
export function storableAll<Value>(value: Value): Value {
  // The reviver's result has the shape it was given.
  return JSON.parse(JSON.stringify(value), clean) as Value;
}

function clean(_key: string, value: unknown): unknown {
  if (typeof value === 'string') return storable(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  // Keys are visitors' words nowhere today; cleaned all the same, because one bad key would stop everything.
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storable(key), item]));
}
