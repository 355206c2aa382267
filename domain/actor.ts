// Who did it: every command and every event names its actor.
import { z } from 'zod';

/**
 * `visitor`: whoever holds the conversation's id or visitor token. `agent`: a user of the workspace,
 * by public number. `ai`: the answerer. `api`: an API token. `system`: Natter itself.
 */
export const actor = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('visitor') }),
  z.object({ kind: z.literal('agent'), id: z.string().min(1).max(64) }),
  z.object({ kind: z.literal('ai') }),
  z.object({ kind: z.literal('api') }),
  z.object({ kind: z.literal('system') }),
]);
export type Actor = z.infer<typeof actor>;

/** The system itself, as an actor. */
export const system: Actor = { kind: 'system' };
