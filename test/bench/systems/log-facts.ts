// What has happened in a running Natter, read from its log: the only witness that an audit believes.
import type { ConversationEvent } from '../../../domain/conversation/events.ts';
import type { Placed } from '../../../domain/decider.ts';
import { factOf, type StoredCommit } from '../../../domain/log/commit.ts';
import type { Family } from '../../../domain/log/subjects.ts';
import type { UserEvent } from '../../../domain/workspace/user.ts';
import { openLog } from './fill-log.ts';

type Say = (sentence: string) => void;

export interface ConversationFact {
  readonly conversation: string;
  readonly fact: ConversationEvent & Placed;
}

/** A user's switch. `at`: milliseconds since 1970. */
export interface AvailabilityFact {
  /** The public number. */
  readonly agent: string;
  readonly at: number;
  readonly accepting: boolean;
}

/** All of it; the facts of one conversation are in order, those of several are not. */
export async function conversationFacts(dataDir: string, say: Say): Promise<ConversationFact[]> {
  const facts: ConversationFact[] = [];
  await read(dataDir, 'chat', say, (stored) => {
    for (const event of stored.events())
      facts.push({ conversation: stored.address.id, fact: factOf<ConversationEvent>(event) });
  });
  return facts;
}

/** Whenever somebody said that they take new conversations, or no more. */
export async function availabilityFacts(dataDir: string, say: Say): Promise<AvailabilityFact[]> {
  const numbers = new Map<string, string>();
  const facts: AvailabilityFact[] = [];
  await read(dataDir, 'workspace', say, (stored) => {
    if (stored.address.kind !== 'user') return;
    for (const event of stored.events()) {
      const fact = factOf<UserEvent>(event);
      if (fact.type === 'UserRegistered') numbers.set(stored.address.id, String(fact.position));
      const agent = numbers.get(stored.address.id);
      if (fact.type === 'UserAvailabilityChanged' && agent !== undefined)
        facts.push({ agent, at: Date.parse(fact.at), accepting: fact.data.accepting });
    }
  });
  return facts;
}

async function read(
  dataDir: string,
  family: Family,
  say: Say,
  each: (stored: StoredCommit) => void,
): Promise<void> {
  const { storage } = await openLog(dataDir, say);
  try {
    for (const stream of storage.log.subjects.streams()) {
      if (stream.family !== family) continue;
      for await (const batch of storage.log.readStream(stream.name, 0)) batch.forEach(each);
    }
  } finally {
    await storage.close();
  }
}
