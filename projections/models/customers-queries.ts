// What can be asked about customers.

import { tablesOf } from '../projection.ts';
import type { Generations } from '../running/generations.ts';
import type { Runner } from '../sql.ts';
import { sameEmail } from './customers.ts';
import { columns, type InboxRow, listed, type StoredRow } from './inbox-queries.ts';
import { type Page, windowOf } from './paging.ts';
import { containing } from './searchable.ts';

export interface CustomerRow {
  /** Lower case. */
  readonly email: string;
  /** As of the latest conversation that named one. */
  readonly name?: string;
  readonly phone?: string;
  readonly conversations: number;
  /** ISO 8601: when the first and the last conversation started. */
  readonly firstAt: string;
  readonly lastAt: string;
}

/** The conversations of one e-mail address in a workspace, the latest started first. */
export async function findCustomerHistory(
  sql: Runner,
  generations: Generations,
  { workspace, email, ...page }: { readonly workspace: string; readonly email: string } & Page,
): Promise<{ rows: InboxRow[]; total: number }> {
  const [c, i] = await Promise.all([generations.serving('customers'), generations.serving('inbox')]);
  const { limit, offset } = windowOf(page);
  const of = sql`
    from ${sql(tablesOf(c)('customer_conversations'))} c
    join ${sql(tablesOf(i)('inbox'))} i on i.workspace = c.workspace and i.conversation = c.conversation
   where c.workspace = ${workspace} and c.email = ${sameEmail(email)}`;
  const [counted, rows] = await Promise.all([
    sql<{ n: number }>`select count(*)::float8 as n ${of}`,
    sql<StoredRow>`select ${columns(sql)} ${of} order by c.started_at desc, c.conversation limit ${limit} offset ${offset}`,
  ]);
  return { rows: rows.map(listed), total: counted[0]?.n ?? 0 };
}

/** A workspace's customers by e-mail address; `search` is a part of it. */
export async function findCustomers(
  sql: Runner,
  generations: Generations,
  { workspace, search, ...page }: { readonly workspace: string; readonly search?: string } & Page,
): Promise<{ rows: CustomerRow[]; total: number }> {
  const t = tablesOf(await generations.serving('customers'));
  const { limit, offset } = windowOf(page);
  const asked = search?.trim();
  const where = sql`where k.workspace = ${workspace} ${asked ? sql`and k.email like ${containing(asked)}` : sql``}`;
  const table = sql(t('customer_conversations'));
  const latest = (column: 'name' | 'phone') => sql`
    (select c.${sql(column)} from ${table} c where c.workspace = p.workspace and c.email = p.email and c.${sql(column)} is not null
      order by c.started_at desc limit 1)`;
  const [counted, rows] = await Promise.all([
    sql<{ n: number }>`select count(distinct k.email)::float8 as n from ${sql(t('customers'))} k ${where}`,
    sql<StoredCustomer>`
      select p.email, p.conversations, ${latest('name')} as name, ${latest('phone')} as phone,
             (select min(c.started_at) from ${table} c where c.workspace = p.workspace and c.email = p.email) as first_at,
             (select max(c.started_at) from ${table} c where c.workspace = p.workspace and c.email = p.email) as last_at
        from (select k.workspace, k.email, sum(k.conversations)::float8 as conversations from ${sql(t('customers'))} k ${where}
               group by k.workspace, k.email order by k.email limit ${limit} offset ${offset}) p
       order by p.email`,
  ]);
  return { rows: rows.map(customer), total: counted[0]?.n ?? 0 };
}

interface StoredCustomer {
  readonly email: string;
  readonly conversations: number;
  readonly name: string | null;
  readonly phone: string | null;
  readonly first_at: Date;
  readonly last_at: Date;
}

function customer({ email, conversations, name, phone, first_at, last_at }: StoredCustomer): CustomerRow {
  return {
    email,
    name: name ?? undefined,
    phone: phone ?? undefined,
    conversations,
    firstAt: first_at.toISOString(),
    lastAt: last_at.toISOString(),
  };
}
