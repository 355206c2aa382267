// One webhook's messages on their way out: each conversation's in order, several conversations at once, never more than a bound in memory.

import type { ConversationEvent } from '../../../domain/conversation/events.ts';
import { factOf, type StoredCommit } from '../../../domain/log/commit.ts';
import { placeOf } from '../../../domain/log/position.ts';
import { isDue, isGivenUp, pauseAfter, verdictOf } from '../../../domain/policies/webhooks.ts';
import { type Deliveries, MOST_OWED } from '../../../domain/workspace/deliveries.ts';
import type { KnownWebhook } from '../../identity/directory.ts';
import type { Bodies } from './bodies.ts';
import type { Reach } from './connector.ts';
import { type Answer, Endpoint } from './endpoint.ts';
import type { Taker } from './feed.ts';
import { Ledger, type LedgerParts } from './ledger.ts';

export interface LaneParts extends Pick<LedgerParts, 'records' | 'address' | 'newCommand' | 'onFault'> {
  readonly webhook: KnownWebhook;
  readonly bodies: Bodies;
  readonly reach: Reach;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** From 0 to 1, so that not everybody tries again at once. */
  readonly chance: () => number;
  /** Up to which sequence of a CHAT stream this lane has been offered everything. */
  readonly scanned: (shard: number) => number;
  readonly shards: readonly number[];
  /** Told that it takes messages again after it had refused some. */
  readonly onRoom: () => void;
  /** Told that nobody is at this address any more. */
  readonly onGone: (webhook: KnownWebhook) => void;
}

/** A message that is due. */
interface Item {
  readonly position: number;
  attempts: number;
  /** When it first failed, in milliseconds since 1970. */
  since?: number;
  /** Whether it is written down as owed. */
  recorded: boolean;
}

/** A conversation's messages, oldest first. */
interface Line {
  readonly items: Item[];
  flying: boolean;
  /** By `performance.now()`, as all pauses are: nobody waits longer because the time was put right. */
  notBefore: number;
}

/** Deliveries of one webhook at once, while all is well; one at a time while it fails. */
const AT_ONCE = 4;
/** Milliseconds that a delivery under way has to end when the lane is closed. */
const GRACE = 5_000;
/** Milliseconds until the next try where the log could not be read. */
const LOG_PAUSE = 1_000;

export class Lane implements Taker {
  readonly workspace: string;
  /** As it is now. */
  webhook: KnownWebhook;
  readonly #parts: LaneParts;
  readonly #ledger: Ledger;
  readonly #lines = new Map<string, Line>();
  readonly #items = new Map<number, Item>();
  readonly #flights = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #endpoint: Endpoint;
  #timer: NodeJS.Timeout | undefined;
  /** Failures in a row, of whichever conversation. */
  #failures = 0;
  #failedAt = 0;
  #pausedUntil = 0;
  #refused = false;
  #closed = false;

  constructor(parts: LaneParts) {
    this.#parts = parts;
    this.webhook = parts.webhook;
    this.workspace = parts.webhook.workspace;
    this.#endpoint = this.#open(parts.webhook.url);
    const { records, address, newCommand, onFault } = parts;
    this.#ledger = new Ledger({
      records,
      address,
      newCommand,
      onFault,
      standing: () => this.#standing(),
      onOwed: (positions) => {
        for (const position of positions) {
          const item = this.#items.get(position);
          if (item) item.recorded = true;
        }
      },
      onMended: () => this.#pump(),
    });
  }

  /** Takes up what is owed from before; must be called once, before anything is offered. */
  async restore(state: Deliveries): Promise<void> {
    const { bodies } = this.#parts;
    this.#ledger.recorded = state.upTo;
    const positions = Object.keys(state.owed)
      .map(Number)
      .sort((a, b) => a - b);
    for (const position of positions) {
      const { shard, sequence } = placeOf(position);
      const outdated = sequence <= (this.webhook.after[shard] ?? 0);
      const stored = outdated ? undefined : await bodies.commitAt(position);
      if (!stored) {
        this.#ledger.note({ kind: 'dropped', position });
        continue;
      }
      const { attempts = 0, since } = state.owed[position] ?? {};
      const item: Item = { position, attempts, recorded: true };
      if (since !== undefined) item.since = Date.parse(since);
      this.#take(stored.address.id, item);
    }
    this.#pump();
  }

  /** Takes what is due of a commit; false where there is no room: it must be offered again after `onRoom`. */
  offer(stored: StoredCommit): boolean {
    const due = stored.events().filter((event) => isDue(factOf<ConversationEvent>(event)));
    if (due.length === 0) return true;
    if (this.#closed || this.#items.size + due.length > MOST_OWED) {
      this.#refused = true;
      return false;
    }
    for (const { position } of due)
      if (!this.#items.has(position))
        this.#take(stored.address.id, { position, attempts: 0, recorded: false });
    this.#pump();
    return true;
  }

  /** Follows its webhook to another address, and tries at once what waits. */
  retarget(webhook: KnownWebhook): void {
    this.webhook = webhook;
    if (webhook.url === this.#endpoint.url) return;
    const before = this.#endpoint;
    this.#endpoint = this.#open(webhook.url);
    void Promise.allSettled([...this.#flights]).then(() => before.close());
    this.#failures = 0;
    this.#pausedUntil = 0;
    for (const line of this.#lines.values()) line.notBefore = 0;
    this.#pump();
  }

  /** Writes down how far was looked where it is further than `most` sequences behind, so that a restart need not look again. */
  async tidy(most: number): Promise<void> {
    const { shards, scanned } = this.#parts;
    if (shards.some((shard) => scanned(shard) - (this.#ledger.recorded[shard] ?? 0) > most))
      await this.#ledger.flush();
  }

  /** Begins nothing more, waits a little for what is under way, and writes down the rest. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const late = setTimeout(() => this.#stop.abort(), GRACE);
    await Promise.allSettled([...this.#flights]);
    clearTimeout(late);
    await this.#ledger.close();
    await this.#endpoint.close();
  }

  #open(url: string): Endpoint {
    return new Endpoint(url, this.#parts.reach, AT_ONCE, this.#parts.now);
  }

  #standing(): { upTo: Record<string, number>; owed: number[] } {
    const { shards, scanned } = this.#parts;
    const upTo = Object.fromEntries(shards.map((shard) => [String(shard), scanned(shard)]));
    return {
      upTo,
      owed: [...this.#items.values()].filter((item) => !item.recorded).map((item) => item.position),
    };
  }

  #take(conversation: string, item: Item): void {
    this.#items.set(item.position, item);
    const line = this.#lines.get(conversation);
    if (line) line.items.push(item);
    else this.#lines.set(conversation, { items: [item], flying: false, notBefore: 0 });
  }

  /** Sends what may be sent now, and wakes up again for what may be sent later. */
  #pump(): void {
    clearTimeout(this.#timer);
    if (this.#closed || this.#ledger.stuck) return;
    const now = performance.now();
    const most = this.#failures > 0 ? 1 : AT_ONCE;
    let wake = Number.POSITIVE_INFINITY;
    for (const [conversation, line] of this.#lines) {
      if (line.flying) continue;
      const from = Math.max(line.notBefore, this.#pausedUntil);
      if (from > now) wake = Math.min(wake, from);
      else if (this.#flights.size < most) this.#fly(conversation, line);
      else break;
    }
    if (wake < Number.POSITIVE_INFINITY)
      this.#timer = setTimeout(() => this.#pump(), Math.min(wake - now, 60_000));
  }

  #fly(conversation: string, line: Line): void {
    const [item] = line.items;
    if (!item) return;
    line.flying = true;
    const flight = this.#attempt(line, item)
      .catch((fault: unknown) => {
        // The log was away, or the lane is being closed: nothing was learned of the message.
        if (!this.#stop.signal.aborted) this.#parts.onFault(fault);
        line.notBefore = performance.now() + LOG_PAUSE;
      })
      .finally(() => {
        this.#flights.delete(flight);
        line.flying = false;
        this.#lines.delete(conversation);
        // At the end: nobody else waits while one conversation has much to tell.
        if (line.items.length > 0) this.#lines.set(conversation, line);
        this.#pump();
        if (!this.#refused || this.#items.size > MOST_OWED / 2) return;
        this.#refused = false;
        this.#parts.onRoom();
      });
    this.#flights.add(flight);
  }

  async #attempt(line: Line, item: Item): Promise<void> {
    const { bodies } = this.#parts;
    const { position } = item;
    const body = await bodies.build(position);
    if (body === undefined) {
      this.#settle(line, item);
      return this.#ledger.note({ kind: 'dropped', position });
    }
    const began = performance.now();
    const endpoint = this.#endpoint;
    const answer = await endpoint.post(`msg_${position}`, body, this.#stop.signal);
    const { status } = answer;
    item.attempts += 1;
    const { attempts } = item;
    if (status !== undefined && verdictOf(status) === 'delivered') {
      this.#failures = 0;
      this.#settle(line, item);
      return this.#ledger.note({ kind: 'delivered', position, attempts, status });
    }
    this.#failed(line, item, answer, began);
    if (status !== undefined && verdictOf(status) === 'gone' && endpoint === this.#endpoint)
      this.#parts.onGone(this.webhook);
  }

  #failed(line: Line, item: Item, { status, problem = '', patience }: Answer, began: number): void {
    const { now, chance } = this.#parts;
    const { position, attempts } = item;
    const at = now();
    const tick = performance.now();
    item.since ??= at;
    // Several that failed together are one sign of trouble, not several.
    if (began >= this.#failedAt) {
      this.#failures += 1;
      this.#failedAt = tick;
      this.#pausedUntil = tick + pauseAfter(this.#failures, chance(), patience);
    }
    const givenUp = isGivenUp(item.since, at);
    if (givenUp) this.#settle(line, item);
    else line.notBefore = tick + pauseAfter(attempts, chance(), patience);
    this.#ledger.note({ kind: givenUp ? 'given-up' : 'failed', position, attempts, status, problem });
  }

  #settle(line: Line, item: Item): void {
    this.#items.delete(item.position);
    line.items.shift();
  }
}
