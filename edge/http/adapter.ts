// Lets fastify answer behind uWebSockets.js: one port, sockets and HTTP, without a second server.

import type { HttpRequest, HttpResponse, TemplatedApp } from 'uWebSockets.js';
import { STATUS_CODES } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyInstance, HTTPMethods } from 'fastify';
import { addressOf } from './addresses.ts';

/** Bytes a request may carry: five files of 10 MB and their frame. */
const MAX_BODY_BYTES = 52 * 1024 * 1024;
/** Bodies announced to be at most this long are gathered; longer ones, and those of unknown length, are streamed. */
const GATHERED_BYTES = 64 * 1024;
/** Milliseconds in which a whole request must have come. */
const BODY_WITHIN = 120_000;
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
      exchange.refuse(400, 'The request is not one that HTTP allows');
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

/** One request and its answer on the uWS side; knows when `res` may no longer be touched. */
class Exchange {
  readonly #res: HttpResponse;
  readonly #abort = new AbortController();
  #over = false;
  #body: Readable | undefined;
  /** Lets the rest of a held-back body come, where there is one. */
  #letCome: () => void = () => {};
  #timer: NodeJS.Timeout | undefined;

  constructor(res: HttpResponse) {
    this.#res = res;
    res.onAborted(() => {
      this.#end();
      this.#abort.abort();
    });
  }

  /** True once the answer is complete or the client gone. */
  get over(): boolean {
    return this.#over;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The whole body. Never settles where the client goes away. */
  gather(): Promise<Buffer> {
    this.#hurry();
    return new Promise((resolve) => {
      const chunks: Buffer[] = [];
      this.#res.onData((chunk, isLast) => {
        chunks.push(copyOf(chunk));
        if (!isLast) return;
        clearTimeout(this.#timer);
        resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
      });
    });
  }

  /** The body as it comes, no faster than it is read. */
  stream(): Readable {
    this.#hurry();
    let paused = false;
    let complete = false;
    let taken = 0;
    this.#letCome = () => {
      if (!paused || complete || this.#over) return;
      paused = false;
      this.#res.resume();
    };
    const body = new Readable({ read: () => this.#letCome() });
    // Whoever reads it hears of its faults; where nobody does, the answer is already on its way.
    body.on('error', () => {});
    this.#body = body;
    this.#res.onData((chunk, isLast) => {
      complete = isLast;
      taken += chunk.byteLength;
      if (isLast) clearTimeout(this.#timer);
      if (this.#over || body.destroyed) return;
      if (taken > MAX_BODY_BYTES) {
        this.refuse(413, 'The request is too large');
        return;
      }
      const room = chunk.byteLength === 0 || body.push(copyOf(chunk));
      if (isLast) body.push(null);
      else if (!room) {
        paused = true;
        this.#res.pause();
      }
    });
    return body;
  }

  /** Answers without fastify. */
  refuse(status: number, message: string): void {
    if (this.#over) return;
    this.#letCome();
    this.#end();
    this.#res.cork(() => {
      this.#res.writeStatus(statusLine(status));
      this.#res.writeHeader('content-type', 'application/json; charset=utf-8');
      this.#res.writeHeader('x-content-type-options', 'nosniff');
      this.#res.end(JSON.stringify({ success: false, message }), true);
    });
  }

  /** Sends an answer of fastify's, no faster than the client reads. */
  send(
    method: string,
    status: number,
    headers: Record<string, string | string[] | number | undefined>,
    body: Readable,
  ): void {
    if (this.#over) {
      body.destroy();
      return;
    }
    const length = headers['content-length'] === undefined ? undefined : Number(headers['content-length']);
    const head = (withLength: boolean) => this.#writeHead(status, headers, withLength);
    if (method === 'HEAD' || status === 204 || status === 304) {
      body.resume();
      this.#finish(() => {
        head(method === 'HEAD');
        this.#res.endWithoutBody();
      });
    } else if (length === 0) {
      body.resume();
      this.#finish(() => {
        head(false);
        this.#res.end();
      });
    } else if (length !== undefined) this.#sendSized(body, length, head);
    else this.#sendChunked(body, head);
  }

  #sendSized(body: Readable, length: number, head: (withLength: boolean) => void): void {
    const res = this.#res;
    let begun = false;
    this.#letCome();
    let rest: { chunk: Buffer; from: number } | undefined;
    const push = (chunk: Buffer): boolean => {
      const [room, done] = res.tryEnd(chunk, length);
      if (done) this.#end();
      return room;
    };
    res.onWritable((offset) => {
      if (!rest) return true;
      const room = push(rest.chunk.subarray(offset - rest.from));
      if (room) {
        rest = undefined;
        body.resume();
      }
      return room;
    });
    body.on('data', (chunk: Buffer) => {
      if (this.#over) return;
      res.cork(() => {
        if (!begun) head(false);
        begun = true;
        const from = res.getWriteOffset();
        if (push(chunk) || this.#over) return;
        rest = { chunk, from };
        body.pause();
      });
    });
    // Fewer bytes than promised, or none: the client must not wait for the rest.
    body.on('end', () => !this.#over && !rest && this.#cutOff());
    body.on('error', () => this.#cutOff());
  }

  #sendChunked(body: Readable, head: (withLength: boolean) => void): void {
    const res = this.#res;
    let begun = false;
    res.onWritable(() => {
      body.resume();
      return true;
    });
    body.on('data', (chunk: Buffer) => {
      if (this.#over) return;
      res.cork(() => {
        if (!begun) head(false);
        begun = true;
        if (!res.write(chunk)) body.pause();
      });
    });
    body.on('end', () =>
      this.#finish(() => {
        if (!begun) head(false);
        res.end();
      }),
    );
    body.on('error', () => this.#cutOff());
  }

  #writeHead(
    status: number,
    headers: Record<string, string | string[] | number | undefined>,
    withLength: boolean,
  ): void {
    this.#res.writeStatus(statusLine(status));
    for (const [name, value] of Object.entries(headers)) {
      // uWS writes a date of its own, and the frame of the body is its business.
      if (value === undefined || name === 'date' || name === 'connection' || name === 'transfer-encoding')
        continue;
      if (name === 'content-length' && !withLength) continue;
      for (const one of Array.isArray(value) ? value : [value]) this.#res.writeHeader(name, String(one));
    }
  }

  #finish(write: () => void): void {
    if (this.#over) return;
    this.#letCome();
    this.#end();
    this.#res.cork(write);
  }

  #cutOff(): void {
    if (this.#over) return;
    this.#end();
    this.#res.close();
  }

  #end(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#body?.destroy();
  }

  #hurry(): void {
    this.#timer = setTimeout(() => this.#cutOff(), BODY_WITHIN);
  }
}

function copyOf(chunk: ArrayBuffer): Buffer {
  return Buffer.from(new Uint8Array(chunk));
}

function statusLine(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? ''}`;
}
