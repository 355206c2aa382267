// `node cmd/run.mjs <file.ts> …`: runs one program of the project with its arguments, installing what it needs.
import { pathToFileURL } from 'node:url';
import { ensureDependencies } from './install.mjs';

const entry = process.argv[2];
if (!entry?.endsWith('.ts')) {
  console.error('Usage: node cmd/run.mjs <file.ts> [arguments]');
  process.exit(1);
}
let program;
try {
  await ensureDependencies({ dev: entry.startsWith('test/') });
  const { build, buildOne } = await import('./build.mjs');
  await build();
  program = await buildOne(entry);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
// The program sees its arguments as if it had been started itself.
process.argv.splice(1, 2, program);
await import(pathToFileURL(program).href);
