// Runs NATS with JetStream for one data directory: loopback only, credentials of its own, durable by default.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { freePort } from './free-port.ts';
import { type Exit, runGuarded } from './guarded-process.ts';
import { endLeftover, readPid } from './leftover.ts';
import { compareVersions, type NatsBinary } from './obtain-nats-server.ts';
import { writeWhole } from './whole-file.ts';

export interface EmbeddedNats {
  /** `nats://127.0.0.1:<port>`, without credentials. */
  url: string;
  user: string;
  password: string;
  version: string;
  /** True where an acknowledgement means "on disk" (sync per message, from 2.10 on). */
  syncAlways: boolean;
  /** What an acknowledgement is worth, in one sentence for people. */
  durability: string;
  pid: number;
  /** Settles when the server has ended, asked or not; never rejects. */
  exited: Promise<Exit>;
  stop(): Promise<void>;
}

export interface NatsOptions {
  dataDir: string;
  binary: NatsBinary;
  say: (sentence: string) => void;
  /** Off only for measurements and tests of the weaker durability. Default true, where the server can. */
  syncAlways?: boolean;
}

/**
 * Starts nats-server on `<dataDir>/nats` and waits until JetStream answers (a large log takes its time to
 * recover, which is said). The port stays the same from start to start where it is free, so that clients
 * reconnect after a crash. Throws an Error with one sentence when the server does not come up.
 */
export async function startNats(options: NatsOptions): Promise<EmbeddedNats> {
  const dir = join(resolve(options.dataDir), 'nats');
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const config = join(dir, 'nats.conf');
  const pidFile = join(dir, 'nats.pid');
  if (await endLeftover(pidFile, ['nats-server', config], 'SIGTERM')) {
    options.say('Ended a nats-server that an earlier run had left behind.');
  }
  const identity = await keepIdentity(join(dir, 'identity.json'));
  const port = await freePort(identity.port);
  if (port !== identity.port) await writeIdentity(join(dir, 'identity.json'), { ...identity, port });
  const { version } = options.binary;
  const syncAlways = options.syncAlways !== false && compareVersions(version, '2.10.0') >= 0;
  await writeFile(config, configuration({ ...identity, port, dir, pidFile, syncAlways }), { mode: 0o600 });
  await chmod(config, 0o600);
  await rm(pidFile, { force: true });

  const server = runGuarded(options.binary.path, ['-c', config], { stopSignal: 'TERM', cwd: dir });
  const url = `nats://127.0.0.1:${port}`;
  await untilReady(url, identity, server.exited, options.say);
  return {
    url,
    user: identity.user,
    password: identity.password,
    version,
    syncAlways,
    durability: syncAlways
      ? `every acknowledged message is on disk (nats-server ${version}, sync per message)`
      : `acknowledged messages survive a crash of any process; a power cut may cost the last seconds (nats-server ${version}, no sync per message)`,
    pid: readPid(pidFile) ?? 0,
    exited: server.exited,
    stop: server.stop,
  };
}

interface Identity {
  user: string;
  password: string;
  port?: number;
}

async function keepIdentity(file: string): Promise<Identity> {
  const kept = readIdentity(file);
  if (kept?.user && kept.password) return { user: kept.user, password: kept.password, port: kept.port };
  const made = { user: 'natter', password: randomBytes(24).toString('base64url') };
  await writeIdentity(file, made);
  return made;
}

// The log does not know who wrote it: where the file is missing or broken, new credentials are as good.
function readIdentity(file: string): Partial<Identity> | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Partial<Identity>;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const writeIdentity = (file: string, identity: Identity) => writeWhole(file, JSON.stringify(identity));

interface Configuration extends Identity {
  dir: string;
  pidFile: string;
  syncAlways: boolean;
}

// Quoted by JSON: the configuration's strings follow the same escapes.
function configuration(from: Configuration): string {
  return `# Written anew at every start.
server_name: natter
host: 127.0.0.1
port: ${from.port}
pid_file: ${JSON.stringify(from.pidFile)}
max_payload: 1MB
authorization { user: ${JSON.stringify(from.user)}, password: ${JSON.stringify(from.password)} }
jetstream {
  store_dir: ${JSON.stringify(join(from.dir, 'store'))}
${from.syncAlways ? '  sync_interval: always\n' : ''}}
`;
}

async function untilReady(
  url: string,
  identity: Identity,
  exited: Promise<Exit>,
  say: (sentence: string) => void,
): Promise<void> {
  let ended: Exit | undefined;
  void exited.then((exit) => {
    ended = exit;
  });
  const started = Date.now();
  let said = started;
  for (;;) {
    if (ended) throw new Error(`nats-server did not start: ${fatalLine(ended.lastWords)}`);
    try {
      const connection = await connect({
        servers: url,
        user: identity.user,
        pass: identity.password,
        timeout: 1_000,
        reconnect: false,
      });
      try {
        await (await jetstreamManager(connection, { timeout: 2_000 })).getAccountInfo();
        return;
      } finally {
        await connection.close();
      }
    } catch {
      // Not listening, or JetStream not ready yet: the loop ends with the server's own exit or by time.
      if (Date.now() - started > 300_000) throw new Error('nats-server was not ready after 5 minutes');
    }
    if (Date.now() - said > 3_000) {
      said = Date.now();
      say(`NATS is still reading its log … ${Math.round((said - started) / 1000)} s`);
    }
    await sleep(30);
  }
}

function fatalLine(lastWords: string): string {
  const lines = lastWords.split('\n').filter((line) => line.trim() !== '');
  return lines.findLast((line) => /\[(FTL|ERR)\]/.test(line)) ?? lines.at(-1) ?? 'it said nothing';
}
