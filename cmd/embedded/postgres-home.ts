// Decides where embedded Postgres keeps its data: in DATA_DIR, or where its user can reach it, linked from there.
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { chmod, chown, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { commandLineOf, readPid } from './leftover.ts';
import { passesTest, type RunAs } from './unprivileged-user.ts';

/** Where data goes that must not lie under DATA_DIR; only root ever needs it. */
const shelteredData = '/var/lib/natter';
/** Beside sheltered data: the link that leads to it. */
const originFile = 'origin';

/**
 * The directory for Postgres' files, made where it is missing. It is `<dataDir>/postgres`, or, where `who`
 * cannot reach that, a directory under `sheltered` that `<dataDir>/postgres` links to. A person who deletes
 * `<dataDir>/postgres` means the data: a missing link makes the sheltered data start from nothing too.
 */
export async function postgresHome(dataDir: string, who: RunAs, sheltered = shelteredData): Promise<string> {
  const wanted = join(resolve(dataDir), 'postgres');
  await mkdir(dirname(wanted), { recursive: true, mode: 0o755 });
  if (passesTest(who, 'x', dirname(wanted))) {
    // Reachable now: a link from before (the checkout moved) is followed no longer.
    if (isLink(wanted)) {
      await rm(shelterOf(dataDir, sheltered), { recursive: true, force: true });
      await rm(wanted);
    }
    await make(wanted, who);
    return wanted;
  }
  await sweep(sheltered);
  const shelter = shelterOf(dataDir, sheltered);
  const home = join(shelter, 'postgres');
  if (!isLink(wanted) || readlinkSync(wanted) !== home) {
    await rm(home, { recursive: true, force: true });
    await rm(wanted, { recursive: true, force: true });
    await symlink(home, wanted);
  }
  await mkdir(shelter, { recursive: true });
  // Whatever the umask says, its user must get through.
  for (const path of [sheltered, shelter]) await chmod(path, 0o755);
  await writeFile(join(shelter, originFile), wanted);
  await make(home, who);
  return home;
}

// Data whose DATA_DIR was deleted as a whole would otherwise stay for ever.
async function sweep(sheltered: string): Promise<void> {
  for (const name of existsSync(sheltered) ? readdirSync(sheltered) : []) {
    const shelter = join(sheltered, name);
    const home = join(shelter, 'postgres');
    const origin = readIfThere(join(shelter, originFile));
    if (origin === undefined || (isLink(origin) && readlinkSync(origin) === home)) continue;
    const pid = readPid(join(home, 'data', 'postmaster.pid'));
    if (pid !== undefined && commandLineOf(pid)?.includes(home)) continue;
    await rm(shelter, { recursive: true, force: true });
  }
}

/** Puts unusable data aside (one generation is kept, for a look at it), so that the next start begins anew. */
export async function putAside(home: string, who: RunAs): Promise<string> {
  const aside = `${home}.unusable`;
  await rm(aside, { recursive: true, force: true });
  await rename(home, aside);
  await make(home, who);
  return aside;
}

/** Whether Postgres has been set up in `data`. */
export function isSetUp(data: string): boolean {
  return existsSync(data) && readdirSync(data).length > 0;
}

function shelterOf(dataDir: string, sheltered: string): string {
  return join(sheltered, createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 16));
}

function readIfThere(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

async function make(path: string, who: RunAs): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (who.uid !== undefined && who.gid !== undefined) await chown(path, who.uid, who.gid);
}
