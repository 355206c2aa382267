// A visitor or an agent at Natter's own socket, one at a time: asks, is answered, and hears every frame as it comes.
import { v7 } from 'uuid';
import type { WebSocket } from 'ws';
import type { ClientFrameInput, ServerFrame, WireCommandInput } from '../../../domain/wire.ts';
import type { VisitorSeat } from './line.ts';
import { Awaited, connectBare } from './socket.ts';

/** `refused`: a kebab-case reason. */
export type Told = { readonly ok: true } | { readonly refused: string };

export interface Ears {
  /** Every frame but answers to what was asked. */
  frame?(frame: ServerFrame): void;
  /** The socket closed without being asked to. */
  closed?(why: string): void;
}

type CommandData<Type extends WireCommandInput['type']> = Extract<WireCommandInput, { type: Type }>['data'];

export class NativeClient {
  readonly #socket: WebSocket;
  readonly #open = new Map<string | number, (told: Told) => void>();
  #id = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** `url`: `ws://host:port`. Settles once welcomed. */
  static visitor(url: string, { conversation, token }: VisitorSeat, ears: Ears): Promise<NativeClient> {
    return NativeClient.#connect(
      url,
      `conversation=${conversation}&visitorToken=${encodeURIComponent(token)}`,
      ears,
    );
  }

  static agent(url: string, token: string, ears: Ears): Promise<NativeClient> {
    return NativeClient.#connect(url, `token=${encodeURIComponent(token)}`, ears);
  }

  static async #connect(url: string, query: string, ears: Ears): Promise<NativeClient> {
    const welcomed = new Awaited('a welcome');
    const hearing = {
      message: () => undefined,
      refused: () => undefined,
      closed: (why: string) => {
        if (client) client.#gone(why);
        ears.closed?.(why);
      },
    };
    let client: NativeClient | undefined;
    const socket = await connectBare({ url }, `/ws/v1?${query}`, hearing, (text) => {
      const frame = JSON.parse(text) as ServerFrame;
      if ('welcome' in frame) welcomed.now();
      else if ('re' in frame && client && client.#answered(frame)) return;
      ears.frame?.(frame);
    });
    client = new NativeClient(socket);
    await welcomed.done;
    return client;
  }

  /** Settles with what the server said of it, or `closed` where the socket went first. */
  command<Type extends WireCommandInput['type']>(
    type: Type,
    conversation: string,
    data: CommandData<Type>,
  ): Promise<Told> {
    // The pair fits by its type parameter; TypeScript cannot see that of a union.
    const command = { type, conversation, command: v7(), data } as unknown as WireCommandInput;
    return this.#ask({ id: ++this.#id, command });
  }

  /** From here on events of that conversation are heard. */
  follow(conversation: string): Promise<Told> {
    return this.#ask({ id: ++this.#id, resume: { conversation, after: 0 } });
  }

  close(): void {
    this.#gone('closed');
    this.#socket.close(1000);
  }

  #ask(frame: ClientFrameInput & { readonly id: string | number }): Promise<Told> {
    return new Promise((resolve) => {
      this.#open.set(frame.id, resolve);
      this.#socket.send(JSON.stringify(frame));
    });
  }

  #answered(frame: Extract<ServerFrame, { re?: unknown }>): boolean {
    const settle = frame.re === undefined ? undefined : this.#open.get(frame.re);
    if (!settle || frame.re === undefined) return false;
    this.#open.delete(frame.re);
    settle('refused' in frame ? { refused: frame.refused } : { ok: true });
    return true;
  }

  #gone(why: string): void {
    for (const settle of this.#open.values()) settle({ refused: why });
    this.#open.clear();
  }
}
