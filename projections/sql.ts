// SQL as tagged text over the `pg` driver: statements are values that nest, and a lost connection is one kind of fault.
import { createHash } from 'node:crypto';
import pg from 'pg';
import { ConnectionLost } from './faults.ts';

/** Rows of an answer; `count` is how many rows a statement touched. */
export type Rows<Row> = Row[] & { readonly count: number };

/** A table's or column's name, quoted. */
class Name {
  readonly quoted: string;

  constructor(name: string) {
    this.quoted = `"${name.replaceAll('"', '""')}"`;
  }
}

type Parameter = string | number | boolean | null | Date | readonly string[] | readonly number[];
type Part = Parameter | Name | Statement<object>;
type Execute = (text: string, values: readonly Parameter[]) => Promise<Rows<object>>;

/** A statement, or a part of one: runs when it is awaited, not before, and never when it is only nested. */
export class Statement<Row> implements PromiseLike<Rows<Row>> {
  readonly #execute: Execute;
  readonly #strings: TemplateStringsArray;
  readonly #parts: readonly Part[];
  #running: Promise<Rows<Row>> | undefined;

  constructor(execute: Execute, strings: TemplateStringsArray, parts: readonly Part[]) {
    this.#execute = execute;
    this.#strings = strings;
    this.#parts = parts;
  }

  // biome-ignore lint/suspicious/noThenProperty: a part that is nested must not run, so it runs when awaited.
  then<A = Rows<Row>, B = never>(
    done?: ((rows: Rows<Row>) => A | PromiseLike<A>) | null,
    failed?: ((fault: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    if (this.#running === undefined) {
      const values: Parameter[] = [];
      // The caller says what the rows look like, as with any SQL.
      this.#running = this.#execute(this.#spell(values), values) as Promise<Rows<Row>>;
    }
    return this.#running.then(done, failed);
  }

  #spell(values: Parameter[]): string {
    let text = this.#strings[0] ?? '';
    for (const [index, part] of this.#parts.entries()) {
      if (part instanceof Statement) text += part.#spell(values);
      else if (part instanceof Name) text += part.quoted;
      else text += `$${values.push(part)}`;
      text += this.#strings[index + 1] ?? '';
    }
    return text;
  }
}

/** Runs statements: on any connection of a pool, or within one transaction. */
export interface Runner {
  /** sql`select …`: values become parameters, nested statements and names become text. */
  <Row extends object>(strings: TemplateStringsArray, ...parts: readonly Part[]): Statement<Row>;
  /** A name of a table or column. */
  (name: string): Name;
  /** Text as it is, with parameters $1, $2 …; several statements only without any. */
  unsafe<Row extends object>(text: string, values?: readonly Parameter[]): Promise<Rows<Row>>;
}

export interface Sql extends Runner {
  /** Runs `work` in a transaction (`mode`, e.g. `isolation level …`) that is kept if it settles and undone if it throws. */
  begin<Result>(work: (tx: Runner) => Promise<Result>, mode?: string): Promise<Result>;
  /** Ends every connection once what runs has ended. */
  end(): Promise<void>;
}

/** Statements on a pool. The pool's connections are made when needed, and again after a loss. */
export function onPool(pool: pg.Pool): Sql {
  // An idle connection that dies concerns nobody: the next statement makes another.
  pool.on('error', () => {});
  // Nor may one that dies on its way from hand to hand end the process: whoever uses it next is told.
  pool.on('connect', (client) => {
    client.on('error', () => {});
  });
  const runner = runnerOf((text, values) => ask(() => pool.query<object>(prepared(text, values))));
  return Object.assign(runner, {
    begin: <Result>(work: (tx: Runner) => Promise<Result>, mode = '') => inTransaction(pool, work, mode),
    end: () => pool.end(),
  });
}

/** Statements on one connection, one after another. */
export function onClient(client: pg.Client): Runner {
  let last: Promise<unknown> = Promise.resolve();
  return runnerOf((text, values) => {
    const next = last.then(() => ask(() => client.query<object>(prepared(text, values))));
    // The next one runs whatever became of this one; its fault is its caller's.
    last = next.catch(() => undefined);
    return next;
  });
}

function runnerOf(execute: Execute): Runner {
  const tag = (first: string | TemplateStringsArray, ...parts: readonly Part[]) =>
    typeof first === 'string' ? new Name(first) : new Statement(execute, first, parts);
  // What TypeScript cannot see: a string answers a name, a template a statement, whose rows the caller knows.
  return Object.assign(tag, {
    unsafe: (text: string, values: readonly Parameter[] = []) => execute(text, values),
  }) as unknown as Runner;
}

async function inTransaction<Result>(
  pool: pg.Pool,
  work: (tx: Runner) => Promise<Result>,
  mode: string,
): Promise<Result> {
  const client = await ask(() => pool.connect());
  let lost: Error | undefined;
  const onLost = (error: Error) => {
    lost = error;
  };
  // A connection may die between two statements; unheard, that would end the process.
  client.on('error', onLost);
  try {
    const run: Execute = (text, values) => ask(() => client.query<object>(prepared(text, values)));
    await run(`begin ${mode}`, []);
    const result = await work(runnerOf(run));
    await run('commit', []);
    return result;
  } catch (error) {
    if (error instanceof ConnectionLost) lost ??= error;
    if (lost === undefined) {
      await client.query('rollback').catch((failed: Error) => {
        lost = failed;
      });
    }
    throw error;
  } finally {
    client.off('error', onLost);
    client.release(lost);
  }
}

async function ask<Answer extends object>(
  question: () => Promise<Answer>,
): Promise<Answer extends pg.QueryResult<infer Row> ? Rows<Row> : Answer> {
  type Answered = Answer extends pg.QueryResult<infer Row> ? Rows<Row> : Answer;
  try {
    const answer = await question();
    if (!('rows' in answer && 'rowCount' in answer)) return answer as Answered;
    return Object.assign(answer.rows as object[], { count: answer.rowCount ?? 0 }) as unknown as Answered;
  } catch (error) {
    // Whatever did not come from the server itself is the connection's: refused, timed out, cut.
    if (error instanceof pg.DatabaseError) throw error;
    throw new ConnectionLost(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

const names = new Map<string, string>();

/** Statements with parameters are prepared once a connection; the texts are few, for values never are part of them. */
function prepared(text: string, values: readonly Parameter[]): pg.QueryConfig {
  if (values.length === 0) return { text };
  let name = names.get(text);
  if (name === undefined) {
    if (names.size > 2_000) names.clear();
    name = createHash('sha1').update(text).digest('base64url');
    names.set(text, name);
  }
  // Copied: the driver's type wants an array of its own.
  return { text, values: [...values], name };
}
