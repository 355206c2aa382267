// What whoever acts on conversations by themselves must know at their start: all that have not ended.

import { tablesOf } from '../projection.ts';
import type { Generations } from '../running/generations.ts';
import type { Runner } from '../sql.ts';
import { sameEmail } from './customers.ts';
import type { InboxState } from './inbox.ts';

export interface LiveRow {
  readonly workspace: string;
  readonly conversation: string;
  readonly version: number;
  readonly state: InboxState;
}

/** Where a page of them ends: the next begins after it. */
export type LivePlace = Pick<LiveRow, 'workspace' | 'conversation'>;

/** Conversations that have ended and still have a reminder, of all workspaces, in the order of their keys after `after`; at most `most`. */
export async function findReminded(
  sql: Runner,
  generations: Generations,
  { after, most }: { readonly after: LivePlace | undefined; readonly most: number },
): Promise<LiveRow[]> {
  const t = tablesOf(await generations.serving('inbox'));
  return sql<LiveRow>`
    select i.workspace, i.conversation, i.version, i.state from ${sql(t('inbox'))} i
     where i.status = 'closed' and i.state->'reminder' is not null
       and (i.workspace, i.conversation) > (${after?.workspace ?? ''} collate "C", ${after?.conversation ?? ''} collate "C")
     order by i.workspace, i.conversation limit ${most}`;
}

/** Conversations that wait, are the AI's or an agent's, of all workspaces, in the order of their keys after `after`; at most `most`. */
export async function findLive(
  sql: Runner,
  generations: Generations,
  { after, most }: { readonly after: LivePlace | undefined; readonly most: number },
): Promise<LiveRow[]> {
  const t = tablesOf(await generations.serving('inbox'));
  return sql<LiveRow>`
    select i.workspace, i.conversation, i.version, i.state from ${sql(t('inbox'))} i
     where i.status in ('queued', 'open')
       and (i.workspace, i.conversation) > (${after?.workspace ?? ''} collate "C", ${after?.conversation ?? ''} collate "C")
     order by i.workspace, i.conversation limit ${most}`;
}

/** The agent (public number) who had the latest other conversation of an e-mail address that any agent had; undefined: none. */
export async function findLastAgent(
  sql: Runner,
  generations: Generations,
  {
    workspace,
    conversation,
    email,
  }: { readonly workspace: string; readonly conversation: string; readonly email: string },
): Promise<string | undefined> {
  const [c, i] = await Promise.all([generations.serving('customers'), generations.serving('inbox')]);
  const [row] = await sql<{ agent: string }>`
    select i.state->'lastAgent'->>'id' as agent
      from ${sql(tablesOf(c)('customer_conversations'))} c
      join ${sql(tablesOf(i)('inbox'))} i on i.workspace = c.workspace and i.conversation = c.conversation
     where c.workspace = ${workspace} and c.email = ${sameEmail(email)} and c.conversation <> ${conversation}
       and i.state ? 'lastAgent'
     order by c.started_at desc limit 1`;
  return row?.agent;
}
