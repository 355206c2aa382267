// The live-chat document (seed 003) from its first line to its last: a client written from it works unchanged.
import { describe, expect, test } from 'vitest';
import { ask, openDoor } from '../edge/http/door.ts';
import { adminEndpoints } from './live-chat/admin.ts';
import { Rendered, useAdminChat, useLiveChat } from './live-chat/hooks.ts';
import {
  asGuest,
  asJane,
  guests,
  ISO,
  jane,
  Listener,
  office,
  STRING,
  startSession,
} from './live-chat/office.ts';
import { publicEndpoints } from './live-chat/public.ts';

describe('public endpoints', publicEndpoints);

describe('admin endpoints', adminEndpoints);

describe('the socket of a user', () => {
  test('hears every type that is for users, with its data, and nothing that is for admins', async () => {
    const { sessionId } = await startSession();
    const user = await Listener.guest(sessionId);
    expect(user.frames).toEqual([{ type: 'connection_established', timestamp: ISO }]);
    const question = await asGuest('POST', `/sessions/${sessionId}/messages`, { content: 'Hello' });
    await asJane('PATCH', `/sessions/${sessionId}/assign`, { agentId: jane() });
    expect(await user.hears('agent_assigned')).toEqual({
      type: 'agent_assigned',
      sessionId,
      agent: { _id: jane(), name: 'Jane Smith' },
    });
    expect(await user.hears('session_status_changed')).toEqual({
      type: 'session_status_changed',
      sessionId,
      status: 'active',
    });
    const { body } = await asJane('POST', `/sessions/${sessionId}/reply`, { content: 'Hi! How can I help?' });
    expect(await user.hears('agent_message')).toEqual({
      type: 'agent_message',
      sessionId,
      message: body.data,
    });
    const dashboard = await Listener.admin();
    for (const isTyping of [true, false]) {
      dashboard.send({ type: 'typing', sessionId, isTyping });
      const heard = await user.hears('agent_typing', (frame) => frame.isTyping === isTyping);
      expect(heard).toEqual({ type: 'agent_typing', sessionId, isTyping });
    }
    const messageId = question.body.data._id;
    dashboard.send({ type: 'read_receipt', messageId, sessionId });
    const receipt = { type: 'read_receipt', sessionId, messageId, readBy: 'agent' };
    expect(await user.hears('read_receipt')).toEqual(receipt);
    const { body: read } = await asGuest('GET', `/sessions/${sessionId}/messages`);
    expect(read.data[1]).toMatchObject({ _id: messageId, isRead: true, readAt: ISO });
    await asJane('PATCH', `/sessions/${sessionId}/status`, { status: 'pending' });
    await user.hears('session_status_changed', ({ status }) => status === 'pending');
    await asJane('PATCH', `/sessions/${sessionId}/status`, { status: 'closed' });
    await user.hears('session_status_changed', ({ status }) => status === 'closed');
    await asJane('PATCH', `/sessions/${sessionId}/status`, { status: 'archived' });
    await user.hears('session_status_changed', ({ status }) => status === 'archived');
    const types = new Set(user.frames.map(({ type }) => type));
    for (const foreign of ['new_session', 'user_message', 'user_typing'])
      expect(types).not.toContain(foreign);
  });

  test('sends typing, read receipts and pings without naming its session', async () => {
    const { sessionId } = await startSession();
    const user = await Listener.guest(sessionId);
    const dashboard = await Listener.admin();
    dashboard.send({ type: 'subscribe_session', sessionId });
    const { body } = await asJane('POST', `/sessions/${sessionId}/reply`, { content: 'Hi!' });
    const messageId = body.data._id;
    await user.hears('agent_message');
    user.send({ type: 'ping' });
    user.send({ type: 'typing', isTyping: true });
    expect(await dashboard.hears('user_typing')).toEqual({ type: 'user_typing', sessionId, isTyping: true });
    // An id that no message has, such as the document's own, ends no chat.
    for (const nobodys of ['msg123', '1', '9999999999999999', 7])
      user.send({ type: 'read_receipt', messageId: nobodys });
    user.send({ type: 'read_receipt', messageId });
    const receipt = { type: 'read_receipt', sessionId, messageId, readBy: 'user' };
    expect(await dashboard.hears('read_receipt')).toEqual(receipt);
    const { body: read } = await asJane('GET', `/sessions/${sessionId}`);
    expect(read.data.messages[1]).toMatchObject({ isRead: true, readAt: ISO });
    // The ping had no answer: a user hears exactly the types that the document lists.
    expect(user.frames.filter(({ type }) => !/^(connection|agent|session|read)_/.test(type))).toEqual([]);
  });

  test('is closed where there is no such session, or a frame is not one of the document’s', async () => {
    expect(await Listener.refused({ sessionId: 'session-of-nobody' })).toBe(4404);
    expect(await Listener.refused({})).toBe(4401);
    const { sessionId } = await startSession();
    const wrong: [unknown, string][] = [
      ['not JSON', 'a frame must be JSON'],
      [{ type: 'typing' }, 'isTyping is required'],
      [{ type: 'typing', isTyping: 'yes' }, 'isTyping must be true or false'],
      [
        { type: 'nonsense' },
        'type must be one of typing, read_receipt, ping, subscribe_session or unsubscribe_session',
      ],
      [[], 'a frame must be an object'],
    ];
    for (const [frame, reason] of wrong) {
      const user = await Listener.guest(sessionId);
      user.send(frame);
      expect(await user.talker.closed).toMatchObject({ code: 4400, reason });
    }
  });
});

describe('the socket of an admin', () => {
  test('needs the token of that very agent', async () => {
    const { token } = office.jane;
    expect(await Listener.refused({ admin: 'true', userId: jane() })).toBe(4401);
    expect(await Listener.refused({ admin: 'true', userId: jane(), token: 'x' })).toBe(4401);
    expect(await Listener.refused({ admin: 'true', userId: String(office.bob.id), token })).toBe(4403);
  });

  test('hears new sessions and messages of users unasked, and more of a session it subscribed to', async () => {
    const dashboard = await Listener.admin();
    const { sessionId, answer } = await startSession();
    const { session } = answer.body.data;
    expect(
      await dashboard.hears('new_session', (frame) => JSON.stringify(frame).includes(sessionId)),
    ).toMatchObject({
      session: { sessionId, user: session.user, status: 'pending', messageCount: 1, startedAt: ISO },
    });
    const user = await Listener.guest(sessionId);
    const { body } = await asGuest('POST', `/sessions/${sessionId}/messages`, { content: 'Anybody there?' });
    const message = { type: 'user_message', sessionId, message: body.data };
    expect(await dashboard.hears('user_message', (frame) => frame.sessionId === sessionId)).toEqual(message);

    dashboard.send({ type: 'subscribe_session', sessionId });
    await expect
      .poll(() => {
        user.send({ type: 'typing', isTyping: true });
        return dashboard.of(sessionId).at(-1);
      })
      .toEqual({ type: 'user_typing', sessionId, isTyping: true });
    dashboard.send({ type: 'unsubscribe_session', sessionId });
    // The socket's frames are carried out in order: once this one is heard, so has been the one before.
    dashboard.send({ type: 'typing', sessionId, isTyping: true });
    await user.hears('agent_typing');
    const before = dashboard.of(sessionId).length;
    user.send({ type: 'typing', isTyping: false });
    await asGuest('POST', `/sessions/${sessionId}/messages`, { content: 'not for this socket' });
    const other = (await startSession()).sessionId;
    await dashboard.hears('new_session', (frame) => JSON.stringify(frame).includes(other));
    expect(dashboard.of(sessionId)).toHaveLength(before);
  });
});

describe('the document’s React hooks, as they stand', () => {
  const john = { name: 'John Doe', email: 'john@example.com' };

  test('useLiveChat starts a session, writes, types, hears the agent, and comes back after a lost line', async () => {
    const page = new Rendered(useLiveChat, office.door.port);
    const dashboard = await Listener.admin();
    const { sessionId } = page.now;
    expect(sessionId).toMatch(/^session-\d{13}-[a-z0-9]+$/);
    expect(await page.now.startSession({ name: 'John Doe' })).toEqual({
      success: false,
      message: 'User name and email are required',
    });
    expect(page.now.messages).toEqual([]);
    expect(await page.now.startSession(john)).toMatchObject({
      success: true,
      data: { session: { sessionId } },
    });
    await page.until(({ isConnected }) => isConnected);
    expect(await page.now.sendMessage('Hello, I need help')).toMatchObject({ success: true });
    await dashboard.hears('user_message', (frame) => frame.sessionId === sessionId);
    dashboard.send({ type: 'subscribe_session', sessionId });
    await expect
      .poll(() => {
        page.now.sendTyping(true);
        return dashboard.of(sessionId).at(-1);
      })
      .toEqual({ type: 'user_typing', sessionId, isTyping: true });
    await asJane('POST', `/sessions/${sessionId}/reply`, { content: 'Hi! How can I assist you today?' });
    const shown = await page.until(({ messages }) => messages.length === 3);
    expect(shown.messages).toMatchObject([
      {
        type: 'system',
        content: 'Welcome John Doe! A support agent will be with you shortly.',
        agentName: 'System',
      },
      { _id: STRING, type: 'user', content: 'Hello, I need help', createdAt: ISO },
      { _id: STRING, type: 'agent', content: 'Hi! How can I assist you today?', agentName: 'Jane Smith' },
    ]);

    page.now.ws.terminate();
    await page.until(({ isConnected }) => !isConnected);
    page.now.connectWebSocket();
    await page.until(({ isConnected }) => isConnected);
    // The hook has no word for being ready; the server's greeting is the first.
    await page.now.ws.greeted;
    await asJane('POST', `/sessions/${sessionId}/reply`, { content: 'Still here?' });
    const again = await page.until(({ messages }) => messages.length === 4);
    expect(again.messages.at(-1)).toMatchObject({ type: 'agent', content: 'Still here?' });
    page.now.ws.close();
  });

  test('useAdminChat lists, hears new sessions and messages of the one it shows, and replies', async () => {
    const { token, id } = office.jane;
    const { sessionId } = await startSession();
    const page = new Rendered(useAdminChat(token), office.door.port);
    await expect
      .poll(async () => {
        await page.now.fetchSessions({ status: 'pending', search: sessionId });
        return page.now.sessions;
      })
      .toMatchObject([{ sessionId, status: 'pending' }]);

    // As the document stands anybody could listen; the token it lacks comes with the agent's id.
    page.now.connectAdmin(id);
    expect(await page.now.ws.closed).toBe(4401);
    page.now.setCurrentSession({ sessionId, messages: [] });
    page.now.connectAdmin(`${id}&token=${token}`);
    await page.now.ws.greeted;
    const fresh = await startSession();
    await page.until(({ sessions }) => sessions[0]?.sessionId === fresh.sessionId);
    await asGuest('POST', `/sessions/${fresh.sessionId}/messages`, { content: 'of another session' });
    await asGuest('POST', `/sessions/${sessionId}/messages`, { content: 'of this one' });
    const shown = await page.until(({ currentSession }) => currentSession.messages.length > 0);
    expect(shown.currentSession.messages).toMatchObject([
      { type: 'user', content: 'of this one', _id: STRING },
    ]);
    expect(await page.now.sendReply(sessionId, 'Hello!')).toMatchObject({
      success: true,
      message: 'Reply sent successfully',
      data: { type: 'agent', agentName: 'Jane Smith' },
    });
    const { body } = await asGuest('GET', `/sessions/${sessionId}/messages`);
    expect(body.data.at(-1)).toMatchObject({ content: 'Hello!' });
    page.now.ws.close();
  });
});

describe('errors and limits', () => {
  test('every error is {success, message}, in the document’s words where it has some', async () => {
    const { sessionId } = await startSession();
    const said = async (status: number, message: unknown, answer: ReturnType<typeof ask>) => {
      const { status: got, body } = await answer;
      expect([got, body]).toEqual([status, { success: false, message }]);
    };
    for (const json of [{}, { user: {} }, { user: { name: 'John' } }, { user: { email: 'a@b.example' } }])
      await said(400, 'User name and email are required', asGuest('POST', '/sessions', json));
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/messages'],
      ['PATCH', '/end'],
    ] as const)
      await said(404, 'Session not found', asGuest(method, `/sessions/session-nobody${path}`));
    await said(404, 'Session not found', asJane('GET', '/sessions/session-nobody'));
    await said(
      401,
      'No token, authorization denied',
      ask(office.door.url, 'GET', '/api/admin/live-chat/sessions'),
    );
    await said(403, 'Insufficient permissions', asJane('DELETE', `/sessions/${sessionId}`));
    await said(404, 'Route not found', asGuest('GET', '/nothing'));
  });

  test('in production an address has 100 requests in 15 minutes', async () => {
    const door = await openDoor(office.servers, { environment: 'production', rateLimits: 'on' });
    try {
      const get = () => ask(door.url, 'GET', `${guests}/sessions/session-nobody`);
      const answers = [];
      for (let index = 0; index < 101; index++) answers.push(await get());
      expect(answers.slice(0, 100).map(({ status }) => status)).toEqual(Array(100).fill(404));
      expect(answers[0]?.headers.get('ratelimit-limit')).toBe('100');
      expect(Number(answers[0]?.headers.get('ratelimit-reset'))).toBeGreaterThan(14 * 60);
      expect(answers[100]?.status).toBe(429);
      expect(answers[100]?.body).toEqual({ success: false, message: STRING });
    } finally {
      await door.close();
    }
  });
});
