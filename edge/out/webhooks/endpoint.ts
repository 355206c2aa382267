// One webhook's address: what is posted to it, and what came of it in words that its admin may read.
import { Agent } from 'undici';
import { AddressRefused, ConnectTimeout, type Reach, safeConnector } from './connector.ts';

/** Milliseconds for a delivery from its first to its last byte. */
const WHOLE_MS = 15_000;
/** Bytes of an answer that are read; only its status counts. */
const ANSWER_BYTES = 4_096;
/** Milliseconds a connection is kept for the next message: less than any server keeps it. */
const KEPT_MS = 1_000;

export interface Answer {
  /** Undefined where nothing answered. */
  readonly status?: number;
  /** What went wrong, in one sentence; undefined for a status of 200 to 299. */
  readonly problem?: string;
  /** Milliseconds that the receiver asked us to wait; 0 where it did not. */
  readonly patience: number;
}

export class Endpoint {
  readonly url: string;
  readonly #agent: Agent;
  readonly #now: () => number;

  /** `url`: checked. `connections`: at once. `now`: milliseconds since 1970. */
  constructor(url: string, reach: Reach, connections: number, now: () => number) {
    this.url = url;
    this.#now = now;
    this.#agent = new Agent({
      connect: safeConnector(reach),
      connections,
      pipelining: 1,
      keepAliveTimeout: KEPT_MS,
      keepAliveMaxTimeout: KEPT_MS,
      headersTimeout: WHOLE_MS,
      bodyTimeout: WHOLE_MS,
      maxHeaderSize: 16 * 1024,
    });
  }

  /** Posts a body once, under an id that stays the same however often it is posted. Never throws for what the other side does. */
  async post(id: string, body: string, stop?: AbortSignal): Promise<Answer> {
    const late = AbortSignal.timeout(WHOLE_MS);
    const signal = stop ? AbortSignal.any([stop, late]) : late;
    const { origin, pathname, search } = new URL(this.url);
    try {
      const {
        statusCode,
        headers,
        body: answer,
      } = await this.#agent.request({
        origin,
        path: pathname + search,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'user-agent': 'Natter-Webhook/1', 'webhook-id': id },
        body,
        signal,
      });
      // What it says besides does not matter, nor whether it can be read to its end.
      await answer.dump({ limit: ANSWER_BYTES, signal }).catch(() => undefined);
      return {
        status: statusCode,
        problem: problemOf(statusCode),
        patience: patienceOf(headers['retry-after'], this.#now()),
      };
    } catch (fault) {
      if (stop?.aborted) throw fault;
      return { problem: sentenceFor(fault), patience: 0 };
    }
  }

  /** Ends every connection at once. */
  close(): Promise<void> {
    return this.#agent.destroy();
  }
}

function problemOf(status: number): string | undefined {
  if (status >= 200 && status < 300) return undefined;
  if (status === 410) return 'The address answered 410: it is gone for good, so sending was switched off.';
  if (status >= 300 && status < 400)
    return `The address answered ${status}, a redirect. Redirects are not followed: enter the address it leads to.`;
  return `The address answered ${status}.`;
}

/** `Retry-After` in seconds or as a date. */
function patienceOf(header: string | string[] | undefined, now: number): number {
  const said = Array.isArray(header) ? header[0] : header;
  if (said === undefined) return 0;
  if (/^\d{1,9}$/.test(said.trim())) return Number(said) * 1_000;
  const until = Date.parse(said);
  return Number.isNaN(until) ? 0 : Math.max(0, until - now);
}

const SENTENCES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'The host name cannot be found.',
  EAI_AGAIN: 'The host name cannot be looked up at the moment.',
  ECONNREFUSED: 'The connection was refused.',
  EHOSTUNREACH: 'The host cannot be reached.',
  ENETUNREACH: 'The host cannot be reached.',
  UND_ERR_CONNECT_TIMEOUT: 'There was no connection within 5 seconds.',
  ECONNRESET: 'The connection was closed before there was an answer.',
  EPIPE: 'The connection was closed before there was an answer.',
  UND_ERR_SOCKET: 'The connection was closed before there was an answer.',
  UND_ERR_HEADERS_TIMEOUT: 'There was no answer within 15 seconds.',
};

function sentenceFor(fault: unknown): string {
  if (fault instanceof AddressRefused) return 'The host leads to an address that is not a public one.';
  if (fault instanceof ConnectTimeout) return 'There was no connection within 5 seconds.';
  if (!(fault instanceof Error)) return 'The delivery failed.';
  if (fault.name === 'TimeoutError') return 'There was no answer within 15 seconds.';
  const code = 'code' in fault && typeof fault.code === 'string' ? fault.code : '';
  const known = SENTENCES[code];
  if (known) return known;
  if (/CERT|TLS|SSL|ALTNAME|SIGNATURE/.test(code)) return 'The TLS certificate was not accepted.';
  return fault.name === 'HTTPParserError' ? 'The answer is no HTTP.' : 'The delivery failed.';
}
