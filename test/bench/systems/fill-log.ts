// Fills a running Natter's log with history, as `natter load` does, from within the bench.
import { randomInt } from 'node:crypto';
import { castOf } from '../../../cmd/load/cast.ts';
import { type Loaded, load } from '../../../cmd/load/load.ts';
import { notedServers } from '../../../cmd/running-servers.ts';
import { connectStorage } from '../../../domain/log/jetstream/connect.ts';
import type { Storage } from '../../../domain/log/log.ts';
import { Directory } from '../../../edge/identity/directory.ts';

/** Events that a loaded conversation has, about. */
const EVENTS_EACH = 12;

type Say = (sentence: string) => void;

interface OpenedLog {
  readonly storage: Storage;
  /** The database beside the log. */
  readonly databaseUrl: string;
  /** Appends that many events of the default workspace. */
  load(events: number): Promise<Loaded>;
}

/** Opens the log of the Natter that runs on that directory; whoever opens it closes its storage. */
export async function openLog(dataDir: string, say: Say): Promise<OpenedLog> {
  const servers = notedServers(dataDir);
  if (!servers?.NATS_URL || !servers.DATABASE_URL)
    throw new Error('the running Natter has not noted where its servers are');
  const onFault = (fault: unknown) => say(`fault: ${String(fault)}`);
  const storage = await connectStorage({
    url: servers.NATS_URL,
    user: servers.NATS_USER,
    password: servers.NATS_PASSWORD,
    name: 'natter-bench',
    onFault,
  });
  return {
    storage,
    databaseUrl: servers.DATABASE_URL,
    async load(events) {
      const directory = await Directory.open(storage.log, onFault);
      const workspace = directory.defaultWorkspace();
      if (!workspace) throw new Error('there is no workspace');
      const cast = castOf(directory, workspace.id);
      await directory.close();
      const seed = randomInt(2 ** 32);
      return load({ ...cast, storage, workspace: workspace.id, events, seed, now: Date.now() });
    },
  };
}

/** Loads until there are at least so many conversations more. */
export async function fillLog(dataDir: string, conversations: number, say: Say): Promise<void> {
  const { storage, load: loadEvents } = await openLog(dataDir, say);
  try {
    for (let left = conversations; left > 0; ) left -= (await loadEvents(left * EVENTS_EACH)).conversations;
  } finally {
    await storage.close();
  }
}
