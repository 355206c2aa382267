// What a kind of socket adds to what all have in common: how it lets people in and what their frames mean. Each dialect with sockets has such a door and its channels.
import type { Arrival, Peer } from './peer.ts';

export interface Door {
  readonly path: string;
  /** A socket was opened. What takes longer goes into the peer's queue. */
  opened(peer: Peer, arrival: Arrival): void;
  /** A text frame within the bounds. */
  heard(peer: Peer, text: string): void;
  /** A socket is gone, however that came about. */
  closed?(peer: Peer): void;
  /** A socket's heartbeat, where the dialect has one. `at`: ISO 8601. */
  heartbeat(peer: Peer, at: string): string | undefined;
}
