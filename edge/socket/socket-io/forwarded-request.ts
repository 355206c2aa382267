// Hands a poll that reached the wrong edge to the one that holds its session, and the answer back.

import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { type IncomingMessage, request } from 'node:http';
import type { EdgeAddress } from './edge-addresses.ts';

/** Bytes of a poll's body, as of a frame, and of its answer: what a session's backlog may come to, and then some. */
const MAX_BODY = 64 * 1024;
const MAX_ANSWER = 8 * 1024 * 1024;
/** Milliseconds for which a poll may wait: longer than the server lets one wait between two pings. */
const PATIENCE = 60_000;
/** What of a request's headers the other edge needs. */
const PASSED_ON = ['origin', 'content-type', 'user-agent'];
const PASSED_BACK = ['content-type', 'cache-control', 'access-control-allow-origin', 'vary'];

/** Header in which edges show each other that it is they who ask. */
export const EDGE_KEY = 'x-natter-edge-key';

/** What Socket.IO says of a session that nobody holds: the client begins a new one. */
const UNKNOWN_SESSION = JSON.stringify({ code: 1, message: 'Session ID unknown' });

/** A request's parts: uWS takes them away after the turn in which it came. */
export interface Copied {
  readonly method: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Takes from a request what is passed on. */
export function copyOf(req: HttpRequest): Copied {
  const headers: Record<string, string> = {};
  for (const name of PASSED_ON) {
    const value = req.getHeader(name);
    if (value !== '' && !NOT_IN_A_HEADER.test(value)) headers[name] = value;
  }
  const query = (req.getQuery() ?? '').replaceAll(NOT_IN_AN_ADDRESS, '');
  return { method: req.getMethod().toUpperCase(), query, headers };
}

/** What strangers send and no honest client: Node refuses to pass it on. */
const NOT_IN_A_HEADER = /[^\t\x20-\x7e]/;
const NOT_IN_AN_ADDRESS = /[^\x21-\x7e]/g;

/** A response that may be gone when something is to be said: uWS forbids to touch it then. */
export class Reply {
  readonly #res: HttpResponse;
  #over = false;
  #onGone: (() => void) | undefined;

  /** Made in the turn in which the request came. */
  constructor(res: HttpResponse) {
    this.#res = res;
    res.onAborted(() => {
      this.#over = true;
      this.#onGone?.();
    });
  }

  get over(): boolean {
    return this.#over;
  }

  /** Who asked has gone. */
  onGone(listener: () => void): void {
    this.#onGone = listener;
    if (this.#over) listener();
  }

  /** Does something with the response, if it is there still; for the last time. */
  end(work: (res: HttpResponse) => void): void {
    if (this.#over) return;
    this.#over = true;
    this.#res.cork(() => work(this.#res));
  }

  /** The same for an upgrade. Not corked: uWS looks at the response after a cork, and it may be a WebSocket by then. */
  upgrade(work: (res: HttpResponse) => void): void {
    if (this.#over) return;
    this.#over = true;
    work(this.#res);
  }

  unknownSession(): void {
    this.json('400 Bad Request', UNKNOWN_SESSION);
  }

  json(status: string, body: string): void {
    this.end((res) =>
      res
        .writeStatus(status)
        .writeHeader('content-type', 'application/json')
        .writeHeader('access-control-allow-origin', '*')
        .end(body),
    );
  }

  /** The request's body; undefined where it is too large or never comes to its end. Asked for in the first turn. */
  body(): Promise<Buffer | undefined> {
    return new Promise((resolve) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      this.onGone(() => resolve(undefined));
      this.#res.onData((chunk, isLast) => {
        bytes += chunk.byteLength;
        // What is too much is read to its end and dropped: the connection stays usable for the answer.
        if (bytes <= MAX_BODY) chunks.push(Buffer.from(Buffer.from(chunk)));
        if (isLast) resolve(bytes <= MAX_BODY ? Buffer.concat(chunks) : undefined);
      });
    });
  }
}

/** `broken`: it took the request and then went away, or said too much. */
export type Asked = 'answered' | 'unreachable' | 'broken';

/** Asks the other edge and answers with what it answers; where it does not, the reply is the caller's. */
export function askOther(
  to: EdgeAddress,
  key: string,
  { method, query, headers }: Copied,
  body: Buffer | undefined,
  reply: Reply,
): Promise<Asked> {
  return new Promise((resolve) => {
    const asked = request({
      ...to,
      method,
      path: `/socket.io/?${query}`,
      // One connection each: one kept open may be closed at the other end while a body that cannot be repeated is on its way.
      agent: false,
      timeout: PATIENCE,
      headers: { ...headers, [EDGE_KEY]: key, ...(body ? { 'content-length': body.length } : {}) },
    });
    reply.onGone(() => asked.destroy());
    asked.on('timeout', () => asked.destroy());
    asked.on('error', (error) => resolve(NOBODY_THERE.has(codeOf(error)) ? 'unreachable' : 'broken'));
    asked.on('response', (answer) => {
      readAnswer(answer, (whole) => {
        if (whole) pass(answer, whole, reply);
        resolve(whole ? 'answered' : 'broken');
      });
    });
    asked.end(body);
  });
}

const NOBODY_THERE = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'ETIMEDOUT']);

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : '';
}

function readAnswer(answer: IncomingMessage, done: (whole: Buffer | undefined) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER) answer.destroy();
    else chunks.push(chunk);
  });
  answer.on('end', () => done(Buffer.concat(chunks)));
  answer.on('error', () => done(undefined));
  answer.on('close', () => done(undefined));
}

function pass(answer: IncomingMessage, whole: Buffer, reply: Reply): void {
  reply.end((res) => {
    res.writeStatus(`${answer.statusCode ?? 502} ${answer.statusMessage ?? ''}`);
    for (const name of PASSED_BACK) {
      const value = answer.headers[name];
      if (typeof value === 'string') res.writeHeader(name, value);
    }
    res.end(whole);
  });
}
