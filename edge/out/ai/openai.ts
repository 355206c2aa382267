// Answers by a model behind any endpoint that speaks OpenAI's chat completions: tried again where that helps, and never for longer than a turn may take.
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from 'undici';
import type { Answer, Answerer, NoAnswer, Question } from './answerer.ts';
import { type CompletionLimits, complete, type Trouble } from './completion.ts';
import { promptFor } from './prompt.ts';

export interface TurnLimits extends CompletionLimits {
  /** Requests for one answer at most. */
  readonly attempts: number;
  /** Milliseconds for all of them and the pauses between. */
  readonly wholeMs: number;
}

const LIMITS: TurnLimits = {
  headersMs: 20_000,
  firstByteMs: 20_000,
  silenceMs: 15_000,
  bytes: 1024 * 1024,
  attempts: 3,
  wholeMs: 60_000,
};

/** Requests to the endpoint at once; more wait for their turn within their own time-out. */
const AT_ONCE = 64;
const CONNECT_MS = 5_000;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 8_000;
/** Milliseconds that an endpoint may make us wait: the visitor waits as well. */
const LONGEST_ASKED = 20_000;

export interface OpenAiOptions {
  /** E.g. `https://openrouter.ai/api/v1`; set by who runs the installation, so a private address is as good as any. */
  readonly baseUrl: string;
  /** Undefined: the endpoint asks for none. */
  readonly apiKey: string | undefined;
  /** The model for personas that name none. */
  readonly model: string;
  readonly limits?: Partial<TurnLimits>;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** From 0 to 1, so that not everybody tries again at once. */
  readonly chance?: () => number;
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Hears of every attempt that failed, for the log: never anything that the endpoint wrote, which may hold the key. */
  readonly onTrouble?: (trouble: {
    readonly failed: NoAnswer['failed'];
    readonly status?: number;
    readonly attempt: number;
  }) => void;
}

export class OpenAiAnswerer implements Answerer {
  readonly #options: OpenAiOptions;
  readonly #limits: TurnLimits;
  readonly #url: URL;
  // The watch on each request is ours: undici's own timers are coarser than a second.
  readonly #agent = new Agent({
    connect: { timeout: CONNECT_MS },
    connections: AT_ONCE,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
  });

  constructor(options: OpenAiOptions) {
    this.#options = options;
    this.#limits = { ...LIMITS, ...options.limits };
    this.#url = new URL(`${options.baseUrl.replace(/\/+$/, '')}/chat/completions`);
  }

  async answer(
    question: Question,
    onText: (soFar: string) => void,
    signal: AbortSignal,
  ): Promise<Answer | NoAnswer> {
    const whole = new AbortController();
    const timer = setTimeout(() => whole.abort(), this.#limits.wholeMs);
    try {
      return await this.#tried(question, onText, signal, whole.signal);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends every connection at once; answers under way fail. */
  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async #tried(
    question: Question,
    onText: (soFar: string) => void,
    stopped: AbortSignal,
    late: AbortSignal,
  ): Promise<Answer | NoAnswer> {
    const { now = Date.now, chance = Math.random, pause = pauseFor, onTrouble, apiKey } = this.#options;
    const signal = AbortSignal.any([stopped, late]);
    const { persona, passages } = question;
    const model = persona.model ?? this.#options.model;
    const body = { model, temperature: persona.temperature, messages: promptFor(question) };
    for (let attempt = 1; ; attempt += 1) {
      if (stopped.aborted) return { failed: 'aborted', attempts: attempt - 1 };
      const { limits, agent, url } = { limits: this.#limits, agent: this.#agent, url: this.#url };
      const outcome = await complete({ agent, url, apiKey, body, passages, limits, onText, signal, now });
      if (stopped.aborted) return { failed: 'aborted', attempts: attempt };
      if (!('failed' in outcome)) return outcome;
      const failed = late.aborted ? 'time-out' : outcome.failed;
      onTrouble?.({ failed, status: outcome.status, attempt });
      if (late.aborted || failed === 'refused' || attempt >= this.#limits.attempts)
        return { failed, attempts: attempt };
      await pause(pauseBefore(attempt, chance(), outcome), signal).catch(() => undefined);
      if (late.aborted && !stopped.aborted) return { failed, attempts: attempt };
    }
  }
}

/** Milliseconds before the next try: doubling, between half and the whole of it by `chance`, or what the endpoint asked for. */
function pauseBefore(failures: number, chance: number, { patience = 0 }: Trouble): number {
  const whole = Math.min(FIRST_PAUSE * 2 ** (failures - 1), LONGEST_PAUSE);
  return Math.max(Math.round(whole * (0.5 + chance / 2)), Math.min(patience, LONGEST_ASKED));
}

async function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal });
}
