// A client of the native socket for tests: asks, hears, and can wait for what it expects.
import { v7 } from 'uuid';
import WebSocket from 'ws';
import type { ClientFrameInput, ServerFrame, WireCommandInput, WireEvent } from '../../../domain/wire.ts';

type Answer = Extract<ServerFrame, { re?: unknown }> & Record<string, unknown>;
type CommandData<Type extends WireCommandInput['type']> = Extract<WireCommandInput, { type: Type }>['data'];

export class Talker {
  readonly frames: ServerFrame[] = [];
  readonly closed: Promise<{ code: number; reason: string; at: number }>;
  readonly socket: WebSocket;
  readonly #waiting = new Set<() => void>();
  #id = 100;
  #gone = false;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => {
      this.frames.push(JSON.parse(String(data)) as ServerFrame);
      for (const look of [...this.#waiting]) look();
    });
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        this.#gone = true;
        for (const look of [...this.#waiting]) look();
        resolve({ code, reason: String(reason), at: Date.now() });
      });
    });
    socket.on('error', () => {
      // A close follows, and that is what tests look at.
    });
  }

  /** Connects; resolves once welcomed. */
  static async connect(port: number, query: Record<string, string>): Promise<Talker> {
    const talker = Talker.knock(port, query);
    await talker.until((frame) => 'welcome' in frame);
    return talker;
  }

  /** Connects without waiting for a word. */
  static knock(port: number, query: Record<string, string> = {}, path = '/ws/v1'): Talker {
    return new Talker(new WebSocket(`ws://127.0.0.1:${port}${path}?${new URLSearchParams(query)}`));
  }

  get events(): WireEvent[] {
    return this.frames.flatMap((frame) => ('event' in frame ? [frame.event] : []));
  }

  get texts(): string[] {
    return this.events.flatMap(({ type, data }) => (type === 'MessagePosted' ? [String(data.text)] : []));
  }

  /** The first frame, also of those that came already, that is so. */
  async until(is: (frame: ServerFrame) => boolean, within = 5_000): Promise<ServerFrame> {
    let found: ServerFrame | undefined;
    await this.when(() => {
      found = this.frames.find(is);
      return found !== undefined;
    }, within);
    if (!found) throw new Error('unreachable');
    return found;
  }

  /** Settles once that is true. Rejects after `within` ms, or where the socket closed before. */
  when(is: () => boolean, within = 5_000): Promise<void> {
    if (is()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const done = (settle: () => void) => {
        clearTimeout(late);
        this.#waiting.delete(look);
        settle();
      };
      const fail = (why: string) =>
        done(() => reject(new Error(`${why}; heard: ${JSON.stringify(this.frames.slice(-5))}`)));
      const look = () => {
        if (is()) done(resolve);
        else if (this.#gone) fail('the socket closed');
      };
      const late = setTimeout(() => fail(`not within ${within} ms`), within);
      this.#waiting.add(look);
    });
  }

  send(frame: unknown): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  async ask(frame: Omit<Extract<ClientFrameInput, { id: unknown }>, 'id'> | object): Promise<Answer> {
    const id = this.#id++;
    this.send({ id, ...frame });
    return (await this.until((answer) => 're' in answer && answer.re === id, 10_000)) as Answer;
  }

  command<Type extends WireCommandInput['type']>(
    conversation: string,
    type: Type,
    data: CommandData<Type>,
    command: string = v7(),
  ): Promise<Answer> {
    return this.ask({ command: { type, conversation, command, data } });
  }

  post(conversation: string, text: string, command?: string): Promise<Answer> {
    return this.command(conversation, 'PostMessage', { text }, command);
  }

  resume(conversation: string, after = 0): Promise<Answer> {
    return this.ask({ resume: { conversation, after } });
  }

  close(): void {
    this.socket.terminate();
  }
}
