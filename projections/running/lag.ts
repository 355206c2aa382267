// How far the serving read models are behind the log.
import type { Log } from '../../domain/log/log.ts';
import type { Runner } from '../sql.ts';

/** Of one projection, summed over its streams. */
export interface Progress {
  readonly generation: number;
  /** Commits not yet in the read model. */
  readonly lag: number;
  /** Where and why it has stopped; undefined while it runs. */
  readonly failure?: string;
}

/** The progress of each projection by name: heads as the log says, checkpoints as stored. */
export async function lagOf(sql: Runner, log: Log): Promise<Record<string, Progress>> {
  // Checkpoints first: a head read before them could be behind.
  const rows = await sql<{
    projection: string;
    generation: number;
    stream: string;
    sequence: number;
    failure: string | null;
  }>`
    select g.projection, g.generation, c.stream, c.sequence::float8 as sequence, c.failure
      from generations g join checkpoints c using (projection, generation)
     where g.state = 'serving' order by g.projection, c.stream`;
  const streams = [...new Set(rows.map(({ stream }) => stream))];
  const heads = new Map(
    await Promise.all(streams.map(async (stream) => [stream, await log.head(stream)] as const)),
  );
  const progress: Record<string, Progress> = {};
  for (const { projection, generation, stream, sequence, failure } of rows) {
    const so = progress[projection] ?? { generation, lag: 0 };
    const lag = so.lag + Math.max(0, (heads.get(stream) ?? 0) - sequence);
    progress[projection] = {
      generation,
      lag,
      failure: so.failure ?? (failure === null ? undefined : `${stream}: ${failure}`),
    };
  }
  return progress;
}
