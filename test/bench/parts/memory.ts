// What an idle visitor's socket costs in memory, each on a conversation of its own.
import { setTimeout as sleep } from 'node:timers/promises';
import { GeneratorProcess } from '../load/generator-process.ts';
import { rssOf } from '../measure/processes.ts';
import type { Programs } from '../programs.ts';
import type { SystemUnderTest } from '../systems/system.ts';

export interface MemoryPlan {
  readonly sockets: number;
  /** How long the sockets idle before memory is read. */
  readonly settleSeconds: number;
}

export interface MemoryResult {
  readonly sockets: number;
  /** Bytes of the process that holds the sockets, more than with none, per socket. */
  readonly perSocket: number;
  /** The same from the half to the whole number: without what the first sockets cost once. */
  readonly perFurtherSocket: number;
  /** Bytes per socket of the program beside it (NATS, Postgres). */
  readonly beside: number;
  /** Bytes with no socket. */
  readonly empty: number;
  readonly closed: number;
}

/** Sockets that come and go before the first reading, so that code and buffers are there on both sides. */
const WARM_UP = 200;

export async function measureMemory(
  system: SystemUnderTest,
  programs: Programs,
  plan: MemoryPlan,
  say: (sentence: string) => void,
): Promise<MemoryResult> {
  say(`${system.name}: ${plan.sockets} conversations …`);
  const { visitors } = await system.prepare(plan.sockets, 1);
  await system.settled();
  // Making them has filled the process's heap, in which sockets would then find room for nothing.
  await system.restart();
  const generator = new GeneratorProcess(programs);
  const order = (seats: typeof visitors) =>
    generator.tell({
      order: 'connect',
      dialect: system.dialect,
      url: system.url,
      visitors: seats,
      agents: [],
    });
  const read = async () => {
    await sleep(plan.settleSeconds * 1_000);
    const processes = await system.processes();
    return { own: rssOf(processes, system.socketProgram), beside: rssOf(processes, system.besideProgram) };
  };
  try {
    await order(visitors.slice(0, WARM_UP));
    await generator.tell({ order: 'disconnect' });
    const empty = await read();
    const half = Math.floor(plan.sockets / 2);
    say(`${system.name}: ${plan.sockets} idle sockets …`);
    await order(visitors.slice(0, half));
    const between = await read();
    await order(visitors.slice(half));
    const full = await read();
    const last = await generator.tell({ order: 'send', rate: 1, seconds: 0, drainSeconds: 0 });
    return {
      sockets: plan.sockets,
      perSocket: (full.own - empty.own) / plan.sockets,
      perFurtherSocket: (full.own - between.own) / (plan.sockets - half),
      beside: (full.beside - empty.beside) / plan.sockets,
      empty: empty.own,
      closed: last.closed,
    };
  } finally {
    await generator.stop();
  }
}
