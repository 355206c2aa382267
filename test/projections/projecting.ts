// A log, a real Postgres and a projector between them, for tests of read models.
import type { Log, Signals } from '../../domain/log/log.ts';
import { memoryStorage } from '../../domain/log/memory.ts';
import { openPool } from '../../projections/database.ts';
import type { Sql } from '../../projections/projection.ts';
import { openReadModels, type ReadModels } from '../../projections/read-models.ts';
import { Projector, type ProjectorOptions } from '../../projections/running/projector.ts';
import { startTestPostgres } from '../parts/postgres.ts';

export const workspace = 'waaaaaaaaaaaa';
export const foreign = 'wbbbbbbbbbbbb';

export interface Projecting {
  readonly storage: ReturnType<typeof memoryStorage>;
  readonly url: string;
  readonly sql: Sql;
  readonly models: ReadModels;
  /** Faults that projectors told of. */
  readonly faults: unknown[];
  /** One more projector, started; ended with the rest. */
  projector(options?: Partial<ProjectorOptions>): Projector;
  /** Settles once every projection has all that is in the log. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

export async function startProjecting(): Promise<Projecting> {
  const postgres = await startTestPostgres();
  const storage = memoryStorage();
  const { log, signals }: { log: Log; signals: Signals } = storage;
  const sql = openPool(postgres.url, { max: 4, name: 'test' });
  const models = openReadModels({ url: postgres.url, log, signals });
  const faults: unknown[] = [];
  const running: Projector[] = [];
  return {
    storage,
    url: postgres.url,
    sql,
    models,
    faults,
    projector(options) {
      const projector = new Projector({
        url: postgres.url,
        log,
        signals,
        onFault: (fault) => faults.push(fault),
        ...options,
      });
      running.push(projector);
      projector.start();
      return projector;
    },
    async settled() {
      await until(async () => {
        const lag = await models.lag().catch(() => undefined);
        return (
          lag !== undefined && Object.keys(lag).length > 0 && Object.values(lag).every((one) => one.lag === 0)
        );
      });
    },
    async stop() {
      await Promise.all(running.map((projector) => projector.stop()));
      await models.close();
      await sql.end();
      await postgres.stop();
    },
  };
}

/** Waits until something is so; throws after `ms`. */
export async function until(so: () => Promise<boolean> | boolean, ms = 40_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await so())) {
    if (Date.now() > deadline) throw new Error('it did not come about in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
