// The support document (seed 002) from its first line to its last: a client written from it works unchanged.
import { describe, expect, test } from 'vitest';
import { ask } from '../edge/http/door.ts';
import { chatManagement } from './support/chat.ts';
import {
  agent,
  call,
  comesOnline,
  curl,
  eventually,
  ISO,
  now,
  office,
  STRING,
  session,
  withKey,
} from './support/office.ts';
import { rights } from './support/rights.ts';
import { socketEvents } from './support/sockets.ts';
import { tokens } from './support/tokens.ts';

describe('features', () => {
  test('a session is given to an agent by itself, two for each at most', async () => {
    const jane = await agent();
    await comesOnline(jane);
    const [first, second] = [await session(), await session()];
    for (const { sessionId } of [first, second]) {
      // The answer to the start says so already, unless the machine is too busy to know in time.
      await eventually(async () => (await now(sessionId)).agentId === jane.id);
      expect((await now(sessionId)).status).toBe('active');
    }
    const third = await session();
    expect(third.session).toMatchObject({ status: 'waiting', agentId: null });
    await call('POST', `/chat/end-session/${first.sessionId}`, { token: first.token });
    await eventually(async () => (await now(third.sessionId)).agentId === jane.id);
    expect(await now(third.sessionId)).toMatchObject({ status: 'active', agentId: jane.id });
  });

  test('of several agents the one with the fewest sessions is given the next', async () => {
    const [omar, lin] = [await agent(), await agent()];
    await comesOnline(omar);
    const first = await session();
    await eventually(async () => (await now(first.sessionId)).agentId === omar.id);
    await comesOnline(lin);
    const second = await session();
    await eventually(async () => (await now(second.sessionId)).agentId === lin.id);
  });

  test('a JWT or the API key lets one in, and nothing else does', async () => {
    const { sessionId } = await session();
    const routes = [
      ['POST', '/chat/start-session'],
      ['GET', `/chat/session/${sessionId}`],
      ['POST', `/chat/end-session/${sessionId}`],
      ['GET', `/chat/messages/${sessionId}`],
      ['POST', `/chat/send-message/${sessionId}`],
      ['GET', '/chat/stats'],
    ] as const;
    for (const [method, path] of routes) {
      const nothing = await call(method, path);
      expect([path, nothing.status]).toEqual([path, 401]);
      expect(nothing.body).toEqual({ success: false, message: 'Authentication required' });
      for (const by of [{ token: 'a.b.c' }, { token: 'nonsense' }, { key: 'wrong' }]) {
        const wrong = await call(method, path, by);
        expect([path, wrong.status]).toEqual([path, 401]);
        expect(wrong.body).toEqual({ success: false, message: 'Invalid or expired token' });
      }
    }
    expect((await call('GET', `/chat/session/${sessionId}`, withKey())).status).toBe(200);
    expect((await call('GET', `/chat/session/${sessionId}`, { token: office.apiKey })).status).toBe(200);
  });

  test('any page may call what users call; FRONTEND_URLS may call the rest', async () => {
    const origin = 'http://localhost:5173';
    const asked = {
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization',
    };
    for (const path of ['/api/auth/token', '/api/chat/start-session', '/api/chat/messages/x']) {
      const preflight = await ask(office.door.url, 'OPTIONS', path, {
        headers: { origin: 'https://shop.example', ...asked },
      });
      expect(preflight.status).toBe(204);
      expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
      expect(preflight.headers.get('access-control-allow-headers')).toContain('X-API-Key');
    }
    // Many clients always ask with credentials; a browser would hide an answer from them that does not allow it.
    const polled = '/socket.io/?EIO=4&transport=polling';
    for (const path of ['/api/health', '/api/auth/token', polled]) {
      const ours = await ask(office.door.url, 'GET', path, { headers: { origin } });
      expect(ours.headers.get('access-control-allow-origin')).toBe(origin);
      expect(ours.headers.get('access-control-allow-credentials')).toBe('true');
    }
    const strangers = await ask(office.door.url, 'GET', polled, {
      headers: { origin: 'https://shop.example' },
    });
    expect(strangers.headers.get('access-control-allow-origin')).toBe('*');
    expect(strangers.headers.get('access-control-allow-credentials')).toBeNull();
  });
});

describe('POST /api/auth/token', tokens);

describe('chat management', chatManagement);

describe('rights', rights);

describe('system', () => {
  test('GET /api/health says that it is running', async () => {
    const { status, body } = await call('GET', '/health');
    expect([status, body.success, body.timestamp]).toEqual([200, true, ISO]);
  });

  test('GET / informs about the API, and every endpoint it names is there', async () => {
    const { status, body } = await ask(office.door.url, 'GET', '/', {
      headers: { accept: 'application/json' },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ success: true, message: STRING, version: STRING, health: '/api/health' });
    const endpoints = Object.values<Record<string, string>>(body.endpoints).flatMap(Object.values<string>);
    expect(endpoints).toEqual([
      'POST /api/auth/token',
      'POST /api/chat/start-session',
      'GET /api/chat/session/:sessionId',
      'POST /api/chat/end-session/:sessionId',
      'GET /api/chat/messages/:sessionId',
      'POST /api/chat/send-message/:sessionId',
      'GET /api/chat/stats',
      'GET /api/health',
      'GET /',
    ]);
    for (const endpoint of endpoints) {
      const [method = '', path = ''] = endpoint.split(' ');
      const answer = await ask(office.door.url, method, path.replace(':sessionId', 'x'));
      expect([endpoint, answer.body?.message === 'Route not found']).toEqual([endpoint, false]);
    }
    for (const path of Object.values<string>(body.documentation))
      expect((await ask(office.door.url, 'GET', path)).status).toBeLessThan(400);
    expect(body.socket.clientToServer).toEqual([
      'join_session',
      'send_message',
      'typing_start',
      'typing_stop',
    ]);
    expect(body.socket.serverToClient).toEqual([
      'session_joined',
      'new_message',
      'user_joined',
      'user_left',
      'user_typing',
      'session_ended',
    ]);
    const person = await ask(office.door.url, 'GET', '/', { headers: { accept: 'text/html' } });
    expect([person.status, person.headers.get('location')]).toEqual([302, '/admin']);
  });
});

describe('Socket.io events', socketEvents);

describe('database schema', () => {
  test('a session’s userType and status are of the document’s words', async () => {
    const jane = await agent();
    for (const userType of ['user', 'agent', 'system']) {
      const { body } = await call('POST', '/chat/start-session', withKey(), { userId: 'u1', userType });
      expect(body.data.session.userType).toBe(userType);
    }
    const { sessionId, token, session: begun } = await session();
    expect(begun.status).toBe('waiting');
    await call('POST', `/chat/send-message/${sessionId}`, { token: jane.token }, { message: 'Hello' });
    expect((await now(sessionId)).status).toBe('active');
    await call('POST', `/chat/end-session/${sessionId}`, { token }, { reason: 'Resolved' });
    expect(await now(sessionId)).toMatchObject({ status: 'ended', endedAt: ISO, endReason: 'Resolved' });
  });

  test('the system’s own words are told as a system’s', async () => {
    const begun = await ask(office.door.url, 'POST', '/api/live-chat/sessions', {
      json: { user: { name: 'John Doe', email: 'john@example.com' } },
    });
    const { sessionId } = begun.body.data.session;
    const { body } = await call('GET', `/chat/messages/${sessionId}`, withKey());
    expect(body.data.messages).toMatchObject([{ senderType: 'system', senderId: 'system', message: STRING }]);
    // Begun where no userId is known: the session's own id stands for the user.
    expect((await now(sessionId)).userId).toBe(sessionId);
  });

  test('an agent takes maxUsers sessions where they have a figure of their own', async () => {
    const jane = await agent();
    await call('PATCH', `/agents/${jane.id}`, { token: office.boss.token }, { max_chats: 1 });
    await comesOnline(jane);
    expect((await session()).session.agentId).toBe(jane.id);
    expect((await session()).session.agentId).toBe(null);
  });

  test('nobody who is not online is given a session', async () => {
    await agent();
    expect((await session()).session).toMatchObject({ status: 'waiting', agentId: null });
  });
});

describe('the document’s cURL lines', () => {
  test('work as they stand', async () => {
    const got = await curl(`curl -X POST http://localhost:5000/api/auth/token \\
  -H "Content-Type: application/json" \\
  -d '{"userId": "user123", "userType": "user"}'`);
    expect(got).toMatchObject({ success: true, token: STRING });
    const started = await curl(
      `curl -X POST http://localhost:5000/api/chat/start-session \\
  -H "Authorization: Bearer <token>" \\
  -H "Content-Type: application/json" \\
  -d '{"userId": "user123", "userType": "user"}'`,
      got.token,
    );
    expect(started).toMatchObject({
      success: true,
      data: { session: { userId: 'user123', status: 'waiting' } },
    });
  });
});
