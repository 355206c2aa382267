// What the bench needs of a system under test, so that ours and the peer meet the very same measurements.
import type { AgentSeat, VisitorSeat } from '../load/line.ts';
import type { DialectName } from '../load/orders.ts';
import type { RunningProcess } from '../measure/processes.ts';

export interface Seats {
  readonly visitors: readonly VisitorSeat[];
  /** Each follows as many conversations as the others; all together follow every one, once. */
  readonly agents: readonly AgentSeat[];
}

export interface SystemUnderTest {
  readonly name: string;
  readonly dialect: DialectName;
  /** `ws://host:port` */
  readonly url: string;
  /** What an acknowledgement, or a broadcast, is worth. */
  readonly durability: string;
  /** The program that holds the sockets, and those whose memory is stated apart. */
  readonly socketProgram: string;
  readonly besideProgram: string;
  /** All its processes, databases included. */
  processes(): Promise<RunningProcess[]>;
  /** Makes conversations with a visitor each, and agents who own an equal share of them. */
  prepare(conversations: number, agents: number): Promise<Seats>;
  /** Waits until everything that a message brings about has been done. */
  settled(): Promise<void>;
  /** Starts its own processes afresh on the same data. */
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Shares conversations out among agents, evenly. */
export function shareOut(conversations: readonly string[], agents: number): string[][] {
  const each = Math.ceil(conversations.length / agents);
  return Array.from({ length: agents }, (_, index) => conversations.slice(index * each, (index + 1) * each));
}

/** Does `work` for each of `items`, at most `atOnce` at a time, answers in order. */
export async function inLanes<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < items.length; index = next++)
      results[index] = await work(items[index] as T, index);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
  return results;
}

/** Asks an HTTP API in JSON. Throws where it does not answer with success. */
export async function ask<T>(
  url: string,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH',
  token?: string,
  body?: unknown,
): Promise<T> {
  const answer = await fetch(url, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok)
    throw new Error(`${method} ${new URL(url).pathname} answered ${answer.status}: ${text.slice(0, 300)}`);
  return JSON.parse(text) as T;
}
