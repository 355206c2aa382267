// Somebody at this edge who can be told things: a socket of uWebSockets.js (peer.ts), or one of a dialect with a transport of its own.
import type { CLOSE } from '../../domain/wire.ts';
import type { Principal } from '../identity/principals.ts';
import type { Channel } from './channel.ts';
import type { SocketKind } from './counters.ts';
import type { Followed } from './followed.ts';

export type Close = (typeof CLOSE)[keyof typeof CLOSE];

/** Where a socket was opened from, as a browser says it. */
export interface Page {
  readonly origin: string | undefined;
  readonly host: string | undefined;
}

/** A hearer's part in a conversation. */
export interface Member {
  readonly peer: Hearer;
  readonly followed: Followed<Member>;
  readonly channel: Channel;
  /** While history is replayed to it, live events are not: the replay ends where they begin. */
  replaying: boolean;
}

export interface Hearer {
  /** Whether it is still there; nothing reaches it once it is not. */
  readonly open: boolean;
  principal: Principal | undefined;
  kind: SocketKind;
  /** The page it came from, until it is known who it is. */
  page: Page | undefined;
  /** What it hears: one conversation, or several, by id. */
  heard: Member | Map<string, Member> | undefined;
  /** Something a door remembers about it beside that. */
  notes: Set<string> | undefined;
  /** Seconds since 1970 from when its token is worth nothing; 0: it has none. */
  expires: number;
  /** When its last typing signal was passed on, by `performance.now()`. */
  typedAt: number;
  /** Sends a frame as a channel of its dialect spelled it. */
  send(frame: string): void;
  /** Settles once it has kept up enough for more history. */
  readyForMore(): Promise<void>;
  /** Closes it with a code of ours; what was sent before goes out first. */
  end(close: Close, why: string): void;
}
