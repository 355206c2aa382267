// The figures of a workspace: facts of each conversation, summed by the hour in which it started.

import type { Model, Projection, Tables, Transaction } from '../projection.ts';
import { Remembered } from '../remembered.ts';
import { asJson } from '../rows.ts';
import type { Batch } from '../running/batch.ts';
import type { History, PlacedConversationEvent } from '../running/histories.ts';
import { createAnalytics, indexAnalytics } from '../tables/analytics.ts';
import { type Facts, factsAfter } from './conversation-facts.ts';

interface Change {
  readonly history: History<PlacedConversationEvent>;
  readonly before: Facts | undefined;
  readonly after: Facts | undefined;
}

export const analytics: Projection = {
  name: 'analytics',
  version: 2,
  family: 'chat',
  tables: ['conversation_facts', 'hours', 'agent_hours'],
  create: createAnalytics,
  indexes: indexAnalytics,
  open: (tables, stream) => new AnalyticsModel(tables, stream.shard),
};

class AnalyticsModel implements Model {
  readonly #tables: Tables;
  readonly #shard: number;
  readonly #facts = new Remembered<Facts>(20_000);

  constructor(tables: Tables, shard: number) {
    this.#tables = tables;
    this.#shard = shard;
  }

  async apply(tx: Transaction, batch: Batch): Promise<void> {
    const histories = batch.conversations;
    const stored = await this.#load(tx, histories);
    const changes = histories.flatMap((history): Change[] => {
      const before = this.#facts.get(history.key) ?? stored.get(history.key);
      const after = history.events.reduce(factsAfter, before);
      return after === before ? [] : [{ history, before, after }];
    });
    await this.#write(tx, changes);
    await this.#sum(tx, changes);
    await this.#sumAgents(tx, changes);
    for (const { history, after } of changes) {
      if (after) this.#facts.set(history.key, after);
      else this.#facts.delete(history.key);
    }
  }

  forget(): void {
    this.#facts.clear();
  }

  async #load(
    tx: Transaction,
    histories: readonly History<PlacedConversationEvent>[],
  ): Promise<Map<string, Facts>> {
    const wanted = histories.filter(({ key, first }) => first > 1 && !this.#facts.get(key));
    if (wanted.length === 0) return new Map();
    const rows = await tx.unsafe<{
      key: string;
      started_at: Date;
      ms: number | null;
      messages: number;
      closed: boolean;
      rating: number | null;
      agent: string | null;
      widget: string;
      responder: string | null;
      waiting_since: Date | null;
      taken_at: Date | null;
      waited: number | null;
    }>(
      `select w.key, f.started_at, f.first_response_ms::float8 as ms, f.messages, f.closed, f.rating, f.agent, f.widget, f.responder,
              f.waiting_since, f.taken_at, f.waited_ms::float8 as waited
         from json_to_recordset($1::text::json) as w(key text, workspace text, id text)
         join ${this.#tables('conversation_facts')} f on f.workspace = w.workspace collate "C" and f.conversation = w.id collate "C"`,
      [asJson(wanted.map(({ key, workspace, id }) => ({ key, workspace, id })))],
    );
    return new Map(
      rows.map(({ key, started_at, ms, waiting_since, taken_at, waited, ...rest }) => [
        key,
        {
          ...rest,
          startedAt: started_at.toISOString(),
          firstResponseMs: ms,
          waitingSince: waiting_since?.toISOString() ?? null,
          takenAt: taken_at?.toISOString() ?? null,
          waitedMs: waited,
        },
      ]),
    );
  }

  async #write(tx: Transaction, changes: readonly Change[]): Promise<void> {
    const table = this.#tables('conversation_facts');
    const rows = changes.flatMap(({ history: { workspace, id }, after }) =>
      after ? [{ workspace, conversation: id, ...after }] : [],
    );
    if (rows.length > 0) {
      await tx.unsafe(
        `insert into ${table} (workspace, conversation, stream, started_at, first_response_ms, messages, closed, rating, agent, widget, responder,
                waiting_since, taken_at, waited_ms)
         select workspace, conversation, ${this.#shard}, "startedAt", "firstResponseMs", messages, closed, rating, agent, widget, responder,
                "waitingSince", "takenAt", "waitedMs"
           from json_to_recordset($1::text::json) as r(workspace text, conversation text, "startedAt" timestamptz, "firstResponseMs" bigint,
                messages integer, closed boolean, rating smallint, agent text, widget text, responder text,
                "waitingSince" timestamptz, "takenAt" timestamptz, "waitedMs" bigint)
         on conflict (workspace, conversation) do update set first_response_ms = excluded.first_response_ms,
           messages = excluded.messages, closed = excluded.closed, rating = excluded.rating, agent = excluded.agent,
           responder = excluded.responder, waiting_since = excluded.waiting_since, taken_at = excluded.taken_at, waited_ms = excluded.waited_ms`,
        [asJson(rows)],
      );
    }
    const gone = changes
      .filter(({ after }) => !after)
      .map(({ history: { workspace, id } }) => ({ workspace, id }));
    if (gone.length === 0) return;
    await tx.unsafe(
      `delete from ${table} d using json_to_recordset($1::text::json) as r(workspace text, id text)
        where d.workspace = r.workspace collate "C" and d.conversation = r.id collate "C"`,
      [asJson(gone)],
    );
  }

  async #sum(tx: Transaction, changes: readonly Change[]): Promise<void> {
    const hours = new Map<string, Hour>();
    const lost = new Map<string, { workspace: string; hour: string }>();
    for (const {
      history: { workspace },
      before,
      after,
    } of changes) {
      const hour = hourOf((after ?? before)?.startedAt ?? '');
      const sum = hours.get(`${workspace} ${hour}`) ?? emptyHour(workspace, hour);
      hours.set(`${workspace} ${hour}`, sum);
      if (before) add(sum, before, -1);
      if (after) add(sum, after, 1);
      const ms = after?.firstResponseMs ?? null;
      if (ms !== null) {
        sum.response_min = Math.min(sum.response_min ?? ms, ms);
        sum.response_max = Math.max(sum.response_max ?? ms, ms);
      }
      if (before && !after) lost.set(`${workspace} ${hour}`, { workspace, hour });
    }
    const rows = [...hours].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
    if (rows.length === 0) return;
    const table = this.#tables('hours');
    await tx.unsafe(
      `insert into ${table} as h (workspace, stream, hour, sessions, messages, closed, rated, rating_sum, responded, response_sum, response_min, response_max)
       select workspace, ${this.#shard}, hour, sessions, messages, closed, rated, rating_sum, responded, response_sum, response_min, response_max
         from json_to_recordset($1::text::json) as r(workspace text, hour timestamptz, sessions integer, messages bigint, closed integer, rated integer,
              rating_sum integer, responded integer, response_sum bigint, response_min bigint, response_max bigint)
       on conflict (workspace, hour, stream) do update set
         sessions = h.sessions + excluded.sessions, messages = h.messages + excluded.messages, closed = h.closed + excluded.closed,
         rated = h.rated + excluded.rated, rating_sum = h.rating_sum + excluded.rating_sum,
         responded = h.responded + excluded.responded, response_sum = h.response_sum + excluded.response_sum,
         response_min = least(h.response_min, excluded.response_min), response_max = greatest(h.response_max, excluded.response_max)`,
      [asJson(rows)],
    );
    if (lost.size > 0) await this.#withoutErased(tx, [...lost.values()]);
  }

  /** A least or greatest value cannot be subtracted: where a conversation went, its hour is looked through again. */
  async #withoutErased(
    tx: Transaction,
    hours: readonly { workspace: string; hour: string }[],
  ): Promise<void> {
    const asked = asJson(hours);
    const table = this.#tables('hours');
    await tx.unsafe(
      `update ${table} h set response_min = f.least, response_max = f.most
         from json_to_recordset($1::text::json) as r(workspace text, hour timestamptz)
         cross join lateral (
           select min(first_response_ms) as least, max(first_response_ms) as most from ${this.#tables('conversation_facts')} c
            where c.workspace = r.workspace collate "C" and c.started_at >= r.hour and c.started_at < r.hour + interval '1 hour' and c.stream = ${this.#shard}) f
        where h.workspace = r.workspace collate "C" and h.hour = r.hour and h.stream = ${this.#shard}`,
      [asked],
    );
    await tx.unsafe(
      `delete from ${table} h using json_to_recordset($1::text::json) as r(workspace text, hour timestamptz)
        where h.workspace = r.workspace collate "C" and h.hour = r.hour and h.stream = ${this.#shard} and h.sessions = 0`,
      [asked],
    );
  }

  async #sumAgents(tx: Transaction, changes: readonly Change[]): Promise<void> {
    const sums = new Map<string, AgentHour>();
    const of = (workspace: string, { startedAt }: Facts, agent: string): AgentHour => {
      const hour = hourOf(startedAt);
      const key = `${workspace} ${hour} ${agent}`;
      const sum = sums.get(key) ?? { workspace, hour, agent, ...NOTHING };
      sums.set(key, sum);
      return sum;
    };
    const count = (workspace: string, facts: Facts | undefined, sign: 1 | -1) => {
      if (facts?.agent) {
        const sum = of(workspace, facts, facts.agent);
        sum.sessions += sign;
        if (facts.rating !== null) sum.rated += sign;
        sum.rating_sum += sign * (facts.rating ?? 0);
      }
      if (facts?.responder) {
        const sum = of(workspace, facts, facts.responder);
        sum.responded += sign;
        sum.response_sum += sign * (facts.firstResponseMs ?? 0);
      }
    };
    for (const { history, before, after } of changes) {
      count(history.workspace, before, -1);
      count(history.workspace, after, 1);
    }
    const rows = [...sums]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([, sum]) => (changesNothing(sum) ? [] : [sum]));
    if (rows.length === 0) return;
    const table = this.#tables('agent_hours');
    await tx.unsafe(
      `insert into ${table} as h (workspace, stream, hour, agent, sessions, rated, rating_sum, responded, response_sum)
       select workspace, ${this.#shard}, hour, agent, sessions, rated, rating_sum, responded, response_sum
         from json_to_recordset($1::text::json) as r(workspace text, hour timestamptz, agent text, sessions integer, rated integer, rating_sum integer,
              responded integer, response_sum bigint)
       on conflict (workspace, hour, stream, agent) do update set
         sessions = h.sessions + excluded.sessions, rated = h.rated + excluded.rated, rating_sum = h.rating_sum + excluded.rating_sum,
         responded = h.responded + excluded.responded, response_sum = h.response_sum + excluded.response_sum`,
      [asJson(rows)],
    );
    const fewer = rows.filter(({ sessions, responded }) => sessions < 0 || responded < 0);
    if (fewer.length === 0) return;
    await tx.unsafe(
      `delete from ${table} h using json_to_recordset($1::text::json) as r(workspace text, hour timestamptz, agent text)
        where h.workspace = r.workspace collate "C" and h.hour = r.hour and h.agent = r.agent collate "C" and h.stream = ${this.#shard} and h.sessions = 0 and h.responded = 0`,
      [asJson(fewer)],
    );
  }
}

const NOTHING = { sessions: 0, rated: 0, rating_sum: 0, responded: 0, response_sum: 0 };

/** What an agent's conversations of one hour add: those last given to them, and those they answered first. */
interface AgentHour {
  readonly workspace: string;
  readonly hour: string;
  readonly agent: string;
  sessions: number;
  rated: number;
  rating_sum: number;
  responded: number;
  response_sum: number;
}

function changesNothing({ sessions, rated, rating_sum, responded, response_sum }: AgentHour): boolean {
  return sessions === 0 && rated === 0 && rating_sum === 0 && responded === 0 && response_sum === 0;
}

interface Hour {
  readonly workspace: string;
  readonly hour: string;
  sessions: number;
  messages: number;
  closed: number;
  rated: number;
  rating_sum: number;
  responded: number;
  response_sum: number;
  response_min: number | null;
  response_max: number | null;
}

function emptyHour(workspace: string, hour: string): Hour {
  const none = {
    sessions: 0,
    messages: 0,
    closed: 0,
    rated: 0,
    rating_sum: 0,
    responded: 0,
    response_sum: 0,
  };
  return { workspace, hour, ...none, response_min: null, response_max: null };
}

function add(sum: Hour, facts: Facts, sign: 1 | -1): void {
  sum.sessions += sign;
  sum.messages += sign * facts.messages;
  if (facts.closed) sum.closed += sign;
  if (facts.rating !== null) sum.rated += sign;
  sum.rating_sum += sign * (facts.rating ?? 0);
  if (facts.firstResponseMs !== null) sum.responded += sign;
  sum.response_sum += sign * (facts.firstResponseMs ?? 0);
}

function hourOf(at: string): string {
  // What the log says is in UTC already, which spares the calendar; anything else is brought there.
  const utc = at.endsWith('Z') ? at : new Date(at).toISOString();
  return `${utc.slice(0, 13)}:00:00.000Z`;
}
