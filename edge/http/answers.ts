// How routes say no and how they say where a write went.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Refusal } from '../../domain/decider.ts';
import type { Standing } from '../identity/request-limit.ts';
import { explain } from '../refusals.ts';
import { type Caller, keyOf } from './callers.ts';
import type { Lists } from './lists.ts';

/** Spells an error in a dialect's own shape. `fields`: what was wrong with each, where that is known. */
export type ErrorShape = (
  status: number,
  message: string,
  fields?: Readonly<Record<string, string>>,
) => object;

/** `{success: false, message}`: the shape of most documents, and ours. */
export const plainError: ErrorShape = (_status, message) => ({ success: false, message });

/** The widget document's shape: `errors` says what was wrong with each field. */
export const widgetError: ErrorShape = (_status, message, fields) =>
  fields ? { success: false, message: 'Validation error', errors: fields } : { success: false, message };

/** Answers a refusal in the words of the catalogue. */
export function refused(reply: FastifyReply, refusal: Refusal, shape = plainError): FastifyReply {
  const { status, message } = explain(refusal);
  if (status === 503) reply.header('retry-after', '1');
  return reply.code(status).send(shape(status, message));
}

/** Tells the caller where their write went, and remembers it, so that their next list shows it. */
export function wrote(
  request: FastifyRequest,
  reply: FastifyReply,
  lists: Lists,
  { position }: { readonly position: number },
): void {
  if (position <= 0) return;
  reply.header('x-event-sequence', String(position));
  const key = keyOf(callerOf(request));
  if (key) lists.wrote(key, position);
}

/** Who calls; set before any route runs. */
export function callerOf(request: FastifyRequest): Caller {
  if (!request.caller) throw new Error('a route ran before its caller was known');
  return request.caller;
}

/** Tells a client how it stands, as headers. */
export function tellStanding(reply: FastifyReply, { limit, remaining, reset }: Standing): void {
  reply.headers({
    'ratelimit-limit': String(limit),
    'ratelimit-remaining': String(remaining),
    'ratelimit-reset': String(reset),
  });
}
