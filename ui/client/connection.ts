// One socket to the edge that comes back by itself: state, requests with answers, and every frame to who listens.
import type { ClientFrameInput, ServerFrame } from '../../domain/wire.ts';
import { delayBefore } from './backoff.ts';
import { mayReconnect } from './close-codes.ts';
import { Listeners } from './listeners.ts';

/**
 * `connecting`: a socket is being opened. `online`: welcomed. `waiting`: broken, tried again at `retryAt`.
 * `offline`: the browser says there is no network. `ended`: closed for good, by us or by `code`.
 */
export type ConnectionState =
  | { readonly kind: 'idle' | 'connecting' | 'online' | 'offline' }
  | { readonly kind: 'waiting'; readonly retryAt: number }
  | { readonly kind: 'ended'; readonly code: number };

export type Answer = Extract<ServerFrame, { ok: true } | { refused: string } | { snapshot: object }>;
type WithoutId<Frame> = Frame extends { id: string | number } ? Omit<Frame, 'id'> : never;
export type Ask = WithoutId<ClientFrameInput>;
type Auth = Extract<ClientFrameInput, { auth: object }>['auth'];

/** The socket went before the answer came: what was asked may or may not have happened. */
export class ConnectionLost extends Error {}

export interface ConnectionOptions {
  /** `wss://host/ws/v1` */
  readonly url: string;
  /** Read at each connect: tokens go in the first frame, never in a URL that a proxy may log. */
  readonly auth: () => Auth;
  /** Injected by tests. */
  readonly random?: () => number;
}

/** A socket with no word for so many heartbeats is dead, whatever the browser believes. */
const SILENT_BEATS = 2.5;
const WELCOME_WITHIN = 10_000;
const ANSWER_WITHIN = 20_000;
const PONG_WITHIN = 5_000;

export class Connection {
  state: ConnectionState = { kind: 'idle' };
  readonly onState = new Listeners<ConnectionState>();
  readonly onFrame = new Listeners<ServerFrame>();
  readonly #options: ConnectionOptions;
  #socket: WebSocket | undefined;
  #tries = 0;
  #nextId = 1;
  #heartbeat = 20_000;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  readonly #asked = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>();
  readonly #stopHearing: () => void;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const back = () => this.#wake();
    const gone = () => this.#drop({ kind: 'offline' });
    const seen = () => document.visibilityState === 'visible' && this.#probe();
    addEventListener('online', back);
    addEventListener('offline', gone);
    document.addEventListener('visibilitychange', seen);
    this.#stopHearing = () => {
      removeEventListener('online', back);
      removeEventListener('offline', gone);
      document.removeEventListener('visibilitychange', seen);
    };
  }

  get online(): boolean {
    return this.state.kind === 'online';
  }

  /** Connects, unless it already does. */
  open(): void {
    if (this.state.kind === 'idle' || this.state.kind === 'ended') this.#connect();
  }

  /** Tries at once instead of waiting for the next turn. */
  retryNow(): void {
    if (this.state.kind === 'waiting' || this.state.kind === 'offline') this.#connect();
  }

  /** Ends it for good. */
  close(): void {
    this.#stopHearing();
    this.#drop({ kind: 'ended', code: 1000 });
  }

  /** Asks and waits for the answer. Rejects with ConnectionLost where none came. */
  ask(frame: Ask): Promise<Answer> {
    const socket = this.#socket;
    if (!this.online || !socket) return Promise.reject(new ConnectionLost('not connected'));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        // No answer on a living socket: the line is not what it seems. A new one settles what is true.
        this.#lost(socket, 1006);
      }, ANSWER_WITHIN);
      this.#asked.set(id, {
        resolve(answer) {
          clearTimeout(late);
          resolve(answer);
        },
        reject(error) {
          clearTimeout(late);
          reject(error);
        },
      });
      socket.send(JSON.stringify({ id, ...frame }));
    });
  }

  /** Sends what is worth nothing later (typing); dropped where there is no connection. */
  signal(conversation: string, isTyping: boolean): void {
    if (!this.online || !this.#socket || this.#socket.bufferedAmount > 16_384) return;
    this.#socket.send(JSON.stringify({ signal: { conversation, type: 'typing', isTyping } }));
  }

  /** Says that an agent is at work; dropped where there is no connection. */
  active(): void {
    if (this.online) this.#socket?.send(JSON.stringify({ active: true } satisfies ClientFrameInput));
  }

  #connect(): void {
    clearTimeout(this.#retry);
    if (navigator.onLine === false) {
      this.#drop({ kind: 'offline' });
      return;
    }
    this.#become({ kind: 'connecting' });
    const socket = new WebSocket(this.#options.url);
    this.#socket = socket;
    this.#expectWord(socket, WELCOME_WITHIN);
    socket.onopen = () => socket.send(JSON.stringify({ id: 0, auth: this.#options.auth() }));
    socket.onmessage = (message) => socket === this.#socket && this.#hear(socket, String(message.data));
    socket.onclose = (closed) => this.#lost(socket, closed.code);
  }

  #hear(socket: WebSocket, text: string): void {
    const frame = JSON.parse(text) as ServerFrame;
    if ('welcome' in frame) {
      this.#heartbeat = frame.welcome.heartbeatSeconds * 1_000;
      this.#tries = 0;
      this.#expectWord(socket, this.#heartbeat * SILENT_BEATS);
      this.#become({ kind: 'online' });
      return;
    }
    this.#expectWord(socket, this.#heartbeat * SILENT_BEATS);
    this.onFrame.say(frame);
    if ('re' in frame && typeof frame.re === 'number') {
      this.#asked.get(frame.re)?.resolve(frame);
      this.#asked.delete(frame.re);
    }
  }

  #lost(socket: WebSocket, code: number): void {
    if (socket !== this.#socket) return;
    if (!mayReconnect(code) || navigator.onLine === false) {
      this.#drop(mayReconnect(code) ? { kind: 'offline' } : { kind: 'ended', code });
      return;
    }
    const delay = delayBefore(this.#tries++, (this.#options.random ?? Math.random)());
    this.#drop({ kind: 'waiting', retryAt: Date.now() + delay });
    this.#retry = setTimeout(() => this.#connect(), delay);
  }

  /** Lets go of the socket and of everyone who waits on it. */
  #drop(state: ConnectionState): void {
    if (this.state.kind === 'ended' || (state.kind === 'offline' && this.state.kind === 'idle')) return;
    const socket = this.#socket;
    this.#socket = undefined;
    clearTimeout(this.#retry);
    clearTimeout(this.#silence);
    socket?.close();
    this.#become(state);
    const asked = [...this.#asked.values()];
    this.#asked.clear();
    for (const { reject } of asked) reject(new ConnectionLost('connection lost'));
  }

  #wake(): void {
    this.#tries = 0;
    this.retryNow();
  }

  /** A laptop that slept believes in sockets that are long gone: ask for a word soon. */
  #probe(): void {
    this.#wake();
    if (!this.online || !this.#socket) return;
    this.#socket.send(JSON.stringify({ ping: Date.now() }));
    this.#expectWord(this.#socket, PONG_WITHIN);
  }

  #expectWord(socket: WebSocket, within: number): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#lost(socket, 1006), within);
  }

  #become(state: ConnectionState): void {
    this.state = state;
    this.onState.say(state);
  }
}
