// Somebody's own server that takes webhooks, for tests: real HTTP, and answers as it is told to.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What was received. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly id: string;
  /** As sent. */
  readonly body: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The message's text. */
  readonly text: string;
  readonly session: string;
}

/** Says what to answer; a status alone, or the whole answer by hand. */
export type Answering = (received: Received, answer: ServerResponse) => number | Promise<number> | undefined;

export interface Receiver {
  readonly url: string;
  readonly port: number;
  readonly received: Received[];
  /** Those that were answered with 200. */
  readonly taken: Received[];
  answer: Answering;
  /** Waits until so many were answered with 200. */
  takes(count: number, ms?: number): Promise<readonly Received[]>;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1; `port` lets one come back where another was. Answers 200 until told otherwise. */
export async function startReceiver(port = 0): Promise<Receiver> {
  const received: Received[] = [];
  const taken: Received[] = [];
  const server = createServer((request, response) => void hear(request, response));
  const receiver = { answer: (() => 200) as Answering };
  const hear = async (request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const json = parsed(body);
    const one: Received = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      id: String(request.headers['webhook-id']),
      body,
      at: Date.now(),
      text: json?.message_text ?? '',
      session: json?.session_data?.[0]?.session_id ?? '',
    };
    received.push(one);
    const status = await receiver.answer(one, response);
    if (status === undefined) return;
    if (status === 200) taken.push(one);
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"status":"received"}');
  };
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return Object.assign(receiver, {
    url: `http://127.0.0.1:${bound}/api/chat-webhook.php`,
    port: bound,
    received,
    taken,
    async takes(count: number, ms = 15_000) {
      for (const ends = Date.now() + ms; taken.length < count; await sleep(10)) {
        if (Date.now() > ends)
          throw new Error(`${taken.length} of ${count} deliveries were taken, ${received.length} were tried`);
      }
      return taken;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

function parsed(
  body: string,
): { message_text?: string; session_data?: { session_id: string }[] } | undefined {
  try {
    return JSON.parse(body);
  } catch {
    // Not JSON: the test that sees an empty text will say so.
    return undefined;
  }
}
