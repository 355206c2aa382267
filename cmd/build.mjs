// Turns the sources into what runs: programs for Node and bundles for browsers, in dist/, only when they changed.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { root } from './install.mjs';

/** Programs: one self-contained file each, so that `import.meta.url` is always a file right in dist/. */
const programs = ['natter', 'edge', 'projector', 'worker', 'ctl'];

/** Browser bundles: what it is called in dist/ui, and where it starts. */
export const browserEntries = {
  widget: 'ui/widget/loader.ts',
  'widget-panel': 'ui/widget/panel.ts',
  agent: 'ui/agent/agent.ts',
  admin: 'ui/admin/admin.ts',
};

const sources = ['cmd', 'domain', 'edge', 'projections', 'ui'];

/** Builds everything into dist/; does nothing where no source changed. Says whether it built. */
export async function build() {
  const dist = join(root, 'dist');
  const stamp = await hashOfSources();
  const stampFile = join(dist, '.stamp');
  if (existsSync(stampFile) && (await readFile(stampFile, 'utf8')) === stamp) return false;
  // Built beside and swapped in: a failed build leaves the old one whole.
  const next = join(root, 'node_modules', `.natter-build-${process.pid}`);
  try {
    await rm(next, { recursive: true, force: true });
    await mkdir(join(next, 'ui'), { recursive: true });
    await buildPrograms(next);
    await buildBrowser(next);
    await copyIfThere('ui/pages', join(next, 'ui'));
    await writeFile(join(next, '.stamp'), stamp);
    await rm(dist, { recursive: true, force: true });
    await rename(next, dist);
  } finally {
    await rm(next, { recursive: true, force: true });
  }
  return true;
}

/**
 * Bundles one program for running it right away.
 * @param {string} entry path of its source, relative to the project
 * @returns {Promise<string>} path of the file to import
 */
export async function buildOne(entry) {
  const outfile = join(root, 'dist', `run-${basename(entry, '.ts')}.js`);
  await esbuild({ ...forNode, entryPoints: [join(root, entry)], outfile });
  return outfile;
}

const forNode = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  sourcemap: true,
  logLevel: 'silent',
};

async function buildPrograms(out) {
  const there = programs.filter((name) => existsSync(join(root, 'cmd', `${name}.ts`)));
  await esbuild({
    ...forNode,
    entryPoints: there.map((name) => join(root, 'cmd', `${name}.ts`)),
    outdir: out,
  });
}

async function buildBrowser(out) {
  const there = Object.entries(browserEntries).filter(([, from]) => existsSync(join(root, from)));
  const entries = (chosen) => Object.fromEntries(chosen.map(([name, from]) => [name, join(root, from)]));
  const snippet = there.filter(([name]) => name === 'widget');
  const modules = there.filter(([name]) => name !== 'widget');
  // The snippet is a classic script on somebody else's page: closed in itself, no name of it leaks out.
  await esbuild({ ...forBrowsers, format: 'iife', entryPoints: entries(snippet), outdir: join(out, 'ui') });
  await esbuild({
    ...forBrowsers,
    format: 'esm',
    splitting: true,
    entryPoints: entries(modules),
    chunkNames: 'chunks/[name]-[hash]',
    outdir: join(out, 'ui'),
  });
}

const forBrowsers = {
  bundle: true,
  platform: 'browser',
  target: 'es2022',
  minify: true,
  sourcemap: true,
  legalComments: 'none',
  logLevel: 'silent',
};

// Loaded late: this file is read before its packages are installed.
async function esbuild(options) {
  const { build: run, stop } = await import('esbuild');
  await run(options);
  // Its service process would otherwise stay as long as the program that was built.
  await stop();
}

async function copyIfThere(from, to) {
  if (existsSync(join(root, from))) await cp(join(root, from), to, { recursive: true });
}

async function hashOfSources() {
  const hash = createHash('sha256').update(process.version);
  const files = [join(root, 'package-lock.json'), join(root, 'tsconfig.base.json')];
  for (const room of sources) {
    const entries = await readdir(join(root, room), { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      if (entry.isFile()) files.push(join(entry.parentPath ?? entry.path, entry.name));
    }
  }
  for (const file of files.sort()) {
    hash
      .update(relative(root, file))
      .update('\0')
      .update(await readFile(file))
      .update('\0');
  }
  return hash.digest('hex');
}
