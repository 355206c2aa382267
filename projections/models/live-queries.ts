// What whoever acts on conversations by themselves must know at their start: all that have not ended.

import { tablesOf } from '../projection.ts';
import type { Generations } from '../running/generations.ts';
import type { Runner } from '../sql.ts';
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
