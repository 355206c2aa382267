// A stock socket.io client for tests of the support dialect: notes what it hears, and can wait for what it expects.
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { v7 } from 'uuid';
import type { Business, TestEdge } from './edges.ts';

export interface HeardEvent {
  readonly event: string;
  // What a test reads out of it is for the test to say.
  // biome-ignore lint/suspicious/noExplicitAny: the payload of any event
  readonly payload: any;
}

/** What comes, comes within so many milliseconds: the machine may be busy with other tests. */
const WITHIN = 15_000;

type Options = Partial<ManagerOptions & SocketOptions>;

export class SupportClient {
  readonly socket: Socket;
  readonly heard: HeardEvent[] = [];
  /** Why it could not connect, or was cut off. */
  readonly refusals: string[] = [];
  readonly ends: string[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(port: number, options: Options) {
    this.socket = io(`http://127.0.0.1:${port}`, { forceNew: true, reconnectionDelay: 50, ...options });
    const note = (work: () => void) => {
      work();
      for (const look of [...this.#waiting]) look();
    };
    this.socket.onAny((event: string, payload: unknown) => note(() => this.heard.push({ event, payload })));
    this.socket.on('connect', () => note(() => {}));
    this.socket.on('connect_error', (error) => note(() => this.refusals.push(error.message)));
    this.socket.on('disconnect', (reason) => note(() => this.ends.push(reason)));
  }

  /** Connects with that token; resolves once it is let in. */
  static async connect(port: number, token: string, options: Options = {}): Promise<SupportClient> {
    const client = new SupportClient(port, { auth: { token }, ...options });
    await client.when(() => client.socket.connected);
    return client;
  }

  get events(): string[] {
    return this.heard.map(({ event }) => event);
  }

  get texts(): string[] {
    return this.heard.flatMap(({ event, payload }) => (event === 'new_message' ? [payload.message] : []));
  }

  get transport(): string {
    return this.socket.io.engine.transport.name;
  }

  /** The newest payload of that event, also of those that came already. */
  // biome-ignore lint/suspicious/noExplicitAny: the payload of any event
  async hears(event: string, within = WITHIN, is: (payload: any) => boolean = () => true): Promise<any> {
    const find = () => this.heard.findLast((one) => one.event === event && is(one.payload));
    await this.when(() => find() !== undefined, within);
    return find()?.payload;
  }

  when(is: () => boolean, within = WITHIN): Promise<void> {
    if (is()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const done = () => {
        clearTimeout(late);
        clearInterval(again);
        this.#waiting.delete(look);
      };
      const look = () => {
        if (!is()) return;
        done();
        resolve();
      };
      // An upgrade is nothing that is heard.
      const again = setInterval(look, 50);
      const late = setTimeout(() => {
        done();
        const heard = JSON.stringify({ heard: this.heard.slice(-5), no: this.refusals, ends: this.ends });
        reject(new Error(`not within ${within} ms; ${heard}`));
      }, within);
      this.#waiting.add(look);
    });
  }

  /** Says something and waits for the acknowledgement. */
  // biome-ignore lint/suspicious/noExplicitAny: the answer to any event
  ask(event: string, ...said: unknown[]): Promise<any> {
    return this.socket.timeout(10_000).emitWithAck(event, ...said);
  }

  async join(sessionId: string): Promise<this> {
    const answer = await this.ask('join_session', { sessionId });
    if (!answer.success) throw new Error(answer.message);
    return this;
  }

  close(): void {
    this.socket.disconnect();
  }
}

/** A token that anybody gets for the asking. */
export function guestToken({ edge }: TestEdge, { workspace }: Business, userId = 'user123'): Promise<string> {
  return edge.tokens.sign({ kind: 'guest', sub: userId, ws: workspace, jti: v7() });
}
