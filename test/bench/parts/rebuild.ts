// How fast a log is filled by the loader, and how fast all read models come back from it.
import { type Rebuilt, rebuild } from '../../../projections/running/rebuild.ts';
import { nowMs } from '../load/clock.ts';
import { openLog } from '../systems/fill-log.ts';
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
  const { storage, databaseUrl, load } = await openLog(dataDir, say);
  try {
    say(`${system.name}: loading ${events} events …`);
    const loaded = await load(events);
    await system.settled();
    say(`${system.name}: rebuilding all read models …`);
    const started = nowMs();
    let read = 0;
    const models = await rebuild('all', {
      url: databaseUrl,
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
