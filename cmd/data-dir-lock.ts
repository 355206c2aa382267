// Lets only one supervisor work on a data directory: two of them would start two servers on the same files.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLineOf } from './embedded/leftover.ts';

export type LockOutcome = { ok: true; release: () => void } | { ok: false; holder: number };

interface Holder {
  pid: number;
  /** A pid alone says nothing: it may be a stranger's by now. */
  commandLine: string;
}

/** Takes `<dataDir>/lock`; a lock whose process is gone is taken over. `release` may be called twice. */
export function takeDataDir(dataDir: string): LockOutcome {
  mkdirSync(dataDir, { recursive: true, mode: 0o755 });
  const file = join(dataDir, 'lock');
  const mine: Holder = { pid: process.pid, commandLine: commandLineOf(process.pid) ?? '' };
  for (;;) {
    try {
      writeFileSync(file, JSON.stringify(mine), { flag: 'wx', mode: 0o644 });
      return { ok: true, release: () => releaseIfMine(file) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = readHolder(file);
    if (holder && holder.pid !== process.pid && commandLineOf(holder.pid) === holder.commandLine) {
      return { ok: false, holder: holder.pid };
    }
    rmSync(file, { force: true });
  }
}

function releaseIfMine(file: string): void {
  if (readHolder(file)?.pid === process.pid) rmSync(file, { force: true });
}

function readHolder(file: string): Holder | undefined {
  try {
    const read = JSON.parse(readFileSync(file, 'utf8')) as Partial<Holder>;
    return typeof read.pid === 'number' ? { pid: read.pid, commandLine: read.commandLine ?? '' } : undefined;
  } catch {
    return undefined; // gone, or cut off by a crash: nobody holds it
  }
}
