// placeholder
import type { Door } from '../door.ts';
import type { Floor } from '../floor.ts';
import type { Peer } from '../peer.ts';
export class LiveChatDoor implements Door {
  readonly path = '/ws/live-chat';
  constructor(_floor: Floor) {}
  opened(_peer: Peer): void {}
  heard(): void {}
  heartbeat(): undefined {}
}
