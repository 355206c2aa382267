// What can be asked of the list of conversations.

import { tablesOf } from '../projection.ts';
import type { Generations } from '../running/generations.ts';
import type { Runner } from '../sql.ts';
import type { InboxState } from './inbox.ts';
import { type Page, windowOf } from './paging.ts';
import { containing } from './searchable.ts';

/** Rows of one page. Dialects allow their callers less, all but one: seed 000 has a list without pages. */
const MOST_ROWS = 1_000;
const STATUSES = ['queued', 'open', 'closed', 'archived'] as const;
export type ListedStatus = (typeof STATUSES)[number];

/** A conversation as its fold says, without what lists have no use for. */
export interface InboxRow extends Omit<InboxState, 'unread' | 'joined' | 'status'> {
  readonly workspace: string;
  /** The conversation's id. */
  readonly conversation: string;
  /** Version of its last event that is in here. */
  readonly version: number;
  readonly status: ListedStatus;
}

export interface InboxFilter {
  readonly workspace: string;
  readonly department?: string;
  readonly priority?: string;
  /** An agent's internal id, or `unassigned`: owned by nobody or the AI. */
  readonly assigned?: string;
  readonly owner?: 'nobody' | 'ai' | 'agent';
  /** A part of the visitor's name, e-mail or the conversation's id; case and accents do not matter. */
  readonly search?: string;
}

export interface InboxPage {
  readonly rows: InboxRow[];
  /** All that the filter with its status selects. */
  readonly total: number;
  /** What the filter selects by status, whatever status and page say. */
  readonly counts: Record<ListedStatus, number>;
}

/** The conversations that a filter selects, those with the latest event first. */
export async function findInbox(
  sql: Runner,
  generations: Generations,
  filter: InboxFilter & Page & { readonly status?: ListedStatus | readonly ListedStatus[] },
): Promise<InboxPage> {
  const t = tablesOf(await generations.serving('inbox'));
  const { limit, offset } = windowOf(filter, MOST_ROWS);
  const statuses = filter.status === undefined ? [...STATUSES] : [filter.status].flat();
  const search = filter.search?.trim();
  const chosen = (agents: 'nullable' | 'empty') => sql`
    ${filter.department === undefined ? sql`` : sql`and i.department = ${filter.department}`}
    ${filter.priority === undefined ? sql`` : sql`and i.priority = ${filter.priority}`}
    ${filter.owner === undefined ? sql`` : sql`and i.owner = ${filter.owner}`}
    ${
      filter.assigned === undefined
        ? sql``
        : filter.assigned !== 'unassigned'
          ? sql`and i.agent = ${filter.assigned}`
          : agents === 'empty'
            ? sql`and i.agent = ''`
            : sql`and i.agent is null`
    }`;
  const pattern = search ? containing(search) : undefined;
  // What a search finds is found once, for the counts and for the page.
  const found =
    pattern === undefined
      ? sql``
      : sql`with found as materialized (
              select i.conversation, i.status from ${sql(t('inbox_search'))} i
               where i.workspace = ${filter.workspace} and i.search like ${pattern} ${chosen('nullable')})`;
  const counting =
    pattern === undefined
      ? sql`
          select i.status, sum(i.conversations)::float8 as n from ${sql(t('inbox_counts'))} i
           where i.workspace = ${filter.workspace} ${chosen('empty')} group by i.status`
      : sql`select f.status, count(*)::float8 as n from found f group by f.status`;
  // Without a search: one ordered index scan for each status, merged, so that the newest of all statuses need no
  // index of their own. With one: whatever is found, then the newest of it.
  const page =
    pattern === undefined
      ? sql`
          select p.conversation, p.updated_at from unnest(${statuses}::text[]) as wanted(status) cross join lateral (
            select i.conversation, i.updated_at from ${sql(t('inbox'))} i
             where i.workspace = ${filter.workspace} and i.status = wanted.status ${chosen('nullable')}
             order by i.updated_at desc, i.conversation limit ${limit + offset}) p
           order by p.updated_at desc, p.conversation limit ${limit} offset ${offset}`
      : sql`
          select p.conversation, p.updated_at from found f
            join ${sql(t('inbox'))} p on p.workspace = ${filter.workspace} and p.conversation = f.conversation
           where f.status = any(${statuses})
           order by p.updated_at desc, p.conversation limit ${limit} offset ${offset}`;
  // What is wide is fetched for the page alone; counts and page are one question, for each costs a way to the database and back.
  const [answer] = await sql<{
    counts: Partial<Record<ListedStatus, number>> | null;
    rows: StoredRow[] | null;
  }>`
    ${found}
    select (select json_object_agg(c.status, c.n) from (${counting}) c) as counts,
           (select json_agg(json_build_object('workspace', i.workspace, 'conversation', i.conversation, 'version', i.version,
                                              'state', i.state - 'unread' - 'joined')
                            order by page.updated_at desc, page.conversation)
              from (${page}) page
              join ${sql(t('inbox'))} i on i.workspace = ${filter.workspace} and i.conversation = page.conversation) as rows`;
  const counts: Record<ListedStatus, number> = {
    queued: 0,
    open: 0,
    closed: 0,
    archived: 0,
    ...answer?.counts,
  };
  const total = statuses.reduce((sum, status) => sum + counts[status], 0);
  return { rows: (answer?.rows ?? []).map(listed), total, counts };
}

/** One conversation's row, or undefined where the workspace has none of that id. */
export async function findOne(
  sql: Runner,
  generations: Generations,
  { workspace, conversation }: { readonly workspace: string; readonly conversation: string },
): Promise<InboxRow | undefined> {
  const t = tablesOf(await generations.serving('inbox'));
  const rows = await sql<StoredRow>`
    select ${columns(sql)} from ${sql(t('inbox'))} i where i.workspace = ${workspace} and i.conversation = ${conversation}`;
  return rows.map(listed)[0];
}

/** A row as `columns` selects it. */
export interface StoredRow {
  readonly workspace: string;
  readonly conversation: string;
  readonly version: number;
  readonly state: Omit<InboxRow, 'workspace' | 'conversation' | 'version'>;
}

/** The columns of `inbox i` that a listed row is made of. */
export const columns = (sql: Runner) =>
  sql`i.workspace, i.conversation, i.version, i.state - 'unread' - 'joined' as state`;

export function listed({ workspace, conversation, version, state }: StoredRow): InboxRow {
  return { ...state, workspace, conversation, version };
}
