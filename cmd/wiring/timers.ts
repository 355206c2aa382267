// The timers of a worker: of several workers one has the turn; should two believe they have it, each timer still fires once.
import { randomUUID } from 'node:crypto';
import { v7 } from 'uuid';
import type { Storage } from '../../domain/log/log.ts';
import { LiveConversations } from '../../edge/out/live/live-conversations.ts';
import { Timers } from '../../edge/out/timers/timers.ts';
import { Turn } from '../../edge/out/turn.ts';
import type { ReadModels } from '../../projections/read-models.ts';
import type { Assembled } from './assemble.ts';

export interface TimerParts {
  readonly storage: Storage;
  readonly parts: Assembled;
  readonly readModels: ReadModels;
  readonly onFault: (fault: unknown) => void;
}

/** Begins to do what is due; the function that comes back ends it, with what is under way. */
export function startTimers({ storage, parts, readModels, onFault }: TimerParts): () => Promise<void> {
  const { log, signals } = storage;
  const turn = new Turn({
    bucket: storage.leases,
    name: 'timers',
    holder: randomUUID(),
    onFault,
    work: () => {
      const live = new LiveConversations({ log, conversations: parts.conversations, readModels, onFault });
      const timers = new Timers({
        ...parts,
        live,
        readModels,
        subjects: log.subjects,
        signals,
        newCommand: () => v7(),
        onFault,
      });
      return async () => {
        await Promise.all([timers.close(), live.close()]);
      };
    },
  });
  return () => turn.close();
}
