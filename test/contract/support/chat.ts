// The support document's chat routes (seed 002) one by one, for 002-support.test.ts.
import { expect, test } from 'vitest';
import { ask, caughtUp } from '../../edge/http/door.ts';
import {
  agent,
  call,
  comesOnline,
  ISO,
  NUMBER,
  now,
  office,
  STRING,
  session,
  tokenOf,
  withKey,
} from './office.ts';

export function chatManagement(): void {
  test('POST /api/chat/start-session creates a session with the document’s fields', async () => {
    const token = await tokenOf('user123');
    const wanted = { userId: 'user123', userType: 'user' };
    const { status, body, headers } = await call('POST', '/chat/start-session', { token }, wanted);
    expect(status).toBe(201);
    expect(Number(headers.get('x-event-sequence'))).toBeGreaterThan(0);
    const { sessionId } = body.data;
    expect(body).toEqual({
      success: true,
      message: 'Chat session created successfully',
      data: {
        sessionId,
        session: {
          _id: sessionId,
          sessionId,
          userId: 'user123',
          userType: 'user',
          agentId: null,
          status: 'waiting',
          createdAt: ISO,
          updatedAt: ISO,
          endedAt: null,
          endReason: null,
          messageCount: 0,
        },
        visitorToken: STRING,
      },
    });
    const unsaid = await call('POST', '/chat/start-session', { token });
    expect(unsaid.body.data.session).toMatchObject({ userId: 'user123', userType: 'user' });
  });

  test('a session may have an id of the client’s, once', async () => {
    const token = await tokenOf('user123');
    const sessionId = `session_${Date.now()}`;
    const first = await call('POST', '/chat/start-session', { token }, { sessionId, userName: 'Vera' });
    expect([first.status, first.body.data.sessionId]).toEqual([201, sessionId]);
    const again = await call('POST', '/chat/start-session', { token }, { sessionId });
    expect(again.status).toBe(409);
    expect(again.body).toEqual({
      success: false,
      message: 'A session with this id exists already; choose another id',
    });
    const wrong = await call('POST', '/chat/start-session', { token }, { sessionId: 'no good' });
    expect([wrong.status, wrong.body.success]).toEqual([400, false]);
  });

  test('a user starts their own sessions alone; agents and programs start anybody’s', async () => {
    const token = await tokenOf('user123');
    const other = await call('POST', '/chat/start-session', { token }, { userId: 'user456' });
    expect([other.status, other.body]).toEqual([
      403,
      {
        success: false,
        message: 'Your token is for another userId; get one for this userId, or leave userId out',
      },
    ]);
    const dressedUp = await call('POST', '/chat/start-session', { token }, { userType: 'agent' });
    expect([dressedUp.status, dressedUp.body.message]).toEqual([
      403,
      'A user token starts sessions of userType user alone',
    ]);
    const jane = await agent();
    const forUser = await call('POST', '/chat/start-session', { token: jane.token }, { userId: 'user456' });
    expect(forUser.body.data.session).toMatchObject({ userId: 'user456', userType: 'user' });
    const own = await call('POST', '/chat/start-session', { token: jane.token });
    expect(own.body.data.session).toMatchObject({ userId: jane.id, userType: 'agent' });
    const system = await call('POST', '/chat/start-session', withKey(), {
      userId: 'crm',
      userType: 'system',
    });
    expect(system.body.data.session).toMatchObject({ userId: 'crm', userType: 'system' });
    const nobody = await call('POST', '/chat/start-session', withKey());
    expect([nobody.status, nobody.body]).toEqual([400, { success: false, message: 'userId is required' }]);
  });

  test('GET /api/chat/session/:sessionId shows the session as it is', async () => {
    const { sessionId, token, session: begun } = await session();
    const read = await call('GET', `/chat/session/${sessionId}`, { token });
    expect(read.status).toBe(200);
    expect(read.body).toEqual({ success: true, data: { sessionId, session: begun } });
    for (const by of [{ token }, withKey()]) {
      const unknown = await call('GET', '/chat/session/session_nobody_began', by);
      expect(unknown.status).toBe(404);
      expect(unknown.body).toEqual({ success: false, message: 'Session not found' });
    }
  });

  test('POST /api/chat/end-session/:sessionId ends it once, with its reason', async () => {
    const { sessionId, token } = await session();
    const ended = await call('POST', `/chat/end-session/${sessionId}`, { token }, { reason: 'Resolved' });
    expect(ended.status).toBe(200);
    expect(ended.body).toEqual({
      success: true,
      message: 'Chat session ended',
      data: { sessionId, session: await now(sessionId) },
    });
    expect(ended.body.data.session).toMatchObject({ status: 'ended', endedAt: ISO, endReason: 'Resolved' });
    const again = await call('POST', `/chat/end-session/${sessionId}`, withKey(), { reason: 'Another' });
    expect([again.status, again.body]).toEqual([200, ended.body]);
    const { sessionId: silent, token: theirs } = await session();
    const without = await call('POST', `/chat/end-session/${silent}`, { token: theirs });
    expect(without.body.data.session).toMatchObject({ status: 'ended', endReason: null });
    const long = await call('POST', `/chat/end-session/${silent}`, { token }, { reason: 'x'.repeat(501) });
    expect([long.status, long.body.message]).toEqual([400, 'reason must have at most 500 characters']);
  });

  test('POST /api/chat/send-message/:sessionId stores messages of users, agents and systems', async () => {
    const { sessionId, token, session: begun } = await session();
    const jane = await agent();
    const send = (by: object, message: string) =>
      call('POST', `/chat/send-message/${sessionId}`, by, { message });
    const fromUser = await send({ token }, 'Hello, I need help');
    expect(fromUser.status).toBe(201);
    expect(fromUser.body).toEqual({
      success: true,
      data: {
        message: {
          _id: STRING,
          sessionId,
          senderId: begun.userId,
          senderType: 'user',
          message: 'Hello, I need help',
          timestamp: ISO,
        },
      },
    });
    const fromAgent = await send({ token: jane.token }, 'Here I am');
    expect(fromAgent.body.data.message).toMatchObject({ senderId: jane.id, senderType: 'agent' });
    expect(await now(sessionId)).toMatchObject({ status: 'active', agentId: jane.id, messageCount: 2 });
    const fromProgram = await send(withKey(), 'From a program');
    expect(fromProgram.body.data.message).toMatchObject({ senderId: 'agent', senderType: 'agent' });
    const system = await tokenOf('crm', 'system', office.apiKey);
    const fromSystem = await send({ token: system }, 'You are next');
    expect(fromSystem.body.data.message).toMatchObject({ senderId: 'system', senderType: 'system' });
  });

  test('a message has 1 to 1,000 characters', async () => {
    const { sessionId, token } = await session();
    const send = (json: unknown) => call('POST', `/chat/send-message/${sessionId}`, { token }, json);
    expect((await send({ message: 'x'.repeat(1_000) })).status).toBe(201);
    for (const [json, message] of [
      [{ message: 'x'.repeat(1_001) }, 'message must have at most 1000 characters'],
      [{ message: ' ' }, 'message must not be empty'],
      [{ message: 7 }, 'message must be text'],
      [{}, 'message is required'],
      [undefined, 'A message is required'],
    ] as const) {
      const { status, body } = await send(json);
      expect([status, body]).toEqual([400, { success: false, message }]);
    }
    expect((await now(sessionId)).messageCount).toBe(1);
  });

  test('a message of an ended session is refused, though other dialects reopen', async () => {
    const { sessionId, token } = await session();
    await call('POST', `/chat/end-session/${sessionId}`, { token });
    const late = await call(
      'POST',
      `/chat/send-message/${sessionId}`,
      { token },
      { message: 'One more thing' },
    );
    expect([late.status, late.body]).toEqual([409, { success: false, message: 'This session is closed' }]);
    const elsewhere = await ask(office.door.url, 'POST', `/api/live-chat/sessions/${sessionId}/messages`, {
      json: { content: 'One more thing' },
    });
    expect(elsewhere.status).toBe(201);
    expect((await now(sessionId)).status).toBe('waiting');
  });

  test('a message that is sent again under its messageId is stored once', async () => {
    const { sessionId, token } = await session();
    const json = { message: 'Only once', messageId: '01932c4e-7a10-7000-8000-0123456789ab' };
    const first = await call('POST', `/chat/send-message/${sessionId}`, { token }, json);
    const again = await call('POST', `/chat/send-message/${sessionId}`, { token }, json);
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect((await now(sessionId)).messageCount).toBe(1);
  });

  test('GET /api/chat/messages/:sessionId shows the messages page by page, and never a note', async () => {
    const { sessionId, token } = await session();
    const jane = await agent();
    for (const message of ['one', 'two', 'three', 'four', 'five'])
      await call('POST', `/chat/send-message/${sessionId}`, { token }, { message });
    await ask(office.door.url, 'POST', `/api/admin/live-chat/sessions/${sessionId}/notes`, {
      token: jane.token,
      json: { content: 'not for users' },
    });
    const page = async (query: string) =>
      (await call('GET', `/chat/messages/${sessionId}${query}`, { token })).body;
    const { data, success } = await page('');
    expect(success).toBe(true);
    expect(data.pagination).toEqual({ page: 1, limit: 50, total: 5, pages: 1 });
    const texts = (all: { message: string }[]) => all.map(({ message }) => message);
    expect(texts(data.messages)).toEqual(['one', 'two', 'three', 'four', 'five']);
    expect(data.messages[0]).toEqual({
      _id: STRING,
      sessionId,
      senderId: STRING,
      senderType: 'user',
      message: 'one',
      timestamp: ISO,
    });
    const second = await page('?page=2&limit=2');
    expect(texts(second.data.messages)).toEqual(['three', 'four']);
    expect(second.data.pagination).toEqual({ page: 2, limit: 2, total: 5, pages: 3 });
    const newest = await page('?limit=2&order=desc');
    expect(texts(newest.data.messages)).toEqual(['five', 'four']);
    const wrong = await call('GET', `/chat/messages/${sessionId}?page=0`, { token });
    expect([wrong.status, wrong.body.success]).toEqual([400, false]);
  });

  test('GET /api/chat/stats counts what is there, for every token', async () => {
    const jane = await agent();
    await comesOnline(jane);
    await caughtUp(office.servers);
    const stats = async () => (await call('GET', '/chat/stats', { token: jane.token })).body;
    const before = await stats();
    expect(before).toEqual({
      success: true,
      data: {
        sessions: { total: NUMBER, waiting: NUMBER, active: NUMBER, ended: NUMBER },
        messages: { total: NUMBER },
        agents: { total: NUMBER, online: 1, available: NUMBER },
      },
    });
    const { sessions } = before.data;
    expect(sessions.total).toBe(sessions.waiting + sessions.active + sessions.ended);
    const { sessionId } = (
      await call('POST', '/chat/start-session', { token: jane.token }, { userId: 'counted' })
    ).body.data;
    await call('POST', `/chat/send-message/${sessionId}`, { token: jane.token }, { message: 'counted' });
    // At once: whoever wrote sees it counted.
    const between = await stats();
    expect(between.data.sessions.total).toBe(sessions.total + 1);
    expect(between.data.messages.total).toBe(before.data.messages.total + 1);
    await call('POST', `/chat/end-session/${sessionId}`, { token: jane.token });
    expect((await stats()).data.sessions.ended).toBe(sessions.ended + 1);
    const guest = await call('GET', '/chat/stats', { token: await tokenOf('user123') });
    expect([guest.status, guest.body]).toEqual([200, await stats()]);
  });
}
