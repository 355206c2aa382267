// What sockets of one dialect and audience are sent: a dialect's outgoing half.
import type { RecordedEvent, StoredCommit } from '../../domain/log/commit.ts';
import type { Address } from '../../domain/log/subjects.ts';
import type { Audience } from '../chat/audience.ts';
import type { Place } from '../chat/queue.ts';
import type { AiText, Presence, Typing } from '../chat/signals.ts';

/** An event of a conversation on its way to sockets. */
export interface Told {
  readonly address: Address;
  readonly event: RecordedEvent;
  /** The last version before it that the channel's audience may see. */
  readonly previous: number;
  /** The commit it is a part of. */
  readonly commit: StoredCommit;
}

/** One frame, several, or none. */
export type Frames = string | readonly string[] | undefined;

/**
 * Spells frames, once for all sockets of the channel. A dialect that has to look something up first
 * answers later; its frames may then come after those of newer events.
 */
export interface Channel {
  readonly audience: Audience;
  event(told: Told): Frames | Promise<Frames>;
  typing(address: Address, typing: Typing): string | undefined;
  /** Where the dialect tells who comes and goes. A hearer with the signal's `socket` in its notes is not told. */
  presence?(address: Address, presence: Presence): string | undefined;
  /** Where the dialect shows what the AI is writing. */
  aiText?(address: Address, written: AiText): string;
  /** Where the dialect tells a visitor who waits their place in the queue. */
  place?(address: Address, place: Place): string;
}
