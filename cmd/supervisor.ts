// Keeps a set of processes running: starts them in phases, restarts what dies, gives up with a reason, stops all.
import { setTimeout as sleep } from 'node:timers/promises';

/** One process while it runs. */
export interface Running {
  pid: number;
  /** Settles with how it ended, in words; never rejects. */
  exited: Promise<string>;
  /** Asks it to end and waits until it has. */
  stop(): Promise<void>;
  /** Ends it without asking. */
  kill(): void;
}

/** Something that can be started, again and again. */
export interface Unit {
  name: string;
  /** Settles when it is ready for work; rejects with an Error of one sentence when it does not get there. */
  start(): Promise<Running>;
}

export interface SupervisorOptions {
  /** Started phase by phase, each phase's units at once; stopped in reverse. */
  phases: Unit[][];
  say: (sentence: string) => void;
  /** A life shorter than this is a quick death. Default 10,000 ms. */
  quickMs?: number;
  /** So many quick deaths of one unit in a row end everything. Default 5. */
  maxQuickDeaths?: number;
  /** Wait before the first restart, doubled each time up to 5 s. Default 200 ms. */
  firstDelayMs?: number;
}

export interface Supervisor {
  /** Settles when everything was ready once; rejects with the first unit's sentence when one did not start. */
  ready: Promise<void>;
  /** Settles with the reason when it gave up later (everything is stopped by then); else never. */
  gaveUp: Promise<string>;
  /** Stops everything in reverse order. May be called at any time, more than once. */
  stop(): Promise<void>;
  /** Ends everything without asking. */
  kill(): void;
  pidOf(name: string): number | undefined;
}

export function supervise(options: SupervisorOptions): Supervisor {
  const { phases, say, quickMs = 10_000, maxQuickDeaths = 5, firstDelayMs = 200 } = options;
  const running = new Map<Unit, Running>();
  let stopping: Promise<void> | undefined;
  let tellGaveUp: (reason: string) => void = () => {};
  const gaveUp = new Promise<string>((resolve) => {
    tellGaveUp = resolve;
  });

  async function launch(unit: Unit): Promise<Running> {
    const live = await unit.start();
    if (stopping) {
      await live.stop();
      throw new Error(`${unit.name} was stopped`);
    }
    running.set(unit, live);
    return live;
  }

  // Owns one unit from its first life on; ends when the supervisor stops or gives up.
  async function keepAlive(unit: Unit, first: Running, bornAt: number): Promise<void> {
    let live: Running | undefined = first;
    let quickDeaths = 0;
    let born = bornAt;
    let why = '';
    for (;;) {
      // A start that failed has no life, and counts as a quick death however long it took.
      let quick = true;
      if (live) {
        why = await live.exited;
        running.delete(unit);
        quick = Date.now() - born < quickMs;
      }
      if (stopping) return;
      quickDeaths = quick ? quickDeaths + 1 : 0;
      if (quickDeaths >= maxQuickDeaths) {
        void giveUp(`${unit.name} ended ${quickDeaths} times in a row soon after its start, last: ${why}`);
        return;
      }
      const delay = Math.min(5_000, firstDelayMs * 2 ** Math.max(0, quickDeaths - 1));
      say(`${unit.name} ended (${why}); starting it again in ${delay / 1000} s.`);
      await sleep(delay);
      if (stopping) return;
      born = Date.now();
      try {
        live = await launch(unit);
      } catch (error) {
        live = undefined;
        why = (error as Error).message;
      }
    }
  }

  async function giveUp(reason: string): Promise<void> {
    if (stopping) return;
    await stop();
    tellGaveUp(reason);
  }

  async function startAll(): Promise<void> {
    for (const phase of phases) {
      const born = Date.now();
      const lives = await Promise.allSettled(phase.map(launch));
      const failed = lives.find((life) => life.status === 'rejected');
      if (failed) {
        await stop();
        throw failed.reason;
      }
      lives.forEach((life, at) => {
        const unit = phase[at];
        if (unit && life.status === 'fulfilled') void keepAlive(unit, life.value, born);
      });
    }
  }

  function stop(): Promise<void> {
    stopping ??= (async () => {
      for (const phase of phases.toReversed()) {
        // Within a phase too, the last started goes first: edges drain while worker and projector still work.
        for (const group of groupsInReverse(phase)) {
          await Promise.all(group.map((unit) => running.get(unit)?.stop()));
        }
      }
    })();
    return stopping;
  }

  return {
    ready: startAll(),
    gaveUp,
    stop,
    kill() {
      stopping ??= Promise.resolve();
      for (const live of running.values()) live.kill();
    },
    pidOf: (name) => [...running].find(([unit]) => unit.name === name)?.[1].pid,
  };
}

/** Units of the same kind (`edge 1`, `edge 2`) stop together. */
function groupsInReverse(phase: Unit[]): Unit[][] {
  const groups = new Map<string, Unit[]>();
  for (const unit of phase) {
    const kind = unit.name.replace(/ \d+$/, '');
    groups.set(kind, [...(groups.get(kind) ?? []), unit]);
  }
  return [...groups.values()].reverse();
}
