// Lets fastify answer behind uWebSockets.js: one port, sockets and HTTP, without a second server.

import type { HttpRequest, TemplatedApp } from 'uWebSockets.js';
import type { Readable } from 'node:stream';
import type { FastifyInstance, HTTPMethods } from 'fastify';
import { addressOf } from '../visitors/addresses.ts';
import { Exchange, MAX_BODY_BYTES } from './exchange.ts';

/** Bodies announced to be at most this long are gathered; longer ones, and those of unknown length, are streamed. */
const GATHERED_BYTES = 64 * 1024;
/** Headers of which a second one makes a request ambiguous. */
const SINGLE = new Set([
  'host',
  'content-length',
  'content-type',
  'transfer-encoding',
  'authorization',
  'x-visitor-token',
  'origin',
]);
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Routes everything that no other route of `uws` takes to `app`. */
export function attachTo(uws: TemplatedApp, app: FastifyInstance): void {
  uws.any('/*', (res, req) => {
    const exchange = new Exchange(res);
    const request = requestOf(req);
    if (!request) {
      exchange.refuseForGood(400, 'The request is not one that HTTP allows');
      return;
    }
    const remoteAddress = addressOf(res.getRemoteAddress());
    const length = Number(request.headers['content-length'] ?? 0);
    if (length > MAX_BODY_BYTES) {
      exchange.refuse(413, 'The request is too large');
      return;
    }
    const streamed = length > GATHERED_BYTES || request.headers['transfer-encoding'] !== undefined;
    const body = streamed ? exchange.stream() : length > 0 ? exchange.gather() : undefined;
    void answer(app, exchange, request, remoteAddress, body);
  });
}

interface Request {
  readonly method: HTTPMethods;
  readonly url: string;
  readonly headers: Record<string, string | undefined>;
}

/** Copies what must not be touched later; undefined where the request means two things at once. */
function requestOf(req: HttpRequest): Request | undefined {
  const method = req.getCaseSensitiveMethod();
  const path = req.getUrl();
  const query = req.getQuery();
  if (!METHODS.has(method) || !path.startsWith('/')) return undefined;
  // Without one, inject would make up its own.
  const headers: Record<string, string | undefined> = { 'user-agent': undefined };
  let ambiguous = false;
  req.forEach((name, value) => {
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else if (SINGLE.has(name)) ambiguous = true;
    else headers[name] = `${before}${name === 'cookie' ? '; ' : ', '}${value}`;
  });
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') ambiguous = true;
  if (headers['content-length'] !== undefined) {
    if (!/^\d{1,15}$/.test(headers['content-length']) || headers['transfer-encoding'] !== undefined)
      ambiguous = true;
  }
  if (ambiguous || !headers.host) return undefined;
  return { method: method as HTTPMethods, url: query ? `${path}?${query}` : path, headers };
}

async function answer(
  app: FastifyInstance,
  exchange: Exchange,
  request: Request,
  remoteAddress: string,
  body: Readable | Promise<Buffer> | undefined,
): Promise<void> {
  try {
    const payload = await body;
    if (exchange.over) return;
    const answered = await app.inject({
      ...request,
      // inject's own types know no header that is left out on purpose.
      headers: request.headers as Record<string, string>,
      remoteAddress,
      payload,
      payloadAsStream: true,
      signal: exchange.signal,
    });
    exchange.send(request.method, answered.statusCode, answered.headers, answered.stream());
  } catch (fault) {
    if (exchange.over) return;
    // URLs that no parser takes end here, before any route has seen them.
    if (fault instanceof TypeError && 'code' in fault && fault.code === 'ERR_INVALID_URL')
      exchange.refuse(400, 'The address is not valid');
    else {
      app.log.error({ err: fault }, 'a request was not answered');
      exchange.refuse(500, 'Internal server error');
    }
  }
}
