// Gets hold of a nats-server binary on any machine: PATH, our cache, the official release, Go, Debian.
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, createReadStream, createWriteStream, existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { promisify } from 'node:util';
import { cacheDir } from './cache-dir.ts';

/** The release we fetch: 2.14.3 is the lowest without known security notes. */
export const pinnedNatsVersion = '2.14.9';
/** The oldest server the log works on (as a single node). */
export const oldestNatsVersion = '2.9.10';

export interface NatsBinary {
  path: string;
  version: string;
}

type Say = (sentence: string) => void;
const run = promisify(execFile);
const maxArchiveBytes = 200 * 1024 * 1024;

/**
 * A nats-server that is not older than `oldest`. Each way that fails is said and the next one is tried; throws an Error whose message is
 * one sentence for the person at the terminal when none is left, or when a download's checksum is wrong.
 */
export async function obtainNatsServer(
  say: Say,
  env: NodeJS.ProcessEnv = process.env,
  oldest = oldestNatsVersion,
): Promise<NatsBinary> {
  const onPath = await usable(findOnPath('nats-server', env), oldest);
  if (onPath) return onPath;
  const home = join(cacheDir(env), `nats-server-${pinnedNatsVersion}`);
  const cached = await usable(join(home, 'nats-server'), oldest);
  if (cached) return cached;
  await mkdir(home, { recursive: true });
  const failures: string[] = [];
  for (const way of [fromRelease, fromGo, fromDebian]) {
    const outcome = await way(home, say, env);
    const found = typeof outcome === 'string' ? undefined : await usable(outcome.path, oldest);
    if (found) return found;
    failures.push(typeof outcome === 'string' ? outcome : `${outcome.path} does not run`);
  }
  throw new Error(
    `nats-server is missing and could not be fetched (${failures.join('; ')}): install nats-server ` +
      `${oldest} or newer so that it is on PATH, see https://nats.io/download, and start again.`,
  );
}

/** The version that a binary reports, e.g. `2.14.9`; undefined where it does not run. */
export async function natsVersionOf(path: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(path, ['--version'], { timeout: 10_000 });
    return /v(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  } catch {
    return undefined; // not there, not executable, another architecture: not usable
  }
}

/** Compares dotted versions number by number: negative where `a` is older. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)];
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

async function usable(path: string | undefined, oldest: string): Promise<NatsBinary | undefined> {
  if (path === undefined) return undefined;
  const version = await natsVersionOf(path);
  if (version === undefined || compareVersions(version, oldest) < 0) return undefined;
  return { path, version };
}

function findOnPath(name: string, env: NodeJS.ProcessEnv): string | undefined {
  for (const dir of (env.PATH ?? '').split(delimiter)) {
    if (!dir.startsWith('/')) continue;
    try {
      accessSync(join(dir, name), constants.X_OK);
      return join(dir, name);
    } catch {
      // Not in this directory: the next one may have it.
    }
  }
  return undefined;
}

/** The official archive, checked against the release's own SHA256SUMS. A wrong checksum throws. */
async function fromRelease(home: string, say: Say, env: NodeJS.ProcessEnv): Promise<NatsBinary | string> {
  const arch = { x64: 'amd64', arm64: 'arm64', arm: 'arm7', ia32: '386', s390x: 's390x' }[
    process.arch as string
  ];
  if (!arch) return `no release archive for ${process.arch}`;
  const name = `nats-server-v${pinnedNatsVersion}-${process.platform}-${arch}`;
  const base =
    env.NATS_DOWNLOAD_URL ?? `https://github.com/nats-io/nats-server/releases/download/v${pinnedNatsVersion}`;
  const archive = join(await mkdtemp(join(home, 'download-')), `${name}.tar.gz`);
  try {
    say(`Fetching nats-server ${pinnedNatsVersion} …`);
    const sums = await get(`${base}/SHA256SUMS`, 8_000);
    const expected = (await sums.text())
      .split('\n')
      .map((line) => line.trim().split(/\s+\*?/))
      .find(([, file]) => file === `${name}.tar.gz`)?.[0];
    if (!expected) return `the release has no archive for ${process.platform} ${arch}`;
    const answer = await get(`${base}/${name}.tar.gz`, 300_000);
    if (!answer.body) return 'the release archive came empty';
    await pipeline(
      Readable.fromWeb(answer.body as ReadableStream),
      bounded(maxArchiveBytes),
      createWriteStream(archive),
    );
    const actual = await sha256Of(archive);
    if (actual !== expected.toLowerCase()) {
      throw new WrongChecksum(
        `the nats-server archive from ${base} has checksum ${actual} instead of ${expected}: it is not what was ` +
          'released, so it was thrown away; try again, or install nats-server yourself.',
      );
    }
    const into = join(archive, '..');
    await run('tar', ['-xzf', archive, '-C', into, `${name}/nats-server`]);
    await place(join(into, name, 'nats-server'), home);
    return { path: join(home, 'nats-server'), version: pinnedNatsVersion };
  } catch (error) {
    if (error instanceof WrongChecksum) throw error;
    return `release archive: ${reason(error)}`;
  } finally {
    await rm(join(archive, '..'), { recursive: true, force: true });
  }
}

async function fromGo(home: string, say: Say, env: NodeJS.ProcessEnv): Promise<NatsBinary | string> {
  const go =
    findOnPath('go', env) ?? (existsSync('/usr/local/go/bin/go') ? '/usr/local/go/bin/go' : undefined);
  if (!go) return 'no Go to build it';
  const bin = await mkdtemp(join(home, 'go-'));
  try {
    const module = `github.com/nats-io/nats-server/v2@v${pinnedNatsVersion}`;
    await withProgress(`Building nats-server ${pinnedNatsVersion} with Go (about a minute)`, say, () =>
      quiet(go, ['install', module], { ...env, GOBIN: bin, GOFLAGS: '-trimpath' }, 600_000),
    );
    await place(join(bin, 'nats-server'), home);
    return { path: join(home, 'nats-server'), version: pinnedNatsVersion };
  } catch (error) {
    return `go install: ${reason(error)}`;
  } finally {
    await rm(bin, { recursive: true, force: true });
  }
}

async function fromDebian(_home: string, say: Say, env: NodeJS.ProcessEnv): Promise<NatsBinary | string> {
  const apt = findOnPath('apt-get', env);
  if (!apt || process.getuid?.() !== 0) return 'no apt-get as root';
  const quietly = { ...env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    await withProgress("Installing Debian's nats-server", say, async () => {
      await quiet(apt, ['update', '-q'], quietly, 300_000);
      // Its service would only take the default port; we start a server of our own.
      await quiet(apt, ['install', '-q', '-y', '--no-install-recommends', 'nats-server'], quietly, 300_000);
    });
    return { path: '/usr/sbin/nats-server', version: oldestNatsVersion };
  } catch (error) {
    return `apt-get: ${reason(error)}`;
  }
}

class WrongChecksum extends Error {}

async function get(url: string, timeout: number): Promise<Response> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(timeout), redirect: 'follow' });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return answer;
}

function bounded(limit: number): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      done(seen > limit ? new Error(`the download is larger than ${limit} bytes`) : null, chunk);
    },
  });
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

// Rename is atomic: a second start at the same moment sees either nothing or a whole binary.
async function place(binary: string, home: string): Promise<void> {
  await chmod(binary, 0o755);
  await rename(binary, join(home, 'nats-server'));
}

async function withProgress<T>(what: string, say: Say, work: () => Promise<T>): Promise<T> {
  say(`${what} …`);
  const started = Date.now();
  const ticking = setInterval(() => say(`${what} … ${Math.round((Date.now() - started) / 1000)} s`), 10_000);
  try {
    return await work();
  } finally {
    clearInterval(ticking);
  }
}

function quiet(program: string, args: string[], env: NodeJS.ProcessEnv, timeout: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'], timeout });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      errors = (errors + chunk).slice(-2_000);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(errors.trim().split('\n').pop() || `exit code ${code}`));
    });
  });
}

/** One short clause out of whatever went wrong; fetch hides the cause one level down. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause as { code?: string; message?: string } | undefined;
  return (cause?.code ?? cause?.message ?? error.message).split('\n')[0] ?? 'unknown';
}
