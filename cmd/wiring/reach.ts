// Reaches an installation from the command line: the one that runs, or the embedded parts of a stopped DATA_DIR, started for as long as it takes.
import pino from 'pino';
import type { Storage } from '../../domain/log/log.ts';
import { takeDataDir } from '../data-dir-lock.ts';
import { notedServers } from '../running-servers.ts';
import { keptJwtSecret, serversFor } from '../servers.ts';
import { readSettings, type Settings } from '../settings.ts';
import { supervise } from '../supervisor.ts';
import { type Assembled, assemble } from './assemble.ts';
import { openStorage } from './open-storage.ts';

export interface Reached {
  readonly storage: Storage;
  readonly parts: Assembled;
  readonly databaseUrl: string;
  /** What an acknowledgement is worth, in the words of the start. */
  readonly durability: string;
  /** Whether a Natter was running already. */
  readonly running: boolean;
}

/** Does `work` on the installation that the settings name. Throws one sentence where it cannot be reached. */
export async function withServers(work: (reached: Reached) => Promise<void>): Promise<void> {
  const outcome = readSettings(process.env);
  if (!outcome.ok) throw new Error(outcome.problem);
  const { settings } = outcome;
  const lock = takeDataDir(settings.dataDir);
  if (!lock.ok && !lock.held) throw new Error(`DATA_DIR is "${settings.dataDir}", ${lock.problem}.`);
  if (!lock.ok) {
    const noted = notedServers(settings.dataDir);
    if (!noted) throw new Error(`a Natter is starting on ${settings.dataDir}; try again in a moment`);
    return on(settings, noted, true, work);
  }
  const say = (sentence: string) => process.stderr.write(`${sentence}\n`);
  const servers = serversFor(settings, say);
  const supervisor = supervise({ phases: [servers.units], say });
  try {
    await supervisor.ready;
    await on(settings, servers.environment(), false, work);
  } finally {
    await supervisor.stop();
    lock.release();
  }
}

async function on(
  settings: Settings,
  environment: NodeJS.ProcessEnv,
  running: boolean,
  work: (reached: Reached) => Promise<void>,
): Promise<void> {
  const outcome = readSettings({ ...process.env, ...environment });
  if (!outcome.ok) throw new Error(outcome.problem);
  const logger = pino({ level: 'warn' });
  const storage = await openStorage('ctl', outcome.settings, logger);
  try {
    const parts = await assemble({
      storage,
      jwtSecret: settings.jwtSecret ?? (await keptJwtSecret(settings.dataDir)),
      sessionDays: settings.sessionDays,
      signup: settings.signup,
      production: settings.environment === 'production',
      onFault: (fault) => logger.error({ err: fault }, 'fault outside of a request'),
    });
    const { databaseUrl = '', durability } = outcome.settings;
    await work({ storage, parts, databaseUrl, durability, running }).finally(() => parts.close());
  } finally {
    await storage.close();
  }
}
