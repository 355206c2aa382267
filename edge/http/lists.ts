// Lists show their caller's own last write: each write is remembered for a minute and waited for, here and on every other edge.
import type { FastifyReply } from 'fastify';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { placeOf } from '../../domain/log/position.ts';
import { signalAmong } from '../../domain/log/subjects.ts';
import type { ProjectionName } from '../../projections/all.ts';
import { ReadModelsDown } from '../../projections/read-models.ts';
import type { Edge } from '../context.ts';

/** How long a write is remembered, and how long a list waits for it, in milliseconds. */
const REMEMBERED = 60_000;
const PATIENCE = 1_000;
const KEPT = 50_000;

const written = z.object({
  key: z.string().max(100),
  stream: z.string().max(40),
  sequence: z.number().int().positive(),
});

export interface Place {
  readonly stream: string;
  readonly sequence: number;
}

/** `min_sequence` of a list's query: an `X-Event-Sequence` that the answer must have in it. */
export const minSequence = z.coerce
  .number()
  .int()
  .min(0)
  .max(Number.MAX_SAFE_INTEGER)
  .optional()
  .describe('An `X-Event-Sequence`: the list has it in it, or is answered with 503.');

export class Lists {
  readonly #edge: Edge;
  readonly #last = new LRUCache<string, ReadonlyMap<string, number>>({ max: KEPT, ttl: REMEMBERED });
  readonly #subscription;

  constructor(edge: Edge) {
    this.#edge = edge;
    this.#subscription = edge.storage.signals.subscribe(signalAmong('written'), (payload) => {
      const heard = written.safeParse(payload);
      if (heard.success) this.#remember(heard.data.key, heard.data);
    });
    // What agents do over sockets is theirs as well.
    edge.conversations.onStored((stored) => {
      for (const { actor, position } of stored.events())
        if (actor.kind === 'agent') this.wrote(`user ${actor.id}`, position);
    });
  }

  /** Remembers a caller's write, and tells the other edges. */
  wrote(key: string, position: number): void {
    const place = streamPlace(position);
    if (!this.#remember(key, place)) return;
    this.#edge.storage.signals.publish(signalAmong('written'), { key, ...place });
  }

  /**
   * Waits until the read models have the caller's last write, or what `min` names. True: go on (stale
   * where `X-Projection-Lag` was set). False: answered with 503, since `min` was asked for and is not there,
   * or with 400, where no event can have that number.
   */
  async ready(
    reply: FastifyReply,
    key: string | undefined,
    min: number | undefined,
    projections: readonly ProjectionName[],
  ): Promise<boolean> {
    const own = (key && this.#last.get(key)) || new Map<string, number>();
    const places: Place[] = [...own].map(([stream, sequence]) => ({ stream, sequence }));
    const asked = min ? streamPlace(min) : undefined;
    if (asked && !this.#exists(reply, asked)) return false;
    const [lag, askedLag] = await Promise.all([
      this.#wait(projections, places),
      asked ? this.#wait(projections, [asked]) : 0,
    ]);
    if (askedLag > 0) {
      reply.code(503).header('retry-after', '1').header('x-projection-lag', String(askedLag));
      reply.send({ success: false, message: 'The lists are not there yet, please try again' });
      return false;
    }
    if (lag > 0) reply.header('x-projection-lag', String(lag));
    return true;
  }

  /** The same for lists that come from the directory, which follows the log itself. */
  async directoryReady(
    reply: FastifyReply,
    key: string | undefined,
    min: number | undefined,
  ): Promise<boolean> {
    const own = key && this.#last.get(key)?.get('WORKSPACE');
    const asked = min ? streamPlace(min) : undefined;
    if (asked && !this.#exists(reply, asked)) return false;
    const sequence = asked?.stream === 'WORKSPACE' ? asked.sequence : 0;
    const reached = await this.#edge.directory.reach(Math.max(sequence, own || 0), PATIENCE);
    if (reached || sequence === 0) return true;
    reply.code(503).header('retry-after', '1');
    reply.send({ success: false, message: 'The lists are not there yet, please try again' });
    return false;
  }

  close(): void {
    this.#subscription.close();
  }

  /** False: answered with 400. Waiting for a stream that is not there would seem to have succeeded. */
  #exists(reply: FastifyReply, { stream }: Place): boolean {
    if (this.#edge.storage.log.subjects.streams().some(({ name }) => name === stream)) return true;
    reply.code(400).send({ success: false, message: 'min_sequence is no X-Event-Sequence of ours' });
    return false;
  }

  /** Commits that are missing after the patience is over; 0 where all is there. */
  async #wait(projections: readonly ProjectionName[], places: readonly Place[]): Promise<number> {
    const lags = await Promise.all(
      places.map(async (place) => {
        const result = await this.#edge.readModels.freshness.waitFor(projections, place, PATIENCE);
        return result === 'fresh' ? 0 : result.lag;
      }),
    );
    return Math.max(0, ...lags);
  }

  /** False where as much was known already. */
  #remember(key: string, { stream, sequence }: Place): boolean {
    const before = this.#last.get(key);
    if ((before?.get(stream) ?? 0) >= sequence) return false;
    const after = new Map(before);
    after.set(stream, sequence);
    this.#last.set(key, after);
    return true;
  }
}

function streamPlace(position: number): Place {
  const { family, shard, sequence } = placeOf(position);
  const stream = family === 'chat' ? `CHAT_${shard}` : family === 'workspace' ? 'WORKSPACE' : 'DELIVERY';
  return { stream, sequence };
}

/** Whether a fault means that lists cannot be had at the moment. */
export function isListsDown(fault: unknown): boolean {
  return fault instanceof ReadModelsDown;
}
