// Kill -9 of the worker in the middle of the AI's answers, and of an edge: every visitor is answered, each question once.
import { setTimeout as sleep } from 'node:timers/promises';
import { v7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { done, finish, head, piece, startEndpoint, type TestEndpoint } from '../edge/out/ai/endpoint.ts';
import { Talker } from '../edge/socket/talker.ts';
import { type Stack, startStack } from '../parts/stack.ts';

const VISITORS = 6;

let stack: Stack;
let endpoint: TestEndpoint;
const talkers: Talker[] = [];

beforeAll(async () => {
  endpoint = await startEndpoint(async (response) => {
    head(response);
    // Slow enough that the crash meets most of them half written.
    for (const text of ['It ', 'is ', 'as ', 'you ', 'say.', '\n[[confidence: 0.9]]']) {
      response.write(piece(text));
      await sleep(200);
    }
    response.end(finish() + done);
  });
  stack = await startStack({ AI_BASE_URL: endpoint.url, AI_API_KEY: 'a key for a test' });
}, 180_000);
afterAll(async () => {
  for (const talker of talkers) talker.close();
  await stack?.stop();
  await endpoint?.close();
}, 60_000);

interface Asker {
  readonly conversation: string;
  readonly visitorToken: string;
}

async function asker(): Promise<Asker> {
  const started = await fetch(`${stack.url}/api/conversations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ siteKey: stack.siteKey, command: v7(), visitor: {} }),
  });
  expect(started.status).toBe(201);
  return (await started.json()) as Asker;
}

async function line({ conversation, visitorToken }: Asker): Promise<Talker> {
  const talker = await Talker.connect(stack.port, { conversation, visitorToken });
  talkers.push(talker);
  await talker.resume(conversation);
  return talker;
}

const answers = ({ events }: Talker) =>
  events
    .filter(({ type, actor }) => type === 'MessagePosted' && actor.kind === 'ai')
    .map(({ data }) => data.text);
const soon = { timeout: 60_000, interval: 200 };

test.each(['worker', 'edge'])(
  'the %s dies while answers are written, and each question is answered once',
  async (part) => {
    const askers = await Promise.all(Array.from({ length: VISITORS }, asker));
    const before = endpoint.asked.length;
    const first = await Promise.all(askers.map(line));
    await Promise.all(
      first.map((talker, index) => talker.post(askers[index]?.conversation ?? '', 'Is it so?')),
    );
    await endpoint.hears(before + 3);
    const [pid] = await stack.pids(part);
    expect(pid, `no ${part} is running`).toBeDefined();
    process.kill(pid as number, 'SIGKILL');
    await sleep(1_000);
    await expect
      .poll(async () => (await fetch(`${stack.url}/readyz`).catch(() => undefined))?.status, soon)
      .toBe(200);
    const again = await Promise.all(askers.map(line));
    for (const talker of again) await expect.poll(() => answers(talker), soon).toEqual(['It is as you say.']);
    await sleep(2_000);
    for (const talker of again) expect(answers(talker)).toEqual(['It is as you say.']);
  },
  150_000,
);
