// The same with the peer's own client library, to show what the hand-spelled one leaves out.
import { io, type Socket } from 'socket.io-client';
import type { Dialect, Door, Hearing } from './line.ts';
import { Awaited } from './socket.ts';

async function connect(door: Door, token: string, hearing: Hearing): Promise<Socket> {
  const connected = new Awaited('a Socket.IO connection');
  const socket = io(door.url.replace(/^ws/, 'http'), {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    auth: { token },
    ...(door.from ? { localAddress: door.from } : {}),
  });
  socket.on('connect', () => connected.now());
  socket.on('connect_error', (error) => hearing.closed(error.message));
  socket.on('disconnect', (reason) => {
    if (reason !== 'io client disconnect') hearing.closed(reason);
  });
  socket.on('error', (payload: { message?: string }) => hearing.refused(String(payload.message)));
  await connected.done;
  return socket;
}

async function join(socket: Socket, sessions: readonly string[]): Promise<void> {
  const joined = new Awaited('every session_joined');
  let open = sessions.length;
  socket.on('session_joined', () => {
    if (--open === 0) joined.now();
  });
  for (const sessionId of sessions) socket.emit('join_session', { sessionId });
  if (open === 0) joined.now();
  await joined.done;
}

export const socketIoLibrary: Dialect = {
  async visitor(door, { conversation, token }, hearing) {
    const socket = await connect(door, token, hearing);
    socket.on('new_message', () => {});
    await join(socket, [conversation]);
    return {
      post: (text) => socket.emit('send_message', { sessionId: conversation, message: text }),
      close: () => socket.disconnect(),
    };
  },

  async agent(door, { token, conversations }, hearing) {
    const socket = await connect(door, token, hearing);
    socket.on('new_message', (payload: { message: string }) => hearing.message(payload.message));
    await join(socket, conversations);
    return { post: () => {}, close: () => socket.disconnect() };
  },
};
