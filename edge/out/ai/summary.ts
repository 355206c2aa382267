// What a conversation with the AI has been about, in a few lines for whoever takes it over: the visitor's own words, nothing made up.
import { LIMITS } from '../../../domain/conversation/values.ts';
import type { PastMessage } from './past.ts';

/** Messages of the visitor that are quoted: the first, and the newest. */
const NEWEST = 4;
/** Characters of each. */
const QUOTED = 500;

/** At most `LIMITS.summary` characters; empty where nothing was said. */
export function summaryOf(messages: readonly Pick<PastMessage, 'from' | 'text'>[]): string {
  const asked = messages.filter(({ from }) => from === 'visitor').map(({ text }) => quoted(text));
  const [first] = asked;
  if (first === undefined) return '';
  const newest = asked.slice(1).slice(-NEWEST);
  const left = asked.length - 1 - newest.length;
  const answered = messages.findLast(({ from }) => from === 'ai');
  return [
    `Asked first: ${first}`,
    ...(left > 0 ? [`(${left} more ${left === 1 ? 'message' : 'messages'})`] : []),
    ...newest.map((text) => `Then: ${text}`),
    answered ? `The AI said last: ${quoted(answered.text)}` : 'The AI has said nothing yet.',
  ]
    .join('\n')
    .slice(0, LIMITS.summary);
}

function quoted(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > QUOTED ? `${line.slice(0, QUOTED - 1)}…` : line;
}
