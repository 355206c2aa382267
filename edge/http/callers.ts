// Who is calling: what a request carries is turned into a principal once, before any route.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isRefusal, type Refusal, refuse } from '../../domain/decider.ts';
import { isAdmin } from '../../domain/policies/rights.ts';
import type { Edge } from '../context.ts';
import { mayEmbed } from '../identity/embedding.ts';
import type {
  ApiPrincipal,
  Guest,
  Principal,
  UserPrincipal,
  VisitorPrincipal,
} from '../identity/principals.ts';
import type { Standing } from '../identity/request-limit.ts';
import type { TokenGuesses } from '../identity/token-guesses.ts';
import { mayBeSigned } from '../identity/tokens.ts';

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | null;
  }
}

/** Characters of an API key that are looked at. */
const MAX_API_KEY = 4_096;

/** What a request's tokens were worth. */
export interface Caller {
  /** A bearer token or an API key was sent, right or wrong. */
  readonly claimed: boolean;
  readonly user: UserPrincipal | undefined;
  /** A program with the workspace's API token (`X-API-Key`, or as a bearer token), or with a token it got for that. */
  readonly api: ApiPrincipal | undefined;
  /** Holder of a token that anybody gets for the asking (seed 002). */
  readonly guest: Guest | undefined;
  /** What a visitor token says, if it is genuine; for which conversation is checked by the route. */
  readonly visitor: VisitorPrincipal | undefined;
  readonly visitorClaimed: boolean;
}

/**
 * Looks at `Authorization: Bearer`, `X-API-Key` and `X-Visitor-Token`. A standing instead: API tokens were guessed too
 * often from where the caller is.
 */
export async function identify(
  edge: Edge,
  guesses: TokenGuesses,
  request: FastifyRequest,
): Promise<Caller | { readonly tooMany: Standing }> {
  const bearer = /^bearer +(\S{1,4096})$/i.exec(request.headers.authorization ?? '')?.[1];
  const apiKey = request.headers['x-api-key'];
  const visitorToken = request.headers['x-visitor-token'];
  const signed =
    bearer !== undefined && mayBeSigned(bearer) ? await edge.principals.bearer(bearer) : undefined;
  const keys = [
    ...(bearer !== undefined && !mayBeSigned(bearer) ? [bearer] : []),
    ...(typeof apiKey === 'string' && apiKey.length <= MAX_API_KEY ? [apiKey] : []),
  ];
  let keyed: ApiPrincipal | undefined;
  for (const key of keys) {
    const judged = await guesses.judge(request.ip, () => edge.apiTokens.find(key));
    if ('tooMany' in judged) return judged;
    keyed = judged.found ?? keyed;
  }
  let visitor: VisitorPrincipal | undefined;
  if (typeof visitorToken === 'string' && visitorToken.length <= 4_096) {
    const claims = await edge.tokens.read(visitorToken);
    if (claims?.kind === 'visitor')
      visitor = { kind: 'visitor', workspace: claims.ws, conversation: claims.sub, proven: true };
  }
  return {
    claimed: request.headers.authorization !== undefined || apiKey !== undefined,
    user: signed?.kind === 'user' ? signed : undefined,
    api: keyed ?? (signed?.kind === 'api' ? signed : undefined),
    guest: signed?.kind === 'guest' ? signed : undefined,
    visitor,
    visitorClaimed: visitorToken !== undefined,
  };
}

/** What stands for a caller in limits and among the last writers; undefined for one nobody knows. */
export function keyOf({ user, api, guest, visitor }: Caller): string | undefined {
  if (user) return `user ${user.user.number}`;
  if (api) return `api ${api.workspace}`;
  if (visitor) return `visitor ${visitor.conversation}`;
  return guest && `guest ${guest.token}`;
}

/** The key of whoever asks for a list. */
export function callerOfList(request: FastifyRequest): string | undefined {
  return request.caller ? keyOf(request.caller) : undefined;
}

/** A caller of one conversation as its guest: by visitor token, else by the id alone where that is enough. */
export async function guestOf(
  edge: Edge,
  request: FastifyRequest,
  conversation: string,
): Promise<VisitorPrincipal | Refusal> {
  const { caller } = request;
  if (caller?.visitorClaimed && !caller.visitor) return refuse('visitor-token-invalid');
  const guest = await edge.desk.visitor(conversation, caller?.visitor);
  if (isRefusal(guest)) return guest;
  const { origin } = request.headers;
  if (origin === undefined) return guest;
  const found = await edge.desk.find(guest, conversation);
  if (isRefusal(found)) return found;
  const widget = edge.directory.everWidget(guest.workspace, found.state.widget);
  return !widget || mayEmbed(edge.settings, widget, origin, request.headers.host)
    ? guest
    : refuse('origin-not-allowed');
}

/** A signed-in user where there is one, else the guest. */
export async function eitherOf(
  edge: Edge,
  request: FastifyRequest,
  conversation: string,
): Promise<Principal | Refusal> {
  const { caller } = request;
  if (caller?.user) return caller.user;
  // An agent whose token has ended must not speak as the visitor from then on.
  const worthless = caller?.claimed && !caller.api && !caller.guest && !caller.visitorClaimed;
  return worthless ? refuse('token-invalid') : guestOf(edge, request, conversation);
}

/** The user of a route that only users reach (`usersOnly`). */
export function userOf(request: FastifyRequest): UserPrincipal {
  const user = request.caller?.user;
  if (!user) throw new Error('a route for users ran without one');
  return user;
}

/** Lets only signed-in users pass. The words for the others are the dialect's own. */
export function usersOnly(words: { readonly missing: string; readonly invalid: string }) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const { caller } = request;
    if (caller?.user) return undefined;
    reply.header('www-authenticate', 'Bearer');
    const message = caller?.claimed ? words.invalid : words.missing;
    return reply.code(401).send({ success: false, message });
  };
}

/** Signed-in users, in the words of the widget document (seed 004). */
export const signedIn = usersOnly({ missing: 'Access token required', invalid: 'Invalid or expired token' });

/** Lets only those pass who run the workspace; comes after `usersOnly`. */
export async function adminsOnly(
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> {
  if (isAdmin(userOf(request).user.profile.role)) return undefined;
  return reply.code(403).send({ success: false, message: 'Insufficient permissions' });
}
