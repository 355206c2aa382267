// An endpoint that speaks OpenAI's chat completions: streams every answer at a model's pace and notes when its first word left.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { nowMs } from '../load/clock.ts';

export interface BenchEndpoint {
  /** For `AI_BASE_URL`. */
  readonly url: string;
  /** Hears each question as it was asked, with the `nowMs()` right before the answer's first word was written. */
  onFirst: (question: string, writtenAt: number) => void;
  close(): Promise<void>;
}

/** Milliseconds that a model thinks before its first word, and between two of them. */
const THINKS = 150;
const BETWEEN = 25;
const WORDS = [
  'Your ',
  'parcel ',
  'leaves ',
  'our ',
  'house ',
  'today ',
  'and ',
  'is ',
  'with ',
  'you ',
  'within ',
  'two ',
  'days.',
];

export async function startBenchEndpoint(): Promise<BenchEndpoint> {
  const server = createServer((request, response) => {
    answer(request, response, endpoint.onFirst).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const endpoint: BenchEndpoint = {
    onFirst: () => undefined,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return endpoint;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  onFirst: BenchEndpoint['onFirst'],
): Promise<void> {
  let body = '';
  for await (const chunk of request) body += chunk;
  const { messages } = JSON.parse(body) as { messages: { role: string; content: string }[] };
  const question = messages.findLast(({ role }) => role === 'user')?.content ?? '';
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  await sleep(THINKS);
  onFirst(question, nowMs());
  for (const word of WORDS) {
    // Given up: the visitor wrote again, or a person came.
    if (response.destroyed) return;
    response.write(said({ content: word }));
    await sleep(BETWEEN);
  }
  const usage = { choices: [], usage: { prompt_tokens: 120, completion_tokens: WORDS.length } };
  response.end(
    `${said({ content: '\n[[confidence: 0.9]]' })}${said({}, 'stop')}data: ${JSON.stringify(usage)}\n\ndata: [DONE]\n\n`,
  );
}

const said = (delta: object, finish_reason: string | null = null): string =>
  `data: ${JSON.stringify({ model: 'bench', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
