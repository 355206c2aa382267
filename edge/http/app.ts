// The HTTP side of an edge, put together: builds, never listens; the socket server owns the port.
import type { TemplatedApp } from 'uWebSockets.js';
import { randomUUID } from 'node:crypto';
import multipart from '@fastify/multipart';
import fastify, {
  errorCodes,
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Edge } from '../context.ts';
import { dialectRoutes } from '../dialects/routes.ts';
import { REQUESTS, RequestLimit, type Standing } from '../identity/request-limit.ts';
import { SignInLimit } from '../identity/sign-in-limit.ts';
import { TokenGuesses } from '../identity/token-guesses.ts';
import { Metrics } from '../metrics.ts';
import { explain } from '../refusals.ts';
import { networkOf } from '../visitors/addresses.ts';
import { attachTo } from './adapter.ts';
import { plainError, tellStanding } from './answers.ts';
import { type Caller, identify, keyOf } from './callers.ts';
import type { App, Http } from './context.ts';
import { documentRoutes } from './description/documents.ts';
import { type DescribedRoute, gatherRoutes } from './description/routes.ts';
import { answerFault, answerFaults } from './faults.ts';
import { healthRoutes } from './health.ts';
import { Lists } from './lists.ts';
import { answerOrigin } from './origins.ts';
import { pages } from './pages.ts';
import { setSecurityHeaders } from './security-headers.ts';
import { Uploads } from './uploads.ts';
import { validatorCompiler } from './validation.ts';

/** Bytes of a JSON body. */
const JSON_BYTES = 256 * 1024;
const PARAM_LENGTH = 300;

export interface HttpSide {
  readonly app: App;
  /** Every route, with what it says of itself. */
  readonly routes: readonly DescribedRoute[];
  /** Lets it answer what no route of `uws` takes. */
  attach(uws: TemplatedApp): void;
  close(): Promise<void>;
}

/** Builds every HTTP route of an edge. */
export async function createHttp(edge: Edge): Promise<HttpSide> {
  const app: App = fastify({
    loggerInstance: edge.logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: JSON_BYTES,
    trustProxy: edge.visitors.trust,
    genReqId: (request) => requestId(request.headers['x-request-id']),
    routerOptions: { maxParamLength: PARAM_LENGTH },
    frameworkErrors: (fault: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      // No hook has run: what every answer carries is set here.
      reply.header('x-request-id', request.id);
      setSecurityHeaders(edge.settings, reply);
      answerFault(fault, request, reply, plainError);
    },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  // What routes say of their answers is documentation that tests hold answers against: nothing is taken out on the way.
  app.setSerializerCompiler(() => JSON.stringify);
  const routes = gatherRoutes(app as never);
  app.decorateRequest('caller', null);
  app.decorate('visitors', edge.visitors);
  takeJson(app);

  const limit = new RequestLimit(edge.now, edge.storage.signals);
  const http: Http = {
    edge,
    lists: new Lists(edge),
    uploads: new Uploads(edge),
    limit,
    guesses: new TokenGuesses(limit, edge.settings.rateLimits === 'on'),
    signIns: new SignInLimit(edge.storage.leases, edge.now),
    metrics: new Metrics(edge.readModels),
  };
  beforeAndAfter(app, http);
  answerFaults(app, plainError);
  await app.register(multipart, { throwFileSizeLimit: true });

  await dialectRoutes(app, http);
  await app.register(async (scope: App) => {
    for (const routes of [healthRoutes, pages]) await routes(scope, http);
  });
  await app.register((scope: App) => documentRoutes(scope, http, routes));
  await app.ready();
  return {
    app,
    routes,
    attach: (uws) => attachTo(uws, app as never),
    async close() {
      http.lists.close();
      http.limit.close();
      await app.close();
    },
  };
}

/** JSON as everywhere, but nothing is a fine body where none is needed. */
function takeJson(app: App): void {
  app.removeContentTypeParser(['text/plain', 'application/json']);
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body.length === 0) done(null, undefined);
    else parse(request, body as string, done);
  });
}

/** Where strangers become users, or try to: a user must not be able to make the next one past every limit. */
const MAKES_USERS = new Set(['/api/auth/register', '/api/auth/login', '/api/auth/agent-login']);
/** The same for visitors and guests, whose tokens these routes give out for the asking. */
const MAKES_VISITORS = new Set([
  '/api/conversations',
  '/api/live-chat/sessions',
  '/api/auth/token',
  '/api/chat/start-session',
]);

/** Whose requests such a request is counted among; undefined: those of its address. */
function countedAs(caller: Caller, route: string): string | undefined {
  if (MAKES_USERS.has(route)) return undefined;
  return keyOf(MAKES_VISITORS.has(route) ? { ...caller, visitor: undefined, guest: undefined } : caller);
}

/** What happens around every route: who calls, how often they may, and what each answer carries. */
function beforeAndAfter(app: App, { edge, limit, guesses, metrics }: Http): void {
  const { settings } = edge;
  const limited = settings.rateLimits === 'on' && settings.environment !== 'development';

  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    setSecurityHeaders(settings, reply);
    if (answerOrigin(settings, request, reply)) return reply;
    const caller = await identify(edge, guesses, request);
    if ('tooMany' in caller) return tooMany(reply, caller.tooMany);
    request.caller = caller;
    // By its route: an address can be spelled in several ways that all lead to the same one.
    const path = request.routeOptions.url ?? request.url;
    if (!limited || !path.startsWith('/api/') || path === '/api/health') return undefined;
    const key = countedAs(caller, path);
    const network = networkOf(request.ip);
    // Tokens that anybody gets for the asking are no way around the limit of an address either.
    const together =
      key && !caller.user && !caller.api ? limit.take(`strangers ${network}`, REQUESTS.strangers) : undefined;
    if (together && !together.allowed) return tooMany(reply, together);
    const standing = key
      ? limit.take(key, REQUESTS.caller)
      : limit.take(`address ${network}`, REQUESTS.address);
    if (!standing.allowed) return tooMany(reply, standing);
    tellStanding(reply, standing);
    return undefined;
  });
  app.addHook('preHandler', async (request) => {
    // A form that nobody reads must not pass for a request without a body.
    if (request.isMultipart() && request.routeOptions.schema?.body && request.body == null)
      throw new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE(request.headers['content-type']);
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    metrics.answered(request.method, route, reply.statusCode, reply.elapsedTime / 1_000);
    // The pattern, not the address: ids and tokens in it open conversations.
    request.log.info(
      { method: request.method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      'answered',
    );
  });
}

function tooMany(reply: FastifyReply, standing: Standing): FastifyReply {
  tellStanding(reply, standing);
  reply.code(429).header('retry-after', String(standing.reset));
  return reply.send({ success: false, message: explain('too-many-requests').message });
}

function requestId(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[A-Za-z0-9._-]{8,64}$/.test(given) ? given : randomUUID();
}
