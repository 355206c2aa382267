// An AI endpoint under the test's control: answers each request as the test says, byte by byte where it wants to.
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Asked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: {
    readonly model: string;
    readonly temperature: number;
    readonly stream: boolean;
    readonly stream_options: unknown;
    readonly messages: readonly { readonly role: string; readonly content: string }[];
  };
}

/** How one request is answered. */
export type Manner = (response: ServerResponse) => void | Promise<void>;

export interface TestEndpoint {
  readonly url: string;
  readonly asked: Asked[];
  /** The next requests' manners, in order; the last of them stays. */
  manners: Manner[];
  /** Waits until that many requests were heard. */
  hears(count: number): Promise<void>;
  close(): Promise<void>;
}

export async function startEndpoint(...manners: Manner[]): Promise<TestEndpoint> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    asked.push({ path: request.url ?? '', headers: request.headers, body: JSON.parse(body) });
    const manner = endpoint.manners.length > 1 ? endpoint.manners.shift() : endpoint.manners[0];
    await manner?.(response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const endpoint: TestEndpoint = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    manners,
    async hears(count) {
      for (const ends = Date.now() + 15_000; asked.length < count; await sleep(5))
        if (Date.now() > ends) throw new Error(`${asked.length} of ${count} requests came`);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return endpoint;
}

export const piece = (content: string) =>
  `data: ${JSON.stringify({ model: 'acme/large', choices: [{ index: 0, delta: { content } }] })}\n\n`;
export const finish = (reason = 'stop') =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: reason }] })}\n\n`;
export const usage = (prompt: number, written: number) =>
  `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: prompt, completion_tokens: written } })}\n\n`;
export const done = 'data: [DONE]\n\n';

export function head(response: ServerResponse, type = 'text/event-stream'): void {
  response.writeHead(200, { 'content-type': type });
}

/** A whole stream that says these pieces. */
export const says =
  (...pieces: string[]): Manner =>
  (response) => {
    head(response);
    for (const text of pieces) response.write(piece(text));
    response.end(finish() + usage(120, 34) + done);
  };

/** The same bytes, so many at a time. */
export const sends =
  (body: string | Buffer, size = Number.POSITIVE_INFINITY, type?: string): Manner =>
  async (response) => {
    head(response, type);
    response.socket?.setNoDelay();
    const bytes = Buffer.from(body);
    for (let at = 0; at < bytes.length && !response.destroyed; at += size) {
      response.write(bytes.subarray(at, at + size));
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  };

/** A status with nothing but words. */
export const status =
  (code: number, headers: Record<string, string> = {}, body = '{"error":{"message":"no"}}'): Manner =>
  (response) => {
    response.writeHead(code, headers).end(body);
  };

export const silent: Manner = () => undefined;
