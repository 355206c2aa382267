// The command line: `npm run natter -- <command>`. Works on what runs, or starts the embedded parts of a stopped DATA_DIR for itself.
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import pc from 'picocolors';
import { openPool } from '../projections/database.ts';
import { codeOf } from '../projections/faults.ts';
import { allGenerations } from '../projections/running/generations.ts';
import { lagOf, type Progress } from '../projections/running/lag.ts';
import { Projector } from '../projections/running/projector.ts';
import { rebuild } from '../projections/running/rebuild.ts';
import { castOf } from './load/cast.ts';
import { load } from './load/load.ts';
import { addAiCommands } from './replay/command.ts';
import { type Reached, withServers } from './wiring/reach.ts';

const program = new Command('natter').description(
  'Looks after a Natter installation (settings as for npm start).',
);

program
  .command('status')
  .description('the streams of the log and how far the read models are')
  .option('--json', 'for programs')
  .action((options: { json?: boolean }) =>
    withServers(async ({ storage, databaseUrl, durability }) => {
      const log: Record<string, number> = {};
      for (const { name } of storage.log.subjects.streams()) log[name] = await storage.log.head(name);
      const sql = openPool(databaseUrl, { max: 2, name: 'natter-status' });
      const projections = await lagOf(sql, storage.log)
        .catch(noneYet)
        .finally(() => sql.end());
      const status = { log, projections, durability, nats: storage.server.version };
      if (options.json) return console.log(JSON.stringify(status));
      console.table(Object.fromEntries(Object.entries(log).map(([stream, head]) => [stream, { head }])));
      // As JSON, since a table shows what is undefined as a column.
      if (Object.keys(projections).length > 0) console.table(JSON.parse(JSON.stringify(projections)));
      else console.log('No read models yet: the next start makes them from the log.');
      console.log(durability);
    }),
  );

program
  .command('load')
  .description('appends realistic history to the default workspace')
  .requiredOption('--events <n>', 'how many events', atLeastOne)
  .option('--seed <n>', 'the same seed tells the same conversations', atLeastOne)
  .action((options: { events: number; seed?: number }) =>
    withServers(async ({ storage, parts }) => {
      const workspace = parts.directory.defaultWorkspace();
      if (!workspace)
        throw new Error('there is no workspace yet: start Natter once, or register the first user');
      const seed = options.seed ?? randomInt(1, 2 ** 31);
      const loaded = await load({
        ...castOf(parts.directory, workspace.id),
        storage,
        workspace: workspace.id,
        events: options.events,
        seed,
        now: Date.now(),
        onProgress: (stored) => progress(`${count(stored)} of ${count(options.events)} events stored`),
      });
      progress('');
      const rate = Math.round(loaded.events / loaded.seconds);
      console.log(
        `${count(loaded.events)} events in ${count(loaded.conversations)} conversations stored in ${loaded.seconds.toFixed(1)} s (${count(rate)}/s), seed ${seed}.`,
      );
    }),
  );

program
  .command('rebuild')
  .argument('[projection]', 'one read model; all without')
  .description('builds read models anew beside those that serve, compares them, and switches')
  .action((name: string | undefined) =>
    withServers(async (reached) => {
      const projector = ownProjector(reached);
      let events = 0;
      let loadedAfter = 0;
      try {
        if (projector) await upToDate(projector, reached.databaseUrl);
        const started = performance.now();
        const rebuilt = await rebuild(name === undefined ? 'all' : [name], {
          url: reached.databaseUrl,
          log: reached.storage.log,
          onProgress: (at) => {
            events = Math.max(events, at.events);
            const seconds = (performance.now() - started) / 1000;
            if (at.step === 'loading') loadedAfter = seconds;
            const rate = events / Math.max(loadedAfter, 0.001);
            const left = at.commits > 0 ? (seconds / at.commits) * (at.of - at.commits) : 0;
            progress(
              `${at.step}: ${count(events)} events, ${count(Math.round(rate))}/s${at.step === 'loading' ? `, about ${Math.ceil(left)} s to go` : ''}`,
            );
          },
        });
        progress('');
        const seconds = (performance.now() - started) / 1000;
        console.table(
          rebuilt.map(({ projection, generation, comparison }) => ({ projection, generation, comparison })),
        );
        console.log(
          `${count(events)} events in ${seconds.toFixed(1)} s, indexes and comparison included (${count(Math.round(events / seconds))}/s).`,
        );
      } finally {
        await projector?.stop();
      }
    }),
  );

addAiCommands(program);

/** Tables that are not there yet (a first start, `postgres/` deleted) are no fault, but no progress. */
function noneYet(error: unknown): Record<string, Progress> {
  if (codeOf(error) === '42P01') return {};
  throw error;
}

/** Where nothing runs, nobody feeds the serving read models: then this does, so that there is something to compare with. */
function ownProjector({ running, databaseUrl, storage }: Reached): Projector | undefined {
  if (running) return undefined;
  const projector = new Projector({
    url: databaseUrl,
    log: storage.log,
    signals: storage.signals,
    onFault: (fault) => console.error(pc.yellow(String(fault))),
  });
  projector.start();
  return projector;
}

/** Waits until what serves has all of the log, or cannot go on: two loads at once would only be in each other's way. */
async function upToDate(projector: Projector, databaseUrl: string): Promise<void> {
  const sql = openPool(databaseUrl, { max: 1, name: 'natter-rebuild-look' });
  try {
    for (;;) {
      await sleep(200);
      // Until the projector has made its tables there is nothing to look at; whatever else is wrong, it tells.
      const read = await Promise.all([projector.progress(), allGenerations(sql)]).catch(() => undefined);
      if (!read) continue;
      const [progressOf, generations] = read;
      const indexed = (name: string, generation: number) =>
        generations.some((one) => one.projection === name && one.generation === generation && one.indexed);
      const due = Object.entries(progressOf).filter(
        ([name, { generation, lag, failure }]) =>
          failure === undefined && (lag > 0 || !indexed(name, generation)),
      );
      if (due.length === 0 && generations.length > 0) return;
      progress(
        `what serves is brought up to date first: ${count(Math.max(...due.map(([, { lag }]) => lag)))} commits to go`,
      );
    }
  } finally {
    await sql.end();
  }
}

function atLeastOne(value: string): number {
  const read = Number(value);
  if (!Number.isSafeInteger(read) || read < 1)
    throw new InvalidArgumentError('it must be a whole number of at least 1.');
  return read;
}

const count = (figure: number) => figure.toLocaleString('en');

function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
}

program.parseAsync().then(
  () => process.exit(0),
  (error: unknown) => {
    progress('');
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  },
);
