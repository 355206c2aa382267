// One request on uWS and its answer: the body as it comes, the answer as the client reads it, and never a touch too late.

import type { HttpResponse } from 'uWebSockets.js';
import { STATUS_CODES } from 'node:http';
import { Readable } from 'node:stream';

/** Bytes a request may carry: five files of 10 MB and their frame. */
export const MAX_BODY_BYTES = 52 * 1024 * 1024;
/** Milliseconds in which a whole request must have come. */
const BODY_WITHIN = 120_000;

/** Answers from this many bytes on are counted while a client reads them, and must be read within so many milliseconds. */
const LARGE_ANSWER = 64 * 1024;
const READ_WITHIN = 600_000;

/** Bytes of large answers that clients have not read to the end. Who makes large answers looks here first. */
export const unread = { bytes: 0 };

/** One request and its answer on the uWS side; knows when `res` may no longer be touched. */
export class Exchange {
  readonly #res: HttpResponse;
  readonly #abort = new AbortController();
  #over = false;
  #body: Readable | undefined;
  /** Lets the rest of a held-back body come, where there is one. */
  #letCome: () => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  /** Its share of `unread`, and the end of its patience. */
  #unread = 0;
  #late: NodeJS.Timeout | undefined;

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

  /** Answers, and lets nothing else be heard on the connection: where on it one request ends and the next begins is not certain. */
  refuseForGood(status: number, message: string): void {
    if (this.#over) return;
    this.#end();
    this.#res.cork(() => {
      this.#res.writeStatus(statusLine(status));
      this.#res.writeHeader('content-type', 'application/json; charset=utf-8');
      this.#res.writeHeader('x-content-type-options', 'nosniff');
      this.#res.writeHeader('connection', 'close');
      // Not ended: after an end uWS would take the rest of the packet for the next request, so it cuts off what comes.
      this.#res.write(JSON.stringify({ success: false, message }));
    });
    setImmediate(() => {
      if (!this.#abort.signal.aborted) this.#res.close();
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
    this.#count(length);
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

  #count(length: number): void {
    if (length < LARGE_ANSWER) return;
    this.#unread = length;
    unread.bytes += length;
    this.#late = setTimeout(() => this.#cutOff(), READ_WITHIN);
  }

  #end(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#late);
    unread.bytes -= this.#unread;
    this.#unread = 0;
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
