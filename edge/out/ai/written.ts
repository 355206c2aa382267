// What the visitor sees of what a model writes: without its last line for us, its thoughts, and with citations that count 1, 2, 3.
import type { Passage } from './answerer.ts';

/** Characters of an answer; a longer one ends with the last sentence before. */
export const MOST_CHARACTERS = 4_000;

/**
 * Confidence where the model did not say: it cited what it was given; it was given nothing, as for small
 * talk or what the business's own instructions settle; it was given passages and cited none.
 */
const UNSAID = { cited: 0.5, nothingGiven: 0.4, notCited: 0.3 } as const;

/** `[[confidence: 0.8; sources: 1, 3]]`, also with one bracket, in code or bold, and with a translated first word. */
const MARKER =
  /[`*_]*(?:\[\[\s*[\p{L}\p{M}]+\s*[:=：]\s*(\d(?:[^[\]\n]|\[[^[\]\n]{0,40}\]){0,150})\]\]|\[?\[\s*confidence\s*[:=]\s*(\d[^[\]\n]{0,150})\])[`*_]*/giu;
/** A marker that ended before its end, since the answer was too long. */
const BROKEN_MARKER = /[`*_]*\[\[(?:[^[\]\n]|\[[^[\]\n]{0,40}\]){0,200}(?:\[[^[\]\n]{0,40})?\]?$/u;
// A bracket within is closed, or the last: patterns that could read it both ways take for ever.
/** What may become a marker or a citation, and is not shown until that is known. */
const UNDECIDED =
  /[`*_]*(?:\[\[(?:[^[\]\n]|\[[^[\]\n]{0,40}\]){0,200}(?:\[[^[\]\n]{0,40})?\]{0,2}|\[[^[\]\n]{0,200}\]?)?[`*_]*$/u;
const CITATION = /([ \t]?)\[(\d{1,3}(?:\s*[,;]\s*\d{1,3}){0,20})\]/g;
/** Characters from the end in which something undecided may begin. */
const TAIL = 1_000;
const SENTENCE_END = /[.!?…。！？؟।][)"'”’»」』\]]*(?=[\s\u0080-\uffff]|$)|\n/gu;

export interface Shown {
  readonly text: string;
  /** The articles it rests on: `[1]` in the text is the first of them. */
  readonly sources: readonly { readonly article: string; readonly title: string }[];
  readonly confidence: number;
}

/** What may be shown of an unfinished text. It only grows as the text does. */
export function shownSoFar(raw: string, passages: readonly Passage[]): string {
  if (/^\s*<[^>]{0,9}$/.test(raw)) return '';
  const spoken = withoutThoughts(raw);
  const tail = Math.max(0, spoken.length - TAIL);
  const decided = spoken.slice(0, tail) + spoken.slice(tail).replace(UNDECIDED, '');
  return new Citations(passages).renumber(decided.replace(MARKER, '')).trim();
}

/** The whole of a finished text. */
export function shownAtEnd(raw: string, passages: readonly Passage[]): Shown {
  let marker: string | undefined;
  const clean = withoutThoughts(raw)
    .replace(MARKER, (_, doubled: string | undefined, single: string | undefined) => {
      marker = doubled ?? single;
      return '';
    })
    .replace(BROKEN_MARKER, '');
  const citations = new Citations(passages);
  const text = citations.renumber(clean).trim();
  const said = /^\d*(?:[.,]\d+)?\s*%?/.exec(marker ?? '')?.[0] ?? '';
  // The model may name sources that it did not mark in its text.
  for (const number of numbersIn(marker?.slice(said.length))) citations.cite(number);
  return { text, sources: citations.sources, confidence: confidenceIn(said) ?? unsaid(citations, passages) };
}

/** Some models think aloud first, longer than a pattern could be looked for at every part that comes. */
function withoutThoughts(raw: string): string {
  const opened = /^\s*<think(?:ing)?>/i.exec(raw)?.[0];
  if (opened === undefined) return raw;
  const closing = raw.indexOf('</think', opened.length);
  const closed = closing < 0 ? -1 : raw.indexOf('>', closing);
  return closed < 0 ? '' : raw.slice(closed + 1);
}

/** Which articles a text cites: the numbers of passages become those of the articles, in the order in which they appear. */
class Citations {
  readonly #passages: readonly Passage[];
  readonly #articles = new Map<string, { readonly article: string; readonly title: string }>();

  constructor(passages: readonly Passage[]) {
    this.#passages = passages;
  }

  get sources(): readonly { readonly article: string; readonly title: string }[] {
    return [...this.#articles.values()];
  }

  /** The article's number from now on; undefined where no such passage was given. */
  cite(number: number): number | undefined {
    const passage = this.#passages[number - 1];
    if (!passage) return undefined;
    const { article, title } = passage;
    if (!this.#articles.has(article)) this.#articles.set(article, { article, title });
    return [...this.#articles.keys()].indexOf(article) + 1;
  }

  /** Marks that lead nowhere are left out, unless no passage was given: then brackets are just brackets. */
  renumber(text: string): string {
    if (this.#passages.length === 0) return text;
    return text.replace(CITATION, (_, space: string, list: string) => {
      const numbers = new Set(numbersIn(list).map((number) => this.cite(number)));
      numbers.delete(undefined);
      return numbers.size === 0 ? '' : `${space}${[...numbers].map((number) => `[${number}]`).join('')}`;
    });
  }
}

function numbersIn(text = ''): number[] {
  return (text.match(/\d{1,3}/g) ?? []).slice(0, 20).map(Number);
}

/** `0.8`, `0,8` or `80%` as 0 to 1; undefined where it is none of them. */
function confidenceIn(said: string): number | undefined {
  const percent = said.trim().endsWith('%');
  const figure = Number(said.replace('%', '').replace(',', '.').trim() || Number.NaN);
  if (!Number.isFinite(figure)) return undefined;
  // Some models count in percent without saying so.
  return Math.min(1, percent || figure > 1 ? figure / 100 : figure);
}

function unsaid(citations: Citations, passages: readonly Passage[]): number {
  if (citations.sources.length > 0) return UNSAID.cited;
  return passages.length === 0 ? UNSAID.nothingGiven : UNSAID.notCited;
}

/** The text up to its last sentence that ends within that many characters; cut there where it has none. */
export function cutAtSentence(text: string, most = MOST_CHARACTERS): string {
  if (text.length <= most) return text;
  const cut = text.slice(0, most);
  let end = 0;
  for (const match of cut.matchAll(SENTENCE_END)) end = match.index + match[0].length;
  if (end > most / 4) return cut.slice(0, end).trim();
  // Never half of a pair: it could not be stored as UTF-8.
  return `${cut.replace(/[\ud800-\udbff]$/, '').trim()}…`;
}
