// Forgetting for good: after ConversationErased, everything older of that conversation is destroyed, whoever dies in between.
import type { Conversation } from '../../domain/conversation/conversation.ts';
import type { ConversationEvent } from '../../domain/conversation/events.ts';
import { isRefusal } from '../../domain/decider.ts';
import type { Outcome } from '../../domain/log/aggregates.ts';
import { factOf } from '../../domain/log/commit.ts';
import type { KeyValue, Log } from '../../domain/log/log.ts';
import type { Snapshots } from '../../domain/log/snapshots.ts';
import type { Address, Subjects } from '../../domain/log/subjects.ts';
import type { Files } from '../out/files.ts';

export interface ErasuresParts {
  readonly log: Log;
  readonly subjects: Subjects;
  readonly files: Pick<Files, 'destroy'>;
  readonly snapshots: Snapshots<Conversation>;
  /** Holds what was begun, until it is finished. */
  readonly intents: KeyValue;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What is kept of an erasure under way: when it was begun, in milliseconds since 1970. */
interface Note {
  readonly at: number;
}

/** How long whoever began an erasure has it to themselves, in milliseconds. */
const OWN_TIME = 30_000;

export class Erasures {
  readonly #parts: ErasuresParts;

  constructor(parts: ErasuresParts) {
    this.#parts = parts;
  }

  /**
   * Has `erase` carried out, and then destroys what the stored ConversationErased leaves behind. A note
   * is kept meanwhile: whoever dies in between, or does not learn whether it was stored, leaves it to `repair`.
   */
  async around(
    address: Address,
    erase: () => Promise<Outcome<Conversation>>,
  ): Promise<Outcome<Conversation>> {
    const { intents, now } = this.#parts;
    await intents.put(keyOf(address), Buffer.from(JSON.stringify({ at: now() } satisfies Note)));
    const outcome = await erase();
    if (!isRefusal(outcome) || outcome.refused !== 'unavailable') await this.#finish(address);
    return outcome;
  }

  /**
   * Finishes what others began and did not finish; told how many there were. Called by the worker now and
   * then. One that cannot be finished holds up no other: their faults are thrown together, at the end.
   */
  async repair(): Promise<number> {
    const { intents, subjects, now } = this.#parts;
    let repaired = 0;
    const faults: unknown[] = [];
    for await (const key of intents.keys('erasing.>')) {
      const [, workspace, conversation] = key.split('.');
      const entry = await intents.get(key);
      if (!entry || !workspace || !conversation) continue;
      try {
        const { at } = JSON.parse(Buffer.from(entry.value).toString()) as Note;
        if (now() - at < OWN_TIME) continue;
        await this.#finish(subjects.conversation(workspace, conversation));
        repaired++;
      } catch (fault) {
        faults.push(fault);
      }
    }
    if (faults.length > 0) throw new AggregateError(faults, `${faults.length} erasures are still unfinished`);
    return repaired;
  }

  /** Does nothing where no ConversationErased is stored. May be repeated. */
  async #finish(address: Address): Promise<void> {
    const { log, files, snapshots, intents } = this.#parts;
    const last = await log.last(address, true);
    // It is the last: an erased conversation takes no further events. And alone in its commit, which stays.
    const facts = last?.events().map((event) => factOf<ConversationEvent>(event));
    const erased = facts?.find((fact) => fact.type === 'ConversationErased');
    if (last && erased) {
      await log.erase(address, last.sequence - 1);
      await files.destroy(address.workspace, address.id, erased.data.files);
      await snapshots.drop(address);
    }
    await intents.delete(keyOf(address));
  }
}

function keyOf(address: Address): string {
  return `erasing.${address.workspace}.${address.id}`;
}
