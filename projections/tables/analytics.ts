// The tables of figures: facts of each conversation, and their sums by the hour in which it started.
import type { Tables } from '../projection.ts';

/** Facts change with every message, in columns no index knows (so in place); the hours make ranges of years cheap. */
export const createAnalytics = (t: Tables): string => `
  create table ${t('conversation_facts')} (
    workspace text collate "C" not null,
    conversation text collate "C" not null,
    stream smallint not null,
    started_at timestamptz not null,
    first_response_ms bigint,
    messages integer not null,
    closed boolean not null,
    rating smallint,
    agent text,
    widget text not null,
    responder text,
    waiting_since timestamptz,
    taken_at timestamptz,
    waited_ms bigint,
    primary key (workspace, conversation)
  ) with (fillfactor = 70);
  create table ${t('hours')} (
    workspace text collate "C" not null,
    stream smallint not null,
    hour timestamptz not null,
    sessions integer not null,
    messages bigint not null,
    closed integer not null,
    rated integer not null,
    rating_sum integer not null,
    responded integer not null,
    response_sum bigint not null,
    response_min bigint,
    response_max bigint,
    primary key (workspace, hour, stream)
  ) with (fillfactor = 50);
  create table ${t('agent_hours')} (
    workspace text collate "C" not null,
    stream smallint not null,
    hour timestamptz not null,
    agent text collate "C" not null,
    sessions integer not null,
    rated integer not null,
    rating_sum integer not null,
    responded integer not null,
    response_sum bigint not null,
    primary key (workspace, hour, stream, agent)
  ) with (fillfactor = 50);`;

export const indexAnalytics = (t: Tables): string[] => [
  `create index if not exists ${t('conversation_facts')}_by_start on ${t('conversation_facts')} (workspace, started_at)`,
  `create index if not exists ${t('conversation_facts')}_by_taking on ${t('conversation_facts')} (workspace, taken_at) where taken_at is not null`,
  `create index if not exists ${t('agent_hours')}_by_agent on ${t('agent_hours')} (workspace, agent)`,
];
