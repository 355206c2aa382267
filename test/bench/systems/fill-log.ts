// Fills a running Natter's log with history, as `natter load` does, from within the bench.
import { randomInt } from 'node:crypto';
import { castOf } from '../../../cmd/load/cast.ts';
import { load } from '../../../cmd/load/load.ts';
import { notedServers } from '../../../cmd/running-servers.ts';
import { connectStorage } from '../../../domain/log/jetstream/connect.ts';
import { Directory } from '../../../edge/identity/directory.ts';

/** Events that a loaded conversation has, about. */
const EVENTS_EACH = 12;

/** Loads until there are at least so many conversations more. */
export async function fillLog(
  dataDir: string,
  conversations: number,
  say: (sentence: string) => void,
): Promise<void> {
  const servers = notedServers(dataDir);
  if (!servers?.NATS_URL) throw new Error('the running Natter has not noted where its servers are');
  const onFault = (fault: unknown) => say(`fault: ${String(fault)}`);
  const storage = await connectStorage({
    url: servers.NATS_URL,
    user: servers.NATS_USER,
    password: servers.NATS_PASSWORD,
    name: 'natter-bench',
    onFault,
  });
  try {
    const directory = await Directory.open(storage.log, onFault);
    const workspace = directory.defaultWorkspace();
    if (!workspace) throw new Error('there is no workspace');
    const cast = castOf(directory, workspace.id);
    await directory.close();
    for (let left = conversations; left > 0; ) {
      const loaded = await load({
        ...cast,
        storage,
        workspace: workspace.id,
        events: left * EVENTS_EACH,
        seed: randomInt(2 ** 32),
        now: Date.now(),
      });
      left -= loaded.conversations;
    }
  } finally {
    await storage.close();
  }
}
