// What one sync to disk costs here: figures with durability mean little without it.
import { closeSync, fdatasyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { nowMs } from '../load/clock.ts';

/** `f_type` of a file system in memory (statfs(2)). */
const TMPFS = 0x01021994;

export interface Disk {
  /** Appends of 512 bytes, each followed by fdatasync, one after another, in a second. */
  readonly syncsPerSecond: number;
  /** Whether the directory lies in memory, where a sync costs nothing and saves nothing. */
  readonly inMemory: boolean;
}

/** Measures the disk that `directory` lies on, for about a second. */
export function measureDisk(directory: string): Disk {
  const file = join(directory, `.sync-test-${process.pid}`);
  const handle = openSync(file, 'w');
  const block = Buffer.alloc(512, 'n');
  let syncs = 0;
  const started = nowMs();
  try {
    for (; nowMs() - started < 1_000; syncs++) {
      writeSync(handle, block);
      fdatasyncSync(handle);
    }
  } finally {
    closeSync(handle);
    rmSync(file, { force: true });
  }
  return {
    syncsPerSecond: (syncs / (nowMs() - started)) * 1_000,
    inMemory: statfsSync(directory).type === TMPFS,
  };
}
