// Makes sure that what package-lock.json names is installed, and shows that it is going on. Needs nothing itself.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Installs where packages are missing or of another version than the lock file's. `dev`: those of tests too.
 * @param {{dev: boolean}} options
 */
export async function ensureDependencies({ dev }) {
  if (upToDate(dev)) return;
  const locked = existsSync(join(root, 'package-lock.json'));
  const flags = ['--no-audit', '--no-fund', '--loglevel=error', ...(dev ? ['--include=dev'] : [])];
  await withProgress('Installing dependencies', () => runNpm([locked ? 'ci' : 'install', ...flags]));
}

/**
 * Shows `what` at once and every five seconds, until `work` is done.
 * @template T
 * @param {string} what
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withProgress(what, work) {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  console.log(`  ${what} …`);
  const ticking = setInterval(() => console.log(`  ${what} … ${seconds()} s`), 5_000);
  try {
    return await work();
  } finally {
    clearInterval(ticking);
  }
}

// npm writes what it installed into node_modules/.package-lock.json: the two lists must agree.
function upToDate(dev) {
  try {
    const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
    const there = JSON.parse(readFileSync(join(root, 'node_modules', '.package-lock.json'), 'utf8')).packages;
    return Object.entries(wanted).every(([path, entry]) => {
      if (path === '' || entry.optional || entry.devOptional || (entry.dev && !dev)) return true;
      return there[path]?.version === entry.version;
    });
  } catch {
    return false; // either list is missing or broken: npm will know
  }
}

function runNpm(args) {
  // Under `npm start` npm says where it is; that also works where `npm` is not on PATH.
  const own = process.env.npm_execpath;
  const [program, first] = own?.endsWith('.js') ? [process.execPath, [own]] : ['npm', []];
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...first, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        if (output.length < 20_000) output += chunk;
      });
    }
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      // What went wrong comes first, help for npm's many options after it.
      else
        reject(
          new Error(
            `npm ended with exit code ${code}:\n${output.trim().split('\n').slice(0, 12).join('\n')}`,
          ),
        );
    });
  });
}
