// What can be asked about a workspace's figures.

import { tablesOf } from '../projection.ts';
import type { Generations } from '../running/generations.ts';
import type { Runner } from '../sql.ts';

/** The figures of the conversations that started within a period, as they are now. Null where there is nothing to average. */
export interface ChatAnalytics {
  readonly totalSessions: number;
  /** Messages of everyone, a conversation. */
  readonly avgMessages: number | null;
  /** Closed or archived now. */
  readonly closedSessions: number;
  /** 1 to 5, over the conversations whose rating stands. */
  readonly avgRating: number | null;
  /** From start to the first message of a human on our side, in ms, over those that have one. */
  readonly responseTime: {
    readonly avg: number | null;
    readonly min: number | null;
    readonly max: number | null;
  };
  /** Days (UTC, `YYYY-MM-DD`) with at least one conversation, in order. */
  readonly sessionsByDay: readonly { readonly day: string; readonly count: number }[];
  /** The ten agents with the most conversations; each counts for the agent it was last given to. */
  readonly topAgents: readonly {
    readonly agent: string;
    readonly sessionsHandled: number;
    readonly avgRating: number | null;
  }[];
}

/**
 * Figures of the conversations that started at or after `from` and before `to` (ISO 8601). Whole hours come
 * from their sums, the hours cut by the period's ends from the facts. Erased conversations are in none of it.
 */
export async function findChatAnalytics(
  sql: Runner,
  generations: Generations,
  { workspace, from, to }: { readonly workspace: string; readonly from: string; readonly to: string },
): Promise<ChatAnalytics> {
  const t = tablesOf(await generations.serving('analytics'));
  const start = new Date(from);
  const end = new Date(to);
  const first = new Date(Math.ceil(start.getTime() / HOUR) * HOUR);
  const last = new Date(Math.max(first.getTime(), Math.floor(end.getTime() / HOUR) * HOUR));
  const whole = sql`h.workspace = ${workspace} and h.hour >= ${first} and h.hour < ${last}`;
  const cut = sql`f.workspace = ${workspace} and f.started_at >= ${start} and f.started_at < ${end} and (f.started_at < ${first} or f.started_at >= ${last})`;
  const facts = sql(t('conversation_facts'));
  const [days, agents] = await Promise.all([
    sql<Day>`
      select to_char(day, 'YYYY-MM-DD') as day, sum(sessions)::float8 as sessions, sum(messages)::float8 as messages, sum(closed)::float8 as closed,
             sum(rated)::float8 as rated, sum(rating_sum)::float8 as rating_sum, sum(responded)::float8 as responded,
             sum(response_sum)::float8 as response_sum, min(response_min)::float8 as response_min, max(response_max)::float8 as response_max
        from (select date_trunc('day', h.hour at time zone 'UTC') as day, h.sessions, h.messages, h.closed, h.rated, h.rating_sum, h.responded,
                     h.response_sum, h.response_min, h.response_max
                from ${sql(t('hours'))} h where ${whole}
              union all
              select date_trunc('day', f.started_at at time zone 'UTC'), 1, f.messages, f.closed::int, (f.rating is not null)::int, coalesce(f.rating, 0),
                     (f.first_response_ms is not null)::int, coalesce(f.first_response_ms, 0), f.first_response_ms, f.first_response_ms
                from ${facts} f where ${cut}) parts
       group by day order by day`,
    sql<{ agent: string; sessions: number; rated: number; rating_sum: number }>`
      select agent, sum(sessions)::float8 as sessions, sum(rated)::float8 as rated, sum(rating_sum)::float8 as rating_sum
        from (select h.agent, h.sessions, h.rated, h.rating_sum from ${sql(t('agent_hours'))} h where ${whole}
              union all
              select f.agent, 1, (f.rating is not null)::int, coalesce(f.rating, 0) from ${facts} f where ${cut} and f.agent is not null) parts
       group by agent having sum(sessions) > 0 order by sessions desc, agent limit 10`,
  ]);
  const sum = (key: Exclude<keyof Day, 'day'>) => days.reduce((total, day) => total + (day[key] ?? 0), 0);
  const responses = days.flatMap(({ response_min, response_max }) =>
    response_min === null || response_max === null ? [] : [response_min, response_max],
  );
  return {
    totalSessions: sum('sessions'),
    avgMessages: ratio(sum('messages'), sum('sessions')),
    closedSessions: sum('closed'),
    avgRating: ratio(sum('rating_sum'), sum('rated')),
    responseTime: {
      avg: ratio(sum('response_sum'), sum('responded')),
      min: responses.length > 0 ? responses.reduce((a, b) => Math.min(a, b)) : null,
      max: responses.length > 0 ? responses.reduce((a, b) => Math.max(a, b)) : null,
    },
    sessionsByDay: days.map(({ day, sessions }) => ({ day, count: sessions })),
    topAgents: agents.map(({ agent, sessions, rated, rating_sum }) => ({
      agent,
      sessionsHandled: sessions,
      avgRating: ratio(rating_sum, rated),
    })),
  };
}

/** How an agent has been doing since the beginning. */
export interface AgentFigures {
  /** Conversations last given to them. */
  readonly sessionsHandled: number;
  /** From a conversation's start to the first message of a human on our side, in ms, over those where it was theirs; null: none. */
  readonly avgResponseMs: number | null;
  /** 1 to 5, over the conversations last given to them whose rating stands; null: none. */
  readonly avgRating: number | null;
}

/** `agent`: public number. */
export async function findAgentFigures(
  sql: Runner,
  generations: Generations,
  { workspace, agent }: { readonly workspace: string; readonly agent: string },
): Promise<AgentFigures> {
  const t = tablesOf(await generations.serving('analytics'));
  const [sums] = await sql<{
    sessions: number | null;
    rated: number | null;
    rating_sum: number | null;
    responded: number | null;
    response_sum: number | null;
  }>`
    select sum(sessions)::float8 as sessions, sum(rated)::float8 as rated, sum(rating_sum)::float8 as rating_sum,
           sum(responded)::float8 as responded, sum(response_sum)::float8 as response_sum
      from ${sql(t('agent_hours'))} h where h.workspace = ${workspace} and h.agent = ${agent}`;
  return {
    sessionsHandled: sums?.sessions ?? 0,
    avgResponseMs: ratio(sums?.response_sum ?? 0, sums?.responded ?? 0),
    avgRating: ratio(sums?.rating_sum ?? 0, sums?.rated ?? 0),
  };
}

const HOUR = 3_600_000;

interface Day {
  readonly day: string;
  readonly sessions: number;
  readonly messages: number;
  readonly closed: number;
  readonly rated: number;
  readonly rating_sum: number;
  readonly responded: number;
  readonly response_sum: number;
  readonly response_min: number | null;
  readonly response_max: number | null;
}

function ratio(sum: number, count: number): number | null {
  return count > 0 ? sum / count : null;
}
