// Which pages a browser lets call what: what guests need answers pages anywhere, everything else only our own.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { EdgeSettings } from '../context.ts';
import { isOurs } from '../identity/embedding.ts';

/** What guests and widgets call from pages all over the web. */
const GUESTS =
  /^\/(?:widget\.js$|assets\/|files\/|api\/conversations(?:\/|$)|api\/live-chat\/|api\/chat\/|api\/auth\/token$|api\/widgets\/(?:[^/]+\/(?:config|availability)$|(?:escalate|queue-position)\/))/;
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
const HEADERS = 'Authorization, Content-Type, X-Visitor-Token, X-API-Key, X-Request-Id';
const EXPOSED =
  'X-Request-Id, X-Event-Sequence, X-Projection-Lag, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After';
/** Seconds for which a browser may remember the answer to its question. */
const REMEMBER = '600';

/** Whether a path is one that any page may call. */
export function isForGuests(path: string): boolean {
  return GUESTS.test(path);
}

/**
 * Answers the browser's cross-origin questions. True where the request was only such a question and has
 * been answered. No cookie is ever used; pages of ours may ask with credentials all the same, since many
 * clients always do, and a browser would hide the answer from them.
 */
export function answerOrigin(settings: EdgeSettings, request: FastifyRequest, reply: FastifyReply): boolean {
  const { origin, host } = request.headers;
  const forGuests = isForGuests(pathOf(request));
  reply.header('cross-origin-resource-policy', forGuests ? 'cross-origin' : 'same-origin');
  if (origin === undefined) return false;
  varyBy(reply, 'Origin');
  const ours = isOurs(settings, origin, host);
  const allowed = forGuests || ours;
  if (ours) reply.header('access-control-allow-credentials', 'true');
  if (allowed) {
    reply.header('access-control-allow-origin', ours ? origin : '*');
    reply.header('access-control-expose-headers', EXPOSED);
  }
  if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined)
    return false;
  if (allowed) {
    reply.header('access-control-allow-methods', METHODS);
    reply.header('access-control-allow-headers', HEADERS);
    reply.header('access-control-max-age', REMEMBER);
  }
  reply.code(204).send();
  return true;
}

/** Tells caches that the answer differs by that header as well. */
export function varyBy(reply: FastifyReply, header: string): void {
  const before = reply.getHeader('vary');
  reply.header('vary', before === undefined ? header : `${before}, ${header}`);
}

function pathOf(request: FastifyRequest): string {
  const { url } = request;
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}
