// Who may call the token document's endpoints: a token in the query, the body or a header, and no endless guessing.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ErrorShape, tellStanding } from '../../../http/answers.ts';
import type { Http } from '../../../http/context.ts';
import type { ApiPrincipal } from '../../../identity/principals.ts';
import { REQUESTS, type Standing } from '../../../identity/request-limit.ts';
import { explain } from '../../../refusals.ts';

/** `{error}`: this document's shape. */
export const tokenError: ErrorShape = (_status, message) => ({ error: message });

const INVALID = 'Invalid Token';
const LONGEST = 4_096;

/** A hook that lets only those pass who show a workspace's API token; runs once the body is read. */
export function withToken({ edge, limit, guesses }: Http) {
  const { rateLimits, environment } = edge.settings;
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    reply.header('cache-control', 'no-store');
    const judged = await guesses.judge(request.ip, () =>
      apiOf(request, (token) => edge.apiTokens.find(token)),
    );
    if ('tooMany' in judged) return tooMany(reply, judged.tooMany);
    const { found: api } = judged;
    if (!api) return reply.code(403).send(tokenError(403, INVALID));
    // Whose writes these are, and whose lists show them.
    request.caller = {
      claimed: true,
      user: undefined,
      api,
      guest: undefined,
      visitor: undefined,
      visitorClaimed: false,
    };
    if (rateLimits === 'off' || environment === 'development') return undefined;
    const standing = limit.take(`api ${api.workspace}`, REQUESTS.caller);
    tellStanding(reply, standing);
    return standing.allowed ? undefined : tooMany(reply, standing);
  };
}

/** The token that stands in the request counts; without one, what its headers were worth. */
async function apiOf(
  request: FastifyRequest,
  find: (token: string) => Promise<ApiPrincipal | undefined>,
): Promise<ApiPrincipal | undefined> {
  const token = fieldOf(request.body, 'token') ?? fieldOf(request.query, 'token');
  if (token === undefined) return request.caller?.api;
  return typeof token === 'string' && token.length <= LONGEST ? find(token) : undefined;
}

function fieldOf(fields: unknown, name: string): unknown {
  if (typeof fields !== 'object' || fields === null || !Object.hasOwn(fields, name)) return undefined;
  return (fields as Readonly<Record<string, unknown>>)[name] ?? undefined;
}

function tooMany(reply: FastifyReply, standing: Standing): FastifyReply {
  tellStanding(reply, standing);
  reply.code(429).header('retry-after', String(standing.reset));
  return reply.send(tokenError(429, explain('too-many-requests').message));
}
