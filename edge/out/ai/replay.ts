// A candidate (prompt, model, temperature) over past conversations up to the hand-over: what it would have said. Changes nothing.
import { type HandOverReason, type HandOverRules, handOver } from '../../../domain/policies/handover.ts';
import type { Answerer, NoAnswer, Passage, Persona } from './answerer.ts';
import type { PastConversation, PastMessage } from './past.ts';

/** Finds what the workspace knows of a question. */
export type FindPassages = (text: string) => Promise<readonly Passage[]>;

export interface ReplayOptions {
  readonly answerer: Answerer;
  readonly persona: Persona;
  readonly rules: HandOverRules;
  readonly findPassages: FindPassages;
  /** Conversations at once; 4. */
  readonly atOnce?: number;
  /** Milliseconds of any clock. */
  readonly clock: () => number;
  readonly signal?: AbortSignal;
}

export interface ReplayedTurn {
  readonly conversation: string;
  /** When the visitor wrote, ISO 8601. */
  readonly at: string;
  readonly asked: string;
  /** What was answered then; empty where nothing was. */
  readonly saidThen: string;
  readonly saidBy: 'ai' | 'agent' | 'nobody';
  /** What the candidate says; empty where it has no answer. */
  readonly saidNow: string;
  readonly failed: NoAnswer['failed'] | undefined;
  /** Undefined where it has no answer. */
  readonly confidence: number | undefined;
  /** Titles of the articles it rests on. */
  readonly sources: readonly string[];
  /** Milliseconds. */
  readonly latency: number;
  readonly tokens: number;
  /** Why the candidate would hand over here; undefined: it would go on. */
  readonly handOver: HandOverReason | undefined;
}

export interface ReplaySummary {
  readonly turns: number;
  readonly answered: number;
  readonly failures: number;
  readonly wouldHandOver: number;
  /** Of the answers; undefined where there are none. */
  readonly meanConfidence: number | undefined;
  /** Milliseconds, of the answers. */
  readonly meanLatency: number | undefined;
  readonly tokens: number;
}

/**
 * Tries the candidate on every turn of the visitors before people took over, with what was really said
 * before it. Turns come conversation by conversation, in the order given. Throws what `findPassages` throws.
 */
export async function* replay(
  conversations: Iterable<PastConversation> | AsyncIterable<PastConversation>,
  options: ReplayOptions,
): AsyncGenerator<ReplayedTurn, void, undefined> {
  const { atOnce = 4 } = options;
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const under: Promise<ReplayedTurn[]>[] = [];
  try {
    for await (const past of conversations) {
      if (signal.aborted) return;
      const turns = replayOne(past, options, signal);
      // Whoever waits for it hears of its fault; until then nobody does.
      turns.catch(() => undefined);
      under.push(turns);
      if (under.length >= atOnce) yield* (await under.shift()) ?? [];
    }
    for (let turns = under.shift(); turns; turns = under.shift()) yield* await turns;
  } finally {
    // Whoever stops listening wants no more answers to be paid for.
    stop.abort();
    await Promise.allSettled(under);
  }
}

async function replayOne(
  past: PastConversation,
  { answerer, persona, rules, findPassages, clock }: ReplayOptions,
  signal: AbortSignal,
): Promise<ReplayedTurn[]> {
  const turns: ReplayedTurn[] = [];
  let failuresInARow = 0;
  for (const { question, asked, answer } of turnsOf(past)) {
    if (signal.aborted) return turns;
    const passages = await findPassages(asked.text);
    const began = clock();
    const outcome = await answerer.answer({ persona, messages: question, passages }, () => undefined, signal);
    if (signal.aborted) return turns;
    const latency = clock() - began;
    const failed = 'failed' in outcome ? outcome.failed : undefined;
    failuresInARow = failed ? failuresInARow + 1 : 0;
    const given = 'failed' in outcome ? undefined : outcome;
    turns.push({
      conversation: past.id,
      at: asked.at,
      asked: asked.text,
      saidThen: answer.map(({ text }) => text).join('\n'),
      saidBy: answer.find(({ from }) => from === 'agent') ? 'agent' : answer.length > 0 ? 'ai' : 'nobody',
      saidNow: given?.text ?? '',
      failed,
      confidence: given?.confidence,
      sources: given?.sources.map(({ title }) => title) ?? [],
      latency,
      tokens: given ? given.promptTokens + given.completionTokens : 0,
      handOver: handOver({ text: asked.text, rules, failuresInARow, confidence: given?.confidence })?.reason,
    });
  }
  return turns;
}

interface PastTurn {
  /** The conversation so far, the visitor's words last. */
  readonly question: readonly PastMessage[];
  /** What the visitor wrote in a row, as one. */
  readonly asked: PastMessage;
  readonly answer: readonly PastMessage[];
}

/** A turn is what a visitor wrote before somebody answered, or before people took over. */
function turnsOf({ messages, handedOverAfter = messages.length }: PastConversation): PastTurn[] {
  const turns: PastTurn[] = [];
  let from = 0;
  while (from < handedOverAfter) {
    if (messages[from]?.from !== 'visitor') {
      from += 1;
      continue;
    }
    let to = from;
    while (to < handedOverAfter && messages[to]?.from === 'visitor') to += 1;
    const run = messages.slice(from, to);
    let end = to;
    while (end < messages.length && messages[end]?.from !== 'visitor') end += 1;
    const text = run.map((message) => message.text).join('\n');
    const at = run.at(-1)?.at ?? '';
    turns.push({
      question: messages.slice(0, to),
      asked: { from: 'visitor', text, at },
      answer: messages.slice(to, end),
    });
    from = to;
  }
  return turns;
}

export function summaryOf(turns: readonly ReplayedTurn[]): ReplaySummary {
  const answered = turns.filter(({ failed }) => failed === undefined);
  const mean = (figure: (turn: ReplayedTurn) => number) =>
    answered.length === 0
      ? undefined
      : answered.reduce((sum, turn) => sum + figure(turn), 0) / answered.length;
  return {
    turns: turns.length,
    answered: answered.length,
    failures: turns.length - answered.length,
    wouldHandOver: turns.filter((turn) => turn.handOver !== undefined).length,
    meanConfidence: mean(({ confidence = 0 }) => confidence),
    meanLatency: mean(({ latency }) => latency),
    tokens: turns.reduce((sum, { tokens }) => sum + tokens, 0),
  };
}
