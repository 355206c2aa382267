// From a visitor's socket to an agent's, at fixed rates: how long it takes, what it costs, whether anything is missing.
import { GeneratorProcess } from '../load/generator-process.ts';
import type { Outcome } from '../load/ledger.ts';
import { cpuOf, processTrees } from '../measure/processes.ts';
import type { Programs } from '../programs.ts';
import type { SystemUnderTest } from '../systems/system.ts';

export interface LatencyPlan {
  readonly conversations: number;
  readonly agents: number;
  readonly rates: readonly number[];
  /** At each rate. */
  readonly seconds: number;
  /** Before the first, not measured: compilers and caches warm up as they would in a running system. */
  readonly warmUpSeconds: number;
}

export interface LatencyResult extends Outcome {
  readonly rate: number;
  /** CPU seconds per 10,000 messages, over all processes of the system; until its read models are up to date. */
  readonly cpuPer10k: number;
  /** The same by program. */
  readonly cpuByProgram: Readonly<Record<string, number>>;
  /** The same of the load generator: not part of the system's. */
  readonly generatorPer10k: number;
  /** Sockets that closed without being asked to. */
  readonly closed: number;
  readonly firstTrouble?: string;
}

const DRAIN_SECONDS = 10;
const WARM_UP_RATE = 1_000;

export async function measureLatency(
  system: SystemUnderTest,
  programs: Programs,
  plan: LatencyPlan,
  say: (sentence: string) => void,
): Promise<LatencyResult[]> {
  const seats = await system.prepare(plan.conversations, plan.agents);
  const generator = new GeneratorProcess(programs);
  try {
    await generator.tell({ order: 'connect', dialect: system.dialect, url: system.url, ...seats });
    await generator.tell({
      order: 'send',
      rate: WARM_UP_RATE,
      seconds: plan.warmUpSeconds,
      drainSeconds: DRAIN_SECONDS,
    });
    await system.settled();
    const results: LatencyResult[] = [];
    for (const rate of plan.rates) {
      say(`${system.name}: ${rate} messages/s for ${plan.seconds} s …`);
      const before = await costs(system, generator);
      const { outcome, closed, firstTrouble } = await generator.tell({
        order: 'send',
        rate,
        seconds: plan.seconds,
        drainSeconds: DRAIN_SECONDS,
      });
      await system.settled();
      const after = await costs(system, generator);
      const per10k = (now: number, then: number) => ((now - then) / outcome.sent) * 10_000;
      results.push({
        ...outcome,
        rate,
        cpuPer10k: per10k(after.system, before.system),
        cpuByProgram: Object.fromEntries(
          [...after.programs].map(([name, now]) => [name, per10k(now, before.programs.get(name) ?? 0)]),
        ),
        generatorPer10k: per10k(after.generator, before.generator),
        closed,
        firstTrouble,
      });
    }
    return results;
  } finally {
    await generator.stop();
  }
}

interface Costs {
  readonly system: number;
  readonly programs: Map<string, number>;
  readonly generator: number;
}

async function costs(system: SystemUnderTest, generator: GeneratorProcess): Promise<Costs> {
  const processes = await system.processes();
  const programs = new Map<string, number>();
  for (const { program, cpuSeconds } of processes)
    programs.set(program, (programs.get(program) ?? 0) + cpuSeconds);
  return { system: cpuOf(processes), programs, generator: cpuOf(await processTrees([generator.pid])) };
}
