// The hot path: one commit to one literal subject, with the expectation that nobody wrote there in between.
import { headers, type Msg, type MsgHdrs } from '@nats-io/transport-node';
import type { Appended } from '../log.ts';
import type { Address } from '../subjects.ts';
import type { Link } from './link.ts';
import type { NoAnswer } from './replies.ts';

/** What JetStream answers where the expectation failed: plain, and while another append is under way (clusters). */
const CONFLICTS = new Set([10071, 10164]);

interface PubAck {
  readonly seq?: number;
  readonly error?: { readonly code: number; readonly err_code?: number; readonly description?: string };
}

/** No Nats-Msg-Id beside it: the server's deduplication acknowledges what it did not store. */
function expecting(sequence: number): MsgHdrs {
  const header = headers();
  header.set('Nats-Expected-Last-Subject-Sequence', String(sequence));
  return header;
}

/** Appends with bounds: past `maxInFlight` commits or `maxBytes` bytes without an answer it is busy at once. */
export class Appends {
  readonly #link: Link;
  readonly #maxInFlight: number;
  readonly #maxBytes: number;
  #inFlight = 0;
  #bytes = 0;

  constructor(link: Link, maxInFlight: number, maxBytes: number) {
    this.#link = link;
    this.#maxInFlight = maxInFlight;
    this.#maxBytes = maxBytes;
  }

  /** Throws where the servers refuse for good: no storage left, a commit too large. */
  async append(address: Address, bytes: Uint8Array, expected: number): Promise<Appended> {
    if (this.#inFlight >= this.#maxInFlight || this.#bytes + bytes.length > this.#maxBytes)
      return { kind: 'busy' };
    this.#inFlight += 1;
    this.#bytes += bytes.length;
    try {
      return outcome(await this.#link.replies.ask(address.subject, bytes, expecting(expected)));
    } finally {
      this.#inFlight -= 1;
      this.#bytes -= bytes.length;
    }
  }
}

function outcome(answer: Msg | NoAnswer): Appended {
  switch (answer) {
    case 'not-sent':
      // Not busy, which would end the tries of a commit that an earlier try may have stored.
      return { kind: 'unknown', cause: 'the connection to the log is down' };
    case 'no-responders':
      return { kind: 'unknown', cause: 'the log has no leader at this moment' };
    case 'timeout':
      return { kind: 'unknown', cause: 'the log did not answer in time' };
    case 'disconnected':
      return { kind: 'unknown', cause: 'the connection to the log broke' };
    default:
      return acknowledged(JSON.parse(answer.string()) as PubAck);
  }
}

function acknowledged({ seq, error }: PubAck): Appended {
  if (!error && seq) return { kind: 'stored', sequence: seq };
  if (error?.err_code && CONFLICTS.has(error.err_code)) return { kind: 'conflict' };
  // 503: no leader at this moment; a commit that was proposed already may still be stored.
  if (error?.code === 503) return { kind: 'unknown', cause: error.description ?? 'the log has no leader' };
  throw new Error(`the log refused a commit: ${error?.description ?? 'an answer without a sequence'}`);
}
