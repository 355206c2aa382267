// What every HTTP route is given beside the edge itself.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Edge } from '../context.ts';
import type { RequestLimit } from '../identity/request-limit.ts';
import type { SignInLimit } from '../identity/sign-in-limit.ts';
import type { TokenGuesses } from '../identity/token-guesses.ts';
import type { Metrics } from '../metrics.ts';
import type { Lists } from './lists.ts';
import type { Uploads } from './uploads.ts';

/** fastify with schemas in zod. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

export interface Http {
  readonly edge: Edge;
  readonly lists: Lists;
  readonly uploads: Uploads;
  readonly limit: RequestLimit;
  readonly guesses: TokenGuesses;
  readonly signIns: SignInLimit;
  readonly metrics: Metrics;
}
