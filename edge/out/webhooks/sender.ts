// The reactor that sends webhooks: a lane for each one that is switched on, fed from the log.

import type { Log } from '../../../domain/log/log.ts';
import type { StreamName } from '../../../domain/log/subjects.ts';
import type { Directory, KnownWebhook } from '../../identity/directory.ts';
import type { Bodies } from './bodies.ts';
import type { Reach } from './connector.ts';
import { Feed } from './feed.ts';
import { Lane } from './lane.ts';
import type { DeliveryAggregates } from './ledger.ts';

export interface SenderParts {
  readonly log: Log;
  readonly directory: Directory;
  readonly deliveries: DeliveryAggregates;
  readonly bodies: Bodies;
  readonly reach: Reach;
  readonly newCommand: () => string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly chance: () => number;
  /** Switches a webhook off whose address is gone. */
  readonly retire: (webhook: KnownWebhook) => Promise<void>;
  readonly onFault: (fault: unknown) => void;
}

/** How far a lane's record may lie behind what it was offered, in sequences, and how often that is looked at, in milliseconds. */
const UNTIDY = 20_000;
const TIDY_EVERY = 30_000;
/** Milliseconds before a lane is opened again where its record could not be read. */
const RETRY = 1_000;

export class Sender {
  readonly #parts: SenderParts;
  readonly #streams: readonly StreamName[];
  readonly #lanes = new Map<string, Lane>();
  /** What is being opened or closed, by webhook: one after the other. */
  readonly #changing = new Map<string, Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  readonly #stopListening: () => void;
  #feeds: Promise<Map<number, Feed>> | undefined;
  #closed = false;

  /** Starts at once. The directory has caught up with the log. */
  constructor(parts: SenderParts) {
    this.#parts = parts;
    this.#streams = parts.log.subjects.streams().filter(({ family }) => family === 'chat');
    this.#timer = setInterval(() => void this.#tidy(), TIDY_EVERY);
    this.#stopListening = parts.directory.onChange(({ kind, workspace, id }) => {
      if (kind === 'webhook') this.#look(workspace, id);
    });
    for (const { workspace, id } of parts.directory.enabledWebhooks()) this.#look(workspace, id);
  }

  /** Begins nothing more, ends what is under way within 5 s, and writes down what came of it. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#stopListening();
    for (const key of this.#lanes.keys()) this.#change(key);
    await Promise.all(this.#changing.values());
    const feeds = await this.#feeds?.catch(() => undefined);
    await Promise.all([...(feeds?.values() ?? [])].map((feed) => feed.close()));
  }

  #look(workspace: string, id: string): void {
    this.#change(`${workspace} ${id}`);
  }

  /** Brings a lane into line with its webhook, after whatever is being done to it already. */
  #change(key: string): void {
    const next = (this.#changing.get(key) ?? Promise.resolve())
      .then(() => this.#settle(key))
      .catch(async (fault: unknown) => {
        if (this.#closed) return;
        this.#parts.onFault(fault);
        setTimeout(() => this.#closed || this.#change(key), RETRY);
      })
      .finally(() => {
        if (this.#changing.get(key) === next) this.#changing.delete(key);
      });
    this.#changing.set(key, next);
  }

  async #settle(key: string): Promise<void> {
    const [workspace = '', id = ''] = key.split(' ');
    const known = this.#parts.directory.webhook(workspace, id);
    const wanted = known?.enabled && !this.#closed ? known : undefined;
    const lane = this.#lanes.get(key);
    // Switched off and on again: what came in between is not due, nor what was owed before.
    if (lane && wanted && lane.webhook.after === wanted.after) return lane.retarget(wanted);
    if (lane) {
      this.#lanes.delete(key);
      await lane.close();
      for (const feed of (await this.#feeds)?.values() ?? []) feed.leave(lane);
    }
    if (wanted) await this.#open(key, wanted);
  }

  async #open(key: string, known: KnownWebhook): Promise<void> {
    const { log, deliveries } = this.#parts;
    this.#feeds ??= this.#openFeeds().catch((fault: unknown) => {
      this.#feeds = undefined;
      throw fault;
    });
    const feeds = await this.#feeds;
    const address = log.subjects.deliveries(known.workspace, known.id);
    const { state } = await deliveries.load(address);
    const lane: Lane = new Lane({
      ...this.#parts,
      records: deliveries,
      address,
      webhook: known,
      shards: [...feeds.keys()],
      scanned: (shard) => feeds.get(shard)?.scanned(lane) ?? 0,
      onRoom: () => {
        for (const feed of feeds.values()) feed.resume(lane);
      },
      onGone: (gone) => void this.#parts.retire(gone).catch(this.#parts.onFault),
    });
    for (const [shard, feed] of feeds)
      feed.join(lane, Math.max(state.upTo[shard] ?? 0, known.after[shard] ?? 0));
    try {
      await lane.restore(state);
    } catch (fault) {
      await lane.close();
      for (const feed of feeds.values()) feed.leave(lane);
      throw fault;
    }
    this.#lanes.set(key, lane);
    for (const feed of feeds.values()) feed.resume(lane);
  }

  async #openFeeds(): Promise<Map<number, Feed>> {
    const { log, onFault } = this.#parts;
    const heads = await Promise.all(this.#streams.map(({ name }) => log.head(name)));
    return new Map(
      this.#streams.map(({ name, shard }, index) => [shard, new Feed(log, name, heads[index] ?? 0, onFault)]),
    );
  }

  async #tidy(): Promise<void> {
    for (const lane of this.#lanes.values()) await lane.tidy(UNTIDY);
  }
}
