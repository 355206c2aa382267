// The peer that figures are compared with: the architecture the documents describe, written with care, in a process of its own.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { jwtVerify, SignJWT } from 'jose';
import { Server, type Socket } from 'socket.io';
import { z } from 'zod';
import { PeerDatabase } from './database.ts';

/** `full`: find the session, insert, update it, each awaited. `lean`: the insert alone. */
const variant = z.enum(['full', 'lean']).parse(process.env.PEER_VARIANT);
const database = new PeerDatabase(z.string().parse(process.env.DATABASE_URL));
const secret = new TextEncoder().encode(z.string().min(32).parse(process.env.JWT_SECRET));

const claims = z.object({ sub: z.string(), userType: z.enum(['user', 'agent']) });
const joining = z.object({ sessionId: z.string().min(1).max(64) });
const sending = z.object({ sessionId: z.string().min(1).max(64), message: z.string().min(1).max(1_000) });
const opening = z.object({ userId: z.string().max(64), name: z.string().max(120), email: z.email() });

const app = express();
app.use(express.json({ limit: '100kb' }));

app.post('/api/auth/token', async (request, response) => {
  const { userId, userType } = z
    .object({ userId: z.string().max(64), userType: z.enum(['user', 'agent']) })
    .parse(request.body);
  const token = await new SignJWT({ userType })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(userId)
    .setExpirationTime('30d')
    .sign(secret);
  response.json({ success: true, data: { token } });
});

app.post('/api/chat/start-session', async (request, response) => {
  const { userId, name, email } = opening.parse(request.body);
  const sessionId = `session-${userId}`;
  await database.createSession(sessionId, name, email);
  response.status(201).json({ success: true, data: { sessionId } });
});

app.get('/api/chat/messages/:sessionId', async (request, response) => {
  response.json({ success: true, data: await database.listMessages(request.params.sessionId, 50) });
});

app.get('/api/health', (_request, response) => {
  response.json({ success: true });
});

const http = createServer(app);
// The transport its users end up with; compression off, as is Socket.IO's own default.
const io = new Server(http, { transports: ['websocket', 'polling'] });

io.use((socket, next) => {
  const token: unknown = socket.handshake.auth.token;
  jwtVerify(typeof token === 'string' ? token : '', secret)
    .then(({ payload }) => {
      const { sub, userType } = claims.parse(payload);
      socket.data = { id: sub, userType };
      next();
    })
    .catch(() => next(new Error('Authentication error')));
});

io.on('connection', (socket) => {
  socket.on('join_session', (payload: unknown) => {
    void answering(socket, () => join(socket, payload));
  });
  socket.on('send_message', (payload: unknown) => {
    void answering(socket, () => send(socket, payload));
  });
});

async function join(socket: Socket, payload: unknown): Promise<void> {
  const { sessionId } = joining.parse(payload);
  const session = await database.findSession(sessionId);
  if (!session) {
    socket.emit('error', { message: 'Session not found' });
    return;
  }
  if (socket.data.userType === 'agent' && session.agent_id === null)
    await database.assign(sessionId, Number(socket.data.id));
  await socket.join(sessionId);
  socket.emit('session_joined', { sessionId });
}

async function send(socket: Socket, payload: unknown): Promise<void> {
  const { sessionId, message } = sending.parse(payload);
  const { id: senderId, userType: senderType } = socket.data as { id: string; userType: string };
  if (variant === 'full') {
    const session = await database.findSession(sessionId);
    if (!session || session.status === 'ended') {
      socket.emit('error', { message: 'Session not found' });
      return;
    }
  }
  const stored = await database.insertMessage(sessionId, senderType, senderId, message);
  if (variant === 'full') await database.touchSession(sessionId, senderType, message, stored.created_at);
  io.to(sessionId).emit('new_message', {
    id: stored.id,
    sessionId,
    senderId,
    senderType,
    message,
    timestamp: stored.created_at,
  });
}

async function answering(socket: Socket, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    console.error(error);
    socket.emit('error', { message: 'Something went wrong' });
  }
}

await database.prepare();
http.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  process.send?.({ port: (http.address() as AddressInfo).port });
});
process.on('disconnect', () => {
  io.close();
  http.closeAllConnections();
  void database.close().then(() => process.exit(0));
});
