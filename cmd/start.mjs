// `npm start`: from a bare checkout to a running Natter; runs before anything is installed.
const [major] = process.versions.node.split('.').map(Number);
if (major < 20) {
  console.error(`Node is ${process.versions.node}; allowed: 20 or newer.`);
  process.exit(1);
}
const { ensureDependencies, withProgress } = await import('./install.mjs');
try {
  await ensureDependencies({ dev: false });
  const { build } = await import('./build.mjs');
  await withProgress('Building', build);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
// In this very process: whoever stops `npm start` stops the supervisor, not a parent of it.
await import('../dist/natter.js');
// npm does not hand SIGTERM on: where npm was ended, nobody would be left who could end us.
const parent = process.ppid;
if (process.env.npm_lifecycle_event === 'start') {
  const look = setInterval(() => {
    if (process.ppid === parent) return;
    // Once: a second time would mean to stop at once.
    clearInterval(look);
    process.kill(process.pid, 'SIGTERM');
  }, 500);
  look.unref();
}
