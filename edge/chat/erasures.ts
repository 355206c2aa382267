// Forgetting for good: after ConversationErased, everything older of that conversation is destroyed, whoever dies in between.

import type { Conversation } from '../../domain/conversation/conversation.ts';
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

/** How long whoever began an erasure has it to themselves, in milliseconds. */
const OWN_TIME = 30_000;

export class Erasures {
  readonly #parts: ErasuresParts;

  constructor(parts: ErasuresParts) {
    this.#parts = parts;
  }

  /** Notes that an erasure is about to be asked for; `finish` or `repair` take the note back. */
  async begin(address: Address): Promise<void> {
    await this.#parts.intents.put(keyOf(address), Buffer.from(JSON.stringify({ at: this.#parts.now() })));
  }

  /** Destroys what a stored ConversationErased leaves behind. Does nothing else where none is stored. May be repeated. */
  async finish(address: Address): Promise<void> {
    const { log, files, snapshots, intents } = this.#parts;
    const last = await log.last(address, true);
    // It is the last: an erased conversation takes no further events. And alone in its commit, which stays.
    const erased = last?.events().find((event) => event.type === 'ConversationErased');
    if (last && erased) {
      await log.erase(address, last.sequence - 1);
      await files.destroy(address.workspace, address.id, (erased.data as { files: string[] }).files);
      await snapshots.drop(address);
    }
    await intents.delete(keyOf(address));
  }

  /** Finishes what others began and did not finish; told how many there were. Called by the worker now and then. */
  async repair(): Promise<number> {
    const { intents, subjects, now } = this.#parts;
    let repaired = 0;
    for await (const key of intents.keys('erasing.>')) {
      const [, workspace, conversation] = key.split('.');
      const entry = await intents.get(key);
      if (!entry || !workspace || !conversation) continue;
      const { at } = JSON.parse(Buffer.from(entry.value).toString()) as { at: number };
      if (now() - at < OWN_TIME) continue;
      await this.finish(subjects.conversation(workspace, conversation));
      repaired++;
    }
    return repaired;
  }
}

function keyOf(address: Address): string {
  return `erasing.${address.workspace}.${address.id}`;
}
