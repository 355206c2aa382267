// Asks over HTTP at a fixed rate, whatever the answers take: one request leaves at each moment, and waits for no other.
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs } from './clock.ts';

export interface Asked {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answers {
  /** Milliseconds from the intended moment to the last byte. */
  readonly p50: number;
  readonly p99: number;
  /** Bytes of an answer's body, on average. */
  readonly bytes: number;
}

/** Milliseconds for which the moment itself is waited for: timers are late by about one. */
const SPIN = 1.2;

/** Asks `next(0)`, `next(1)` … Throws where an answer is not 200. */
export async function askPaced(
  rate: number,
  seconds: number,
  next: (index: number) => Asked,
): Promise<Answers> {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const times: number[] = [];
  let bytes = 0;
  const one = async (index: number, intended: number) => {
    bytes += await ask(agent, next(index));
    times.push(nowMs() - intended);
  };
  try {
    const all: Promise<void>[] = [];
    const begun = nowMs() + 5;
    for (let index = 0; index < rate * seconds; index++) {
      const intended = begun + (index * 1_000) / rate;
      const left = intended - nowMs() - SPIN;
      if (left > 0) await sleep(left);
      while (nowMs() < intended) await new Promise(setImmediate);
      all.push(one(index, intended));
    }
    await Promise.all(all);
  } finally {
    agent.destroy();
  }
  times.sort((left, right) => left - right);
  const at = (part: number) =>
    times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), bytes: bytes / times.length };
}

/** The length of the answer's body in bytes. */
function ask(agent: Agent, { url, headers }: Asked): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { agent, headers }, (answer) => {
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      answer.on('error', reject);
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(bytes);
        else reject(new Error(`GET ${new URL(url).pathname} answered ${answer.statusCode}`));
      });
    })
      .on('error', reject)
      .end();
  });
}
