// What the processes of a system cost: CPU time and memory of whole trees, read from Linux' /proc.
import { readdir, readFile } from 'node:fs/promises';

/** Ticks a second in /proc/<pid>/stat: fixed by Linux' interface to programs. */
const TICKS = 100;

export interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  /** Name of its program: `edge`, `nats-server`, `postgres` … */
  readonly program: string;
  /** CPU seconds of itself and of its children that have ended. */
  readonly cpuSeconds: number;
  readonly rssBytes: number;
}

/** The processes with these ids and all their descendants. */
export async function processTrees(roots: readonly number[]): Promise<RunningProcess[]> {
  const entries = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const all = (await Promise.all(entries.map((entry) => readProcess(Number(entry))))).flatMap(
    (found) => found ?? [],
  );
  const inside = new Set(roots);
  for (let before = -1; before !== inside.size; ) {
    before = inside.size;
    for (const { pid, parent } of all) if (inside.has(parent)) inside.add(pid);
  }
  return all.filter(({ pid }) => inside.has(pid));
}

/** CPU seconds spent so far by all of them; a child that ended in between is counted by its parent. */
export const cpuOf = (processes: readonly RunningProcess[]): number =>
  processes.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);

/** Bytes of memory of those that run `program`. */
export const rssOf = (processes: readonly RunningProcess[], program: string): number =>
  processes.reduce((sum, one) => sum + (one.program === program ? one.rssBytes : 0), 0);

async function readProcess(pid: number): Promise<RunningProcess | undefined> {
  const [stat, line, status] = await Promise.all(
    ['stat', 'cmdline', 'status'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
  );
  if (!stat) return undefined; // Ended while we looked.
  // The name in brackets may hold anything; what follows it is plain: state, parent, … (proc(5), fields from 3 on).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
  const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(status ?? '')?.[1] ?? 0);
  return {
    pid,
    parent: Number(fields[1]),
    program: programOf((line ?? '').split('\0')),
    cpuSeconds: ticks / TICKS,
    rssBytes: kilobytes * 1_024,
  };
}

function programOf([first = '', ...rest]: string[]): string {
  const base = (path: string) => (path.split('/').at(-1) ?? '').split(':')[0] ?? '';
  if (base(first) !== 'node') return base(first);
  // Node's own options stand before the program.
  return base(rest.find((word) => !word.startsWith('-')) ?? '').replace(/\.js$/, '');
}
