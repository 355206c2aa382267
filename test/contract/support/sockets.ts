// The support document's Socket.io events (seed 002) one by one, for 002-support.test.ts: the stock client, on every transport it has.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ManagerOptions, SocketOptions } from 'socket.io-client';
import { afterEach, describe, expect, test } from 'vitest';
import { ask } from '../../edge/http/door.ts';
import { SupportClient } from '../../edge/socket/support-client.ts';
import { agent, call, ISO, now, office, STRING, session, tokenOf, withKey } from './office.ts';

type Options = Partial<ManagerOptions & SocketOptions>;

let clients: SupportClient[] = [];

/** "Test Socket.io connection with token in auth object" (seed 002, Testing). */
async function connect(token: string, options: Options = {}): Promise<SupportClient> {
  const client = await SupportClient.connect(office.door.port, token, options);
  clients.push(client);
  return client;
}

/** A session with its user and an agent in its room, and what tells the test from others. */
async function room(options: Options = {}) {
  const begun = await session();
  const jane = await agent();
  const user = await connect(begun.token, options);
  const helper = await connect(jane.token, options);
  await user.join(begun.sessionId);
  await helper.join(begun.sessionId);
  return { ...begun, jane, user, helper };
}

export function socketEvents(): void {
  afterEach(() => {
    for (const client of clients) client.close();
    clients = [];
  });

  test('the connection takes the token of the auth object, and says what is wrong with another', async () => {
    const refusalOf = async (options: Options) => {
      const client = new SupportClient(office.door.port, { reconnection: false, ...options });
      clients.push(client);
      await client.when(() => client.refusals.length > 0 || client.socket.connected);
      return client.refusals[0] ?? 'connected';
    };
    expect(await refusalOf({ auth: { token: await tokenOf('user123') } })).toBe('connected');
    expect(await refusalOf({ auth: { token: await tokenOf('a1', 'agent', office.apiKey) } })).toBe(
      'connected',
    );
    expect(await refusalOf({ auth: { token: await tokenOf('crm', 'system', office.apiKey) } })).toBe(
      'connected',
    );
    const authorization = `Bearer ${await tokenOf('user123')}`;
    expect(await refusalOf({ extraHeaders: { authorization } })).toBe('connected');
    expect(await refusalOf({ extraHeaders: { 'x-api-key': office.apiKey } })).toBe('connected');
    expect(await refusalOf({ auth: { apiKey: office.apiKey } })).toBe('connected');
    expect(await refusalOf({})).toBe('Authentication required');
    expect(await refusalOf({ auth: { token: 'a.b.c' } })).toBe('Invalid or expired token');
    expect(await refusalOf({ extraHeaders: { 'x-api-key': 'wrong' } })).toBe('Invalid or expired token');
  });

  describe.each<[string, Options]>([
    ['as the client comes: polling, then a WebSocket', {}],
    ['a WebSocket alone', { transports: ['websocket'] }],
    ['polling alone', { transports: ['polling'] }],
  ])('over %s', (_name, options) => {
    test('join_session is answered by session_joined', async () => {
      const { sessionId, session: begun, token } = await session('user123');
      const user = await connect(token, options);
      user.socket.emit('join_session', { sessionId });
      expect(await user.hears('session_joined')).toEqual({ sessionId, session: begun });
      expect(begun).toMatchObject({ _id: sessionId, sessionId, userId: 'user123', userType: 'user' });
      expect(await user.ask('join_session', sessionId)).toEqual({ success: true, sessionId, session: begun });
    });

    test('send_message is new_message for everyone in the room, the sender too, once and in order', async () => {
      const { sessionId, session: begun, jane, user, helper } = await room(options);
      const said = { sessionId, message: 'Hello, I need help' };
      const fromUser = {
        _id: STRING,
        sessionId,
        senderId: begun.userId,
        senderType: 'user',
        message: 'Hello, I need help',
        timestamp: ISO,
      };
      expect(await user.ask('send_message', said)).toEqual({ success: true, sessionId, message: fromUser });
      for (const client of [user, helper]) expect(await client.hears('new_message')).toEqual(fromUser);
      helper.socket.emit('send_message', { sessionId, message: 'Here I am' });
      for (const client of [user, helper])
        expect(await client.hears('new_message', 5_000, ({ senderType }) => senderType === 'agent')).toEqual({
          ...fromUser,
          senderId: jane.id,
          senderType: 'agent',
          message: 'Here I am',
        });
      for (const client of [user, helper]) expect(client.texts).toEqual(['Hello, I need help', 'Here I am']);
      expect(await now(sessionId)).toMatchObject({ status: 'active', agentId: jane.id, messageCount: 2 });
      const { body } = await call('GET', `/chat/messages/${sessionId}`, withKey());
      expect(body.data.messages).toEqual(
        user.heard.flatMap(({ event, payload }) => (event === 'new_message' ? [payload] : [])),
      );
    });

    test('typing_start and typing_stop are user_typing for the others', async () => {
      const { sessionId, session: begun, jane, user, helper } = await room(options);
      user.socket.emit('typing_start', { sessionId });
      const theirs = { sessionId, userId: begun.userId, userType: 'user' };
      expect(await helper.hears('user_typing')).toEqual({ ...theirs, isTyping: true });
      user.socket.emit('typing_stop', { sessionId });
      expect(await helper.hears('user_typing', 5_000, ({ isTyping }) => !isTyping)).toEqual({
        ...theirs,
        isTyping: false,
      });
      helper.socket.emit('typing_start', { sessionId });
      const hers = { sessionId, userId: jane.id, userType: 'agent', isTyping: true };
      expect(await user.hears('user_typing')).toEqual(hers);
      await sleep(50);
      expect(user.heard.filter(({ event }) => event === 'user_typing')).toHaveLength(1);
      expect(helper.heard.filter(({ event }) => event === 'user_typing')).toHaveLength(2);
    });

    test('user_joined and user_left tell who comes and goes', async () => {
      const { sessionId, session: begun, token } = await session();
      const jane = await agent();
      const user = await (await connect(token, options)).join(sessionId);
      const helper = await (await connect(jane.token, options)).join(sessionId);
      const hers = { sessionId, userId: jane.id, userType: 'agent', timestamp: ISO };
      expect(await user.hears('user_joined')).toEqual(hers);
      helper.close();
      expect(await user.hears('user_left')).toEqual(hers);
      const program = await (await connect(office.apiKey, options)).join(sessionId);
      expect(await user.hears('user_joined', 5_000, ({ userType }) => userType === 'system')).toMatchObject({
        sessionId,
      });
      user.close();
      expect(await program.hears('user_left')).toEqual({
        sessionId,
        userId: begun.userId,
        userType: 'user',
        timestamp: ISO,
      });
    });

    test('session_ended tells when and why, whoever ended it', async () => {
      const { sessionId, token, user, helper } = await room(options);
      await call('POST', `/chat/end-session/${sessionId}`, { token }, { reason: 'Resolved' });
      const { endedAt } = await now(sessionId);
      for (const client of [user, helper])
        expect(await client.hears('session_ended')).toEqual({ sessionId, endedAt, reason: 'Resolved' });
      expect(await user.ask('send_message', { sessionId, message: 'One more thing' })).toEqual({
        success: false,
        message: 'This session is closed',
      });
    });
  });

  test('a message has at most 1,000 characters here as well', async () => {
    const { sessionId, user } = await room();
    const send = (message: string) => user.ask('send_message', { sessionId, message });
    expect(await send('x'.repeat(1_000))).toMatchObject({ success: true });
    expect(await send('x'.repeat(1_001))).toEqual({
      success: false,
      message: 'message must have at most 1000 characters',
    });
    user.socket.emit('send_message', { sessionId, message: '' });
    expect(await user.hears('error')).toEqual({ success: false, message: 'message must not be empty' });
  });

  test('what is sent over HTTP, or said in another dialect, is heard here', async () => {
    const { sessionId, token, jane, user, helper } = await room();
    await call('POST', `/chat/send-message/${sessionId}`, { token }, { message: 'over HTTP' });
    const reply = await ask(office.door.url, 'POST', `/api/admin/live-chat/sessions/${sessionId}/reply`, {
      token: jane.token,
      json: { content: 'from the dashboard' },
    });
    expect(reply.status).toBeLessThan(300);
    for (const client of [user, helper]) {
      await client.when(() => client.texts.length >= 2);
      expect(client.texts).toEqual(['over HTTP', 'from the dashboard']);
    }
    await ask(office.door.url, 'PATCH', `/api/admin/live-chat/sessions/${sessionId}/status`, {
      token: jane.token,
      json: { status: 'closed' },
    });
    expect(await user.hears('session_ended')).toMatchObject({ sessionId, endedAt: ISO });
  });

  test('a session that is not there, or not theirs, is not found', async () => {
    const { token } = await session();
    const user = await connect(token);
    const missing = { success: false, message: 'Session not found' };
    for (const [event, more] of [
      ['join_session', {}],
      ['send_message', { message: 'hello' }],
      ['typing_start', {}],
      ['typing_stop', {}],
    ] as const) {
      expect(await user.ask(event, { sessionId: 'session_nobody_began', ...more })).toEqual(missing);
      expect(await user.ask(event, more)).toEqual({ success: false, message: 'sessionId is required' });
    }
    user.socket.emit('join_session', { sessionId: 'session_nobody_began' });
    expect(await user.hears('error')).toEqual(missing);
  });
}
