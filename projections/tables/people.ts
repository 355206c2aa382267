// The tables of workspaces, their users and widgets.
import type { Tables } from '../projection.ts';

const aggregate = (table: string, more: string): string => `
  create table ${table} (
    workspace text collate "C" not null,
    id text collate "C" not null,
    stream smallint not null,
    number bigint not null,
    ${more}
    state jsonb not null,
    primary key (workspace, id)
  );`;

export const createPeople = (t: Tables): string =>
  aggregate(t('workspaces'), '') +
  aggregate(t('users'), 'email text collate "C" not null,') +
  aggregate(t('widgets'), 'site_key text collate "C" not null,');

export const indexPeople = (t: Tables): string[] => [
  `create index if not exists ${t('workspaces')}_by_number on ${t('workspaces')} (number)`,
  `create index if not exists ${t('users')}_by_number on ${t('users')} (workspace, number)`,
  `create index if not exists ${t('widgets')}_by_number on ${t('widgets')} (workspace, number)`,
];
