// When a webhook is due, what an answer to a delivery means, and when to try again.
import type { ConversationEvent } from '../conversation/events.ts';

/** Milliseconds for which a message is tried, from its first failure on. */
const TRIED_FOR = 24 * 3_600_000;
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;
/** A receiver may ask for more patience than we would have, but not for ever. */
const LONGEST_ASKED = 3_600_000;

/** Whether a fact is what the classic webhook tells of: a message that the visitor wrote (seed 000). */
export function isDue(fact: ConversationEvent): boolean {
  return fact.type === 'MessagePosted' && fact.data.author.kind === 'visitor';
}

/** What an answer's status says. `gone`: nobody is there any more, for good. */
export function verdictOf(status: number): 'delivered' | 'gone' | 'failed' {
  if (status >= 200 && status < 300) return 'delivered';
  return status === 410 ? 'gone' : 'failed';
}

/**
 * Milliseconds until the next try, after `failures` in a row (1 or more): doubling, between half and the
 * whole of it by `chance` (0 to 1). `asked`: milliseconds that the receiver asked for.
 */
export function pauseAfter(failures: number, chance: number, asked = 0): number {
  const whole = Math.min(FIRST_PAUSE * 2 ** Math.min(failures - 1, 20), LONGEST_PAUSE);
  return Math.max(Math.round(whole * (0.5 + chance / 2)), Math.min(asked, LONGEST_ASKED));
}

/** Whether a message that first failed at `since` is given up at `now`, both in milliseconds since 1970. */
export function isGivenUp(since: number, now: number): boolean {
  return now - since >= TRIED_FOR;
}
