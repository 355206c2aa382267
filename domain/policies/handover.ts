// When the AI hands a conversation to people: the visitor asks for one or says yes to it, a keyword falls, it failed too often, or it is not sure.
import { z } from 'zod';
import { agrees } from './agreement.ts';
import { UNSPACED_WISHES, WISHES, type Wish } from './human-wishes.ts';
import { plain, plainWords } from './plain-words.ts';

/** A widget's rules, with their defaults. */
export const handOverRules = z.object({
  /** Words and phrases; case and accents do not matter, whole words only. */
  keywords: z.array(z.string().trim().min(1).max(100)).max(50).default([]),
  /** An answer that is less sure than that is not given alone: people are called. 0: never because of that. */
  minConfidence: z.number().min(0).max(1).default(0.35),
  /** Answers in a row that failed. */
  maxFailures: z.number().int().min(1).max(10).default(2),
});
export type HandOverRules = z.infer<typeof handOverRules>;

export type HandOverReason = 'visitor-asked' | 'keyword' | 'failed-twice' | 'low-confidence';

export interface HandOverQuestion {
  /** The visitor's message. */
  readonly text: string;
  readonly rules: HandOverRules;
  /** Answers in a row that failed, this one included. */
  readonly failuresInARow: number;
  /** Whether the message before, the AI's, offered a person. */
  readonly offered?: boolean;
  /** Of the answer, 0 to 1; undefined while there is none. */
  readonly confidence?: number;
}

/** Characters that are looked at: whoever wants a human says so soon. */
const LOOKED_AT = 2_000;

/** Whether, and why, people are to take over; undefined: the AI goes on. */
export function handOver({
  text,
  rules,
  failuresInARow,
  offered = false,
  confidence,
}: HandOverQuestion): { readonly reason: HandOverReason } | undefined {
  const looked = text.slice(0, LOOKED_AT);
  if (asksForHuman(looked) || (offered && agrees(looked))) return { reason: 'visitor-asked' };
  if (hasKeyword(looked, rules.keywords)) return { reason: 'keyword' };
  if (failuresInARow >= rules.maxFailures) return { reason: 'failed-twice' };
  if (confidence !== undefined && confidence < rules.minConfidence) return { reason: 'low-confidence' };
  return undefined;
}

/** Whether a visitor wants a human, in any of some thirty languages. */
export function asksForHuman(text: string): boolean {
  const unspaced = plain(text).replace(/\s+/g, '');
  if (UNSPACED_WISHES.some((wish) => wish.test(unspaced))) return true;
  // Each sentence by itself: a `no` in the one before is no negation of this one.
  return text
    .split(/[.!?;…।؟\n]+/u)
    .map((sentence) => plainWords(sentence).join(' '))
    .some((sentence) => sentence !== '' && PATTERNS.some((pattern) => wishes(sentence, pattern)));
}

interface Pattern {
  readonly asked: RegExp;
  readonly alone: RegExp;
  readonly negatedBefore: RegExp;
  readonly negatedAfter: RegExp;
}

const PATTERNS: readonly Pattern[] = WISHES.map(patternOf);

function patternOf(wish: Wish): Pattern {
  const [who, before, after, between, polite, not, but] = [
    wish.who,
    wish.before,
    wish.after,
    wish.between,
    wish.polite,
    wish.not,
    wish.but,
    // Spelled as the texts are, in which they are looked for.
  ].map((words) => words && plain(words));
  const filler = between ? `(?:(?:${between}) ){0,6}` : '';
  const somebody = `(?:${who})(?= |$)${but ? `(?! (?:${but})(?: |$))` : ''}`;
  const ways = [
    ...(before ? [`(?:${before}) ${filler}${somebody}`] : []),
    ...(after ? [`${filler}${somebody} ${filler}(?:${after})`] : []),
  ];
  return {
    asked: new RegExp(`(?<=^| )(?:${ways.join('|')})(?= |$)`, 'gu'),
    alone: new RegExp(`^(?:(?:${polite}) )*(?:${who})(?: (?:${polite}))*$`, 'u'),
    // Up to four words before, such as `I don't really want to`, or two right after.
    negatedBefore: new RegExp(`(?:^| )(?:${not})(?: [^ ]+){0,3}$`, 'u'),
    negatedAfter: new RegExp(`^ (?:[^ ]+ ){0,1}(?:${not})(?: |$)`, 'u'),
  };
}

function wishes(sentence: string, { asked, alone, negatedBefore, negatedAfter }: Pattern): boolean {
  // A single word such as `someone` alone asks for nobody in particular, but asks all the same.
  if (alone.test(sentence)) return true;
  for (const match of sentence.matchAll(asked)) {
    const before = sentence.slice(0, match.index).trimEnd();
    const after = sentence.slice(match.index + match[0].length);
    if (!negatedBefore.test(before) && !negatedAfter.test(after)) return true;
  }
  return false;
}

/** Whether one of the keywords stands in the text, as whole words. */
function hasKeyword(text: string, keywords: readonly string[]): boolean {
  const said = ` ${plainWords(text).join(' ')} `;
  return keywords.some((keyword) => {
    const words = plainWords(keyword).join(' ');
    if (words === '') return false;
    // Where no spaces are written, a word is whole anywhere.
    return UNSPACED.test(words) ? said.includes(words) : said.includes(` ${words} `);
  });
}

const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
