// Getting nats-server on a machine that has none: the release archive from a local file server, Go, a sentence.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from '../../cmd/embedded/free-port.ts';
import {
  compareVersions,
  obtainNatsServer,
  pinnedNatsVersion,
} from '../../cmd/embedded/obtain-nats-server.ts';

const arch = { x64: 'amd64', arm64: 'arm64' }[process.arch as 'x64' | 'arm64'];
const release = `nats-server-v${pinnedNatsVersion}-${process.platform}-${arch}`;
const answering = (version: string) => `#!/bin/sh\necho "nats-server: v${version}"\n`;

let dir: string;
let server: Server;
let base: string;
let nobody: string;
let asked: string[];
let files: Record<string, Buffer>;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'natter-test-obtain-'));
  await mkdir(join(dir, 'bin'));
  asked = [];
  files = {};
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const body = files[request.url ?? ''];
    if (body) response.end(body);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  nobody = `http://127.0.0.1:${await freePort()}`;
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(dir, { recursive: true, force: true });
});

/** The environment of a machine whose PATH holds only what the test put into its `bin`. */
function bareMachine(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return {
    PATH: join(dir, 'bin'),
    HOME: dir,
    XDG_CACHE_HOME: join(dir, 'cache'),
    NATS_DOWNLOAD_URL: base,
    ...more,
  };
}

async function putProgram(name: string, source: string): Promise<void> {
  await writeFile(join(dir, 'bin', name), source);
  await chmod(join(dir, 'bin', name), 0o755);
}

async function publishRelease(program: string): Promise<void> {
  await mkdir(join(dir, 'release', release), { recursive: true });
  await writeFile(join(dir, 'release', release, 'nats-server'), program, { mode: 0o755 });
  await writeFile(join(dir, 'release', release, 'LICENSE'), 'not wanted');
  execFileSync('tar', ['-czf', join(dir, 'archive'), '-C', join(dir, 'release'), release]);
  const archive = await readFile(join(dir, 'archive'));
  const sum = createHash('sha256').update(archive).digest('hex');
  files[`/${release}.tar.gz`] = archive;
  files['/SHA256SUMS'] = Buffer.from(`${'0'.repeat(64)}  other.tar.gz\n${sum}  ${release}.tar.gz\n`);
}

const said: string[] = [];
const say = (sentence: string) => void said.push(sentence);

test('the official release is fetched, checked, and used again without a second download', async () => {
  await publishRelease(answering(pinnedNatsVersion));
  const found = await obtainNatsServer(say, bareMachine());
  expect(found).toEqual({
    path: join(dir, 'cache', 'natter', `nats-server-${pinnedNatsVersion}`, 'nats-server'),
    version: pinnedNatsVersion,
  });
  expect(asked).toEqual(['/SHA256SUMS', `/${release}.tar.gz`]);
  expect(await readdir(join(dir, 'cache', 'natter', `nats-server-${pinnedNatsVersion}`))).toEqual([
    'nats-server',
  ]);
  expect(await obtainNatsServer(say, bareMachine())).toEqual(found);
  expect(asked).toHaveLength(2);
});

test('an archive with a wrong checksum stops the start, and nothing of it stays', async () => {
  await publishRelease(answering(pinnedNatsVersion));
  files['/SHA256SUMS'] = Buffer.from(`${'1'.repeat(64)}  ${release}.tar.gz\n`);
  await putProgram('go', '#!/bin/sh\nexit 1\n');
  await expect(obtainNatsServer(say, bareMachine())).rejects.toThrow(
    /checksum [0-9a-f]{64} instead of 1{64}/,
  );
  expect(await readdir(join(dir, 'cache', 'natter', `nats-server-${pinnedNatsVersion}`))).toEqual([]);
});

test('where nobody answers, Go builds the same version', async () => {
  await putProgram(
    'go',
    `#!/bin/sh
[ "$1 $2" = "install github.com/nats-io/nats-server/v2@v${pinnedNatsVersion}" ] || exit 9
printf '%s' '${answering(pinnedNatsVersion)}' > "$GOBIN/nats-server"
`,
  );
  const started = Date.now();
  const found = await obtainNatsServer(say, bareMachine({ NATS_DOWNLOAD_URL: nobody }));
  expect(found.version).toBe(pinnedNatsVersion);
  expect(Date.now() - started).toBeLessThan(5_000);
  expect(said.some((line) => line.startsWith('Building nats-server'))).toBe(true);
});

test('where every way fails, one sentence says what to do', async () => {
  await putProgram('go', '#!/bin/sh\necho "no module proxy" >&2; exit 1\n');
  await putProgram('apt-get', '#!/bin/sh\necho "E: no package archive" >&2; exit 100\n');
  const failure = await obtainNatsServer(say, bareMachine({ NATS_DOWNLOAD_URL: nobody })).then(
    () => 'it was found',
    (error: Error) => error.message,
  );
  expect(failure).toMatch(
    /^nats-server is missing and could not be fetched \(.*ECONNREFUSED.*; go install: no module proxy; .*\): install nats-server 2\.9\.10 or newer so that it is on PATH/,
  );
  expect(failure).not.toContain('\n');
});

test('a server on PATH is used, unless it is too old', async () => {
  await publishRelease(answering(pinnedNatsVersion));
  await putProgram('nats-server', answering('2.10.1'));
  expect(await obtainNatsServer(say, bareMachine())).toEqual({
    path: join(dir, 'bin', 'nats-server'),
    version: '2.10.1',
  });
  expect(asked).toEqual([]);
  await putProgram('nats-server', answering('2.9.9'));
  expect((await obtainNatsServer(say, bareMachine())).version).toBe(pinnedNatsVersion);
});

test('versions are compared as numbers, not as text', () => {
  expect(compareVersions('2.9.10', '2.10.0')).toBeLessThan(0);
  expect(compareVersions('2.14.9', '2.14.9')).toBe(0);
  expect(compareVersions('2.9.21', '2.9.3')).toBeGreaterThan(0);
});
