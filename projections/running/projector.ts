// Keeps the read models up to date: takes units by their locks, runs them, and looks after their generations.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log, Signals, Subscription } from '../../domain/log/log.ts';
import { type StreamName, signalAmong } from '../../domain/log/subjects.ts';
import { projections as allProjections } from '../all.ts';
import { openPool } from '../database.ts';
import { AheadOfLog, passes } from '../faults.ts';
import type { Projection, Sql } from '../projection.ts';
import type { ProjectedSignal, WantedSignal } from './freshness.ts';
import { allGenerations, ensureServing, type Generation } from './generations.ts';
import { Housekeeping } from './housekeeping.ts';
import { lagOf, type Progress } from './lag.ts';
import { Locks } from './locks.ts';
import { migrate } from './migrate.ts';
import { Pace } from './pace.ts';
import { run } from './run.ts';
import { Unit, unitKey } from './unit.ts';

/** How often it looks who does what, and the longest pause after failures, in ms. */
const TICK = 1_000;
const LONGEST_PAUSE = 5_000;
/** How long a unit that met an event it cannot apply rests before it is tried again, in ms. */
const REST = 30_000;

export interface ProjectorOptions {
  /** `postgres://…` */
  readonly url: string;
  readonly log: Log;
  readonly signals: Signals;
  /** Connections for applying; one more holds the locks. */
  readonly connections?: number;
  readonly projections?: readonly Projection[];
  /**
   * Hears of everything that went wrong, once each: a lost Postgres (it goes on trying for ever) and an
   * event that cannot be applied (`Poisoned`, its cause inside; that unit has stopped).
   */
  readonly onFault: (fault: unknown) => void;
}

interface Wanted {
  readonly projection: Projection;
  readonly generation: number;
  readonly stream: StreamName;
  readonly key: string;
  readonly born: string;
}

/** Units that were taken at the same moment and share one reader of their stream. */
interface Cohort {
  readonly stream: StreamName;
  /** Its units' keys, with the birth of the generation each belongs to. */
  readonly keys: Map<string, string>;
  readonly stop: AbortController;
  readonly pace: Pace;
  done: Promise<void>;
}

export class Projector {
  readonly #options: ProjectorOptions;
  readonly #projections: readonly Projection[];
  readonly #sql: Sql;
  readonly #locks: Locks;
  readonly #housekeeping: Housekeeping;
  readonly #cohorts = new Set<Cohort>();
  readonly #resting = new Map<string, number>();
  readonly #stopping = new AbortController();
  #wishes: Subscription | undefined;
  #sure = false;
  #running: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: ProjectorOptions) {
    this.#options = options;
    this.#projections = options.projections ?? allProjections;
    this.#sql = openPool(options.url, { max: options.connections ?? 6, name: 'natter-projector' });
    this.#locks = new Locks(options.url, 'natter-projector-locks');
    this.#housekeeping = new Housekeeping({
      ...options,
      sql: this.#sql,
      locks: this.#locks,
      projections: this.#projections,
    });
  }

  /** Begins, and goes on whatever becomes of Postgres until `stop`. */
  start(): void {
    this.#wishes ??= this.#options.signals.subscribe(signalAmong('wanted'), (payload) => {
      const stream = (payload as Partial<WantedSignal> | null)?.stream;
      for (const cohort of this.#cohorts) if (cohort.stream.name === stream) cohort.pace.hurry();
    });
    this.#running ??= this.#run();
  }

  /** Finishes the batches in hand and gives its units back. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    this.#wishes?.close();
    await this.#running;
    await this.#housekeeping.stop();
    await this.#locks.close();
    await this.#sql.end();
  }

  /** The progress of all projections, whoever runs them. Throws while Postgres is away. */
  progress(): Promise<Record<string, Progress>> {
    return lagOf(this.#sql, this.#options.log);
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#look();
        failures = 0;
      } catch (error) {
        if (this.#stopping.signal.aborted) break;
        this.#sure = false;
        failures += 1;
        this.#options.onFault(error);
        await this.#stopCohorts([...this.#cohorts]);
      }
      await this.#pause(failures === 0 ? TICK : Math.min(LONGEST_PAUSE, 100 * 2 ** failures));
    }
    await this.#stopCohorts([...this.#cohorts]);
  }

  async #look(): Promise<void> {
    if (!this.#sure) {
      await migrate(this.#sql);
      await ensureServing(this.#sql, this.#projections, (projection) => this.#streamsOf(projection));
    }
    if (!(await this.#locks.check())) {
      // Another session: what this process held may be somebody else's by now.
      await this.#stopCohorts([...this.#cohorts]);
      await this.#locks.enlist();
    }
    this.#sure = true;
    const generations = await allGenerations(this.#sql);
    const wanted = this.#wanted(generations);
    const born = new Map(wanted.map((unit) => [unit.key, unit.born]));
    await this.#stopCohorts(
      [...this.#cohorts].filter((cohort) => [...cohort.keys].some(([key, birth]) => born.get(key) !== birth)),
    );
    await this.#takeShare(wanted);
    await this.#housekeeping.look(generations);
  }

  #wanted(generations: readonly Generation[]): Wanted[] {
    const wanted = generations.flatMap(({ projection: name, generation, state, over, born }) => {
      const projection = this.#projections.find((candidate) => candidate.name === name);
      if (!projection || state === 'building' || over) return [];
      return this.#streamsOf(projection).map(
        (stream): Wanted => ({
          projection,
          generation,
          stream,
          key: unitKey(name, generation, stream.name),
          born,
        }),
      );
    });
    // Units of one stream side by side: those taken together share a reader.
    return wanted.sort((a, b) =>
      a.stream.name < b.stream.name ? -1 : a.stream.name > b.stream.name ? 1 : a.key < b.key ? -1 : 1,
    );
  }

  async #takeShare(wanted: readonly Wanted[]): Promise<void> {
    const share = Math.ceil(wanted.length / (await this.#locks.enlisted()));
    let held = [...this.#cohorts].reduce((sum, { keys }) => sum + keys.size, 0);
    const surplus: Cohort[] = [];
    for (const cohort of this.#cohorts) {
      if (held - cohort.keys.size < share) continue;
      surplus.push(cohort);
      held -= cohort.keys.size;
    }
    await this.#stopCohorts(surplus);
    if (surplus.length > 0) return;
    const taken: Wanted[] = [];
    for (const unit of wanted) {
      if (held + taken.length >= share) break;
      if ((this.#resting.get(unit.key) ?? 0) > Date.now()) continue;
      if (await this.#locks.take(unit.key)) taken.push(unit);
    }
    const streams = new Map(taken.map(({ stream }) => [stream.name, stream]));
    for (const stream of streams.values())
      this.#startCohort(
        stream,
        taken.filter((unit) => unit.stream.name === stream.name),
      );
  }

  #startCohort(stream: StreamName, units: readonly Wanted[]): void {
    const cohort: Cohort = {
      stream,
      keys: new Map(units.map(({ key, born }) => [key, born])),
      stop: new AbortController(),
      pace: new Pace(),
      done: Promise.resolve(),
    };
    this.#cohorts.add(cohort);
    cohort.done = this.#runCohort(cohort, units)
      .catch((error: unknown) => {
        if (cohort.stop.signal.aborted && passes(error)) return;
        this.#sure = false;
        this.#options.onFault(error);
      })
      .then(() => this.#giveBack(cohort));
  }

  async #runCohort(cohort: Cohort, wanted: readonly Wanted[]): Promise<void> {
    const head = await this.#options.log.head(cohort.stream.name);
    const units: Unit[] = [];
    for (const { projection, generation, stream, key } of wanted) {
      const unit = await Unit.open(this.#sql, projection, generation, stream);
      if (unit.sequence <= head) units.push(unit);
      else
        await this.#rest(
          cohort,
          key,
          new AheadOfLog(
            `${key} is at ${unit.sequence}, the log ends at ${head}: it is another log's; rebuild`,
          ),
        );
    }
    await run({
      log: this.#options.log,
      units,
      signal: cohort.stop.signal,
      follow: true,
      pace: cohort.pace,
      onApplied: (unit) => {
        const { projection, generation, sequence } = unit;
        const signal: ProjectedSignal = {
          projection: projection.name,
          generation,
          stream: cohort.stream.name,
          sequence,
        };
        this.#options.signals.publish(signalAmong('projected'), signal);
      },
      onPoisoned: (unit, fault) => void this.#rest(cohort, unit.key, fault),
    });
  }

  /** A unit that has stopped: said once, given back, and tried again when somebody may have mended it. */
  async #rest(cohort: Cohort, key: string, fault: unknown): Promise<void> {
    this.#options.onFault(fault);
    this.#resting.set(key, Date.now() + REST);
    cohort.keys.delete(key);
    await this.#unlock(key);
  }

  async #giveBack(cohort: Cohort): Promise<void> {
    for (const key of cohort.keys.keys()) await this.#unlock(key);
    this.#cohorts.delete(cohort);
  }

  async #unlock(key: string): Promise<void> {
    try {
      await this.#locks.release(key);
    } catch (error) {
      // The session is gone, and every lock with it: the next look notices.
      if (!passes(error)) this.#options.onFault(error);
    }
  }

  async #stopCohorts(cohorts: readonly Cohort[]): Promise<void> {
    for (const cohort of cohorts) cohort.stop.abort();
    await Promise.all(cohorts.map(({ done }) => done));
  }

  #streamsOf({ family }: Projection): StreamName[] {
    return this.#options.log.subjects.streams().filter((stream) => stream.family === family);
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#stopping;
    await sleep(ms, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}
