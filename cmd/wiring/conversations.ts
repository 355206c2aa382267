// What a worker does with conversations by itself, one worker at a time: gives them to agents, and does what is due in them.
import { randomUUID } from 'node:crypto';
import { v7 } from 'uuid';
import type { Storage } from '../../domain/log/log.ts';
import { LiveConversations } from '../../edge/out/live/live-conversations.ts';
import { Router } from '../../edge/out/routing/router.ts';
import { Timers } from '../../edge/out/timers/timers.ts';
import { Turn } from '../../edge/out/turn.ts';
import type { ReadModels } from '../../projections/read-models.ts';
import type { Assembled } from './assemble.ts';

export interface ConversationWorkParts {
  readonly storage: Storage;
  readonly parts: Assembled;
  readonly readModels: ReadModels;
  readonly onFault: (fault: unknown) => void;
  /** See RouterParts. */
  readonly grace?: number;
}

/** Begins as soon as it is this worker's turn; the function that comes back ends it. */
export function startConversationWork(given: ConversationWorkParts): () => Promise<void> {
  const { storage, parts, readModels, onFault, grace } = given;
  const { log } = storage;
  const turn = new Turn({
    bucket: storage.leases,
    name: 'conversations',
    holder: randomUUID(),
    onFault,
    work: () => {
      const live = new LiveConversations({ ...parts, log, readModels, onFault });
      const router = new Router({
        ...parts,
        live,
        readModels,
        subjects: log.subjects,
        newCommand: () => v7(),
        onFault,
        grace,
      });
      const timers = new Timers({
        ...parts,
        live,
        readModels,
        subjects: log.subjects,
        signals: storage.signals,
        newCommand: () => v7(),
        onFault,
      });
      return async () => {
        await Promise.all([router.close(), timers.close(), live.close()]);
      };
    },
  });
  return () => turn.close();
}
