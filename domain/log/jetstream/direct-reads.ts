// Reads without a consumer: the last commit, many lasts at once, one by sequence, the next of a subject.
import { JetStreamApiCodes } from '@nats-io/jetstream';
import type { Msg } from '@nats-io/transport-node';
import { StoredCommit } from '../commit.ts';
import { LogUnreachable } from '../log-unreachable.ts';
import type { Address, Subjects } from '../subjects.ts';
import type { Link } from './link.ts';
import type { NoAnswer } from './replies.ts';
import { commitFor, commitOf, pendingOf, sequenceOf } from './stored-message.ts';

/** Commits and bytes that one batched get may bring. */
const BATCH = 256;
const BATCH_BYTES = 4 * 1024 * 1024;

/** Lasts asked at once: their answers bring the whole commits, so not too many of them. */
const TAILS_AT_ONCE = 512;

export class DirectReads {
  readonly #link: Link;
  readonly #subjects: Subjects;
  /** Whether a direct get may be answered by a follower that lags behind. */
  readonly replicated: boolean;

  constructor(link: Link, subjects: Subjects, replicated: boolean) {
    this.#link = link;
    this.#subjects = subjects;
    this.replicated = replicated;
  }

  /** The last commit of a subject; with `fresh` not older than any append acknowledged before the call. */
  async last(address: Address, fresh: boolean): Promise<StoredCommit | undefined> {
    // A single copy has no followers: then the direct get is as fresh, and cheaper.
    if (fresh && this.replicated) return this.#fromLeader(address, { last_by_subj: address.subject });
    const answer = await this.#get(`$JS.API.DIRECT.GET.${address.stream}.${address.subject}`, '');
    return answer && commitFor(address, answer);
  }

  /** The commit at a sequence; undefined where it was erased or never was. */
  async at(stream: string, sequence: number): Promise<StoredCommit | undefined> {
    // Sequences begin with 1; the server takes a question for 0 for one that asks nothing.
    if (sequence < 1) return undefined;
    const answer = await this.#get(`$JS.API.DIRECT.GET.${stream}`, JSON.stringify({ seq: sequence }));
    return answer && commitOf(this.#subjects, answer);
  }

  /** The first commit of a subject from `sequence` on; with `fresh` as the leader knows it. */
  async next(address: Address, sequence: number, fresh: boolean): Promise<StoredCommit | undefined> {
    const question = { seq: sequence, next_by_subj: address.subject };
    if (fresh && this.replicated) return this.#fromLeader(address, question);
    const answer = await this.#get(`$JS.API.DIRECT.GET.${address.stream}`, JSON.stringify(question));
    return answer && commitFor(address, answer);
  }

  /** Up to 256 commits of a subject from `sequence` on, in one question. Needs a server from 2.11 on. */
  async batch(address: Address, sequence: number): Promise<{ commits: StoredCommit[]; more: boolean }> {
    const commits: StoredCommit[] = [];
    let more = false;
    const question = { seq: sequence, next_by_subj: address.subject, batch: BATCH, max_bytes: BATCH_BYTES };
    await this.#askMany(address.stream, question, (answer) => {
      commits.push(commitFor(address, answer));
      more = (pendingOf(answer) ?? 0) > 0;
    });
    return { commits, more };
  }

  /**
   * The last sequence of each subject, 0 where there is none, as fresh as `last` with `fresh`. Pipelined on every server: the batched
   * question of 2.11 (`multi_last`) brings the same bodies and was only a fifth faster.
   */
  async tails(addresses: readonly Address[]): Promise<number[]> {
    const tails: number[] = [];
    for (let from = 0; from < addresses.length; from += TAILS_AT_ONCE) {
      const some = addresses.slice(from, from + TAILS_AT_ONCE);
      tails.push(...(await Promise.all(some.map((address) => this.#tail(address)))));
    }
    return tails;
  }

  async #tail(address: Address): Promise<number> {
    if (this.replicated)
      return (await this.#fromLeader(address, { last_by_subj: address.subject }))?.sequence ?? 0;
    const answer = await this.#get(`$JS.API.DIRECT.GET.${address.stream}.${address.subject}`, '');
    return answer ? sequenceOf(answer) : 0;
  }

  async #fromLeader(address: Address, question: object): Promise<StoredCommit | undefined> {
    const found = await askLeader(this.#link, address.stream, question);
    return found && new StoredCommit(address, found.seq, Buffer.from(found.data ?? '', 'base64'));
  }

  async #get(subject: string, question: string): Promise<Msg | undefined> {
    const answer = answered(await this.#link.replies.ask(subject, question));
    const code = answer.headers?.code ?? 0;
    if (code === 404) return undefined;
    if (code >= 400) throw new Error(`the log could not be read: ${answer.headers?.description}`);
    return answer;
  }

  async #askMany(stream: string, question: object, take: (answer: Msg) => void): Promise<void> {
    const why = await this.#link.replies.askMany(
      `$JS.API.DIRECT.GET.${stream}`,
      JSON.stringify(question),
      (answer) => {
        const code = answer.headers?.code ?? 0;
        if (code === 204 || code === 404) return true;
        if (code >= 400) throw new Error(`the log could not be read: ${answer.headers?.description}`);
        take(answer);
        return false;
      },
    );
    if (why) answered(why);
  }
}

/**
 * The message that a stream's leader finds, undefined where there is none. `data` in base64. Throws
 * LogUnreachable where nobody leads.
 */
export async function askLeader(
  link: Link,
  stream: string,
  question: object,
): Promise<{ seq: number; data?: string } | undefined> {
  const answer = answered(
    await link.replies.ask(`$JS.API.STREAM.MSG.GET.${stream}`, JSON.stringify(question)),
  );
  const { message, error } = JSON.parse(answer.string()) as {
    message?: { seq: number; data?: string };
    error?: { err_code?: number; description?: string };
  };
  if (message || error?.err_code === JetStreamApiCodes.NoMessageFound) return message;
  throw new Error(`the log could not be read: ${error?.description ?? 'an answer without a message'}`);
}

/** The answer, or a throw where there is none: a read is simply asked again by whoever wants it. */
function answered(answer: Msg | NoAnswer): Msg {
  switch (answer) {
    case 'disconnected':
    case 'not-sent':
      throw new LogUnreachable();
    case 'no-responders':
      throw new LogUnreachable('the log has no leader at this moment');
    case 'timeout':
      throw new LogUnreachable('the log did not answer in time');
    default:
      return answer;
  }
}
