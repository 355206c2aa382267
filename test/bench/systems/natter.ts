// Starts Natter as a person would, the whole of it, and sets it up through its own API.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../../cmd/embedded/free-port.ts';
import { processTrees } from '../measure/processes.ts';
import { ended } from '../programs.ts';
import { ADMIN, NatterApi } from './natter-api.ts';
import { inLanes, type Seats, type SystemUnderTest, shareOut } from './system.ts';

export interface NatterOptions {
  /** The project's directory; its programs are built. */
  readonly root: string;
  /** An empty directory of its own, which any user may enter. */
  readonly dataDir: string;
  readonly edges: number;
  /** Settings beside the bench's own. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What the parts use that measure Natter alone. */
export interface NatterUnderTest extends SystemUnderTest {
  /** Its API, entered as the admin. */
  api(): Promise<NatterApi>;
}

interface Ready {
  readonly durability: string;
  readonly projections: Readonly<Record<string, { readonly lag: number }>>;
}

const START_MS = 60_000;
const SETTLE_MS = 60_000;

export async function startNatter({
  root,
  dataDir,
  edges,
  env: more,
}: NatterOptions): Promise<NatterUnderTest> {
  const port = await freePort();
  const http = `http://127.0.0.1:${port}`;
  const env = {
    ...process.env,
    NODE_ENV: 'production',
    LOG_LEVEL: 'warn',
    PORT: String(port),
    HOST: '127.0.0.1',
    DATA_DIR: dataDir,
    EDGES: String(edges),
    RATE_LIMITS: 'off',
    JWT_SECRET: randomBytes(32).toString('base64url'),
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    ...more,
  };
  const start = async () => {
    const started = spawn(process.execPath, [join(root, 'dist', 'natter.js')], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    running = started;
    await untilReady(started, http);
    return started;
  };
  let running: ChildProcess | undefined;
  // Whatever ends the bench, its Natter does not stay behind.
  process.once('exit', () => running?.kill('SIGTERM'));
  let natter = await start();
  const { durability } = (await readiness(http)) ?? { durability: 'unknown' };

  return {
    name: 'Natter',
    dialect: 'native',
    url: `ws://127.0.0.1:${port}`,
    durability,
    socketProgram: 'edge',
    besideProgram: 'nats-server',
    processes: () => processTrees([natter.pid ?? 0]),
    api: () => NatterApi.enter(http),
    async prepare(conversations, agents): Promise<Seats> {
      const api = await NatterApi.enter(http);
      const visitors = await inLanes(
        Array.from({ length: conversations }, (_, index) => index),
        32,
        (index) => api.startConversation(`Visitor ${index}`),
      );
      const shares = shareOut(
        visitors.map(({ conversation }) => conversation),
        agents,
      );
      // Few at once: hashing a password takes its time on purpose.
      const seats = await inLanes(shares, 4, async (share) => {
        const { id, token } = await api.addAgent();
        return { id, token, conversations: share };
      });
      return { visitors, agents: seats };
    },
    async settled() {
      for (const until = Date.now() + SETTLE_MS; Date.now() < until; await sleep(100)) {
        if ((await fetch(`${http}/readyz?lists=true`)).ok) return;
      }
      throw new Error('the read models did not catch up within a minute');
    },
    async restart() {
      await ended(natter, 'SIGTERM');
      natter = await start();
    },
    stop: () => ended(natter, 'SIGTERM'),
  };
}

async function untilReady(natter: ChildProcess, http: string): Promise<void> {
  let output = '';
  natter.stdout?.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-20_000);
  });
  for (const until = Date.now() + START_MS; Date.now() < until; await sleep(50)) {
    if (natter.exitCode !== null) throw new Error(`Natter ended with ${natter.exitCode}:\n${output}`);
    // The admin is made beside the edge: the last word comes once both are there.
    if (output.includes('Natter is ready') && (await readiness(http))) return;
  }
  throw new Error(`Natter was not ready within a minute:\n${output}`);
}

async function readiness(http: string): Promise<Ready | undefined> {
  const answer = await fetch(`${http}/readyz`).catch(() => undefined); // Nobody listens yet.
  return answer?.ok ? ((await answer.json()) as Ready) : undefined;
}
