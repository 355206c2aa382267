// A real Socket.IO server on the edge's own port. A session lives in one edge; what reaches another about it is handed on.

import uWS, {
  type HttpRequest,
  type HttpResponse,
  type us_socket_context_t,
  type WebSocket,
} from 'uWebSockets.js';
import type { IncomingMessage } from 'node:http';
import { type DefaultEventsMap, Server, type ServerOptions, type Socket } from 'socket.io';
import { base32 } from '../../../domain/ids.ts';
import type { KeyValue } from '../../../domain/log/log.ts';
import { LogUnreachable } from '../../../domain/log/log-unreachable.ts';
import { MAX_FRAME_BYTES } from '../../../domain/wire.ts';
import { equal, type Tokens } from '../../identity/tokens.ts';
import { serveClientFiles } from './client-files.ts';
import { EdgeAddresses } from './edge-addresses.ts';
import { askOther, type Copied, copyOf, EDGE_KEY, Reply } from './forwarded-request.ts';
import { Relay } from './relay.ts';

/** Milliseconds between two pings, in which one must be answered, and in which a client must have said who it is. */
const PING_EVERY = 15_000;
const PING_PATIENCE = 9_000;
const CONNECT_WITHIN = 10_000;
/** Seconds without a byte after which the carrying socket is closed. */
const IDLE_SECONDS = 120;
/** Requests and sockets of other edges' sessions that are handed on at once. */
const MAX_FORWARDED = 20_000;
const PATH = '/socket.io/';
const SESSION_ID = /^([a-z2-7]{16})\.[a-z2-7]{26}$/;

export type SocketIoServer = Server<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, unknown>;

export interface SocketIoParts {
  readonly leases: KeyValue;
  readonly tokens: Tokens;
  readonly random: (bytes: number) => Uint8Array;
  readonly onFault: (fault: unknown) => void;
  /** Whether a page is one of ours: it may ask with credentials. */
  readonly isOurs: (origin: string, host: string | undefined) => boolean;
  /** The address under which other edges reach this one. */
  readonly privateHost: string;
}

/** A client's session, whatever carries it. */
type Connection = Socket['conn'];

/** What uWS carries: Socket.IO's own, or a socket whose session another edge holds. */
interface Carried {
  readonly relay?: Relay;
}

type Decide = (fault: null, options: { origin: string; credentials?: boolean }) => void;
type Handle = (res: HttpResponse, req: HttpRequest) => void;
interface Engine {
  handle: Handle;
  behavior: uWS.WebSocketBehavior<unknown>;
}

export class SocketIo {
  /** Namespaces and middleware are the dialect's. */
  readonly server: SocketIoServer;
  readonly #parts: SocketIoParts;
  readonly #id: string;
  readonly #key: string;
  readonly #addresses: EdgeAddresses;
  readonly #engine: Engine;
  readonly #private = uWS.App();
  readonly #relays = new Set<Relay>();
  #listening: uWS.us_listen_socket | undefined;
  #forwarded = 0;
  #draining = false;

  constructor(parts: SocketIoParts) {
    const { random, tokens, leases, onFault } = parts;
    this.#parts = parts;
    this.#id = base32(random(10));
    this.#key = Buffer.from(tokens.derive('edges', 'socket.io')).toString('base64url');
    this.#addresses = new EdgeAddresses({ leases, id: this.#id, onFault });
    this.server = new Server({
      path: '/socket.io',
      serveClient: false,
      // Sync: what uWS lends of a request is gone after this turn.
      cors: (({ headers: { origin, host } }: IncomingMessage, decide: Decide) => {
        const ours = origin !== undefined && parts.isOurs(origin, host);
        decide(null, ours ? { origin, credentials: true } : { origin: '*' });
        // Socket.IO's own types know fewer kinds of delegate than the library behind them takes.
      }) as ServerOptions['cors'],
      maxHttpBufferSize: MAX_FRAME_BYTES,
      pingInterval: PING_EVERY,
      pingTimeout: PING_PATIENCE,
      connectTimeout: CONNECT_WITHIN,
      // A poll that goes away while its answer is being compressed would be touched after its end.
      httpCompression: false,
      perMessageDeflate: false,
      allowRequest: (_req, decide) => decide('this server is going away', !this.#draining),
    });
    this.#engine = this.#takeEngine();
    this.server.engine.generateId = () => `${this.#id}.${base32(random(16))}`;
    this.server.engine.on('connection', closeIfUpgradeBreaks);
    this.server.engine.on('headers', (headers: Record<string, string>) => {
      headers['x-content-type-options'] = 'nosniff';
    });
  }

  /** Takes over /socket.io/ of the public port. */
  attach(app: uWS.TemplatedApp): void {
    serveClientFiles(app, this.#parts.onFault);
    app.any(PATH, (res, req) => {
      const owner = this.#foreign(req);
      // A browser's question before the request itself is the same at every edge.
      if (owner === undefined || req.getMethod() === 'options') this.#handle(res, req);
      else this.#guard(this.#forward(new Reply(res), copyOf(req), owner));
    });
    app.ws<Carried>(PATH, {
      ...this.#sockets(),
      upgrade: (res, req, context) => {
        const owner = this.#foreign(req);
        if (owner === undefined) this.#engine.behavior.upgrade?.(res, req, context);
        else this.#guard(this.#relay(res, req, context, owner));
      },
    });
  }

  /** Opens the port on which other edges hand on what is ours, and says where it is. */
  async listen(): Promise<void> {
    const ours = (res: HttpResponse, req: HttpRequest) => {
      if (equal(req.getHeader(EDGE_KEY), this.#key)) return true;
      res.writeStatus('404 Not Found').end();
      return false;
    };
    this.#private
      .any(PATH, (res, req) => {
        if (ours(res, req)) this.#handle(res, req);
      })
      .ws<Carried>(PATH, {
        ...this.#sockets(),
        upgrade: (res, req, context) => {
          if (ours(res, req)) this.#engine.behavior.upgrade?.(res, req, context);
        },
      })
      .any('/*', (res) => void res.writeStatus('404 Not Found').end());
    const { privateHost } = this.#parts;
    const listening = await new Promise<uWS.us_listen_socket>((resolve, reject) => {
      this.#private.listen(privateHost, 0, (socket) => {
        if (socket) resolve(socket);
        else reject(new Error(`no port can be opened on ${privateHost} for the other edges`));
      });
    });
    this.#listening = listening;
    await this.#addresses.announce({ host: privateHost, port: uWS.us_socket_local_port(listening) });
  }

  /** Lets nobody new in, and closes all, spread over so many seconds; their clients come back by themselves. */
  async drain(seconds: number): Promise<void> {
    this.#draining = true;
    const steps = Math.max(1, Math.round(seconds * 20));
    const { sockets } = this.server.of('/');
    for (let step = 0; step < steps && sockets.size + this.#relays.size > 0; step++) {
      const left = steps - step;
      for (const relay of [...this.#relays].slice(0, Math.ceil(this.#relays.size / left))) relay.stop();
      for (const socket of [...sockets.values()].slice(0, Math.ceil(sockets.size / left)))
        socket.conn.close();
      await new Promise((resolve) => setTimeout(resolve, (seconds * 1_000) / steps));
    }
  }

  async close(): Promise<void> {
    this.#draining = true;
    for (const relay of [...this.#relays]) relay.stop();
    await this.server.close();
    if (this.#listening) uWS.us_listen_socket_close(this.#listening);
    this.#listening = undefined;
    this.#private.close();
    await this.#addresses.close();
  }

  /** Socket.IO brings its own routes: they are caught, so that what is another edge's can be told apart before. */
  #takeEngine(): Engine {
    const engine: Partial<Engine> = {};
    const catching = {
      any(_path: string, handle: Handle) {
        engine.handle = handle;
        return catching;
      },
      ws(_path: string, behavior: uWS.WebSocketBehavior<unknown>) {
        engine.behavior = behavior;
        return catching;
      },
      // Its rooms would be topics of the app; nothing is sent to rooms here, the hub knows who hears what.
      publish: () => false,
    };
    this.server.attachApp(catching);
    const { handle, behavior } = engine;
    if (!handle || !behavior) throw new Error('this version of Socket.IO attaches itself in another way');
    return { handle, behavior };
  }

  #handle(res: HttpResponse, req: HttpRequest): void {
    const query = new URLSearchParams(req.getQuery());
    // Its engine would never answer a plain request that names a WebSocket's session.
    if (query.has('sid') && query.get('transport') !== 'polling')
      new Reply(res).json('400 Bad Request', JSON.stringify({ code: 3, message: 'Bad request' }));
    else this.#engine.handle(res, req);
  }

  /** The other edge that a request's session lies at, by its id; undefined for those of this edge, and for nonsense. */
  #foreign(req: HttpRequest): string | undefined {
    const sid = new URLSearchParams(req.getQuery()).get('sid');
    const owner = sid === null ? undefined : SESSION_ID.exec(sid)?.[1];
    return owner === this.#id ? undefined : owner;
  }

  async #forward(reply: Reply, request: Copied, owner: string): Promise<void> {
    const reading = request.method === 'POST' ? reply.body() : undefined;
    await this.#counted(reply, async () => {
      const body = await reading;
      if (reading && !body) return reply.json('413 Payload Too Large', '{"code":3,"message":"Bad request"}');
      const to = await this.#addresses.find(owner);
      if (!to || reply.over) return reply.unknownSession();
      const asked = await askOther(to, this.#key, request, body, reply);
      if (asked === 'unreachable') this.#addresses.lost(owner);
      if (asked !== 'answered') reply.unknownSession();
    });
  }

  async #relay(
    res: HttpResponse,
    req: HttpRequest,
    context: us_socket_context_t,
    owner: string,
  ): Promise<void> {
    const { query, headers } = copyOf(req);
    const [key, protocol, extensions] = ['key', 'protocol', 'extensions'].map((name) =>
      req.getHeader(`sec-websocket-${name}`),
    );
    const reply = new Reply(res);
    await this.#counted(reply, async () => {
      const to = await this.#addresses.find(owner);
      const relay = to && !reply.over && (await Relay.open(to, this.#key, query, headers));
      if (!relay) return reply.unknownSession();
      if (reply.over) return relay.stop();
      this.#relays.add(relay);
      reply.upgrade((open) =>
        open.upgrade({ relay } satisfies Carried, key ?? '', protocol ?? '', extensions ?? '', context),
      );
    });
  }

  async #counted(reply: Reply, work: () => Promise<void>): Promise<void> {
    if (this.#forwarded + this.#relays.size >= MAX_FORWARDED) return reply.unknownSession();
    this.#forwarded++;
    try {
      await work();
    } catch (fault) {
      reply.unknownSession();
      // While the log is away nobody knows where the other edge is; the client tries again.
      if (!(fault instanceof LogUnreachable)) throw fault;
    } finally {
      this.#forwarded--;
    }
  }

  #sockets(): uWS.WebSocketBehavior<Carried> {
    const { open, message, close } = this.#engine.behavior;
    const theirs = (ws: WebSocket<Carried>): WebSocket<unknown> => ws;
    return {
      compression: 0,
      idleTimeout: IDLE_SECONDS,
      // Who lags behind is closed by the dialect, not skipped.
      maxBackpressure: 0,
      maxPayloadLength: MAX_FRAME_BYTES,
      open: (ws) => {
        const { relay } = ws.getUserData();
        if (relay) relay.begin(theirs(ws), () => this.#relays.delete(relay));
        else open?.(theirs(ws));
      },
      message: (ws, data, isBinary) => {
        const { relay } = ws.getUserData();
        if (relay) relay.pass(data, isBinary);
        else message?.(theirs(ws), data, isBinary);
      },
      close: (ws, code, data) => {
        const { relay } = ws.getUserData();
        if (relay) relay.inboundClosed();
        else close?.(theirs(ws), code, data);
      },
    };
  }

  #guard(work: Promise<void>): void {
    work.catch(this.#parts.onFault);
  }
}

/**
 * A client that was told to upgrade stops polling. When the new socket dies right then, as with an edge that
 * goes, the stock client neither polls nor connects again until its heartbeat has failed; told that the session is
 * over, it begins anew at once.
 */
function closeIfUpgradeBreaks(carrier: Connection): void {
  carrier.on('upgrading', (transport: Connection['transport']) => {
    transport.once('close', () => {
      if (carrier.transport !== transport) carrier.close();
    });
  });
}
