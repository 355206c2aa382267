// How one message of an outbox reaches the server: its files first, then its command, both safe to repeat.
import { type Api, ApiRefusal, type UploadRight } from './api.ts';
import type { Ask, Connection } from './connection.ts';
import type { Delivered, OutboxOptions } from './outbox.ts';

/** Refusals that pass by themselves: the same command, a little later, is carried out once. */
const PASSING = /^(busy|unavailable|rate-limited|too-many-messages|too-many-requests)$/;
const RETRY_AFTER = 2_000;

/** Where messages go: known at once for an agent, after the conversation was started for a visitor. */
export interface Destination {
  readonly conversation: string;
  readonly right: UploadRight;
}

/** Makes an outbox's `deliver`. */
export function deliverTo(
  api: Api,
  connection: Connection,
  locate: () => Promise<Destination>,
): OutboxOptions['deliver'] {
  return async (message, steps) => {
    try {
      const { conversation, right } = await locate();
      let attachments = message.attachments;
      if (message.files.length > 0 && attachments.length === 0) {
        const uploaded = await api.upload(conversation, message.files, right, steps.progress);
        attachments = uploaded.map((file) => file.id);
        // Written down before the command goes: a repeat must not upload again.
        await steps.keep({ ...message, files: [], attachments });
      }
      const { command, text } = message;
      const ask: Ask =
        message.kind === 'note'
          ? { command: { type: 'AddNote', conversation, command, data: { text } } }
          : {
              command: {
                type: 'PostMessage',
                conversation,
                command,
                data: { text, attachments: [...attachments] },
              },
            };
      const answer = await connection.ask(ask);
      if (!('refused' in answer)) return { kind: 'stored' };
      if (PASSING.test(answer.refused)) return { kind: 'retry', afterMs: RETRY_AFTER };
      return { kind: 'refused', message: answer.message };
    } catch (error) {
      if (error instanceof ApiRefusal) return refused(error);
      throw error;
    }
  };
}

function refused(error: ApiRefusal): Delivered {
  if (!error.passing) return { kind: 'refused', message: error.message };
  return { kind: 'retry', afterMs: Math.min(60, error.retryAfter ?? 3) * 1_000 };
}
