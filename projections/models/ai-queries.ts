// What whoever answers for the AI must know: which conversations it has, and where it owes an answer.

import { tablesOf } from '../projection.ts';
import type { Generations } from '../running/generations.ts';
import type { Runner } from '../sql.ts';

export interface WithAi {
  readonly workspace: string;
  readonly conversation: string;
}

/** Conversations of one CHAT stream that the AI has, changed last first; `unanswered`: only those with a message of the visitor that it has not answered. */
export async function findWithAi(
  sql: Runner,
  generations: Generations,
  {
    shard,
    unanswered,
    most,
  }: { readonly shard: number; readonly unanswered: boolean; readonly most: number },
): Promise<WithAi[]> {
  const t = tablesOf(await generations.serving('inbox'));
  return sql<WithAi>`
    select i.workspace, i.conversation from ${sql(t('inbox'))} i
     where i.owner = 'ai' and i.status = 'queued' and i.stream = ${shard}
       and (not ${unanswered}::boolean
            or (i.state->'asked'->>'version')::int > (i.state->'asked'->>'answered')::int)
     order by i.updated_at desc limit ${most}`;
}
