// What whoever gives conversations to agents must know: which wait that were begun in one dialect, and how many each agent has.

import { tablesOf } from '../projection.ts';
import type { Generations } from '../running/generations.ts';
import type { Runner } from '../sql.ts';

export interface Assignable {
  /** Waiting for an agent, longest first; at most `most`. `queuedAt`: ISO 8601. */
  readonly waiting: readonly { readonly conversation: string; readonly queuedAt: string }[];
  /** Open conversations of each agent who has any, by public number. */
  readonly open: ReadonlyMap<string, number>;
}

/** `channel`: the dialect the conversations were begun in, as their origin has it. */
export async function findAssignable(
  sql: Runner,
  generations: Generations,
  {
    workspace,
    channel,
    most,
  }: { readonly workspace: string; readonly channel: string; readonly most: number },
): Promise<Assignable> {
  const t = tablesOf(await generations.serving('inbox'));
  const [waiting, agents] = await Promise.all([
    sql<{ conversation: string; queued: string }>`
      select i.conversation, i.state->>'queuedAt' as queued
        from ${sql(t('inbox'))} i
       where i.workspace = ${workspace} and i.queued_at is not null and i.state->'origin'->>'channel' = ${channel}
       order by i.queued_at, i.conversation limit ${most}`,
    sql<{ agent: string; n: number }>`
      select i.agent, sum(i.conversations)::float8 as n from ${sql(t('inbox_counts'))} i
       where i.workspace = ${workspace} and i.status = 'open' and i.agent <> '' group by i.agent`,
  ]);
  return {
    waiting: waiting.map(({ conversation, queued }) => ({ conversation, queuedAt: queued })),
    open: new Map(agents.map(({ agent, n }) => [agent, n])),
  };
}
