// Who may call the support document's chat routes (seed 002): holders of any of its tokens, signed-in users, programs with the API key.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isRefusal, type Refusal, refuse } from '../../../../domain/decider.ts';
import type { Edge } from '../../../context.ts';
import { callerOf, refused } from '../../../http/answers.ts';
import { guestOf } from '../../../http/callers.ts';
import type { ApiPrincipal, Guest, Principal, UserPrincipal } from '../../../identity/principals.ts';
import { NOT_LET_IN } from '../not-let-in.ts';

/** Lets only those pass whom a token or the API key speaks for. */
export async function supportOnly(
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> {
  const { user, api, guest, claimed } = callerOf(request);
  if (user ?? api ?? guest) return undefined;
  reply.header('www-authenticate', 'Bearer');
  const message = claimed ? NOT_LET_IN.invalid : NOT_LET_IN.missing;
  return reply.code(401).send({ success: false, message });
}

export type SupportCaller = UserPrincipal | ApiPrincipal | Guest;

/** The caller of a route that only they reach (`supportOnly`). */
export function supportCaller(request: FastifyRequest): SupportCaller {
  const { user, api, guest } = callerOf(request);
  const caller = user ?? api ?? guest;
  if (!caller) throw new Error('a route of the support dialect ran without a caller');
  return caller;
}

/** As whom the caller acts in one session: themselves, or for a guest, whoever knows the session's id, in the workspace of their token. */
async function principalIn(
  edge: Edge,
  request: FastifyRequest,
  sessionId: string,
): Promise<Principal | Refusal> {
  const caller = supportCaller(request);
  if (caller.kind !== 'guest') return caller;
  const found = await guestOf(edge, request, sessionId);
  if (isRefusal(found) || found.workspace === caller.workspace) return found;
  return refuse('conversation-not-found');
}

/** Runs a route as whoever the caller is in that session, or answers why not. */
export async function withinSession(
  edge: Edge,
  request: FastifyRequest,
  reply: FastifyReply,
  sessionId: string,
  run: (principal: Principal) => Promise<unknown>,
): Promise<unknown> {
  const principal = await principalIn(edge, request, sessionId);
  return isRefusal(principal) ? refused(reply, principal) : run(principal);
}
