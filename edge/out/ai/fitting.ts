// How well a passage fits a question, by the words they have in common, and which of its sentences to answer with.
import { plainWords } from '../../../domain/policies/plain-words.ts';
import type { Passage } from './answerer.ts';
import { SMALL_WORDS } from './language.ts';

export interface Fitting {
  readonly passage: Passage;
  /** Its most fitting sentences, in their own order. */
  readonly text: string;
  /** 0 to 1: how much of what was asked is in the passage. */
  readonly fit: number;
}

/** Characters of an answer. */
const MOST = 600;
const MOST_SENTENCES = 3;
/** Passages and sentences of each that are looked at. */
const PASSAGES = 20;
const SENTENCES = 200;
/** A word of the title says more than one of the text. */
const TITLE = 1.5;
/** How much rarer than once a word counts as that is in no passage. */
const NOWHERE = 0.5;

/** Of all languages: a question and its passages need not be in the same. */
const ALL_SMALL = new Set(Object.values(SMALL_WORDS).flatMap((words) => [...words]));
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/** The passage that fits the question best; undefined where no word is in common. */
export function bestFitting(question: string, passages: readonly Passage[]): Fitting | undefined {
  const asked = [...new Set(contentOf(question))];
  if (asked.length === 0) return undefined;
  const looked = passages.slice(0, PASSAGES).map((passage) => ({
    passage,
    title: contentOf(passage.title),
    sentences: sentencesOf(passage.text).map((sentence) => ({ sentence, words: contentOf(sentence) })),
  }));
  const all = looked.flatMap(({ sentences, title }) => [title, ...sentences.map(({ words }) => words)]);
  // A word that is everywhere says little; one that is nowhere shows that something else was asked.
  const weights = new Map(
    asked.map((word) => {
      const found = all.filter((words) => words.some((other) => isSame(word, other))).length;
      return [word, Math.log(1 + all.length / (found || NOWHERE))];
    }),
  );
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  const score = (words: readonly string[]) =>
    asked.reduce(
      (sum, word) => sum + (words.some((other) => isSame(word, other)) ? (weights.get(word) ?? 0) : 0),
      0,
    );

  let best: Fitting | undefined;
  for (const { passage, title, sentences } of looked) {
    const text = sentences.flatMap(({ words }) => words);
    const sum = asked.reduce((sum, word) => {
      const weight = weights.get(word) ?? 0;
      if (title.some((other) => isSame(word, other))) return sum + weight * TITLE;
      return text.some((other) => isSame(word, other)) ? sum + weight : sum;
    }, 0);
    const fit = Math.min(1, sum / total);
    if (fit === 0 || (best && (fit < best.fit || (fit === best.fit && passage.rank <= best.passage.rank))))
      continue;
    best = {
      passage,
      fit,
      text: chosen(sentences.map(({ sentence, words }) => ({ sentence, score: score(words) }))),
    };
  }
  return best;
}

/** The sentences of a text, lines and list items included; headings are none. */
export function sentencesOf(text: string): string[] {
  return (
    text
      .split(/\n+/)
      // A heading of Markdown answers nothing.
      .filter((line) => !/^\s*#/.test(line))
      .flatMap((line) => line.match(/.+?(?:[.!?…]+["'”’»)\]]*(?=\s|$)|[。！？]|؟|$)/gu) ?? [])
      .map((sentence) => sentence.replace(/^\s*(?:[>*+-]+\s+)+/, '').trim())
      .filter((sentence) => sentence !== '')
      .slice(0, SENTENCES)
  );
}

function chosen(sentences: readonly { readonly sentence: string; readonly score: number }[]): string {
  const ranked = sentences
    .map((one, index) => ({ ...one, index }))
    .sort((a, b) => b.score - a.score || a.index - b.index);
  const best = ranked[0]?.score ?? 0;
  const taken: number[] = [];
  let length = 0;
  for (const { sentence, score, index } of ranked) {
    // Where only the title fits, what it is about comes first.
    if (taken.length === MOST_SENTENCES || (best > 0 && score < best / 2)) break;
    if (taken.length > 0 && length + sentence.length > MOST) break;
    taken.push(index);
    length += sentence.length + 1;
  }
  return taken
    .sort((a, b) => a - b)
    .map((index) => sentences[index]?.sentence ?? '')
    .join(' ')
    .slice(0, MOST * 2);
}

/** The words that say what a text is about; of scripts without spaces, every two characters in a row. */
function contentOf(text: string): string[] {
  return plainWords(text).flatMap((word) => {
    if (!UNSPACED.test(word)) return ALL_SMALL.has(word) || word.length < 2 ? [] : [word];
    const characters = [...word].filter(
      (character) => !/\p{Script=Hiragana}/u.test(character) || word.length < 4,
    );
    return characters.slice(1).map((character, index) => `${characters[index]}${character}`);
  });
}

/** Equal but for an ending: `refund`, `refunds`, `refunded`; `Lieferung`, `Lieferungen`. */
function isSame(one: string, other: string): boolean {
  if (one === other) return true;
  const shorter = Math.min(one.length, other.length);
  if (shorter < 4 || Math.abs(one.length - other.length) > 3) return false;
  let common = 0;
  while (common < shorter && one[common] === other[common]) common += 1;
  return common >= 4 && common >= shorter - 1;
}
