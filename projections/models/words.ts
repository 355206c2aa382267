// What counts as a word of knowledge and of a question: the same for both, whatever the language.
import { STOP_WORDS } from './stop-words.ts';

const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu;
/** Scripts that put no spaces between words: any two letters beside each other count as one. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{M}ー]+/gu;
const STARTS_UNSPACED =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
/** Characters of a word that are looked at. */
const LONGEST = 60;
/** Characters of a question that are looked at, and different words of it. */
const QUESTION = 2_000;
const WORDS = 30;

/** Lower case without Latin, Greek and Cyrillic accents; the vowels of other scripts stay. */
export function folded(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
    .replaceAll('ς', 'σ');
}

/** The words of a text in their order, folded. */
export function wordsIn(text: string): string[] {
  const words: string[] = [];
  for (const [word] of folded(text).matchAll(WORD)) {
    let from = 0;
    for (const { 0: run, index } of word.matchAll(UNSPACED)) {
      if (!STARTS_UNSPACED.test(run)) continue;
      if (index > from) words.push(word.slice(from, index));
      words.push(...pairsOf(run));
      from = index + run.length;
    }
    if (from < word.length) words.push(word.slice(from));
  }
  return words.map((word) => [...word].slice(0, LONGEST).join(''));
}

function pairsOf(run: string): string[] {
  const letters = [...run];
  return letters.length === 1
    ? letters
    : letters.slice(0, -1).map((letter, at) => letter + (letters[at + 1] ?? ''));
}

const STOP = new Set(STOP_WORDS.map(folded));

/** A word of a question, and how it is looked for (as a tsquery). */
export interface AskedWord {
  readonly word: string;
  /** The word itself, or what begins with it. */
  readonly exact: string;
  /** All that `exact` finds and other forms of the word: what begins like it. */
  readonly loose: string;
}

/** The different words of a question that say what it is about; the first 30 of them. */
export function askedWords(question: string): AskedWord[] {
  const different = new Set<string>();
  for (const word of wordsIn(question.slice(0, QUESTION))) {
    if (different.size >= WORDS) break;
    if (!STOP.has(word) && !/^[a-z]$/.test(word)) different.add(word);
  }
  return [...different].map(asked);
}

/** All words of what is searched for, each with what begins with it, as one tsquery each; at most 30. */
export function soughtWords(search: string): string[] {
  const words = new Set(wordsIn(search.slice(0, QUESTION)));
  return [...words].slice(0, WORDS).map((word) => `'${word}':*`);
}

function asked(word: string): AskedWord {
  const letters = [...word];
  // In numbers and pairs of letters each character counts.
  if (/\p{N}/u.test(word) || STARTS_UNSPACED.test(word))
    return { word, exact: `'${word}'`, loose: `'${word}'` };
  if (letters.length < 4) {
    const loose = letters.length < 3 ? `'${word}'` : `'${word}':*`;
    return { word, exact: `'${word}'`, loose };
  }
  const ending = letters.length < 5 ? 0 : letters.length < 8 ? 1 : 2;
  const stem = letters.slice(0, letters.length - ending).join('');
  const singular = word.endsWith('s') ? ` | '${letters.slice(0, -1).join('')}'` : '';
  return { word, exact: `'${word}':*`, loose: `'${stem}':*${singular}` };
}
