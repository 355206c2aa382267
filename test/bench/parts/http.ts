// Reading over HTTP at a fixed rate: how long an answer takes, what it costs, and what the same JSON costs plain fastify.
import type { ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answers, type Asked, askPaced } from '../load/requests.ts';
import { cpuOf, processTrees } from '../measure/processes.ts';
import { ended, type Programs } from '../programs.ts';
import { fillLog } from '../systems/fill-log.ts';
import { ask, inLanes, type SystemUnderTest } from '../systems/system.ts';

export interface HttpPlan {
  /** Conversations in the log and in the lists. */
  readonly sessions: number;
  /** Requests a second, of each kind after the other. */
  readonly requests: number;
  readonly seconds: number;
}

export interface HttpResult extends Answers {
  readonly what: string;
  /** CPU milliseconds a request, without what the system spends idle: of the edge, and of all of it. */
  readonly edgeCpu: number;
  readonly systemCpu: number;
  /** Plain fastify with the same JSON. */
  readonly plain: Answers & { readonly cpu: number };
}

/** Conversations with so many messages that are asked for by turns: more than an edge keeps in memory. */
const LONG = 260;
const KEPT = 20;
const MESSAGES = 50;
const WARM_UP_SECONDS = 3;
const REST_SECONDS = 3;
const IDLE_SECONDS = 4;

export async function measureHttp(
  system: SystemUnderTest,
  dataDir: string,
  programs: Programs,
  plan: HttpPlan,
  say: (sentence: string) => void,
): Promise<HttpResult[]> {
  const http = system.url.replace(/^ws/, 'http');
  say(`${system.name}: ${plan.sessions} sessions …`);
  await fillLog(dataDir, plan.sessions, say);
  const { visitors, agents } = await system.prepare(LONG, 1);
  await inLanes(visitors, 32, async ({ conversation }) => {
    for (let index = 1; index < MESSAGES; index++)
      await ask(`${http}/api/live-chat/sessions/${conversation}/messages`, 'POST', undefined, {
        content: `Message ${index}: I would like to know when my order HC-${randomInt(99_999)} will arrive.`,
      });
  });
  await system.settled();
  const { token = '' } = agents[0] ?? {};
  const plain = await PlainFastify.start(programs);
  try {
    await sleep(REST_SECONDS * 1_000);
    const idle = await costs(system);
    await sleep(IDLE_SECONDS * 1_000);
    const idled = await costs(system);
    const idleEdge = (idled.edge - idle.edge) / IDLE_SECONDS;
    const idleAll = (idled.all - idle.all) / IDLE_SECONDS;
    const results: HttpResult[] = [];
    for (const { what, next } of kinds(
      http,
      token,
      visitors.map(({ conversation }) => conversation),
    )) {
      say(`${system.name}: ${what}, ${plan.requests}/s for ${plan.seconds} s …`);
      await askPaced(plan.requests, WARM_UP_SECONDS, next);
      const before = await costs(system);
      const answers = await askPaced(plan.requests, plan.seconds, next);
      const after = await costs(system);
      const perRequest = (now: number, then: number, idling: number) =>
        ((now - then - idling * plan.seconds) / (plan.requests * plan.seconds)) * 1_000;
      results.push({
        ...answers,
        what,
        edgeCpu: perRequest(after.edge, before.edge, idleEdge),
        systemCpu: perRequest(after.all, before.all, idleAll),
        plain: await plain.measure(next(0), plan),
      });
    }
    return results;
  } finally {
    await plain.stop();
  }
}

interface Kind {
  readonly what: string;
  readonly next: (index: number) => Asked;
}

function kinds(http: string, token: string, conversations: readonly string[]): Kind[] {
  const headers = { authorization: `Bearer ${token}` };
  const one = (index: number, among: number) => conversations[index % among];
  const list = '/api/admin/live-chat/sessions?limit=20';
  const words = ['amelia', 'noah', 'ethan', 'daniel', 'chloe'];
  const lists = (what: string, query: (index: number) => string): Kind => ({
    what,
    next: (index) => ({ url: `${http}${list}${query(index)}`, headers }),
  });
  return [
    {
      what: 'live-chat: 50 messages, of a few sessions',
      next: (index) => ({ url: `${http}/api/live-chat/sessions/${one(index, KEPT)}/messages?limit=50` }),
    },
    {
      what: 'live-chat: 50 messages, of many sessions',
      next: (index) => ({ url: `${http}/api/live-chat/sessions/${one(index, LONG)}/messages?limit=50` }),
    },
    {
      what: 'widget: 50 messages, of a few sessions',
      next: (index) => ({ url: `${http}/api/widgets/sessions/${one(index, KEPT)}/messages`, headers }),
    },
    {
      what: 'support: 50 messages, of a few sessions',
      next: (index) => ({ url: `${http}/api/chat/messages/${one(index, KEPT)}?limit=50`, headers }),
    },
    lists('session list: 20', () => ''),
    lists('session list: 20, by status', () => '&status=closed'),
    lists('session list: 20, searched', (index) => `&search=${words[index % words.length]}`),
    lists(
      'session list: 20, by status and searched',
      (index) => `&status=closed&search=${words[index % words.length]}`,
    ),
  ];
}

async function costs(system: SystemUnderTest): Promise<{ edge: number; all: number }> {
  const processes = await system.processes();
  return { edge: cpuOf(processes.filter(({ program }) => program === 'edge')), all: cpuOf(processes) };
}

/** Plain fastify in a process of its own. */
class PlainFastify {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(programs: Programs): Promise<PlainFastify> {
    const child = programs.start('plain-http');
    await once(child, 'message');
    return new PlainFastify(child);
  }

  /** The same rate with the JSON that the system answers `like` with. */
  async measure(like: Asked, { requests, seconds }: HttpPlan): Promise<HttpResult['plain']> {
    this.#child.send((await (await fetch(like.url, { headers: like.headers })).json()) as object);
    const [{ port, index }] = (await once(this.#child, 'message')) as [{ port: number; index: number }];
    const asked = { url: `http://127.0.0.1:${port}/answers/${index}` };
    await askPaced(requests, WARM_UP_SECONDS, () => asked);
    const before = await this.#cpu();
    const answers = await askPaced(requests, seconds, () => asked);
    return { ...answers, cpu: (((await this.#cpu()) - before) / (requests * seconds)) * 1_000 };
  }

  async #cpu(): Promise<number> {
    return cpuOf(await processTrees([this.#child.pid ?? 0]));
  }

  stop(): Promise<void> {
    return ended(this.#child, 'SIGTERM');
  }
}
