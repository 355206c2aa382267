// What a chat completion says, whole or in chunks: the part of the OpenAI API that every endpoint shares.
import { z } from 'zod';
import type { NoAnswer } from './answerer.ts';

const count = z.number().int().min(0).max(10_000_000);

/** Some endpoints write a text as a list of parts. */
const content = z.union([
  z.string(),
  z
    .array(z.object({ text: z.string().optional() }))
    .transform((parts) => parts.map(({ text }) => text ?? '').join('')),
]);

const choice = z.object({
  /** In a stream. */
  delta: z.object({ content: content.nullish() }).nullish(),
  /** In a whole answer. */
  message: z.object({ content: content.nullish() }).nullish(),
  finish_reason: z.string().nullish(),
});

const completion = z.object({
  model: z.string().min(1).max(200).nullish().catch(undefined),
  choices: z.array(choice).nullish(),
  usage: z.object({ prompt_tokens: count, completion_tokens: count }).nullish().catch(undefined),
  error: z
    .union([z.string(), z.object({ code: z.union([z.number(), z.string()]).nullish().catch(undefined) })])
    .nullish(),
});

export interface Piece {
  readonly text: string;
  readonly model: string | undefined;
  /** Why it ended, in the endpoint's words; undefined while it goes on. */
  readonly finish: string | undefined;
  readonly usage: { readonly promptTokens: number; readonly completionTokens: number } | undefined;
}

export type Failed = NoAnswer['failed'];

/** A chunk of a stream or a whole completion; what it means where it is an error or no completion at all. */
export function pieceOf(json: string): Piece | { readonly failed: Failed; readonly status?: number } {
  const parsed = completion.safeParse(jsonOf(json));
  if (!parsed.success) return { failed: 'unreadable' };
  const { model, choices, usage, error } = parsed.data;
  if (error !== undefined && error !== null) {
    const status = typeof error === 'string' ? Number.NaN : Number(error.code ?? Number.NaN);
    return Number.isInteger(status) && status >= 400 && status < 600
      ? { failed: failureOf(status), status }
      : { failed: 'unavailable' };
  }
  if (!choices && !usage) return { failed: 'unreadable' };
  const first = choices?.[0];
  return {
    text: first?.delta?.content ?? first?.message?.content ?? '',
    model: model ?? undefined,
    finish: first?.finish_reason ?? undefined,
    usage: usage
      ? { promptTokens: usage.prompt_tokens, completionTokens: usage.completion_tokens }
      : undefined,
  };
}

/** What a status that is no success says. */
export function failureOf(status: number): Failed {
  if (status === 408) return 'time-out';
  if (status === 429) return 'rate-limited';
  // 409: another request of ours holds what this one needs; 425: too early. Both pass.
  if (status >= 500 || status === 409 || status === 425) return 'unavailable';
  return 'refused';
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Rubbish is no completion: the schema says so.
    return undefined;
  }
}
