// The one port: uWebSockets.js owns it, sockets are served here, everything else goes to HTTP.

import uWS from 'uWebSockets.js';
import { randomBytes } from 'node:crypto';
import { HEARTBEAT_SECONDS } from '../../domain/wire.ts';
import type { Edge } from '../context.ts';
import { openDoors } from '../dialects/doors.ts';
import { isOurs } from '../identity/embedding.ts';
import { closureOf } from './closures.ts';
import { type Floor, watchUsers } from './floor.ts';
import { Hub } from './hub.ts';
import { InboxDeltas } from './inbox-deltas.ts';
import { QueuePlaces } from './queue-places.ts';
import { QueueWatch } from './queue-watch.ts';
import { Rooms } from './rooms.ts';
import { SocketIo } from './socket-io/socket-io.ts';
import { Sockets } from './sockets.ts';

/** What answers the requests that open no socket. */
export interface HttpDoor {
  attach(app: uWS.TemplatedApp): void;
}

/** How often things are done; tests make it faster. */
export interface Pace {
  readonly heartbeatSeconds: number;
  readonly idleSeconds: number;
  readonly authSeconds: number;
  /** Seconds without a sign of life after which an agent is gone. */
  readonly agentSilenceSeconds: number;
  /** Milliseconds between two checks for lost live copies. */
  readonly sweepMs: number;
  /** Milliseconds that a workspace is heard after its last console went. */
  readonly lingerMs: number;
}

const PACE: Pace = {
  heartbeatSeconds: HEARTBEAT_SECONDS,
  idleSeconds: 120,
  authSeconds: 10,
  agentSilenceSeconds: 24,
  sweepMs: 4_000,
  lingerMs: 60_000,
};

export interface EdgeServer {
  /** Resolves once the port is open; rejects with a sentence where it cannot be. */
  listen(): Promise<void>;
  /** The port that was opened; useful where the setting was 0. */
  readonly port: number;
  /** Stops accepting and closes the sockets with 4503, spread over so many seconds. */
  drain(seconds: number): Promise<void>;
  close(): Promise<void>;
}

/** Builds the server of an edge; it listens when told to. */
export function createEdgeServer(edge: Edge, http: HttpDoor, pace: Partial<Pace> = {}): EdgeServer {
  const { settings, storage, conversations, directory, logger, now, online } = edge;
  const { sweepMs, lingerMs, ...times } = { ...PACE, ...pace };
  const { heartbeatSeconds } = times;
  const onFault = (fault: unknown) => logger.error({ err: fault }, 'fault at the sockets');

  const hub = new Hub({
    log: storage.log,
    observe: (stored) => {
      conversations.observe(stored);
      rooms.note(stored);
    },
    covered: (workspace) => rooms.get(workspace)?.covered ?? false,
    onFault,
    now: () => performance.now(),
    sweepMs,
  });
  const deltas = new InboxDeltas({ conversations, subjects: storage.log.subjects, directory, onFault });
  const rooms: Rooms = new Rooms({
    storage,
    hub,
    online,
    onFault,
    onChange: (room, conversation) => deltas.changed(room, conversation),
    lingerMs,
  });
  const sockets = new Sockets({
    onFault,
    visitors: edge.visitors,
    now,
    limited: settings.rateLimits === 'on',
    ...times,
    onClosed: (peer) => {
      hub.leaveAll(peer);
      if (!peer.principal) return;
      places.leave(peer, peer.principal.workspace);
      rooms.leave(peer, peer.principal.workspace);
    },
  });
  const queueWatch = new QueueWatch(edge, onFault);
  const places = new QueuePlaces(edge.queue, hub, queueWatch, closureOf(edge));
  const floor: Floor = { edge, hub, rooms, sockets, queueWatch, places, onFault };
  const stopWatching = watchUsers(floor);
  // Own commits need no way around: they are heard as soon as they are stored.
  conversations.onStored((stored) => {
    hub.follow.hear(stored, true);
    rooms.note(stored);
  });

  const app = uWS.App();
  const socketIo = new SocketIo({
    isOurs: (origin, host) => isOurs(settings, origin, host),
    leases: storage.leases,
    tokens: edge.tokens,
    random: randomBytes,
    onFault,
    privateHost: settings.privateHost ?? '127.0.0.1',
  });
  const dialects = openDoors(floor, socketIo, heartbeatSeconds);
  for (const door of dialects.doors) app.ws(door.path, sockets.behavior(door));
  socketIo.attach(app);
  http.attach(app);

  let listening: uWS.us_listen_socket | undefined;
  let port = settings.port;
  const stopListening = () => {
    if (listening) uWS.us_listen_socket_close(listening);
    listening = undefined;
  };

  return {
    get port() {
      return port;
    },
    async listen() {
      // Before anybody is let in: whoever begins a session here must be found by the other edges.
      await socketIo.listen();
      await new Promise<void>((resolve, reject) => {
        const opened = (socket: uWS.us_listen_socket | false) => {
          if (!socket)
            return reject(
              new Error(`the port ${settings.port} cannot be opened: something else listens on it`),
            );
          listening = socket;
          port = uWS.us_socket_local_port(socket);
          resolve();
        };
        listenOn(app, settings.host, settings.port, settings.sharedPort ?? false, opened);
      });
    },
    async drain(seconds) {
      stopListening();
      await Promise.all([sockets.drain(seconds), socketIo.drain(seconds)]);
    },
    async close() {
      stopListening();
      stopWatching();
      dialects.close();
      await socketIo.close();
      sockets.close();
      queueWatch.close();
      hub.close();
      rooms.close();
      deltas.close();
      app.close();
    },
  };
}

/** The native call takes host, port and options together; its declared types know only two of the three. */
type Listen = (
  host: string,
  port: number,
  options: number,
  opened: (socket: uWS.us_listen_socket | false) => void,
) => void;

/** The values of uWS's ListenOptions, of which its module exports only one. */
const SHARED = 0;
const EXCLUSIVE = 1;

/** Alone on the port unless other edges are to share it. */
function listenOn(
  app: uWS.TemplatedApp,
  host: string,
  port: number,
  shared: boolean,
  opened: (socket: uWS.us_listen_socket | false) => void,
): void {
  const options = shared ? SHARED : EXCLUSIVE;
  if (host === '') app.listen(port, options, opened);
  else (app.listen.bind(app) as unknown as Listen)(host, port, options, opened);
}
