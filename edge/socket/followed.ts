// A conversation that somebody at this edge listens to: where the log stood when they were last told. A few numbers, no content.
import type { Subscription } from '../../domain/log/log.ts';
import type { Address } from '../../domain/log/subjects.ts';
import type { Heads } from '../chat/audience.ts';

export class Followed<Member> {
  readonly address: Address;
  members: Member[] = [];
  /** Sequence and version of the last commit that was passed on. */
  sequence = 0;
  version = 0;
  heads: Heads = { visitor: 0, agent: 0 };
  erased = false;
  /** Whether commits are passed on as they come; else they are read from the log in a moment. */
  live = false;
  /** The highest sequence heard of while not live. */
  newest = 0;
  /** Until when, by the clock that nobody sets, its tail is asked for every few seconds. */
  activeUntil = 0;
  /** Its own live copies; none where those of the whole workspace are heard. */
  copies: Subscription | undefined;
  /** Settles once it is live for the first time, or given up. */
  opening: Promise<void> | undefined;
  /** Settles when a read under way is through. */
  catching: Promise<void> | undefined;
  closed = false;

  constructor(address: Address) {
    this.address = address;
  }
}
