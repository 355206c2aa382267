// Carries the frames of a WebSocket that reached the wrong edge to the one that holds its session, and back.
import type { WebSocket as Inbound } from 'uWebSockets.js';
import { type RawData, WebSocket } from 'ws';
import { MAX_BACKLOG } from '../peer.ts';
import type { EdgeAddress } from './edge-addresses.ts';
import { EDGE_KEY } from './forwarded-request.ts';

/** Milliseconds in which the other edge must have taken over. */
const PATIENCE = 5_000;

export class Relay {
  readonly #outbound: WebSocket;
  #inbound: Inbound<unknown> | undefined;
  /** What the other edge said before the client's own socket was open. */
  #early: { data: RawData; isBinary: boolean }[] = [];
  #onEnd: () => void = () => {};

  private constructor(outbound: WebSocket) {
    this.#outbound = outbound;
  }

  /** Opens the far half; undefined where the other edge does not take it. `query` is the request's own. */
  static open(
    to: EdgeAddress,
    key: string,
    query: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<Relay | undefined> {
    return new Promise((resolve) => {
      const outbound = new WebSocket(`ws://${to.host}:${to.port}/socket.io/?${query}`, {
        headers: { ...headers, [EDGE_KEY]: key },
        handshakeTimeout: PATIENCE,
        perMessageDeflate: false,
        maxPayload: MAX_BACKLOG,
      });
      const relay = new Relay(outbound);
      outbound.on('message', (data, isBinary) => relay.#back(data, isBinary));
      outbound.on('open', () => resolve(relay));
      // A close follows an error, and that is where it is dealt with.
      outbound.on('error', () => resolve(undefined));
      outbound.on('close', () => {
        resolve(undefined);
        relay.#closeInbound();
      });
    });
  }

  /** The client's socket is open. `onEnd`: told once, when it is over. */
  begin(inbound: Inbound<unknown>, onEnd: () => void): void {
    this.#inbound = inbound;
    this.#onEnd = onEnd;
    const early = this.#early;
    this.#early = [];
    for (const { data, isBinary } of early) this.#back(data, isBinary);
    if (this.#outbound.readyState !== WebSocket.OPEN) this.#closeInbound();
  }

  /** A frame of the client. */
  pass(data: ArrayBuffer, isBinary: boolean): void {
    if (this.#outbound.readyState !== WebSocket.OPEN) return;
    // The bytes are uWS's own and gone after this turn.
    this.#outbound.send(Buffer.from(Buffer.from(data)), { binary: isBinary });
    if (this.#outbound.bufferedAmount > MAX_BACKLOG) this.stop();
  }

  /** The client's socket has closed. */
  inboundClosed(): void {
    this.#inbound = undefined;
    this.#outbound.close();
    this.#onEnd();
  }

  /** Ends both halves at once. */
  stop(): void {
    this.#outbound.terminate();
    this.#closeInbound();
  }

  #back(data: RawData, isBinary: boolean): void {
    if (!this.#inbound) {
      this.#early.push({ data, isBinary });
      return;
    }
    this.#inbound.send(isBinary ? asBuffer(data) : asBuffer(data).toString('utf8'), isBinary);
    if (this.#inbound && this.#inbound.getBufferedAmount() > MAX_BACKLOG) this.stop();
  }

  #closeInbound(): void {
    const inbound = this.#inbound;
    this.#inbound = undefined;
    inbound?.end();
  }
}

function asBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
