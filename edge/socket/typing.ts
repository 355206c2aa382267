// Who is typing: said between edges over core NATS, never stored. Every door that takes typing says it through here.
import { z } from 'zod';
import type { Signals } from '../../domain/log/log.ts';
import { signalOf } from '../../domain/log/subjects.ts';

export const typing = z.object({
  type: z.literal('typing'),
  from: z.enum(['visitor', 'agent', 'ai']),
  isTyping: z.boolean(),
  /** Public number of the agent. */
  id: z.string().max(64).optional(),
  name: z.string().max(120).optional(),
});
export type Typing = z.infer<typeof typing>;

/** Tells all edges; at most once, to whoever listens now. */
export function sayTyping(
  signals: Signals,
  workspace: string,
  conversation: string,
  who: Omit<Typing, 'type'>,
): void {
  signals.publish(signalOf(workspace, conversation), { type: 'typing', ...who } satisfies Typing);
}
