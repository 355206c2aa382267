// Says where downloads that are not ours to keep in the project live: a cache per user.
import { homedir } from 'node:os';
import { join } from 'node:path';

/** `$XDG_CACHE_HOME/natter`, else `~/Library/Caches/natter` on macOS, else `~/.cache/natter`. */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  if (env.XDG_CACHE_HOME?.startsWith('/')) return join(env.XDG_CACHE_HOME, 'natter');
  const home = env.HOME || homedir();
  return process.platform === 'darwin'
    ? join(home, 'Library', 'Caches', 'natter')
    : join(home, '.cache', 'natter');
}
