// The AI of a worker: what answers, and a turn on each CHAT stream, so that several workers share them.
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { Histories } from '../../domain/log/histories.ts';
import type { Storage } from '../../domain/log/log.ts';
import { Slots } from '../../domain/slots.ts';
import type { Answerer } from '../../edge/out/ai/answerer.ts';
import { type AnsweringParts, takeTurn } from '../../edge/out/ai/answering.ts';
import { embeddedAnswerer } from '../../edge/out/ai/embedded.ts';
import { OpenAiAnswerer } from '../../edge/out/ai/openai.ts';
import { AiReactor } from '../../edge/out/ai/reactor.ts';
import { Spending } from '../../edge/out/ai/spending.ts';
import { Turn } from '../../edge/out/turn.ts';
import type { ReadModels } from '../../projections/read-models.ts';
import type { Settings } from '../settings.ts';
import type { Assembled } from './assemble.ts';

/** Answers that one worker writes at once; more wait for their turn. */
const AT_ONCE = 32;

export interface AiParts {
  readonly storage: Storage;
  readonly parts: Assembled;
  readonly readModels: ReadModels;
  readonly ai: Settings['ai'];
  readonly logger: Logger;
  readonly onFault: (fault: unknown) => void;
}

/** Begins to answer; the function that comes back ends it, with what is under way. */
export function startAi({ storage, parts, readModels, ai, logger, onFault }: AiParts): () => Promise<void> {
  const model = ai.apiKey === undefined ? undefined : answererOf(ai, logger);
  const answering: AnsweringParts = {
    ...parts,
    histories: new Histories(storage.log),
    knowledge: readModels.knowledge,
    answerer: model ?? (embeddedAnswerer satisfies Answerer),
    spending: new Spending(storage.reservations, parts.now),
    signals: storage.signals,
  };
  const slots = new Slots(AT_ONCE);
  const holder = randomUUID();
  const turns = storage.log.subjects.streams().flatMap((stream) =>
    stream.family === 'chat'
      ? [
          new Turn({
            bucket: storage.leases,
            name: `ai-${stream.shard}`,
            holder,
            onFault,
            work: () => {
              const reactor = new AiReactor({
                log: storage.log,
                stream,
                lists: readModels.ai,
                slots,
                takeTurn: (address, signal) => takeTurn(answering, address, signal),
                onFault,
              });
              return () => reactor.close();
            },
          }),
        ]
      : [],
  );
  return async () => {
    await Promise.all(turns.map((turn) => turn.close()));
    await model?.close();
  };
}

function answererOf({ baseUrl, apiKey, model }: Settings['ai'], logger: Logger): OpenAiAnswerer {
  return new OpenAiAnswerer({
    baseUrl,
    apiKey,
    model,
    onTrouble: (trouble) => logger.warn(trouble, 'the AI endpoint had no answer'),
  });
}
