// Tells a message that was sent again from a new one, in a dialect whose messages have no ids of their own.
import { madeAtWith } from '../../../../domain/ids.ts';
import type { Tokens } from '../../../identity/tokens.ts';

/** How far a client's clock may be off for its word to count, in milliseconds. */
const BELIEVED = 86_400_000;
/** A moment as JavaScript spells it: without milliseconds it would name too many messages. */
const WITH_MILLISECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(?:Z|[+-]\d\d:\d\d)$/;

export interface Sent {
  readonly sessionId: string;
  /** Who sent it: `customer`, or the agent's number. */
  readonly by: string;
  readonly text: string;
  readonly timestamp: string | number | undefined;
}

/**
 * The command id of a message: the same for the same text that was said by the same side in the same
 * millisecond, so that what is sent again after a lost connection is posted once. Undefined where the
 * client's timestamp does not say that; then every frame is a message of its own. `now`: ms since 1970.
 */
export function repeatableCommand(tokens: Tokens, sent: Sent, now: number): string | undefined {
  const { sessionId, by, text, timestamp } = sent;
  const moment =
    typeof timestamp === 'number'
      ? timestamp
      : WITH_MILLISECONDS.test(timestamp ?? '')
        ? Date.parse(timestamp ?? '')
        : Number.NaN;
  if (!Number.isSafeInteger(moment) || Math.abs(moment - now) > BELIEVED) return undefined;
  return madeAtWith(moment, tokens.derive('widget-message', JSON.stringify([sessionId, by, moment, text])));
}
