// Lets only one supervisor work on a data directory: two of them would start two servers on the same files.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { commandLineOf } from './embedded/leftover.ts';

/** `problem`: why this directory cannot be had, in words that follow its name; `held`: by another Natter. */
export type LockOutcome = { ok: true; release: () => void } | { ok: false; held: boolean; problem: string };

interface Holder {
  pid: number;
  /** A pid alone says nothing: it may be a stranger's by now. */
  commandLine: string;
}

/** Takes `<dataDir>/lock`; a lock whose process is gone is taken over. `release` may be called twice. */
export function takeDataDir(dataDir: string): LockOutcome {
  try {
    makeDirectory(dataDir);
    return takeLock(join(dataDir, 'lock'));
  } catch (error) {
    const why = whyNot[(error as NodeJS.ErrnoException).code ?? ''];
    if (why === undefined) throw error;
    return { ok: false, held: false, problem: `${why}; allowed: a directory that we may write to` };
  }
}

const whyNot: Record<string, string> = {
  EACCES: 'which this user may not write to',
  EPERM: 'which this user may not write to',
  EROFS: 'which is read-only',
  EEXIST: 'which is not a directory',
  ENOTDIR: 'which is not a directory',
  ENOENT: 'which cannot be made there',
  ELOOP: 'which leads in a circle',
  ENAMETOOLONG: 'which is too long a name',
  ENOSPC: 'where no space is left',
};

/** One level after the other: Node's own `recursive` never comes back from a place like /proc. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makeDirectory(dirname(path));
  try {
    mkdirSync(path, { mode: 0o755 });
  } catch (error) {
    // Somebody else made it a moment before.
    if (!existsSync(path)) throw error;
  }
}

function takeLock(file: string): LockOutcome {
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
      return {
        ok: false,
        held: true,
        problem: `where another Natter (process ${holder.pid}) is at work; allowed: one at a time`,
      };
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
