// Hears every socket of one edge, and holds each frame that comes against what the AsyncAPI document says may come there.
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { io, type Socket as SocketIo } from 'socket.io-client';
import WebSocket from 'ws';
import { type Frame, SOCKETS, type Socket } from '../../edge/dialects/sockets.ts';
import { type AsyncApi, nameOf } from '../../edge/http/description/asyncapi.ts';
import { closed } from './interface.ts';

interface Kind {
  readonly name: string;
  readonly event: string | undefined;
  readonly fits: ValidateFunction;
}

export class Recorder {
  /** Names of the frames that came, by socket. */
  readonly seen = new Map<string, Set<string>>();
  /** Frames that no schema of their socket allows, in full. */
  readonly unknown: string[] = [];
  /** How many came at all. */
  frames = 0;
  readonly #ajv = new Ajv({ strict: false, allErrors: true });
  readonly #components: unknown;
  readonly #kinds = new Map<string, readonly Kind[]>();
  readonly #ends: (() => void)[] = [];

  constructor(document: AsyncApi) {
    addFormats.default(this.#ajv);
    this.#components = closed({ schemas: document.components.schemas });
  }

  /** Opens a WebSocket; resolves once it is open. */
  async open(port: number, id: string, address: string): Promise<WebSocket> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${address}`);
    socket.on('message', (data) => this.#note(id, undefined, JSON.parse(String(data))));
    this.#ends.push(() => socket.terminate());
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return socket;
  }

  /** Connects a stock Socket.IO client; resolves once it is connected. */
  async connect(port: number, id: string, token: string): Promise<SocketIo> {
    const socket = io(`http://127.0.0.1:${port}`, { forceNew: true, auth: { token } });
    socket.onAny((event: string, payload: unknown) => this.#note(id, event, payload));
    this.#ends.push(() => socket.close());
    await new Promise((resolve, reject) =>
      socket.once('connect', () => resolve(undefined)).once('connect_error', reject),
    );
    return socket;
  }

  /** Notes what came without a name: an acknowledgement. */
  note(id: string, payload: unknown): void {
    this.#note(id, undefined, payload);
  }

  close(): void {
    for (const end of this.#ends) end();
  }

  #note(id: string, event: string | undefined, payload: unknown): void {
    this.frames++;
    const kinds = this.#kindsOf(id).filter((kind) => kind.event === event);
    const found = kinds.find(({ fits }) => fits(payload));
    if (!found) {
      const why = kinds.map(({ name, fits }) => `${name}: ${this.#ajv.errorsText(fits.errors)}`);
      this.unknown.push(`${id} ${event ?? ''} ${JSON.stringify(payload)}\n${why.join('\n')}`);
      return;
    }
    const seen = this.seen.get(id) ?? new Set();
    this.seen.set(id, seen.add(found.name));
  }

  #kindsOf(id: string): readonly Kind[] {
    let kinds = this.#kinds.get(id);
    if (!kinds) {
      kinds = socketOf(id).fromServer.map((frame: Frame) => {
        const name = nameOf(frame);
        const schema = { $ref: `#/components/schemas/${name}`, components: this.#components };
        return { name, event: frame.event, fits: this.#ajv.compile(schema as never) };
      });
      this.#kinds.set(id, kinds);
    }
    return kinds;
  }
}

export function socketOf(id: string): Socket {
  const found = SOCKETS.find((socket) => socket.id === id);
  if (!found) throw new Error(`no socket is called ${id}`);
  return found;
}
