// From the first word of a model's stream to the visitor's socket, at a steady rate of questions: how long it takes, and whether each answer is stored once.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerFrame } from '../../../domain/wire.ts';
import { nowMs } from '../load/clock.ts';
import { type Percentiles, percentiles } from '../load/ledger.ts';
import { NativeClient } from '../load/native-client.ts';
import { OwnCpu } from '../measure/own-cpu.ts';
import type { BenchEndpoint } from '../systems/ai-endpoint.ts';
import { conversationFacts } from '../systems/log-facts.ts';
import type { NatterUnderTest } from '../systems/natter.ts';
import { inLanes } from '../systems/system.ts';

export interface AiPlan {
  /** Asked one after another, by visitors in turn. */
  readonly questions: number;
  /** Questions a second. */
  readonly questionRate: number;
}

export interface AiResult {
  readonly asked: number;
  readonly visitors: number;
  readonly rate: number;
  /** From the writing of an answer's first word at the endpoint to the first text at the visitor's socket. */
  readonly first: Percentiles;
  /** Questions that the endpoint was asked, and of which the visitor saw nothing before the answer was stored. */
  readonly unseen: number;
  /** Questions with exactly one answer in the log, with none or a failure, with several. */
  readonly storedOnce: number;
  readonly unanswered: number;
  readonly storedTwice: number;
  /** Share of one core that the bench's process took: it holds the endpoint and all sockets. */
  readonly ownCpu: number;
}

const VISITORS = 200;
/** Questions that are not measured: code and connections warm up as they would in a running system. */
const WARM_UP = 30;
const DRAIN_MS = 15_000;

interface Question {
  writtenAt?: number;
  seenAt?: number;
}

/** `system` asks `endpoint`. */
export async function measureAi(
  system: NatterUnderTest,
  dataDir: string,
  endpoint: BenchEndpoint,
  { questions: measured, questionRate }: AiPlan,
  say: (sentence: string) => void,
): Promise<AiResult> {
  const total = WARM_UP + measured;
  const questions = Array.from({ length: total }, (): Question => ({}));
  endpoint.onFirst = (text, writtenAt) => {
    const question = questions[Number(/#(\d+)/.exec(text)?.[1])];
    if (question) question.writtenAt ??= writtenAt;
  };
  const api = await system.api();
  const asking: (Question | undefined)[] = [];
  const names = Array.from({ length: Math.min(VISITORS, total) }, (_, index) => `Visitor ${index}`);
  const visitors = await inLanes(names, 16, async (name, index) => {
    const seat = await api.startConversation(name);
    const frame = (heard: ServerFrame) => {
      if (!('signal' in heard) || heard.signal.type !== 'ai' || heard.signal.text === '') return;
      const question = asking[index];
      if (question?.writtenAt !== undefined) question.seenAt ??= nowMs();
    };
    return { seat, client: await NativeClient.visitor(system.url, seat, { frame }) };
  });
  await system.settled();
  say(`${system.name}: ${measured} questions, ${questionRate}/s …`);
  const cpu = new OwnCpu();
  const begun = nowMs();
  const answers = questions.map(async (question, index) => {
    await sleep(Math.max(0, begun + (index * 1_000) / questionRate - nowMs()));
    const at = index % visitors.length;
    asking[at] = question;
    const { seat, client } = visitors[at] ?? {};
    if (!seat || !client) return;
    const text = `When will parcel #${index} leave your house?`;
    await client.command('PostMessage', seat.conversation, { text });
  });
  await Promise.all(answers);
  const ownCpu = cpu.share();
  let stored = await answersStored(dataDir, say);
  for (const until = nowMs() + DRAIN_MS; stored.length < total && nowMs() < until; await sleep(500))
    stored = await answersStored(dataDir, say);
  for (const { client } of visitors) client.close();
  const seen = questions.slice(WARM_UP);
  const delays = seen.flatMap(({ writtenAt, seenAt }) =>
    writtenAt === undefined || seenAt === undefined ? [] : [seenAt - writtenAt],
  );
  return {
    asked: measured,
    visitors: visitors.length,
    rate: questionRate,
    first: percentiles(delays),
    unseen: seen.filter(({ writtenAt, seenAt }) => writtenAt !== undefined && seenAt === undefined).length,
    storedOnce: stored.filter((times) => times === 1).length,
    unanswered: total - stored.length,
    storedTwice: stored.filter((times) => times > 1).length,
    ownCpu,
  };
}

/** How often each answered question was answered in the log, the warm-up's included. */
async function answersStored(dataDir: string, say: (sentence: string) => void): Promise<number[]> {
  const times = new Map<string, number>();
  for (const { conversation, fact } of await conversationFacts(dataDir, say)) {
    if (fact.type !== 'AiAnswered') continue;
    const key = `${conversation} ${fact.data.answers}`;
    times.set(key, (times.get(key) ?? 0) + 1);
  }
  return [...times.values()];
}
