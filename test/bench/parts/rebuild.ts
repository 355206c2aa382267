// How fast a log is filled by the loader, and how fast all read models come back from it.
import { randomInt } from 'node:crypto';
import { castOf } from '../../../cmd/load/cast.ts';
import { load } from '../../../cmd/load/load.ts';
import { notedServers } from '../../../cmd/running-servers.ts';
import { connectStorage } from '../../../domain/log/jetstream/connect.ts';
import { Directory } from '../../../edge/identity/directory.ts';
import { type Rebuilt, rebuild } from '../../../projections/rebuild.ts';
import { nowMs } from '../load/clock.ts';
import type { SystemUnderTest } from '../systems/system.ts';

export interface RebuildResult {
  readonly events: number;
  readonly loadSeconds: number;
  /** From the first event read to the switch, comparing included. */
  readonly rebuildSeconds: number;
  /** Until the new read models had all events, before indexes and comparing. */
  readonly readingSeconds: number;
  readonly models: readonly Rebuilt[];
}

/** Loads into a running Natter and rebuilds beside it, as the command line does. */
export async function measureRebuild(
  system: SystemUnderTest,
  dataDir: string,
  events: number,
  say: (sentence: string) => void,
): Promise<RebuildResult> {
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
  try {
    const directory = await Directory.open(storage.log, onFault);
    const workspace = directory.defaultWorkspace();
    if (!workspace) throw new Error('there is no workspace');
    const cast = castOf(directory, workspace.id);
    await directory.close();
    say(`${system.name}: loading ${events} events …`);
    const loaded = await load({
      ...cast,
      storage,
      workspace: workspace.id,
      events,
      seed: randomInt(2 ** 32),
      now: Date.now(),
    });
    await system.settled();
    say(`${system.name}: rebuilding all read models …`);
    const started = nowMs();
    let read = 0;
    const models = await rebuild('all', {
      url: servers.DATABASE_URL,
      log: storage.log,
      onProgress(progress) {
        if (progress.step === 'loading') read = nowMs();
      },
    });
    return {
      events: loaded.events,
      loadSeconds: loaded.seconds,
      rebuildSeconds: (nowMs() - started) / 1_000,
      readingSeconds: (read - started) / 1_000,
      models,
    };
  } finally {
    await storage.close();
  }
}
