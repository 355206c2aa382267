// What has happened in the conversations of a running Natter, read from its log: the only witness that an audit believes.
import type { ConversationEvent } from '../../../domain/conversation/events.ts';
import type { Placed } from '../../../domain/decider.ts';
import { factOf } from '../../../domain/log/commit.ts';
import { openLog } from './fill-log.ts';

type Say = (sentence: string) => void;

export interface ConversationFact {
  readonly conversation: string;
  readonly fact: ConversationEvent & Placed;
}

/** All of it; the facts of one conversation are in order, those of several are not. */
export async function conversationFacts(dataDir: string, say: Say): Promise<ConversationFact[]> {
  const facts: ConversationFact[] = [];
  const { storage } = await openLog(dataDir, say);
  try {
    for (const { name, family } of storage.log.subjects.streams()) {
      if (family !== 'chat') continue;
      for await (const batch of storage.log.readStream(name, 0))
        for (const stored of batch)
          for (const event of stored.events())
            facts.push({ conversation: stored.address.id, fact: factOf<ConversationEvent>(event) });
    }
  } finally {
    await storage.close();
  }
  return facts;
}
