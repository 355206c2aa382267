// Where the servers of a running Natter are, so that the command line finds them. Kept beside the log, readable by its owner alone.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const fileOf = (dataDir: string) => join(dataDir, 'nats', 'running.json');

/** Notes the environment that the children were given (`NATS_URL`, `DATABASE_URL` …). */
export function noteServers(dataDir: string, environment: NodeJS.ProcessEnv): void {
  // With servers of others there may be no such folder yet.
  mkdirSync(join(dataDir, 'nats'), { recursive: true, mode: 0o700 });
  writeFileSync(fileOf(dataDir), JSON.stringify(environment), { mode: 0o600 });
}

/** What was noted; undefined where nothing was. It may be stale: whoever uses it holds that the lock is taken. */
export function notedServers(dataDir: string): NodeJS.ProcessEnv | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(dataDir), 'utf8')) as NodeJS.ProcessEnv;
  } catch {
    return undefined; // never started, or stopped cleanly
  }
}

/** Takes the note back at a clean end. */
export function forgetServers(dataDir: string): void {
  rmSync(fileOf(dataDir), { force: true });
}
