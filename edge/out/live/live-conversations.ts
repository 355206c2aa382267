// Every conversation that has not ended, as it is now: taken from the inbox once, then followed in the log.
import { type Conversation, initial } from '../../../domain/conversation/conversation.ts';
import type { ConversationEvent } from '../../../domain/conversation/events.ts';
import { evolve } from '../../../domain/conversation/evolve.ts';
import { factOf, type StoredCommit } from '../../../domain/log/commit.ts';
import type { Log } from '../../../domain/log/log.ts';
import { LogUnreachable } from '../../../domain/log/log-unreachable.ts';
import type { Address } from '../../../domain/log/subjects.ts';
import { type ReadModels, ReadModelsDown } from '../../../projections/read-models.ts';
import type { Conversations } from '../../chat/conversations.ts';
import { pause } from '../pause.ts';

/** A conversation with its fold as of that version. */
export interface LiveConversation {
  readonly address: Address;
  readonly state: Conversation;
  readonly version: number;
}

export interface LiveParts {
  readonly log: Log;
  readonly conversations: Pick<Conversations, 'load'>;
  readonly readModels: {
    readonly live: Pick<ReadModels['live'], 'findLive'>;
    readonly freshness: ReadModels['freshness'];
  };
  readonly onFault: (fault: unknown) => void;
  /** Conversations known at once; 200,000 by default. What begins beyond that is not acted on until others end. */
  readonly most?: number;
}

/** Conversations taken from the inbox at once. */
const PAGE = 1_000;
const MOST = 200_000;
/** Milliseconds for which the inbox may lag before it is asked again, and before what failed is tried again. */
const LAG_WITHIN = 1_000;
const RETRY = 500;

/** Whether a conversation has begun and not ended. */
export function isLive({ status }: Conversation): boolean {
  return status === 'queued' || status === 'open';
}

export class LiveConversations {
  readonly #parts: LiveParts;
  readonly #known = new Map<string, LiveConversation>();
  readonly #listeners = new Set<(live: LiveConversation) => void>();
  readonly #stop = new AbortController();
  readonly #work: Promise<void>;
  readonly #heads = new Map<string, number>();
  #told = false;
  /** Settles once all that had not ended at the start are known; while the read models are away it waits. */
  readonly ready: Promise<void>;

  constructor(parts: LiveParts) {
    this.#parts = parts;
    let settle = () => {};
    this.ready = new Promise((resolve) => {
      settle = resolve;
    });
    this.#work = this.#run(settle);
  }

  /** Those that are known, in no order. */
  all(): Iterable<LiveConversation> {
    return this.#known.values();
  }

  /** Hears of every one that began, changed or ended, after `ready`: `state.status` tells. */
  onChange(listener: (live: LiveConversation) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#work;
  }

  async #run(ready: () => void): Promise<void> {
    const heads = await this.#again(() => this.#take());
    ready();
    if (heads) await Promise.all([...heads].map(([stream, head]) => this.#follow(stream, head)));
  }

  /** The list as of the streams' heads; what is newer in it is passed over when it comes by. */
  async #take(): Promise<ReadonlyMap<string, number>> {
    const { log, readModels, most = MOST } = this.#parts;
    const chats = log.subjects.streams().filter(({ family }) => family === 'chat');
    // Of the first try: lists that always lag a little are waited for all the same.
    const heads = this.#heads;
    for (const { name: stream } of chats) {
      const sequence = heads.get(stream) ?? (await log.head(stream));
      heads.set(stream, sequence);
      const { freshness } = readModels;
      if ((await freshness.waitFor(['inbox'], { stream, sequence }, LAG_WITHIN)) !== 'fresh')
        throw new ReadModelsDown('the inbox lags behind the log');
    }
    this.#known.clear();
    let after: { workspace: string; conversation: string } | undefined;
    while (this.#known.size < most) {
      const rows = await readModels.live.findLive({ after, most: PAGE });
      for (const { workspace, conversation, version, state } of rows) {
        const address = log.subjects.conversation(workspace, conversation);
        const live = isWhole(state)
          ? { address, version, state: { ...state, attachments: {} } }
          : await this.#load(address);
        if (isLive(live.state)) this.#known.set(address.subject, live);
      }
      after = rows.at(-1);
      if (rows.length < PAGE) break;
    }
    return heads;
  }

  async #follow(name: string, head: number): Promise<void> {
    const { signal } = this.#stop;
    let at = head;
    await this.#again(async () => {
      for await (const batch of this.#parts.log.readStream(name, at, { follow: true, signal })) {
        for (const stored of batch) {
          await this.#apply(stored);
          at = stored.sequence;
        }
      }
    });
  }

  async #apply(stored: StoredCommit): Promise<void> {
    const { address } = stored;
    const known = this.#known.get(address.subject);
    if (known && stored.lastVersion <= known.version) return;
    const follows = stored.commit.version === (known?.version ?? 0) + 1;
    const next = follows ? folded(stored, known) : await this.#load(address);
    if (!isLive(next.state)) this.#known.delete(address.subject);
    else if (known || this.#known.size < (this.#parts.most ?? MOST)) this.#known.set(address.subject, next);
    else return this.#tellOnce();
    for (const listener of this.#listeners) listener(next);
  }

  /** One that had ended, or of which something was missed. */
  async #load(address: Address): Promise<LiveConversation> {
    const { state, version } = await this.#parts.conversations.load(address);
    return { address, state, version };
  }

  #tellOnce(): void {
    if (this.#told) return;
    this.#told = true;
    this.#parts.onFault(
      new Error(`more than ${this.#parts.most ?? MOST} conversations are under way: new ones wait unseen`),
    );
  }

  /** Until it is done, or all ends: then undefined. */
  async #again<Answer>(attempt: () => Promise<Answer>): Promise<Answer | undefined> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        return await attempt();
      } catch (fault) {
        if (!(fault instanceof ReadModelsDown || fault instanceof LogUnreachable) && !signal.aborted)
          this.#parts.onFault(fault);
      }
      await pause(RETRY, signal);
    }
    return undefined;
  }
}

/** Whether a row has all that a fold has: one of before an upgrade may not, until its list is built anew. */
function isWhole(state: object): boolean {
  return Object.keys(initial).every((key) => key in state || key === 'attachments');
}

function folded(stored: StoredCommit, known: LiveConversation | undefined): LiveConversation {
  let state = known?.state ?? initial;
  for (const event of stored.events()) state = evolve(state, factOf<ConversationEvent>(event));
  return { address: stored.address, state, version: stored.lastVersion };
}
