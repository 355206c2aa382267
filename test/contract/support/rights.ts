// Who may do what over the support document's routes (seed 002), and how often, for 002-support.test.ts.
import { expect, test } from 'vitest';
import { ask, openDoor, register } from '../../edge/http/door.ts';
import { call, office, session, withKey } from './office.ts';

export function rights(): void {
  test('a session of another workspace is not there, whoever asks and with whatever token', async () => {
    const { sessionId, token } = await session();
    const stranger = await register(office.door.url, `stranger${Date.now()}`);
    const { token: key } = await office.door.parts.apiTokens.rotate(
      office.door.parts.directory.anyUser(stranger.id)?.workspace ?? '',
    );
    const guest = (await call('POST', '/auth/token', { key }, { userId: 'user123' })).body.token;
    const foreign = [{ token: stranger.token }, { key }, { token: guest }];
    const routes = [
      ['GET', `/chat/session/${sessionId}`, undefined],
      ['GET', `/chat/messages/${sessionId}`, undefined],
      ['POST', `/chat/send-message/${sessionId}`, { message: 'Hello' }],
      ['POST', `/chat/end-session/${sessionId}`, {}],
    ] as const;
    for (const by of foreign)
      for (const [method, path, json] of routes) {
        const { status, body } = await call(method, path, by, json);
        expect([path, status, body]).toEqual([path, 404, { success: false, message: 'Session not found' }]);
      }
    expect((await call('GET', `/chat/session/${sessionId}`, { token })).body.data.session).toMatchObject({
      status: 'waiting',
      messageCount: 0,
    });
    const theirs = await call('POST', '/chat/start-session', { token: guest });
    expect((await call('GET', `/chat/session/${theirs.body.data.sessionId}`, { key })).status).toBe(200);
    expect((await call('GET', `/chat/session/${theirs.body.data.sessionId}`, withKey())).status).toBe(404);
  });

  test('a widget that wants the visitor token has it here too', async () => {
    const { sessionId, token, visitorToken } = await session();
    const widget = (await call('GET', '/widgets', { token: office.boss.token })).body.data.widgets[0];
    const want = (require_visitor_token: boolean) =>
      call('PUT', `/widgets/${widget.site_key}`, { token: office.boss.token }, { require_visitor_token });
    expect((await want(true)).status).toBe(200);
    const path = `/chat/messages/${sessionId}`;
    const without = await call('GET', path, { token });
    expect([without.status, without.body]).toEqual([
      401,
      { success: false, message: 'This session needs its visitor token' },
    ]);
    const headers = { 'x-visitor-token': visitorToken };
    expect((await call('GET', path, { token, headers })).status).toBe(200);
    expect((await want(false)).status).toBe(200);
  });

  test('no more than 100 tokens in 15 minutes go to one address, but to a program as many as it needs', async () => {
    const door = await openDoor(office.servers, { rateLimits: 'on' });
    try {
      const get = (headers: Record<string, string> = {}) =>
        ask(door.url, 'POST', '/api/auth/token', { json: { userId: 'user123' }, headers });
      for (let asked = 0; asked < 100; asked++) expect((await get()).status).toBe(200);
      const last = await get();
      expect(last.status).toBe(429);
      expect(last.body).toEqual({
        success: false,
        message: 'Too many requests from this IP, please try again later.',
      });
      expect((await get({ 'x-api-key': office.apiKey })).status).toBe(200);
    } finally {
      await door.close();
    }
  });
}
