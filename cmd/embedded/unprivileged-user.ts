// Postgres refuses to run as root: says as whom to run it instead.
import { execFileSync, spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';

/** As whom a program runs; both undefined means: as ourselves. */
export interface RunAs {
  uid?: number;
  gid?: number;
}

/**
 * Ourselves where we are not root. As root: the owner of `existing` data (so that a data directory keeps its
 * user), else `postgres`, else `natter` (made where possible), else `nobody`.
 */
export function unprivilegedUser(existing: string): RunAs {
  if (process.getuid?.() !== 0) return {};
  const owner = ownerOf(existing);
  if (owner) return owner;
  const known = lookUp('postgres') ?? lookUp('natter');
  if (known) return known;
  // Fails harmlessly where there is no useradd (macOS) or the user database is read-only: `nobody` is next.
  spawnSync('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', 'natter'], {
    stdio: 'ignore',
  });
  const user = lookUp('natter') ?? lookUp('nobody');
  if (!user)
    throw new Error('Postgres cannot run as root, and there is no user `nobody`: start as an ordinary user');
  return user;
}

/** Whether `who` passes `test -<flag> path`, asked of the system itself and not computed from modes. */
export function passesTest(who: RunAs, flag: 'x' | 'r' | 'w', path: string): boolean {
  const { status } = spawnSync('/bin/sh', ['-c', `test -${flag} "$1"`, 'sh', path], {
    ...who,
    cwd: '/',
    stdio: 'ignore',
  });
  return status === 0;
}

function ownerOf(path: string): RunAs | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && stats.uid !== 0 ? { uid: stats.uid, gid: stats.gid } : undefined;
}

function lookUp(name: string): RunAs | undefined {
  try {
    const id = (flag: string) => {
      const text = execFileSync('id', [flag, name], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      return Number.parseInt(text, 10);
    };
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined; // `id` fails exactly when there is no such user
  }
}
