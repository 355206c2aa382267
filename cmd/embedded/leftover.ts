// Finds and ends a server of ours that an earlier, killed supervisor left running on the same data.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** The command line of a living process, or undefined where there is no such process (or a zombie). */
export function commandLineOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() || undefined;
    }
    return (
      execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
    );
  } catch {
    return undefined; // gone: both ways fail exactly when the process does not exist
  }
}

/** The pid on the first line of a pid file, or undefined where the file is missing or holds no pid. */
export function readPid(pidFile: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(pidFile, 'utf8');
  } catch {
    return undefined; // no pid file: nothing was left over
  }
  const pid = Number.parseInt(text.split('\n')[0] ?? '', 10);
  return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined;
}

/**
 * Ends the process named by `pidFile` if its command line holds every one of `marks` (pids are recycled: a
 * stranger is never touched). Waits until it is gone; SIGKILL after 10 s. Says whether there was one.
 */
export async function endLeftover(
  pidFile: string,
  marks: string[],
  stopSignal: 'SIGTERM' | 'SIGINT',
): Promise<boolean> {
  const pid = readPid(pidFile);
  if (pid === undefined) return false;
  const isOurs = () => {
    const commandLine = commandLineOf(pid);
    return commandLine !== undefined && marks.every((mark) => commandLine.includes(mark));
  };
  if (!isOurs()) return false;
  signal(pid, stopSignal);
  for (let waited = 0; isOurs(); waited += 50) {
    if (waited === 10_000) signal(pid, 'SIGKILL');
    if (waited > 20_000) throw new Error(`a leftover process ${pid} (${marks[0]}) does not end`);
    await sleep(50);
  }
  return true;
}

function signal(pid: number, name: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
