// One request to an OpenAI-compatible endpoint, read as it comes, whatever it turns out to be.
import type { Dispatcher } from 'undici';
import type { Passage } from './answerer.ts';
import { type Failed, failureOf, type Piece, pieceOf } from './chunks.ts';
import type { ChatMessage } from './prompt.ts';
import { EventReader } from './stream.ts';
import { cutAtSentence, MOST_CHARACTERS, type Shown, shownAtEnd, shownSoFar } from './written.ts';

export interface CompletionLimits {
  /** Milliseconds until the head of the answer is there, connecting included. */
  readonly headersMs: number;
  /** Milliseconds from there to its first byte. */
  readonly firstByteMs: number;
  /** Milliseconds between two parts of it. */
  readonly silenceMs: number;
  /** Bytes of it that are read. */
  readonly bytes: number;
}

export interface CompletionRequest {
  readonly agent: Dispatcher;
  readonly url: URL;
  readonly apiKey: string | undefined;
  readonly body: {
    readonly model: string;
    readonly temperature: number;
    readonly messages: readonly ChatMessage[];
  };
  readonly passages: readonly Passage[];
  readonly limits: CompletionLimits;
  readonly onText: (soFar: string) => void;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface Completed extends Shown {
  readonly model: string;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** `patience`: milliseconds that the endpoint asked us to wait. */
export interface Trouble {
  readonly failed: Failed;
  readonly status?: number;
  readonly patience?: number;
}

/** Characters that are about one token, where the endpoint does not count: a spending limit must count something. */
const CHARACTERS_A_TOKEN = 4;

/** Milliseconds for the count of tokens and the end, once all of the text has come. */
const AFTERMATH_MS = 2_000;

/** Never throws for what the endpoint does; what `onText` throws comes through. */
export async function complete(request: CompletionRequest): Promise<Completed | Trouble> {
  const watch = new Watch(request.signal);
  const reading = new Reading(request);
  let hearing: unknown;
  try {
    watch.within(request.limits.headersMs);
    const { statusCode, headers, body } = await ask(request, watch.signal);
    // Destroyed with some of it unread, it says so once more as an event, which nobody needs to hear.
    body.on('error', () => undefined);
    if (statusCode < 200 || statusCode > 299) {
      body.destroy();
      const patience = patienceOf(headers['retry-after'], request.now());
      return { failed: failureOf(statusCode), status: statusCode, patience };
    }
    watch.within(request.limits.firstByteMs);
    for await (const bytes of body) {
      try {
        if (reading.take(bytes)) break;
      } catch (fault) {
        hearing = { fault };
        throw fault;
      }
      // Read to its end where that comes soon, so that the connection can be used again.
      watch.within(
        Math.min(request.limits.silenceMs, reading.finished ? AFTERMATH_MS : Number.POSITIVE_INFINITY),
      );
    }
    return reading.end();
  } catch (fault) {
    if (hearing) throw fault;
    if (request.signal.aborted) return { failed: 'aborted' };
    // All of the text was there: what came late, or never, was only the count of tokens.
    if (reading.finished) return reading.end();
    return { failed: watch.late ? 'time-out' : 'unavailable' };
  } finally {
    watch.end();
  }
}

function ask({ agent, url, apiKey, body }: CompletionRequest, signal: AbortSignal) {
  return agent.request({
    origin: url.origin,
    path: url.pathname + url.search,
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream, application/json',
      'user-agent': 'Natter/1',
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
    },
    body: JSON.stringify({ ...body, stream: true, stream_options: { include_usage: true } }),
    signal,
  });
}

/** What has been read of one answer. */
class Reading {
  readonly #request: CompletionRequest;
  readonly #events = new EventReader();
  readonly #parts: Buffer[] = [];
  #kind: 'unknown' | 'events' | 'json' = 'unknown';
  #bytes = 0;
  #raw = '';
  #shown = '';
  #model: string | undefined;
  #usage: Piece['usage'];
  #finish: string | undefined;
  #done = false;
  #tooLong = false;
  #trouble: Trouble | undefined;

  constructor(request: CompletionRequest) {
    this.#request = request;
  }

  /** Whether all of the text has come. */
  get finished(): boolean {
    return this.#finish !== undefined || this.#done;
  }

  /** True where nothing more need be read. */
  take(bytes: Buffer): boolean {
    this.#bytes += bytes.length;
    if (this.#done) return this.#bytes > this.#request.limits.bytes;
    if (this.#bytes > this.#request.limits.bytes) return this.#fail({ failed: 'unreadable' });
    if (this.#kind === 'events') return this.#hear(() => this.#events.push(bytes));
    this.#parts.push(bytes);
    if (this.#kind === 'json') return false;
    const sofar = Buffer.concat(this.#parts);
    // Some endpoints answer at once, or with a page of their proxy, and do not say which in their headers.
    const first = /[^\s\ufeff]/.exec(sofar.toString('utf8', 0, 1_024))?.[0];
    if (first === undefined && sofar.length < 1_024) return false;
    if (first === '<') return this.#fail({ failed: 'unreadable' });
    this.#kind = first === '{' ? 'json' : 'events';
    return this.#kind === 'events' && this.#hear(() => this.#events.push(sofar));
  }

  /** What came of it, once nothing more comes. */
  end(): Completed | Trouble {
    if (this.#kind === 'events' && !this.#done && !this.#trouble) this.#hear(() => this.#events.end());
    if (this.#kind === 'json' && !this.#trouble)
      this.#hear(() => [Buffer.concat(this.#parts).toString('utf8')]);
    if (this.#trouble) return this.#trouble;
    if (this.#bytes === 0) return { failed: 'empty' };
    // A stream that just ends may have been cut off anywhere.
    if (this.#kind !== 'json' && !this.finished && !this.#tooLong) return { failed: 'unreadable' };
    if (this.#finish === 'error') return { failed: 'unavailable' };
    if (this.#finish === 'content_filter') return { failed: 'refused' };
    const { passages, body } = this.#request;
    const shown = shownAtEnd(this.#raw, passages);
    if (shown.text === '') return { failed: 'empty' };
    // Broken off by the endpoint's own limit: up to there, as by ours.
    const whole = this.#finish !== 'length' || /[.!?…。！？]\s*$/u.test(shown.text);
    const text = cutAtSentence(
      shown.text,
      whole ? MOST_CHARACTERS : Math.min(MOST_CHARACTERS, shown.text.length - 1),
    );
    if (text !== this.#shown) this.#request.onText(text);
    const asked = body.messages.reduce((sum, { content }) => sum + content.length, 0);
    const model = this.#model ?? body.model;
    const { promptTokens, completionTokens } = this.#usage ?? {
      promptTokens: Math.ceil(asked / CHARACTERS_A_TOKEN),
      completionTokens: Math.ceil(this.#raw.length / CHARACTERS_A_TOKEN),
    };
    return { ...shown, text, model, promptTokens, completionTokens };
  }

  #hear(data: () => string[]): boolean {
    let events: string[];
    try {
      events = data();
    } catch {
      // No UTF-8.
      return this.#fail({ failed: 'unreadable' });
    }
    for (const event of events) {
      if (event.trim() === '[DONE]') this.#done = true;
      else if (event.trim() !== '') this.#add(pieceOf(event));
      if (this.#trouble) return true;
      if (this.#done) break;
    }
    return this.#show();
  }

  #add(piece: Piece | Trouble): void {
    if ('failed' in piece) {
      this.#trouble = piece;
      return;
    }
    this.#raw += piece.text;
    this.#model ??= piece.model;
    this.#usage = piece.usage ?? this.#usage;
    this.#finish ??= piece.finish;
  }

  #show(): boolean {
    const shown = shownSoFar(this.#raw, this.#request.passages);
    this.#tooLong = shown.length > MOST_CHARACTERS;
    // What is too long is shown as it is cut, when it ends.
    if (shown === this.#shown || this.#tooLong) return this.#tooLong;
    this.#shown = shown;
    this.#request.onText(shown);
    return false;
  }

  #fail(trouble: Trouble): true {
    this.#trouble = trouble;
    return true;
  }
}

/** Ends a request that is silent for too long. */
class Watch {
  readonly #abort = new AbortController();
  readonly signal: AbortSignal;
  #timer: NodeJS.Timeout | undefined;
  late = false;

  constructor(signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.#abort.signal]);
  }

  /** Milliseconds from now until it is too late, whatever was said before. */
  within(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.late = true;
      this.#abort.abort();
    }, ms);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

/** `Retry-After` in seconds or as a date, as milliseconds; 0 where it says nothing. */
export function patienceOf(header: string | string[] | undefined, now: number): number {
  const said = (Array.isArray(header) ? header[0] : header)?.trim() ?? '';
  if (/^\d{1,9}(\.\d+)?$/.test(said)) return Number(said) * 1_000;
  const until = Date.parse(said);
  return Number.isNaN(until) ? 0 : Math.max(0, until - now);
}
