// One socket as this edge knows it: a few small fields, since there are many thousands of them.
import type { WebSocket } from 'uWebSockets.js';
import type { Principal } from '../identity/principals.ts';
import type { Arrived } from '../visitors/visitors.ts';
import { type SocketKind, socketCounters } from './counters.ts';
import type { Close, Hearer, Member, Page } from './hearer.ts';

/** Bytes a socket may lag behind before it is closed: it then resumes, and nothing is skipped. */
export const MAX_BACKLOG = 1024 * 1024;
/** Bytes in flight while history is replayed; the rest waits for the reader. */
const REPLAY_WINDOW = 128 * 1024;
/** Characters of history that are sent together. */
const REPLAY_CHARACTERS = 64 * 1024;
/** Milliseconds without a byte read after which a replay is given up. */
const REPLAY_PATIENCE = 10_000;

/** How a socket came: what its request carried. */
export interface Arrival {
  readonly query: URLSearchParams;
  /** What stands where the door's path has its `:name`, decoded; empty for a path without one. */
  readonly parameter: string;
  /** The token of `Authorization: Bearer …`. */
  readonly bearer: string | undefined;
  readonly page: Page;
  /** What a conversation's origin is made of, where one is started over this socket (`edge.visitors.origin`). */
  readonly visitor: Arrived;
}

/** What uWS carries for each socket. */
export interface Carried {
  readonly peer: Peer;
}

export class Peer implements Hearer {
  /** What its request carried, until it was looked at. */
  arrival: Arrival | undefined;
  /** The page it came from, until it is known who it is. */
  page: Page | undefined;
  /** Undefined once it is closed. */
  ws: WebSocket<Carried> | undefined;
  principal: Principal | undefined;
  kind: SocketKind = 'unknown';
  /** What it hears: a visitor one conversation, an agent several, by id. */
  heard: Member | Map<string, Member> | undefined;
  /** Something a door remembers about it beside that. */
  notes: Set<string> | undefined;
  /** What waits to be carried out, in order. */
  jobs: (() => Promise<void>)[] | undefined;
  /** Its place in the list of all. */
  index = -1;
  /** When something was last heard from it, in seconds by the clock that nobody sets. */
  heardAt: number;
  /** Seconds since 1970 from when its token is worth nothing; 0: it has none. */
  expires = 0;
  /** Rate: start of the window in seconds, and frames and commands in it. */
  window = 0;
  frames = 0;
  commands = 0;
  /** When its last typing signal was passed on, by `performance.now()`. */
  typedAt = 0;
  /** Frames of this turn, and their characters. */
  #out: string[] | undefined;
  #waiting = 0;
  #drained: (() => void) | undefined;

  constructor(arrival: Arrival, seconds: number) {
    this.arrival = arrival;
    this.page = arrival.page;
    this.heardAt = seconds;
  }

  get open(): boolean {
    return this.ws !== undefined;
  }

  /** Sends a frame with all others of this turn of the loop. */
  send(frame: string): void {
    if (!this.ws) return;
    this.#waiting += frame.length;
    if (this.#out) {
      this.#out.push(frame);
      return;
    }
    this.#out = [frame];
    if (due.push(this) === 1) setImmediate(flushAll);
  }

  /** Settles once the reader has kept up enough for more history; closes it where it does not read at all. */
  async readyForMore(): Promise<void> {
    if (this.#waiting < REPLAY_CHARACTERS) return;
    this.flush();
    while (this.ws && this.ws.getBufferedAmount() > REPLAY_WINDOW) {
      await new Promise<void>((resolve) => {
        const late = setTimeout(() => this.tooSlow(), REPLAY_PATIENCE);
        this.#drained = () => {
          clearTimeout(late);
          resolve();
        };
      });
    }
  }

  /** Called when the socket's backlog shrank, and when it is closed. */
  drained(): void {
    const resolve = this.#drained;
    this.#drained = undefined;
    resolve?.();
  }

  flush(): void {
    const frames = this.#out;
    this.#out = undefined;
    this.#waiting = 0;
    const { ws } = this;
    if (!frames || !ws) return;
    socketCounters.framesOut += frames.length;
    const [only] = frames;
    let worst = 1;
    if (frames.length === 1 && only !== undefined) worst = ws.send(only);
    else
      ws.cork(() => {
        for (const frame of frames) if (ws.send(frame) !== 1) worst = 0;
      });
    if (worst !== 1 && ws.getBufferedAmount() > MAX_BACKLOG) this.tooSlow();
  }

  tooSlow(): void {
    socketCounters.tooSlow++;
    this.end({ code: 4508, reconnect: true }, 'too slow: connect again and resume');
  }

  /** Closes it with a code of ours; what was sent before goes out first. */
  end(close: Close, why: string): void {
    if (close.code !== 4508) this.flush();
    const { ws } = this;
    if (!ws) return;
    if (close.code === 4429) socketCounters.tooMany++;
    // Before the call: uWS tells of the close from within it.
    this.ws = undefined;
    ws.end(close.code, why);
    this.drained();
  }
}

const due: Peer[] = [];

function flushAll(): void {
  const peers = due.splice(0);
  for (const peer of peers) peer.flush();
}
