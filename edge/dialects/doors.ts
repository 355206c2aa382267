// Every dialect's sockets: the doors that are opened on the one port, and what ends what they keep going.
import type { Door } from '../socket/door.ts';
import type { Floor } from '../socket/floor.ts';
import type { SocketIo } from '../socket/socket-io/socket-io.ts';
import { LiveChatDoor } from './live-chat/socket/door.ts';
import { NativeDoor } from './native/socket/door.ts';
import { SupportDoor } from './support/socket/door.ts';
import { openWidgetDoors } from './widget/socket/doors.ts';

export interface Doors {
  /** Those of plain WebSockets; what speaks Socket.IO is let in there. */
  readonly doors: readonly Door[];
  close(): void;
}

/** Opens them all. `heartbeatSeconds`: how often our own clients are told where the log stands. */
export function openDoors(floor: Floor, socketIo: SocketIo, heartbeatSeconds: number): Doors {
  const widget = openWidgetDoors(floor);
  const support = new SupportDoor(floor, socketIo.server);
  const native = new NativeDoor(floor, heartbeatSeconds);
  return {
    doors: [native, new LiveChatDoor(floor), ...widget.doors],
    close() {
      native.close();
      support.close();
      widget.close();
    },
  };
}
