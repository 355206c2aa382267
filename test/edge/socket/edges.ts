// Edges for socket tests: the real server on a port of its own over a real log, with people and conversations to talk about.
import pino from 'pino';
import { v7 } from 'uuid';
import { type Assembled, assemble } from '../../../cmd/wiring/assemble.ts';
import { isRefusal } from '../../../domain/decider.ts';
import { connectStorage } from '../../../domain/log/jetstream/connect.ts';
import type { Storage } from '../../../domain/log/log.ts';
import { Queue } from '../../../edge/chat/queue.ts';
import type { Edge } from '../../../edge/context.ts';
import { createEdgeServer, type EdgeServer, type Pace } from '../../../edge/socket/server.ts';
import { Visitors } from '../../../edge/visitors/visitors.ts';
import { openReadModels } from '../../../projections/read-models.ts';
import type { TestNats } from '../../parts/nats.ts';

export interface TestEdge {
  readonly edge: Edge & Assembled;
  readonly server: EdgeServer;
  readonly port: number;
  /** Faults that were logged. */
  readonly faults: unknown[];
  close(): Promise<void>;
}

/** Where nobody listens: few sockets ask the read models. */
const AWAY = 'postgres://127.0.0.1:9/none';
const SECRET = 'a secret for tests that is long enough';

/** One more edge process on that log, as far as the log can tell. `wrap` may come between the edge and its storage. */
export async function startEdge(
  nats: TestNats,
  options: {
    pace?: Partial<Pace>;
    limits?: 'on' | 'off';
    port?: number;
    /** Whether other edges listen on that port as well. */
    sharedPort?: boolean;
    wrap?: (storage: Storage) => Storage;
    /** Its clock, where the test brings one: milliseconds since 1970. */
    now?: () => number;
    /** `postgres://…` of read models that a projector keeps; without it they are away. */
    database?: string;
  } = {},
): Promise<TestEdge> {
  const faults: unknown[] = [];
  const connected = await connectStorage({
    url: nats.url,
    user: nats.user,
    password: nats.password,
    name: 'test-edge',
    onFault: (fault) => faults.push(fault),
  });
  const storage = options.wrap?.(connected) ?? connected;
  const parts = await assemble({
    storage,
    jwtSecret: SECRET,
    sessionDays: 7,
    signup: 'open',
    production: false,
    ...(options.now ? { now: options.now } : {}),
    onFault: (fault) => faults.push(fault),
  });
  const readModels = openReadModels({
    url: options.database ?? AWAY,
    log: storage.log,
    signals: storage.signals,
  });
  const logger = pino({ level: 'error' }, { write: (line: string) => faults.push(line) });
  const edge = {
    ...parts,
    storage,
    logger,
    visitors: await Visitors.open(0),
    readModels,
    queue: new Queue({ ...parts, readModels, subjects: storage.log.subjects }),
    settings: {
      port: options.port ?? 0,
      sharedPort: options.sharedPort ?? false,
      host: '127.0.0.1',
      publicUrl: 'http://localhost',
      environment: 'test' as const,
      frontendUrls: [],
      trustProxy: 0,
      rateLimits: options.limits ?? ('off' as const),
      passwordMinLength: 6,
      assets: '',
    },
  };
  const server = createEdgeServer(
    edge,
    { attach: (app) => void app.any('/*', (res) => void res.writeStatus('404').end()) },
    options.pace,
  );
  const stop = async () => {
    await server.close();
    await readModels.close();
    await parts.close();
    await storage.close();
  };
  try {
    await server.listen();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    edge,
    server,
    port: server.port,
    faults,
    close: stop,
  };
}

export interface Business {
  readonly workspace: string;
  readonly admin: string;
  /** Public number of the agent, and their token. */
  readonly agent: { readonly number: number; readonly token: string };
}

/** A business with an admin and an agent; returns their tokens. */
export async function found({ edge }: TestEdge, name = 'Acme'): Promise<Business> {
  const person = (who: string) => ({
    username: who,
    fullName: `${who} of ${name}`,
    email: `${who}-${v7()}@example.com`,
    password: 'a-good-password',
    maxChats: 1_000,
  });
  const admin = await edge.accounts.found(person('Ada'), name);
  if (isRefusal(admin)) throw new Error(admin.refused);
  const agent = await edge.accounts.add(admin.user.workspace, person('Grace'), 'support');
  if (isRefusal(agent)) throw new Error(agent.refused);
  return {
    workspace: admin.user.workspace,
    admin: admin.token,
    agent: { number: agent.user.number, token: await edge.accounts.tokenFor(agent.user) },
  };
}

export interface Opened {
  readonly conversation: string;
  readonly visitorToken: string;
}

/** A conversation of a visitor called Vera. */
export async function open({ edge }: TestEdge, workspace: string, id?: string): Promise<Opened> {
  const widget = edge.directory.defaultWidget(workspace);
  if (!widget) throw new Error('the workspace has no widget');
  const opened = await edge.desk.start({
    widget,
    id,
    visitor: { name: 'Vera', email: 'vera@example.com' },
    origin: { ip: '192.0.2.7', userAgent: 'a test', pageUrl: 'https://shop.example/' },
    welcome: 'Welcome Vera!',
  });
  if (isRefusal(opened)) throw new Error(opened.refused);
  return { conversation: opened.conversation, visitorToken: opened.visitorToken };
}
