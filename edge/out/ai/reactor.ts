// Whose turn it is: follows one CHAT stream for conversations that the AI has, and lets it speak where it owes an answer, one turn each at a time.
import { LRUCache } from 'lru-cache';
import type { ConversationEvent } from '../../../domain/conversation/events.ts';
import { factOf, type StoredCommit } from '../../../domain/log/commit.ts';
import type { Log } from '../../../domain/log/log.ts';
import { LogUnreachable } from '../../../domain/log/log-unreachable.ts';
import type { Address, StreamName } from '../../../domain/log/subjects.ts';
import type { Slots } from '../../../domain/slots.ts';
import { type ReadModels, ReadModelsDown } from '../../../projections/read-models.ts';
import { pause } from '../pause.ts';

export interface AiReactorParts {
  readonly log: Log;
  readonly stream: StreamName;
  readonly lists: ReadModels['ai'];
  /** Shared by all streams of this process. */
  readonly slots: Slots;
  /** Takes the AI's turn in a conversation, if it has one; ends early once `signal` says so. */
  readonly takeTurn: (address: Address, signal: AbortSignal) => Promise<void>;
  readonly onFault: (fault: unknown) => void;
}

/** Milliseconds in which what a visitor writes in several messages comes together. */
const GATHER = 300;
/** Milliseconds between two looks for turns that were missed, and before what went wrong is tried again. */
const LOOK_EVERY = 5_000;
/** The lists may lag behind what was written right before the start: the first looks come sooner one after another. */
const FIRST_LOOKS = 6;
const FIRST_EVERY = 500;
const RETRY = 1_000;
/** Conversations remembered as the AI's, and turns that wait or run at once; what is beyond that is found by looking. */
const REMEMBERED = 100_000;
const MOST_TURNS = 5_000;

interface Running {
  readonly abort: AbortController;
  /** Whether the visitor has written since it began. */
  again: boolean;
}

export class AiReactor {
  readonly #parts: AiReactorParts;
  readonly #stop = new AbortController();
  /** Conversations that the AI has, as far as is known: most visitors talk to people. */
  readonly #withAi = new LRUCache<string, true>({ max: REMEMBERED });
  readonly #running = new Map<string, Running>();
  readonly #turns = new Set<Promise<void>>();
  readonly #work: Promise<void>[];

  constructor(parts: AiReactorParts) {
    this.#parts = parts;
    this.#work = [this.#follow(), this.#lookForMissed()];
  }

  async close(): Promise<void> {
    this.#stop.abort();
    for (const { abort } of this.#running.values()) abort.abort();
    await Promise.all([...this.#work, ...this.#turns]);
  }

  async #follow(): Promise<void> {
    const { log, stream, onFault } = this.#parts;
    const { signal } = this.#stop;
    let at: number | undefined;
    while (!signal.aborted) {
      try {
        at ??= await log.head(stream.name);
        for await (const batch of log.readStream(stream.name, at, { follow: true, signal })) {
          for (const stored of batch) this.#hear(stored);
          at = batch.at(-1)?.sequence ?? at;
        }
      } catch (fault) {
        if (!(fault instanceof LogUnreachable)) onFault(fault);
        await pause(RETRY, signal);
      }
    }
  }

  #hear(stored: StoredCommit): void {
    const { address } = stored;
    for (const event of stored.events()) {
      const fact = factOf<ConversationEvent>(event);
      switch (fact.type) {
        case 'ConversationStarted':
          if (fact.data.ai) this.#withAi.set(address.id, true);
          break;
        case 'ConversationReturnedToAi':
          this.#withAi.set(address.id, true);
          this.#begin(address);
          break;
        case 'MessagePosted':
          if (fact.data.author.kind === 'visitor' && this.#withAi.has(address.id)) this.#begin(address);
          break;
        case 'AgentAssigned':
        case 'ConversationTransferred':
        case 'ConversationQueued':
        case 'HumanRequested':
        case 'ConversationClosed':
        case 'ConversationErased':
          // What is being written is nobody's business any more.
          this.#withAi.delete(address.id);
          this.#running.get(address.id)?.abort.abort();
          break;
        default:
      }
    }
  }

  /** A killed worker's turns, those of before the start, and those that were too many. */
  async #lookForMissed(): Promise<void> {
    const { lists, stream, log, onFault } = this.#parts;
    const { shard } = stream;
    let known = false;
    for (let looks = 1; !this.#stop.signal.aborted; looks++) {
      try {
        if (!known)
          for (const { conversation } of await lists.findWithAi({
            shard,
            unanswered: false,
            most: REMEMBERED,
          }))
            this.#withAi.set(conversation, true);
        known = true;
        const owed = await lists.findWithAi({ shard, unanswered: true, most: MOST_TURNS });
        for (const { workspace, conversation } of owed) {
          this.#withAi.set(conversation, true);
          if (!this.#running.has(conversation))
            this.#begin(log.subjects.conversation(workspace, conversation));
        }
      } catch (fault) {
        // While the lists are away only what is heard of is answered.
        if (!(fault instanceof ReadModelsDown)) onFault(fault);
      }
      await pause(looks < FIRST_LOOKS ? FIRST_EVERY : LOOK_EVERY, this.#stop.signal);
    }
  }

  /** Takes a turn there soon; one that is under way is given up, and taken anew with what has been said since. */
  #begin(address: Address): void {
    if (this.#stop.signal.aborted) return;
    const under = this.#running.get(address.id);
    if (under) {
      under.again = true;
      under.abort.abort();
      return;
    }
    if (this.#running.size >= MOST_TURNS) return;
    const running: Running = { abort: new AbortController(), again: false };
    this.#running.set(address.id, running);
    const turn = this.#turn(address, running.abort.signal).finally(() => {
      this.#turns.delete(turn);
      this.#running.delete(address.id);
      if (running.again) this.#begin(address);
    });
    this.#turns.add(turn);
  }

  async #turn(address: Address, signal: AbortSignal): Promise<void> {
    const { slots, takeTurn, onFault } = this.#parts;
    await pause(GATHER, signal);
    if (signal.aborted) return;
    try {
      await slots.run(async () => {
        if (!signal.aborted) await takeTurn(address, signal);
      });
    } catch (fault) {
      // While the log is away nothing can be said; it is looked for again.
      if (!(fault instanceof LogUnreachable)) onFault(fault);
    }
  }
}
