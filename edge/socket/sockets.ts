// All sockets of this edge, of every door: their queues, rates, heartbeats, time-outs and ends.
import type {
  HttpRequest,
  HttpResponse,
  us_socket_context_t,
  WebSocket,
  WebSocketBehavior,
} from 'uWebSockets.js';
import { CLOSE, MAX_FRAME_BYTES } from '../../domain/wire.ts';
import { addressOf } from '../visitors/addresses.ts';
import { type Arrived, ORIGIN_HEADERS, type Visitors } from '../visitors/visitors.ts';
import { type SocketKind, socketCounters } from './counters.ts';
import type { Door } from './door.ts';
import type { Hearer } from './hearer.ts';
import { type Carried, Peer } from './peer.ts';

export interface SocketsParts {
  readonly onFault: (fault: unknown) => void;
  readonly visitors: Visitors;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** False where limits are off. */
  readonly limited: boolean;
  readonly heartbeatSeconds: number;
  /** Seconds without a word, after which a socket is closed; and those it has to say who it is. */
  readonly idleSeconds: number;
  readonly authSeconds: number;
  /** Seconds without a sign of life after which an agent's socket is closed: nobody may wait for an agent who has gone. */
  readonly agentSilenceSeconds: number;
  /** A socket is gone: whoever noted it down lets go of it. */
  readonly onClosed: (peer: Hearer) => void;
}

/** Frames past the wire's bound are still read up to here, so that the close can say why. */
const READ_BYTES = MAX_FRAME_BYTES * 4;
/** Seconds of a rate's window. */
const WINDOW = 10;
/** An agent's socket is asked for a sign of life after so many of its seconds of silence, and then every second. */
const ASKED_AFTER = 1 / 3;
const LIMITS = {
  visitor: { commands: 30, frames: 120, queue: 60 },
  agent: { commands: 300, frames: 1_200, queue: 500 },
} as const;

/** A socket whose rates and order are kept here, whatever carries it. */
export interface Counted extends Hearer {
  /** What waits to be carried out, in order. */
  jobs: (() => Promise<void>)[] | undefined;
  /** Start of the rates' window in seconds, by the clock that nobody sets, and frames and commands in it. */
  window: number;
  frames: number;
  commands: number;
}

/** A peer with the door it came through. */
interface Guest {
  readonly peer: Peer;
  readonly door: Door;
}

export class Sockets {
  readonly #parts: SocketsParts;
  readonly #guests: Guest[] = [];
  /** Who has not said yet who they are, and since when, in order of arrival. */
  readonly #strangers = new Map<Hearer, number>();
  readonly #agents = new Set<Peer>();
  readonly #timer: ReturnType<typeof setInterval>;
  #cursor = 0;
  #draining = false;

  constructor(parts: SocketsParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => this.#tick(), 1_000);
  }

  get size(): number {
    return this.#guests.length;
  }

  /** What uWS does with the sockets of a door. */
  behavior(door: Door): WebSocketBehavior<Carried> {
    return {
      maxPayloadLength: READ_BYTES,
      // Both are done here, with codes that tell the client why.
      idleTimeout: 0,
      maxBackpressure: 0,
      sendPingsAutomatically: false,
      compression: 0,
      upgrade: (res, req, context) => this.#upgrade(res, req, context),
      open: (ws) => this.#opened(ws, door),
      message: (ws, message, isBinary) => this.#heard(ws, door, message, isBinary),
      pong: (ws) => this.#sign(ws),
      ping: (ws) => this.#sign(ws),
      drain: (ws) => ws.getUserData().peer.drained(),
      close: (ws) => this.#closed(ws.getUserData().peer, door),
    };
  }

  /** A socket that another transport carries was opened; it has as long as others to say who it is. */
  arrived(peer: Hearer): void {
    this.#strangers.set(peer, this.#seconds());
    socketCounters.open.unknown++;
  }

  /** Such a socket is gone. */
  gone(peer: Hearer): void {
    socketCounters.open[peer.kind]--;
    this.#strangers.delete(peer);
    if (peer instanceof Peer) this.#agents.delete(peer);
    this.#guard(peer, () => this.#parts.onClosed(peer));
  }

  /** A socket has said who it is. */
  known(peer: Hearer, kind: SocketKind): void {
    socketCounters.open[peer.kind]--;
    socketCounters.open[kind]++;
    peer.kind = kind;
    peer.page = undefined;
    this.#strangers.delete(peer);
    if (peer instanceof Peer && peer.principal?.kind === 'user') this.#agents.add(peer);
  }

  /** Puts work in the peer's own order; closes it where it asks faster than it can be served. */
  enqueue(peer: Counted, job: () => Promise<void>): void {
    if (peer.jobs) {
      if (peer.jobs.length >= this.#limits(peer).queue)
        peer.end(CLOSE.tooMany, 'too many frames are waiting');
      else peer.jobs.push(job);
      return;
    }
    peer.jobs = [];
    void this.#work(peer, job);
  }

  /** Counts a frame that came in; closes the socket, and says false, where it is one too many for this window. */
  mayHear(peer: Counted): boolean {
    socketCounters.framesIn++;
    const seconds = this.#seconds();
    if (seconds - peer.window >= WINDOW) {
      peer.window = seconds;
      peer.frames = 0;
      peer.commands = 0;
    }
    if (++peer.frames <= this.#limits(peer).frames || !this.#parts.limited) return true;
    peer.end(CLOSE.tooMany, 'too many frames');
    return false;
  }

  /** Whether one more command fits into this window. Who goes on past the refusals is closed. */
  mayCommand(peer: Counted): boolean {
    const { commands } = this.#limits(peer);
    if (!this.#parts.limited || ++peer.commands <= commands) return true;
    if (peer.commands > commands * 2) peer.end(CLOSE.tooMany, 'too many messages');
    return false;
  }

  /** Closes all, spread over so many seconds, so that they do not come back all at once. */
  async drain(seconds: number): Promise<void> {
    this.#draining = true;
    const steps = Math.max(1, Math.round(seconds * 20));
    for (let step = 0; step < steps && this.#guests.length > 0; step++) {
      const some = Math.ceil(this.#guests.length / (steps - step));
      for (const { peer } of this.#guests.slice(-some)) peer.end(CLOSE.draining, 'this server is going away');
      await new Promise((resolve) => setTimeout(resolve, (seconds * 1_000) / steps));
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #upgrade(res: HttpResponse, req: HttpRequest, context: us_socket_context_t): void {
    if (this.#draining) {
      res.writeStatus('503 Service Unavailable').end();
      return;
    }
    const authorization = req.getHeader('authorization');
    const arrival = {
      query: new URLSearchParams(req.getQuery()),
      parameter: decoded(req.getParameter(0) ?? ''),
      bearer: /^bearer /i.test(authorization) ? authorization.slice(7).trim() : undefined,
      page: { origin: req.getHeader('origin') || undefined, host: req.getHeader('host') || undefined },
      visitor: this.#arrived(res, req),
    };
    res.upgrade(
      // uWS copies an object's own fields onto its socket and leaves its class behind: so one field.
      { peer: new Peer(arrival, this.#seconds()) } satisfies Carried,
      req.getHeader('sec-websocket-key'),
      req.getHeader('sec-websocket-protocol').split(',')[0]?.trim() ?? '',
      req.getHeader('sec-websocket-extensions'),
      context,
    );
  }

  /** Copies what is gone after the upgrade. */
  #arrived(res: HttpResponse, req: HttpRequest): Arrived {
    const headers = new Map<string, string>();
    for (const name of ORIGIN_HEADERS) {
      const value = req.getHeader(name);
      if (value) headers.set(name, value);
    }
    // Each proxy may have added a line of its own, and only the last one's is its word.
    const forwarded: string[] = [];
    req.forEach((name, value) => {
      if (name === 'x-forwarded-for') forwarded.push(value);
    });
    if (forwarded.length > 0) headers.set('x-forwarded-for', forwarded.join(', '));
    return this.#parts.visitors.arrived(addressOf(res.getRemoteAddress()), (name) => headers.get(name));
  }

  #opened(ws: WebSocket<Carried>, door: Door): void {
    const peer = ws.getUserData().peer;
    peer.ws = ws;
    peer.index = this.#guests.push({ peer, door }) - 1;
    this.arrived(peer);
    const { arrival } = peer;
    peer.arrival = undefined;
    if (arrival) this.#guard(peer, () => door.opened(peer, arrival));
  }

  #heard(ws: WebSocket<Carried>, door: Door, message: ArrayBuffer, isBinary: boolean): void {
    const peer = ws.getUserData().peer;
    if (!peer.ws) return;
    this.#sign(ws);
    if (!this.mayHear(peer)) return;
    if (isBinary) {
      peer.end(CLOSE.badFrame, 'frames are JSON text');
      return;
    }
    if (message.byteLength > MAX_FRAME_BYTES) {
      peer.end(CLOSE.frameTooLarge, `a frame has at most ${MAX_FRAME_BYTES} bytes`);
      return;
    }
    // The bytes are uWS's own and gone after this turn: the text is a copy.
    const text = Buffer.from(message).toString('utf8');
    this.#guard(peer, () => door.heard(peer, text));
  }

  #closed(peer: Peer, door: Door): void {
    peer.ws = undefined;
    peer.jobs = undefined;
    peer.drained();
    // The last one takes the place, so that no list is moved.
    const last = this.#guests.pop();
    if (last && last.peer !== peer) {
      this.#guests[peer.index] = last;
      last.peer.index = peer.index;
    }
    if (door.closed) this.#guard(peer, () => door.closed?.(peer));
    this.gone(peer);
  }

  async #work(peer: Counted, first: () => Promise<void>): Promise<void> {
    for (let job: (() => Promise<void>) | undefined = first; job && peer.open; job = peer.jobs?.shift()) {
      try {
        await job();
      } catch (fault) {
        this.#parts.onFault(fault);
        peer.end(CLOSE.draining, 'something went wrong here: connect again');
      }
    }
    peer.jobs = undefined;
  }

  #guard(peer: Hearer, work: () => void): void {
    try {
      work();
    } catch (fault) {
      this.#parts.onFault(fault);
      peer.end(CLOSE.draining, 'something went wrong here: connect again');
    }
  }

  #tick(): void {
    const seconds = this.#seconds();
    const { authSeconds, heartbeatSeconds, idleSeconds } = this.#parts;
    for (const [peer, since] of this.#strangers) {
      if (seconds - since < authSeconds) break;
      peer.end(CLOSE.notAuthenticated, 'say who you are first');
    }
    this.#askAgents(seconds);
    const at = new Date(this.#parts.now()).toISOString();
    let turns = Math.min(this.#guests.length, Math.ceil(this.#guests.length / heartbeatSeconds));
    for (; turns > 0; turns--) {
      if (this.#cursor >= this.#guests.length) this.#cursor = 0;
      const guest = this.#guests[this.#cursor++];
      if (guest) this.#beat(guest, seconds, at, idleSeconds);
    }
  }

  #beat({ peer, door }: Guest, seconds: number, at: string, idleSeconds: number): void {
    if (seconds - peer.heardAt >= idleSeconds) {
      peer.end(CLOSE.idle, 'nothing heard for too long');
      return;
    }
    if (peer.expires > 0 && this.#parts.now() / 1_000 >= peer.expires) {
      peer.end(CLOSE.notAuthenticated, 'the token has expired');
      return;
    }
    const frame = door.heartbeat(peer, at);
    if (frame) peer.send(frame);
    peer.ws?.ping();
  }

  /** A laptop that is closed says nothing of it: whoever no longer answers is gone. */
  #askAgents(seconds: number): void {
    const { agentSilenceSeconds } = this.#parts;
    for (const peer of [...this.#agents]) {
      const silent = seconds - peer.heardAt;
      if (silent >= agentSilenceSeconds) peer.end(CLOSE.idle, 'nothing heard for too long');
      else if (silent >= agentSilenceSeconds * ASKED_AFTER) peer.ws?.ping();
    }
  }

  #sign(ws: WebSocket<Carried>): void {
    ws.getUserData().peer.heardAt = this.#seconds();
  }

  #limits(peer: Counted) {
    const kind = peer.principal?.kind;
    return kind === 'user' || kind === 'api' ? LIMITS.agent : LIMITS.visitor;
  }

  #seconds(): number {
    return Math.floor(performance.now() / 1_000);
  }
}

/** A path's part as it was meant; one that is wrongly encoded stays as it is, and then names nobody. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // Said in the docstring: it is nobody's name.
    return part;
  }
}
