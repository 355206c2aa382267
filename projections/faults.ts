// Which faults of Postgres pass by themselves, and the one that readers of the lists must know.

/** The read models cannot be asked now: Postgres is away, or has not been filled for the first time. */
export class ReadModelsDown extends Error {
  override readonly name = 'ReadModelsDown';
}

/** The connection to Postgres was refused, cut or not given in time: nothing the statement says is to blame. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/** Somebody else moved this checkpoint: whoever believed to hold the unit starts over from what is stored. */
export class Fenced extends Error {
  override readonly name = 'Fenced';
}

/** The read model has seen more than the log holds: it belongs to another log. */
export class AheadOfLog extends Error {
  override readonly name = 'AheadOfLog';
}

// By SQLSTATE: connection, transaction rollback, resources, locks, operator, system; then what a dropped database or table looks like.
const PASSING_CLASSES = new Set(['08', '40', '53', '55', '57', '58']);
const PASSING_CODES = new Set(['3D000', '3F000', '42P01', '25006', '28P01', '28000']);

/** The SQLSTATE (or other code) of an error, or an empty string. */
export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
}

/** True where trying again later may do: no event is to blame. */
export function passes(error: unknown): boolean {
  if (error instanceof Fenced || error instanceof ConnectionLost) return true;
  const code = codeOf(error);
  return PASSING_CLASSES.has(code.slice(0, 2)) || PASSING_CODES.has(code);
}
