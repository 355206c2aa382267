// A Socket.IO client of the support dialect as the hub knows it: told things like any socket, over whatever carries it.
import type { Socket } from 'socket.io';
import { CLOSE } from '../../../../domain/wire.ts';
import type { Guest, Principal } from '../../../identity/principals.ts';
import { type SocketKind, socketCounters } from '../../../socket/counters.ts';
import type { Close, Member, Page } from '../../../socket/hearer.ts';
import { MAX_BACKLOG } from '../../../socket/peer.ts';
import type { Counted } from '../../../socket/sockets.ts';
import { spellEvent } from '../frames.ts';

/** Milliseconds in which a client that is cut off takes what was sent before. */
const FAREWELL = 2_000;

/** What carries a client: a WebSocket, or polls. */
export type Carrier = Socket['conn'];

export class SupportPeer implements Counted {
  principal: Principal | undefined;
  /** Holder of a token that anybody gets: it acts by the sessions' ids. */
  guest: Guest | undefined;
  /** The token it came with, where that can end before its time without its user's. */
  token: string | undefined;
  visitorToken: string | undefined;
  /** It is being looked up who it is. */
  asking = false;
  kind: SocketKind = 'unknown';
  page: Page | undefined;
  /** The sessions it is in, by id; undefined once it is gone. */
  heard: Map<string, Member> | undefined = new Map();
  notes: Set<string> | undefined;
  expires = 0;
  typedAt = 0;
  jobs: (() => Promise<void>)[] | undefined;
  window = 0;
  frames = 0;
  commands = 0;
  /** Undefined until it is let in. */
  socket: Socket | undefined;
  readonly #carrier: Carrier;
  /** Characters that were given to the carrier since it last took something. */
  #waiting = 0;
  #lagging = false;

  constructor(carrier: Carrier) {
    this.#carrier = carrier;
    const { origin, host } = carrier.request.headers;
    this.page = { origin: origin || undefined, host: host || undefined };
    carrier.on('flush', () => {
      this.#waiting = 0;
    });
  }

  get open(): boolean {
    return this.#carrier.readyState === 'open';
  }

  send(frame: string): void {
    if (!this.open || this.#lagging) return;
    socketCounters.framesOut++;
    this.#waiting += frame.length;
    this.#carrier.write(frame, { compress: false });
    if (this.#waiting > MAX_BACKLOG || unsentBytes(this.#carrier) > MAX_BACKLOG) {
      this.#lagging = true;
      socketCounters.tooSlow++;
      // Not within the turn: whoever is leaving would shift the others in the list that is being told.
      setImmediate(() => this.end(CLOSE.tooSlow));
    }
  }

  /** No history is replayed in this dialect. */
  async readyForMore(): Promise<void> {}

  /** With a word for its person; a client that is to come back is cut off without a farewell, after which it does so by itself. */
  end(close: Close, why?: string): void {
    if (!this.open) return;
    if (close.code === CLOSE.tooMany.code) socketCounters.tooMany++;
    if (close.code === CLOSE.tooSlow.code || !this.socket) {
      // What waits will not be read: there is nothing to wait for.
      this.#carrier.close(true);
      return;
    }
    if (why !== undefined) this.#carrier.write(spellEvent('error', { success: false, message: why }));
    if (close.reconnect) this.#carrier.close();
    else this.socket.disconnect(true);
    // A client that does not poll any more never takes its farewell.
    setTimeout(() => this.#carrier.close(true), FAREWELL).unref();
  }
}

/** Bytes that uWS holds for a WebSocket; none for polls, whose answers wait in the carrier. */
function unsentBytes(carrier: Carrier): number {
  // Where the engine runs on uWS, a WebSocket transport has uWS's socket in this field, which its types do not tell.
  const { socket } = carrier.transport as { socket?: { getBufferedAmount?(): number } };
  return carrier.transport.name === 'websocket' ? (socket?.getBufferedAmount?.() ?? 0) : 0;
}
