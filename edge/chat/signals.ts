// What is said between edges about one conversation and never stored: who types, and who came or went. Every door says it through here.
import { z } from 'zod';
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

export const signal = z.discriminatedUnion('type', [typing, presence]);
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

/** Tells all edges that somebody came or went. */
export function sayPresence(
  signals: Signals,
  workspace: string,
  conversation: string,
  told: Omit<Presence, 'type'>,
): void {
  signals.publish(signalOf(workspace, conversation), { type: 'presence', ...told } satisfies Presence);
}
