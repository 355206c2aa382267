// Answers without any model: with sentences of the knowledge base, word for word, or honestly that it does not know.
import type { Answer, Answerer, NoAnswer, Question } from './answerer.ts';
import { bestFitting } from './fitting.ts';
import { type Language, languageOf } from './language.ts';
import { SENTENCES } from './sentences.ts';
import { smallTalkOf } from './small-talk.ts';

/** What stands as the model of its answers. */
const MODEL = 'embedded';
/** How much of what was asked a passage must have in it, of 1. */
const FITS = 0.5;
/** Even all words in common do not make sure that it was understood. */
const SUREST = 0.9;
/** A question such as `And in winter?` says what it is about in the one before it. */
const FEW_WORDS = 3;

export const embeddedAnswerer: Answerer = {
  async answer(
    question: Question,
    onText: (soFar: string) => void,
    signal: AbortSignal,
  ): Promise<Answer | NoAnswer> {
    if (signal.aborted) return { failed: 'aborted', attempts: 0 };
    const answer = answered(question);
    onText(answer.text);
    return answer;
  },
};

function answered({ messages, passages }: Question): Answer {
  const said = messages.filter(({ from }) => from === 'visitor').map(({ text }) => text);
  const last = said.at(-1) ?? '';
  const usual = usualLanguage(said);
  const smallTalk = smallTalkOf(last, usual);
  if (smallTalk) return told(SENTENCES[smallTalk.language][smallTalk.kind], 1);
  const short = last.trim().split(/\s+/).length <= FEW_WORDS;
  const best =
    fitting(last, passages) ??
    (short && said.length > 1 ? fitting(`${said.at(-2)} ${last}`, passages) : undefined);
  if (!best) return told(SENTENCES[usual ?? 'en'].doesNotKnow, 0);
  const { article, title } = best.passage;
  return { ...told(`${best.text} [1]`, Math.min(SUREST, best.fit)), sources: [{ article, title }] };
}

function fitting(text: string, passages: Question['passages']) {
  const best = bestFitting(text, passages);
  return best && best.fit >= FITS && best.text !== '' ? best : undefined;
}

/** That of the last message, or where it is too short for that, of those before it. */
function usualLanguage(said: readonly string[]): Language | undefined {
  return languageOf(said.at(-1) ?? '') ?? languageOf(said.slice(-5).join('\n'));
}

function told(text: string, confidence: number): Answer {
  return { text, model: MODEL, promptTokens: 0, completionTokens: 0, sources: [], confidence };
}
