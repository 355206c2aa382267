// What is said between edges about one conversation and never stored: who types, who came or went, what the AI is writing. Every door says it through here.
import { z } from 'zod';
import { LIMITS } from '../../domain/conversation/values.ts';
import type { Signals } from '../../domain/log/log.ts';
import { signalOf } from '../../domain/log/subjects.ts';

const who = {
  from: z.enum(['visitor', 'agent', 'ai']),
  /** Public number of the agent. */
  id: z.string().max(64).optional(),
  name: z.string().max(120).optional(),
};

const typing = z.object({
  type: z.literal('typing'),
  ...who,
  isTyping: z.boolean(),
  /** The socket it was, where it can be told apart: it is not told of itself. */
  socket: z.string().max(100).optional(),
});
export type Typing = z.infer<typeof typing>;

/** Somebody began or ceased to listen to a conversation, in a dialect that tells of it. */
const presence = z.object({
  type: z.literal('presence'),
  ...who,
  here: z.boolean(),
  /** The socket it was: whoever came is not told of itself. */
  socket: z.string().max(100),
});
export type Presence = z.infer<typeof presence>;

/** What the AI has written so far of an answer; the whole of it each time, so that one that is lost does no harm. */
const aiText = z.object({
  type: z.literal('ai'),
  /** Version of the visitor's message that is answered. */
  answers: z.number().int().positive(),
  text: z.string().max(LIMITS.text),
  /** No more comes: its message is stored, or it was given up. */
  done: z.boolean(),
});
export type AiText = z.infer<typeof aiText>;

export const signal = z.discriminatedUnion('type', [typing, presence, aiText]);
export type Signal = z.infer<typeof signal>;

/** Tells all edges that somebody types; at most once, to whoever listens now. */
export function sayTyping(
  signals: Signals,
  workspace: string,
  conversation: string,
  told: Omit<Typing, 'type'>,
): void {
  signals.publish(signalOf(workspace, conversation), { type: 'typing', ...told } satisfies Typing);
}

/** Tells all edges what the AI has written so far. */
export function sayAiText(
  signals: Signals,
  workspace: string,
  conversation: string,
  told: Omit<AiText, 'type'>,
): void {
  signals.publish(signalOf(workspace, conversation), { type: 'ai', ...told } satisfies AiText);
}

/** Tells all edges that somebody came or went. */
export function sayPresence(
  signals: Signals,
  workspace: string,
  conversation: string,
  told: Omit<Presence, 'type'>,
): void {
  signals.publish(signalOf(workspace, conversation), { type: 'presence', ...told } satisfies Presence);
}
