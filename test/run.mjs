// `npm test`: sets up what tests need on this machine, runs them all, and ends with one line that counts them.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDependencies, root, withProgress } from '../cmd/install.mjs';

const isRoot = process.getuid?.() === 0;
const hasApt = spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0;
const chromiumPlaces = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

let updated = false;
/** Runs apt-get without a question; the package lists are fetched once. Throws with apt's own last words. */
async function apt(...args) {
  if (!updated && isRoot) await quiet('apt-get', ['update', '-q']);
  updated = true;
  await quiet('apt-get', args);
}

function quiet(program, args, cwd = root) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (chunk) => {
      errors = (errors + chunk).slice(-2_000);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${program} ${args.join(' ')}: ${errors.trim() || `exit code ${code}`}`));
    });
  });
}

async function ensureChromium() {
  if (chromiumPlaces.some((path) => path && existsSync(path))) return;
  if (!isRoot || !hasApt) {
    throw new Error('The browser tests need Chromium: install it, or say where it is in CHROMIUM.');
  }
  await withProgress('Installing Chromium', () =>
    apt('install', '-q', '-y', '--no-install-recommends', 'chromium'),
  );
}

const debianVersion = '2.9.10';
/** Debian's nats-server, unpacked into the user's cache and not installed; without it its tests are skipped. */
async function ensureDebianNats() {
  const cache = process.env.XDG_CACHE_HOME?.startsWith('/')
    ? process.env.XDG_CACHE_HOME
    : join(homedir(), '.cache');
  const home = join(cache, 'natter', `nats-server-${debianVersion}-debian`);
  const places = [process.env.NATS_SERVER_DEBIAN, join(home, 'nats-server'), '/usr/sbin/nats-server'];
  if (places.some((path) => path && versionOf(path) === debianVersion)) return;
  if (!hasApt) return;
  const work = mkdtempSync(join(tmpdir(), 'natter-nats-'));
  try {
    await withProgress(`Fetching Debian's nats-server ${debianVersion}`, async () => {
      if (isRoot && !updated) await apt('--version');
      await quiet('apt-get', ['download', '-q', 'nats-server'], work);
      const archive = readdirSync(work).find((name) => name.endsWith('.deb'));
      await quiet('dpkg', ['-x', archive ?? '', join(work, 'out')], work);
    });
    const unpacked = join(work, 'out', 'usr', 'sbin', 'nats-server');
    if (versionOf(unpacked) !== debianVersion) throw new Error('this system has another version of it');
    mkdirSync(home, { recursive: true });
    copyFileSync(unpacked, join(home, 'nats-server'));
  } catch (error) {
    console.log(`  Tests with nats-server ${debianVersion} are skipped: ${error.message.split('\n').pop()}`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function versionOf(path) {
  try {
    return /v(\d+\.\d+\.\d+)/.exec(execFileSync(path, ['--version'], { encoding: 'utf8' }))?.[1];
  } catch {
    return undefined; // not there
  }
}

/** The newest server, obtained by the program's own way, so that no test waits for a download. */
async function ensureNewestNats() {
  const { buildOne } = await import('../cmd/build.mjs');
  const { obtainNatsServer, pinnedNatsVersion } = await import(
    await buildOne('cmd/embedded/obtain-nats-server.ts')
  );
  await obtainNatsServer((line) => console.log(`  ${line}`), process.env, pinnedNatsVersion);
}

/** Runs vitest with what was given to us, e.g. a folder; resolves to its counts. */
async function runVitest(filters) {
  const work = mkdtempSync(join(tmpdir(), 'natter-report-'));
  const report = join(work, 'report.json');
  const vitest = join(createRequire(import.meta.url).resolve('vitest/package.json'), '..', 'vitest.mjs');
  const args = ['run', '--config', 'test/vitest.config.ts', '--reporter=default', '--reporter=json'];
  const child = spawn(process.execPath, [vitest, ...args, `--outputFile.json=${report}`, ...filters], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  const code = await new Promise((resolve) => child.once('close', resolve));
  try {
    return { code, ...JSON.parse(readFileSync(report, 'utf8')) };
  } catch {
    return { code, numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, testResults: [] }; // it never got to the tests
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

let passed = 0;
let failed = 0;
let skipped = 0;
let code = 1;
try {
  await ensureDependencies({ dev: true });
  await ensureChromium();
  await ensureDebianNats();
  await ensureNewestNats();
  const { build } = await import('../cmd/build.mjs');
  await withProgress('Building', build);
  const result = await runVitest(process.argv.slice(2));
  code = result.code;
  passed = result.numPassedTests;
  skipped = result.numPendingTests + (result.numTodoTests ?? 0);
  // A file that cannot be loaded has no tests to count, and has failed all the same.
  const broken = result.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  failed = result.numFailedTests + broken.length;
} catch (error) {
  console.error(error.message);
}
if (code !== 0 && failed === 0) failed = 1;
if (passed === 0 && failed === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;
