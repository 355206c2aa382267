// A long queue whose front is taken every two seconds: when each who waits is told of the new place, and what telling them costs the edge.
import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs } from '../load/clock.ts';
import { type Percentiles, percentiles } from '../load/ledger.ts';
import { NativeClient } from '../load/native-client.ts';
import { OwnCpu } from '../measure/own-cpu.ts';
import { cpuOf } from '../measure/processes.ts';
import type { NatterUnderTest } from '../systems/natter.ts';
import { inLanes } from '../systems/system.ts';

export interface QueuePlan {
  /** Visitors who wait, each with a socket. */
  readonly waiting: number;
  /** How many are taken from the front, one every two seconds. */
  readonly changes: number;
}

export interface QueueResult {
  readonly waiting: number;
  readonly changes: number;
  /** For each change and each socket: from the acknowledgement of the taking to the frame with the new place. */
  readonly told: Percentiles;
  /** Changes of which somebody heard more than a second later, or never. */
  readonly lateChanges: number;
  /** Pairs of a change and a socket that never heard of it. */
  readonly untold: number;
  /** Frames that told a place which was known already: with another estimate. */
  readonly toldAgain: number;
  /** Share of one core that the edge takes while all wait and nothing changes, and during the changes. */
  readonly idleCpu: number;
  readonly edgeCpu: number;
  /** The same of the system as a whole, and of the bench's process, which holds all sockets. */
  readonly idleSystemCpu: number;
  readonly systemCpu: number;
  readonly ownCpu: number;
}

const EVERY_MS = 2_000;
const PROMISED_MS = 1_000;
/** Milliseconds after the sockets came until the edge counts as idle, and for which it is watched. */
const REST_MS = 3_000;
const IDLE_MS = 10_000;
const PATIENCE_MS = 20_000;
/** Conversations that one agent may have: more than are taken. */
const ROOM = 1_000;

/** One who waits, with the places told and when: after `n` changes the n-th entry stands there. */
class Waiter {
  readonly conversation: string;
  /** Its place before the first change. */
  first = 0;
  position = 0;
  again = 0;
  readonly heardAt: number[] = [];

  constructor(conversation: string) {
    this.conversation = conversation;
  }

  told(position: number): void {
    if (position === this.position) this.again += 1;
    this.position = position;
    // Who is told of two changes at once has heard of both.
    for (let change = this.heardAt.length; change < this.first - position; change++)
      this.heardAt.push(nowMs());
  }
}

export async function measureQueue(
  system: NatterUnderTest,
  { waiting, changes }: QueuePlan,
  say: (sentence: string) => void,
): Promise<QueueResult> {
  const api = await system.api();
  const agent = await api.addAgent({ maxChats: ROOM });
  say(`${system.name}: ${waiting} visitors who wait …`);
  const names = Array.from({ length: waiting }, (_, index) => `Visitor ${index}`);
  const seats = await inLanes(names, 32, (name) => api.startConversation(name));
  await system.settled();
  const waiters = seats.map(({ conversation }) => new Waiter(conversation));
  const clients = await inLanes(seats, 50, (seat, index) =>
    NativeClient.visitor(system.url, seat, {
      frame(heard) {
        if ('signal' in heard && heard.signal.type === 'queue') waiters[index]?.told(heard.signal.position);
      },
    }),
  );
  const taker = await NativeClient.agent(system.url, agent.token, {});
  await placed(waiters);
  await sleep(REST_MS);

  const idle = await Meter.start(system);
  await sleep(IDLE_MS);
  const idling = await idle.read();

  for (const waiter of waiters) {
    waiter.first = waiter.position;
    waiter.again = 0;
  }
  const order = waiters.toSorted((one, other) => one.first - other.first);
  say(`${system.name}: ${changes} are taken from the front, one every ${EVERY_MS / 1_000} s …`);
  const busy = await Meter.start(system);
  const own = new OwnCpu();
  const takenAt: number[] = [];
  const begun = nowMs();
  for (let change = 0; change < changes; change++) {
    await sleep(Math.max(0, begun + change * EVERY_MS - nowMs()));
    const { conversation } = order[change] as Waiter;
    const told = await taker.command('AcceptConversation', conversation, {});
    if ('refused' in told) throw new Error(`the front of the queue could not be taken: ${told.refused}`);
    takenAt.push(nowMs());
  }
  await sleep(Math.max(0, begun + changes * EVERY_MS - nowMs()));
  const being = await busy.read();
  const ownCpu = own.share();
  for (const client of [...clients, taker]) client.close();

  const left = order.slice(changes);
  const perChange = takenAt.map((at, change) =>
    left.map(({ heardAt }) => (heardAt[change] ?? Number.POSITIVE_INFINITY) - at),
  );
  return {
    waiting,
    changes,
    told: percentiles(perChange.flat()),
    lateChanges: perChange.filter((delays) => delays.some((delay) => delay > PROMISED_MS)).length,
    untold: perChange.flat().filter((delay) => delay === Number.POSITIVE_INFINITY).length,
    toldAgain: left.reduce((sum, { again }) => sum + again, 0),
    idleCpu: idling.edge,
    edgeCpu: being.edge,
    idleSystemCpu: idling.all,
    systemCpu: being.all,
    ownCpu,
  };
}

/** Waits until everybody has a place of their own, from 1 to the last. */
async function placed(waiters: readonly Waiter[]): Promise<void> {
  for (const until = nowMs() + PATIENCE_MS; nowMs() < until; await sleep(100)) {
    const places = new Set(waiters.map(({ position }) => position));
    if (places.size === waiters.length && !places.has(0)) return;
  }
  throw new Error('not everybody who waits was told a place within 20 s');
}

/** Shares of one core since it was started. */
class Meter {
  readonly #system: NatterUnderTest;
  readonly #since = nowMs();
  readonly #then: { readonly edge: number; readonly all: number };

  private constructor(system: NatterUnderTest, then: { edge: number; all: number }) {
    this.#system = system;
    this.#then = then;
  }

  static async start(system: NatterUnderTest): Promise<Meter> {
    return new Meter(system, await secondsOf(system));
  }

  async read(): Promise<{ edge: number; all: number }> {
    const now = await secondsOf(this.#system);
    const seconds = (nowMs() - this.#since) / 1_000;
    return { edge: (now.edge - this.#then.edge) / seconds, all: (now.all - this.#then.all) / seconds };
  }
}

async function secondsOf(system: NatterUnderTest): Promise<{ edge: number; all: number }> {
  const processes = await system.processes();
  return { edge: cpuOf(processes.filter(({ program }) => program === 'edge')), all: cpuOf(processes) };
}
