// An edge for a test, HTTP and sockets: a real port on uWebSockets.js, a real nats-server, a real Postgres with its projector.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import pino from 'pino';
import { freePort } from '../../../cmd/embedded/free-port.ts';
import { type Assembled, assemble } from '../../../cmd/wiring/assemble.ts';
import { startConversationWork } from '../../../cmd/wiring/conversations.ts';
import { connectStorage } from '../../../domain/log/jetstream/connect.ts';
import type { Storage } from '../../../domain/log/log.ts';
import { Queue } from '../../../edge/chat/queue.ts';
import type { Edge, EdgeSettings } from '../../../edge/context.ts';
import { createHttp } from '../../../edge/http/app.ts';
import type { DescribedRoute } from '../../../edge/http/description/routes.ts';
import type { Reach } from '../../../edge/out/webhooks/connector.ts';
import { createEdgeServer } from '../../../edge/socket/server.ts';
import { Visitors } from '../../../edge/visitors/visitors.ts';
import { openReadModels } from '../../../projections/read-models.ts';
import { Projector } from '../../../projections/running/projector.ts';
import { type Proof, proofOf } from '../../description/proof.ts';
import { startTestNats } from '../../parts/nats.ts';
import { startTestPostgres } from '../../parts/postgres.ts';

export interface Servers {
  readonly nats: Awaited<ReturnType<typeof startTestNats>>;
  readonly postgres: Awaited<ReturnType<typeof startTestPostgres>>;
  /** Moves the read models on; a test may stop it to have them lag. */
  readonly projector: Projector;
  stop(): Promise<void>;
}

export interface Door {
  readonly url: string;
  readonly port: number;
  readonly parts: Assembled;
  readonly storage: Storage;
  /** Every route, with what it says of itself. */
  readonly routes: readonly DescribedRoute[];
  /** Everything that was logged so far, as JSON lines. */
  logged(): string;
  close(): Promise<void>;
}

/** Servers that several doors may share. */
export async function startServers(): Promise<Servers> {
  const [nats, postgres] = await Promise.all([
    startTestNats('newest', { syncAlways: false }),
    startTestPostgres(),
  ]);
  const storage = await connect(nats, 'projector');
  const projector = new Projector({
    url: postgres.url,
    log: storage.log,
    signals: storage.signals,
    onFault: (fault) => console.error(fault),
  });
  projector.start();
  return {
    nats,
    postgres,
    projector,
    async stop() {
      await projector.stop();
      await storage.close();
      await postgres.stop();
      await nats.stop();
    },
  };
}

/**
 * Opens an edge on a free port. `assets`: pages by name. `now`: its clock, where the test brings one. `reach`: what
 * webhooks may reach, public addresses unless told otherwise.
 */
export async function openDoor(
  servers: Servers,
  settings: Partial<EdgeSettings> & {
    readonly signup?: 'open' | 'closed';
    readonly now?: () => number;
    readonly reach?: Reach;
    readonly hasModel?: boolean;
    /** Whether a worker beside it gives conversations to agents; milliseconds that one may be away, where a number. */
    readonly routes?: boolean | number;
  } = {},
  assets: Readonly<Record<string, string>> = {},
): Promise<Door> {
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const storage = await connect(servers.nats, 'edge');
  const parts = await assemble({
    storage,
    jwtSecret: 'a secret that is only good for tests',
    sessionDays: 7,
    signup: settings.signup ?? 'open',
    now: settings.now,
    reach: settings.reach,
    hasModel: settings.hasModel,
    production: false,
    onFault: (fault) => console.error(fault),
  });
  const readModels = openReadModels({
    url: servers.postgres.url,
    log: storage.log,
    signals: storage.signals,
  });
  const folder = await mkdtemp(join(tmpdir(), 'natter-test-assets-'));
  for (const [name, text] of Object.entries(assets)) await writeFile(join(folder, name), text);

  const port = await freePort();
  const edge = {
    ...parts,
    storage,
    readModels,
    visitors: await Visitors.open(settings.trustProxy ?? 0),
    queue: new Queue({ ...parts, readModels, subjects: storage.log.subjects }),
    logger: pino({ level: 'info' }, sink),
    settings: {
      port,
      host: '127.0.0.1',
      publicUrl: `http://localhost:${port}`,
      environment: 'test' as const,
      frontendUrls: [],
      trustProxy: 0,
      rateLimits: 'off' as const,
      passwordMinLength: 6,
      assets: folder,
      ...settings,
    },
  } satisfies Edge;
  const http = await createHttp(edge);
  proofs.set(`http://127.0.0.1:${port}`, proofOf(http.routes));
  const server = createEdgeServer(edge, http);
  await server.listen();
  const stopRouting = settings.routes
    ? startConversationWork({
        storage,
        parts,
        readModels,
        onFault: (fault) => console.error(fault),
        grace: typeof settings.routes === 'number' ? settings.routes : undefined,
      })
    : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    parts,
    storage,
    routes: http.routes,
    logged: () => lines.join(''),
    async close() {
      proofs.delete(`http://127.0.0.1:${port}`);
      await stopRouting?.();
      await server.close();
      await http.close();
      await readModels.close();
      await parts.close();
      await storage.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until the read models have everything that is in the log. */
export async function caughtUp(servers: Servers): Promise<void> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
    const progress = await servers.projector.progress().catch(() => undefined);
    const all = Object.values(progress ?? {});
    if (all.length > 0 && all.every(({ lag }) => lag === 0)) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('the read models did not catch up within 20 seconds');
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // What a test reads out of it is for the test to say.
  // biome-ignore lint/suspicious/noExplicitAny: the body of any route
  readonly body: any;
}

/** What the documents say of each open edge's answers. */
const proofs = new Map<string, Proof>();

/** Asks over a real connection; `json` or `form` is the body. An answer that is not as documented is a fault. */
export async function ask(
  url: string,
  method: string,
  path: string,
  options: {
    readonly token?: string;
    readonly json?: unknown;
    readonly form?: FormData;
    readonly headers?: Record<string, string>;
  } = {},
): Promise<Answer> {
  const { token, json, form, headers } = options;
  const response = await fetch(url + path, {
    method,
    redirect: 'manual',
    headers: {
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...headers,
    },
    body: form ?? (json === undefined ? undefined : JSON.stringify(json)),
  });
  const text = await response.text();
  const isJson = (response.headers.get('content-type') ?? '').startsWith('application/json');
  const body = isJson ? JSON.parse(text) : text;
  const fault = proofs.get(url)?.(method, path, response.status, isJson ? body : undefined);
  if (fault !== undefined) throw new Error(fault);
  return { status: response.status, headers: response.headers, body };
}

/** Registers a business of its own and answers its admin's token. */
export async function register(
  url: string,
  name: string,
): Promise<{ token: string; id: number; email: string }> {
  const email = `${name}@example.com`;
  const answer = await ask(url, 'POST', '/api/auth/register', {
    json: { username: name, email, password: 'a-good-password' },
  });
  if (answer.status !== 201)
    throw new Error(`registering answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return { token: answer.body.data.token, id: answer.body.data.user.id, email };
}

/** Adds an agent, who takes as many conversations as a test gives them unless it says how many, and answers their token. */
export async function addAgent(
  url: string,
  adminToken: string,
  fullName: string,
  maxChats: number | 'usual' = 1_000,
): Promise<{ token: string; id: number; email: string }> {
  const email = `${fullName.toLowerCase().replace(/\W+/g, '.')}@example.com`;
  const password = 'another-good-one';
  const made = await ask(url, 'POST', '/api/agents', {
    token: adminToken,
    json: { email, password, full_name: fullName, ...(maxChats === 'usual' ? {} : { max_chats: maxChats }) },
  });
  if (made.status !== 201) throw new Error(`adding an agent answered ${made.status}`);
  const entered = await ask(url, 'POST', '/api/auth/agent-login', { json: { email, password } });
  return { token: entered.body.data.token, id: made.body.data.agent.id, email };
}

function connect(nats: Servers['nats'], name: string): Promise<Storage> {
  return connectStorage({
    url: nats.url,
    user: nats.user,
    password: nats.password,
    name: `test-${name}`,
    onFault: (fault) => console.error(fault),
  });
}
