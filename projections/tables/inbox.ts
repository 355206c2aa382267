// The inbox's tables. SQL is kept as text in modules, so that a bundled program carries it and the generation's suffix is typed.
import type { Tables } from '../projection.ts';

/**
 * `inbox` changes with every message and has few indexes; what is searched changes rarely and stands apart,
 * with the expensive one and all that a search counts by; counts without a search are kept, because counting a large inbox for each page would not stay fast.
 */
export const createInbox = (t: Tables): string => `
  create table ${t('inbox')} (
    workspace text collate "C" not null,
    conversation text collate "C" not null,
    stream smallint not null,
    version integer not null,
    status text not null,
    department text not null,
    priority text not null,
    owner text not null,
    agent text,
    queued_at timestamptz,
    updated_at timestamptz not null,
    state jsonb not null,
    primary key (workspace, conversation)
  ) with (fillfactor = 80);
  create table ${t('inbox_search')} (
    workspace text collate "C" not null,
    conversation text collate "C" not null,
    stream smallint not null,
    status text not null,
    department text not null,
    priority text not null,
    owner text not null,
    agent text,
    search text not null,
    primary key (workspace, conversation)
  ) with (fillfactor = 85);
  create table ${t('inbox_counts')} (
    workspace text collate "C" not null,
    stream smallint not null,
    status text not null,
    department text not null,
    priority text not null,
    owner text not null,
    agent text not null,
    conversations integer not null,
    primary key (workspace, stream, status, department, priority, owner, agent)
  ) with (fillfactor = 50);`;

export const indexInbox = (t: Tables): string[] => [
  `create index if not exists ${t('inbox')}_by_status on ${t('inbox')} (workspace, status, updated_at desc)`,
  `create index if not exists ${t('inbox')}_by_agent on ${t('inbox')} (workspace, agent, updated_at desc) where agent is not null`,
  `create index if not exists ${t('inbox')}_queue on ${t('inbox')} (workspace, queued_at, conversation) where queued_at is not null`,
  `create index if not exists ${t('inbox')}_with_ai on ${t('inbox')} (stream, updated_at desc) where owner = 'ai' and status = 'queued'`,
  `create index if not exists ${t('inbox')}_live on ${t('inbox')} (workspace, conversation) where status in ('queued', 'open')`,
  `create index if not exists ${t('inbox')}_reminded on ${t('inbox')} (workspace, conversation) where status = 'closed' and state->'reminder' is not null`,
  `create index if not exists ${t('inbox_search')}_text on ${t('inbox_search')} using gin (workspace, search gin_trgm_ops)`,
];
