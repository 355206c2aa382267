// Opens the log's servers for one process, from its settings.
import type { Logger } from 'pino';
import { connectStorage } from '../../domain/log/jetstream/connect.ts';
import type { Storage } from '../../domain/log/log.ts';
import { CannotStart } from '../program.ts';
import type { Settings } from '../settings.ts';

/** Connects and makes what is missing. A reason that a person can mend becomes one sentence. */
export async function openStorage(name: string, settings: Settings, logger: Logger): Promise<Storage> {
  const { natsUrl, natsUser, natsPassword, logStreams, logReplicas } = settings;
  if (natsUrl === undefined)
    throw new CannotStart('NATS_URL is not set; `npm start` sets it for the programs it starts.');
  try {
    return await connectStorage({
      url: natsUrl,
      user: natsUser,
      password: natsPassword,
      chatStreams: logStreams,
      replicas: logReplicas,
      name: `natter-${name}`,
      onFault: (fault) => logger.error({ err: fault }, 'the log reported a fault'),
      onWarning: (sentence) => logger.warn(sentence),
    });
  } catch (error) {
    throw new CannotStart(error instanceof Error ? error.message : String(error));
  }
}

/** The database's URL, or one sentence. */
export function databaseUrl(settings: Settings): string {
  if (settings.databaseUrl === undefined)
    throw new CannotStart('DATABASE_URL is not set; `npm start` sets it for the programs it starts.');
  return settings.databaseUrl;
}

/** The secret that signs tokens, or one sentence. */
export function jwtSecret(settings: Settings): string {
  if (settings.jwtSecret === undefined)
    throw new CannotStart('JWT_SECRET is not set; `npm start` makes one for the programs it starts.');
  return settings.jwtSecret;
}
