// `npm run check`: types, lint and format, the rooms' walls, dead code, sizes of bundles, lengths of files.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ensureDependencies, root } from '../cmd/install.mjs';

const rooms = ['domain', 'projections', 'edge', 'cmd', 'test', 'ui'];

/** KB after gzip, a bundle together with the chunks that it loads at once. */
const budgets = { 'widget.js': 10, 'widget-panel.js': 45, 'agent.js': 90, 'admin.js': 90 };

const longestFile = 400;
/** A contract is one list of sentences, longer than code should be. */
const longestTest = 500;

/** Lines shown of what one check found; the first faults are the ones to mend. */
const shownLines = 60;

function bin(name, ...args) {
  return new Promise((resolve) => {
    const child = spawn(join(root, 'node_modules', '.bin', name), args, {
      cwd: root,
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.once('error', (error) => resolve({ ok: false, output: error.message }));
    child.once('close', (code) => resolve({ ok: code === 0, output }));
  });
}

async function bundleSizes() {
  const { build } = await import('../cmd/build.mjs');
  await build();
  const lines = [];
  let ok = true;
  for (const [name, budget] of Object.entries(budgets)) {
    const path = join(root, 'dist', 'ui', name);
    if (!existsSync(path)) continue;
    const size =
      [...withStaticImports(path)].reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0) / 1024;
    ok &&= size <= budget;
    lines.push(`${name}: ${size.toFixed(1)} KB of ${budget} KB${size > budget ? '  too large' : ''}`);
  }
  return { ok, output: lines.join('\n'), always: true };
}

function withStaticImports(path, seen = new Set()) {
  if (seen.has(path)) return seen;
  seen.add(path);
  // Minified ES modules: `from"./chunks/x.js"` and `import"./chunks/x.js"`; `import("…")` is loaded later.
  for (const [, file] of readFileSync(path, 'utf8').matchAll(
    /(?:from|import)\s*["'](\.{1,2}\/[^"']+)["']/g,
  )) {
    withStaticImports(join(path, '..', file), seen);
  }
  return seen;
}

async function fileLengths() {
  const lengths = [];
  for (const room of rooms) {
    for (const entry of readdirSync(join(root, room), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !/\.(ts|mjs)$/.test(entry.name)) continue;
      const path = join(entry.parentPath ?? entry.path, entry.name);
      lengths.push([readFileSync(path, 'utf8').split('\n').length - 1, path.slice(root.length)]);
    }
  }
  lengths.sort(([a], [b]) => a - b);
  const median = lengths[Math.floor(lengths.length / 2)]?.[0] ?? 0;
  const most = (path) => (path.startsWith('test/') ? longestTest : longestFile);
  const long = lengths.filter(([lines, path]) => lines > most(path));
  const listed = long.map(([lines, path]) => `${path}: ${lines} lines, at most ${most(path)}`);
  const [longest, where] = lengths.at(-1) ?? [0, ''];
  return {
    ok: long.length === 0,
    output: [
      `${lengths.length} files, median ${median} lines, longest ${longest} (${where})`,
      ...listed,
    ].join('\n'),
    always: true,
  };
}

const checks = [
  ...rooms.map((room) => [`types: ${room}`, () => bin('tsc', '-p', `${room}/tsconfig.json`)]),
  ['lint and format', () => bin('biome', 'ci', '--colors=off', '--error-on-warnings', '.')],
  ['imports between rooms', () => bin('depcruise', '--config', '.dependency-cruiser.cjs', ...rooms)],
  ['dead code', () => bin('knip', '--no-progress')],
  ['sizes of bundles', bundleSizes],
  ['lengths of files', fileLengths],
];

async function runAll() {
  await ensureDependencies({ dev: true });
  const waiting = [...checks];
  let failed = 0;
  // Two at a time: most checks are one core's work.
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [name, run] = next;
      const { ok, output, always } = await run().catch((error) => ({ ok: false, output: error.message }));
      if (!ok) failed += 1;
      console.log(`${ok ? 'ok    ' : 'FAILED'}  ${name}`);
      if ((!ok || always) && output.trim()) console.log(shortened(output).replace(/^/gm, '        '));
    }
  };
  await Promise.all([work(), work()]);
  console.log(failed === 0 ? 'All checks passed.' : `${failed} of ${checks.length} checks failed.`);
  return failed;
}

function shortened(output) {
  const lines = output.trim().split('\n');
  if (lines.length <= shownLines) return lines.join('\n');
  return [...lines.slice(0, shownLines), `… and ${lines.length - shownLines} lines more`].join('\n');
}

try {
  process.exitCode = (await runAll()) === 0 ? 0 : 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
