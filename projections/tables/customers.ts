// The customers' tables: which conversation belongs to which e-mail address, and how many each has.
import type { Tables } from '../projection.ts';

export const createCustomers = (t: Tables): string => `
  create table ${t('customer_conversations')} (
    workspace text collate "C" not null,
    conversation text collate "C" not null,
    stream smallint not null,
    started_at timestamptz not null,
    email text collate "C",
    name text,
    phone text,
    primary key (workspace, conversation)
  );
  create table ${t('customers')} (
    workspace text collate "C" not null,
    email text collate "C" not null,
    stream smallint not null,
    conversations integer not null,
    primary key (workspace, email, stream)
  );`;

export const indexCustomers = (t: Tables): string[] => [
  `create index if not exists ${t('customer_conversations')}_by_email on ${t('customer_conversations')} (workspace, email, started_at desc) where email is not null`,
  `create index if not exists ${t('customers')}_text on ${t('customers')} using gin (workspace, email gin_trgm_ops)`,
];
