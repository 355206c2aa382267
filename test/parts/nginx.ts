// Starts a real nginx for a test, with a configuration of the test's own, on ports and in a folder of its own.
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDir } from '../../cmd/embedded/cache-dir.ts';
import { freePort } from '../../cmd/embedded/free-port.ts';

const run = promisify(execFile);

export interface TestNginx {
  readonly httpPort: number;
  readonly httpsPort: number;
  /** The certificate that it shows, PEM. */
  readonly certificate: string;
  /** What it complained about. */
  complaints(): string;
  /** What it noted of requests, where the site has it note them. */
  noted(): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Where nginx is (`NGINX` goes first), or why it is not. Where it is not installed, root of a Debian gets the
 * package's own binary without installing it: no service is started, nothing outside of the cache is touched.
 */
export async function findNginx(): Promise<{ readonly path: string } | { readonly missing: string }> {
  const cached = join(cacheDir(), 'nginx-debian', 'usr', 'sbin', 'nginx');
  const places = [
    process.env.NGINX,
    ...(process.env.PATH ?? '').split(':').map((folder) => join(folder, 'nginx')),
    '/usr/sbin/nginx',
    '/usr/local/sbin/nginx',
    cached,
  ];
  const found = places.find((path) => path && existsSync(path));
  if (found) return { path: found };
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    return { missing: 'nginx is not installed here, and only root of a Debian can obtain it' };
  const folder = await mkdtemp(join(tmpdir(), 'natter-nginx-'));
  try {
    await run('apt-get', ['download', '-q', 'nginx'], { cwd: folder, timeout: 60_000 });
    const [archive = ''] = await readdir(folder);
    await run('dpkg', ['-x', archive, 'content'], { cwd: folder });
    await run(join(folder, 'content', 'usr', 'sbin', 'nginx'), ['-v']);
    await mkdir(cacheDir(), { recursive: true });
    // Another test may have been faster: then its is as good.
    await rename(join(folder, 'content'), dirname(dirname(dirname(cached)))).catch((fault) => {
      if (!existsSync(cached)) throw fault;
    });
    return { path: cached };
  } catch (fault) {
    return { missing: `nginx is not installed here and could not be obtained: ${(fault as Error).message}` };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Starts it with the server blocks of `site`, in which ports 80 and 443, the certificate's paths and the
 * port that requests are passed to (`upstream`) are replaced, and where it notes requests; nothing else.
 */
export async function startNginx(path: string, site: string, upstream: number): Promise<TestNginx> {
  const folder = await mkdtemp(join(tmpdir(), 'natter-test-nginx-'));
  const [httpPort, httpsPort] = [await freePort(), await freePort()];
  const certificate = join(folder, 'chat.pem');
  const key = join(folder, 'chat.key');
  const accessLog = join(folder, 'access.log');
  const name = 'chat.yourdomain.com';
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${name}`],
    ...['-addext', `subjectAltName=DNS:${name}`, '-keyout', key, '-out', certificate],
  ]);
  const ours = site
    .replace('listen 80;', `listen 127.0.0.1:${httpPort};`)
    .replace('listen 443 ssl;', `listen 127.0.0.1:${httpsPort} ssl;`)
    .replace(`/etc/ssl/certs/${name}.pem`, certificate)
    .replace(`/etc/ssl/private/${name}.key`, key)
    .replaceAll('/var/log/nginx/chat.access.log', accessLog)
    .replace(/proxy_pass http:\/\/localhost:\d+;/, `proxy_pass http://localhost:${upstream};`);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const main = `
    daemon off;
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    worker_processes 1;
    pid ${join(folder, 'nginx.pid')};
    error_log stderr warn;
    events {}
    http {
      access_log off;
      ${temporary.map((each) => `${each}_temp_path ${join(folder, each)};`).join('\n')}
      ${ours}
    }`;
  await writeFile(join(folder, 'nginx.conf'), main);
  const child = spawn(path, ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaints = '';
  child.stderr.on('data', (chunk) => {
    complaints += chunk;
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  for (const deadline = Date.now() + 10_000; ; await new Promise((resolve) => setTimeout(resolve, 25))) {
    const answered = await fetch(`http://127.0.0.1:${httpPort}/`, { redirect: 'manual' }).catch(
      () => undefined,
    );
    if (answered) break;
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`nginx did not start: ${complaints}`);
    }
  }
  return {
    httpPort,
    httpsPort,
    certificate: await readFile(certificate, 'utf8'),
    complaints: () => complaints,
    noted: () => readFile(accessLog, 'utf8'),
    stop,
  };
}
