// Where the other edges can be reached for what concerns a Socket.IO session of theirs: each says so under a lease that it renews.
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { KeyValue } from '../../../domain/log/log.ts';
import { LogUnreachable } from '../../../domain/log/log-unreachable.ts';

/** Milliseconds between two renewals, after which an unrenewed lease is worth nothing, and for which a look-up is believed. */
const RENEW_EVERY = 5_000;
const DEAD_AFTER = 20_000;
const BELIEVED = 3_000;
/** Leases of edges long gone that one start clears away. */
const CLEARED_AT_ONCE = 1_000;

const address = z.object({ host: z.string().min(1).max(255), port: z.number().int().min(1).max(65_535) });
export type EdgeAddress = z.infer<typeof address>;

interface Known {
  readonly address: EdgeAddress | undefined;
  readonly revision: number;
  /** When this revision was first seen, and when it was last asked for, by `performance.now()`. */
  readonly seenAt: number;
  readonly askedAt: number;
}

export interface EdgeAddressesParts {
  readonly leases: KeyValue;
  /** This edge's id, and the form that such ids have. */
  readonly id: string;
  readonly onFault: (fault: unknown) => void;
}

export class EdgeAddresses {
  readonly #parts: EdgeAddressesParts;
  readonly #known = new LRUCache<string, Known>({ max: 1_000 });
  readonly #asking = new Map<string, Promise<Known>>();
  #timers: NodeJS.Timeout[] = [];
  #said: Promise<void> = Promise.resolve();

  constructor(parts: EdgeAddressesParts) {
    this.#parts = parts;
  }

  /** Says where this edge is, now and from now on. */
  async announce(at: EdgeAddress): Promise<void> {
    const { leases, id } = this.#parts;
    const bytes = Buffer.from(JSON.stringify(at));
    const say = () => leases.put(keyOf(id), bytes).then(() => undefined);
    await say();
    const renew = setInterval(() => {
      this.#said = this.#guard(say());
    }, RENEW_EVERY);
    const found = await this.#revisions();
    const clear = setTimeout(() => {
      this.#said = this.#guard(this.#clearUnrenewed(found));
    }, DEAD_AFTER);
    this.#timers = [renew.unref(), clear.unref()];
  }

  /** Where that edge can be reached; undefined where nobody knows, or where it has been silent for too long. */
  async find(id: string): Promise<EdgeAddress | undefined> {
    const before = this.#known.get(id);
    const fresh = before && performance.now() - before.askedAt < BELIEVED;
    const known = fresh ? before : await this.#ask(id, before);
    return performance.now() - known.seenAt < DEAD_AFTER ? known.address : undefined;
  }

  /** That edge did not answer there: it is looked for again only once its lease was renewed. */
  lost(id: string): void {
    const known = this.#known.get(id);
    if (known) this.#known.set(id, { ...known, address: undefined });
  }

  async close(): Promise<void> {
    const announced = this.#timers.length > 0;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
    await this.#said;
    if (announced) await this.#guard(this.#parts.leases.delete(keyOf(this.#parts.id)));
  }

  #ask(id: string, before: Known | undefined): Promise<Known> {
    const asking = this.#asking.get(id) ?? this.#read(id, before).finally(() => this.#asking.delete(id));
    this.#asking.set(id, asking);
    return asking;
  }

  async #read(id: string, before: Known | undefined): Promise<Known> {
    const found = await this.#parts.leases.get(keyOf(id));
    const askedAt = performance.now();
    const revision = found?.revision ?? 0;
    // The clock that counts is this one: a lease is as old as the time for which it has looked the same here.
    const known =
      before && before.revision === revision
        ? { ...before, askedAt }
        : { address: found && readAddress(found.value), revision, seenAt: askedAt, askedAt };
    this.#known.set(id, known);
    return known;
  }

  async #revisions(): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    for await (const key of this.#parts.leases.keys(keyOf('*'))) {
      if (found.size >= CLEARED_AT_ONCE) break;
      const lease = await this.#parts.leases.get(key);
      if (lease) found.set(key, lease.revision);
    }
    return found;
  }

  async #clearUnrenewed(before: ReadonlyMap<string, number>): Promise<void> {
    const { leases } = this.#parts;
    for (const [key, revision] of before)
      if ((await leases.get(key))?.revision === revision) await leases.delete(key);
  }

  async #guard(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (fault) {
      // While the log is away nobody can be told, nor asks; the next renewal tries again.
      if (!(fault instanceof LogUnreachable)) this.#parts.onFault(fault);
    }
  }
}

const keyOf = (id: string): string => `socket-io.${id}`;

function readAddress(value: Uint8Array): EdgeAddress | undefined {
  try {
    return address.safeParse(JSON.parse(Buffer.from(value).toString())).data;
  } catch {
    // Not written by an edge of ours: as good as none.
    return undefined;
  }
}
