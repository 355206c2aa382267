// The read models as the edge sees them: every query there is, how fresh they are, and one fault when they are away.
import type { Log, Signals } from '../domain/log/log.ts';
import type { ProjectionName } from './all.ts';
import { openPool } from './database.ts';
import { codeOf, passes, ReadModelsDown } from './faults.ts';
import { findWithAi } from './models/ai-queries.ts';
import { findAgentFigures, findChatAnalytics } from './models/analytics-queries.ts';
import { findCustomerHistory, findCustomers } from './models/customers-queries.ts';
import { findInbox, findOne } from './models/inbox-queries.ts';
import { findArticle, findArticles, findPassages, findTitled } from './models/knowledge-queries.ts';
import { findLastAgent, findLive, findReminded } from './models/live-queries.ts';
import { findUsers, findUsersById, findWidgets, findWorkspaces } from './models/people-queries.ts';
import { countBefore, findQueue, findWaits } from './models/queue-queries.ts';
import { searchMessages } from './models/transcript.ts';
import { storableAll } from './rows.ts';
import { Freshness, type Place } from './running/freshness.ts';
import { Generations } from './running/generations.ts';
import { lagOf, type Progress } from './running/lag.ts';
import type { Runner } from './sql.ts';

export { ReadModelsDown } from './faults.ts';
export type { QueuedRow, QueueNow, Waits } from './models/queue-queries.ts';

export interface ReadModelsOptions {
  /** `postgres://…` of the database that the projectors fill. */
  readonly url: string;
  readonly log: Log;
  readonly signals: Signals;
  /** Connections of this process at most; 6 by default. */
  readonly connections?: number;
  /** Milliseconds one query may take; 5,000 by default. */
  readonly statementTimeout?: number;
}

type Query<Asked extends readonly unknown[], Answer> = (
  sql: Runner,
  generations: Generations,
  ...asked: Asked
) => Promise<Answer>;

export type ReadModels = ReturnType<typeof openReadModels>;

/**
 * Opens the queries on a small pool. Every query, `waitFor` and `lag` throws ReadModelsDown while Postgres
 * is away, takes no more connections, or holds no read models yet; nothing needs to be opened again after.
 */
export function openReadModels({
  url,
  log,
  signals,
  connections = 6,
  statementTimeout = 5_000,
}: ReadModelsOptions) {
  const sql = openPool(url, { max: connections, name: 'natter-queries', statementTimeout, patience: 3_000 });
  const generations = new Generations(sql);
  const freshness = new Freshness({ sql, generations, log, signals });

  const asking = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    const answer = orDown(ask, statementTimeout + 1_000);
    return answer.catch((error: unknown) => {
      // A generation that was dropped while this process still believed in it: look again, once.
      if (!isGone(error)) throw asDown(error);
      generations.forget();
      return orDown(ask, statementTimeout + 1_000).catch((again: unknown) => {
        throw asDown(again);
      });
    });
  };
  const query =
    <Asked extends readonly unknown[], Answer>(find: Query<Asked, Answer>) =>
    (...asked: Asked): Promise<Answer> =>
      asking(() => find(sql, generations, ...storableAll(asked)));

  return {
    inbox: { findInbox: query(findInbox), findOne: query(findOne) },
    transcript: { searchMessages: query(searchMessages) },
    customers: { findCustomerHistory: query(findCustomerHistory), findCustomers: query(findCustomers) },
    analytics: {
      findChatAnalytics: query(findChatAnalytics),
      findAgentFigures: query(findAgentFigures),
    },
    ai: { findWithAi: query(findWithAi) },
    live: {
      findLive: query(findLive),
      findLastAgent: query(findLastAgent),
      findReminded: query(findReminded),
    },
    queue: { findQueue: query(findQueue), countBefore: query(countBefore), findWaits: query(findWaits) },
    people: {
      findUsers: query(findUsers),
      findUsersById: query(findUsersById),
      findWidgets: query(findWidgets),
      findWorkspaces: query(findWorkspaces),
    },
    knowledge: {
      findArticles: query(findArticles),
      findArticle: query(findArticle),
      findTitled: query(findTitled),
      findPassages: query(findPassages),
    },
    freshness: {
      /** See Freshness.waitFor: `fresh`, or the lag in commits after `timeoutMs`. */
      waitFor: (projections: readonly ProjectionName[], place: Place, timeoutMs: number) =>
        orDown(() => freshness.waitFor(projections, place, timeoutMs), timeoutMs + statementTimeout).catch(
          (error: unknown) => {
            throw asDown(error);
          },
        ),
    },
    /** `{name: {generation, lag, failure?}}` of every projection, lag in commits. */
    lag: (): Promise<Record<string, Progress>> => asking(() => lagOf(sql, log)),
    /** Whether Postgres answers and read models are there. */
    ready: async (): Promise<boolean> => {
      try {
        await asking(() => generations.serving('inbox'));
        await asking(async () => sql`select 1`);
        return true;
      } catch (error) {
        if (error instanceof ReadModelsDown) return false;
        throw error;
      }
    },
    close: async (): Promise<void> => {
      freshness.close();
      await sql.end();
    },
  };
}

/** A pool without a free connection queues without end; a reader must not. */
function orDown<Answer>(ask: () => Promise<Answer>, ms: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new ReadModelsDown('the read models did not answer in time')), ms);
    ask()
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}

function isGone(error: unknown): boolean {
  return ['42P01', '3F000'].includes(codeOf(error));
}

function asDown(error: unknown): unknown {
  if (error instanceof ReadModelsDown || !passes(error)) return error;
  return new ReadModelsDown('the read models are away', { cause: error });
}
