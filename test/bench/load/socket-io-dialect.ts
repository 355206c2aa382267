// Speaks Socket.IO with the peer: spelled by hand on the same bare socket as the other side's, so that no client library weighs on the peer.
import type { WebSocket } from 'ws';
import type { Dialect, Door, Hearing } from './line.ts';
import { Awaited, connectBare } from './socket.ts';

const PATH = '/socket.io/?EIO=4&transport=websocket';

/** Engine.IO 4 and Socket.IO 5: `0` open, `2` ping, `3` pong, `40` connect, `44` refused, `42[name,payload]` an event. */
async function connect(
  door: Door,
  token: string,
  hearing: Hearing,
  onEvent: (name: string, payload: { message?: string }) => void,
): Promise<WebSocket> {
  const connected = new Awaited('the word that a Socket.IO socket is connected');
  const socket = await connectBare(door, PATH, hearing, (text, own) => {
    if (text.startsWith('42')) {
      const [name, payload] = JSON.parse(text.slice(2)) as [string, { message?: string }];
      onEvent(name, payload);
    } else if (text === '2') own.send('3');
    else if (text.startsWith('0')) own.send(`40${JSON.stringify({ token })}`);
    else if (text.startsWith('40')) connected.now();
    else if (text.startsWith('44')) hearing.refused(text);
  });
  await connected.done;
  return socket;
}

const emit = (socket: WebSocket, name: string, payload: unknown): void =>
  socket.send(`42${JSON.stringify([name, payload])}`);

export const socketIo: Dialect = {
  async visitor(door, { conversation, token }, hearing) {
    const joined = new Awaited('session_joined');
    const socket = await connect(door, token, hearing, (name, payload) => {
      if (name === 'session_joined') joined.now();
      else if (name === 'error') hearing.refused(String(payload.message));
    });
    emit(socket, 'join_session', { sessionId: conversation });
    await joined.done;
    return {
      post: (text) => emit(socket, 'send_message', { sessionId: conversation, message: text }),
      close: () => socket.close(1000),
    };
  },

  async agent(door, { token, conversations }, hearing) {
    const joined = new Awaited('every session_joined');
    let open = conversations.length;
    const socket = await connect(door, token, hearing, (name, payload) => {
      if (name === 'new_message') hearing.message(String(payload.message));
      else if (name === 'error') hearing.refused(String(payload.message));
      else if (name === 'session_joined' && --open === 0) joined.now();
    });
    for (const sessionId of conversations) emit(socket, 'join_session', { sessionId });
    if (open === 0) joined.now();
    await joined.done;
    return { post: () => {}, close: () => socket.close(1000) };
  },
};
