// The widget API document (seed 004), its last part: health, errors, limits, headers, origins and examples.
import { beforeAll, describe, expect, test } from 'vitest';
import { type Answer, ask, openDoor, register } from '../../edge/http/door.ts';
import {
  arrives,
  type Business,
  call,
  comes,
  door,
  found,
  hire,
  ISO,
  JWT,
  now,
  SITE_KEY,
  servers,
  takes,
} from './office.ts';

const LOCAL = ['http://localhost:3000', 'http://localhost:3002', 'http://localhost:5000', 'http://localhost'];
/** The steps of the document, for the file that holds the whole document. */
export function termsOfTheWidgetDocument(): void {
  let acme: Business;
  beforeAll(async () => {
    acme = await found('terms');
  });

  describe('health and monitoring', () => {
    const health = async (settings: Parameters<typeof openDoor>[1]) => {
      const other = await openDoor(servers, settings);
      const answer = await ask(other.url, 'GET', '/api/health');
      await other.close();
      return answer;
    };

    test('GET /api/health', async () => {
      const { status, body } = await health({
        environment: 'development',
        publicUrl: 'http://localhost:5000',
      });
      expect(status).toBe(200);
      expect(body).toEqual({
        success: true,
        message: 'Chat Widget API is running',
        timestamp: ISO,
        environment: 'development',
        domain: 'localhost',
        apiUrl: 'http://localhost:5000/api',
        wsUrl: 'ws://localhost:5000',
      });
    });

    test('in production its addresses are the domain’s, and browsers are told to stay with TLS', async () => {
      const answer = await health({ environment: 'production', publicUrl: 'https://your-domain.com' });
      expect(answer.body).toMatchObject({
        environment: 'production',
        domain: 'your-domain.com',
        apiUrl: 'https://your-domain.com/api',
        wsUrl: 'wss://your-domain.com',
      });
      expect(answer.headers.get('strict-transport-security')).toMatch(/^max-age=\d+/);
    });
  });

  describe('error responses', () => {
    test('400: what was wrong with each field', async () => {
      const { status, body } = await call('POST', '/auth/register', undefined, {
        username: 'x',
        email: 'nonsense',
        password: 'short',
      });
      expect(status).toBe(400);
      expect(body).toEqual({
        success: false,
        message: 'Validation error',
        errors: { email: 'Email is invalid', password: 'Password must be at least 6 characters' },
      });
    });

    test('400: a body that is no JSON, and an id that is none', async () => {
      const headers = { 'content-type': 'application/json' };
      const broken = await fetch(`${door.url}/api/auth/login`, { method: 'POST', headers, body: '{' });
      expect(broken.status).toBe(400);
      expect(await broken.json()).toEqual({ success: false, message: 'The body is not valid JSON' });
      const odd = await call('POST', `/widgets/escalate/${acme.siteKey}/no%20id`);
      expect([odd.status, odd.body]).toMatchObject([
        400,
        { message: 'Validation error', errors: { sessionId: expect.any(String) } },
      ]);
    });

    test('401: without a token, with a wrong one, and with a wrong password', async () => {
      const paths = [
        ['GET', '/auth/me'],
        ['GET', '/widgets'],
        ['POST', '/widgets'],
        ['GET', '/widgets/widget-abc123'],
        ['PUT', '/widgets/widget-abc123'],
        ['DELETE', '/widgets/widget-abc123'],
        ['GET', '/widgets/stats/overview'],
        ['GET', '/widgets/sessions/session_abc123/messages'],
        ['GET', '/widgets/widget-abc123/queue-stats'],
        ['GET', '/agents'],
        ['GET', '/agents/stats'],
        ['GET', '/agents/waiting-sessions'],
        ['GET', '/agents/active-chats'],
      ] as const;
      for (const [method, path] of paths) {
        const none = await call(method, path);
        expect([path, none.status, none.body]).toEqual([
          path,
          401,
          { success: false, message: 'Access token required' },
        ]);
        const wrong = await call(method, path, { token: 'eyJ.eyJ.x' });
        expect([path, wrong.status]).toEqual([path, 401]);
      }
      const entered = await call('POST', '/auth/login', undefined, {
        email: acme.boss.email,
        password: 'not-this-one',
      });
      expect([entered.status, entered.body]).toEqual([
        401,
        { success: false, message: 'Invalid email or password' },
      ]);
    });

    test('403: an agent does not run the workspace', async () => {
      const agent = await hire(acme, 'Mere Agent');
      for (const [method, path, json] of [
        ['POST', '/widgets', { business_name: 'Mine' }],
        ['PUT', `/widgets/${acme.siteKey}`, { widget_title: 'Mine' }],
        ['DELETE', `/widgets/${acme.siteKey}`, undefined],
      ] as const) {
        const answer = await call(method, path, agent, json);
        expect([answer.status, answer.body]).toEqual([
          403,
          { success: false, message: 'Insufficient permissions' },
        ]);
      }
    });

    test('404: a site key that leads nowhere, or into another business', async () => {
      const invalid = { success: false, message: 'Widget not found for site key: invalid-key' };
      for (const [method, path] of [
        ['GET', '/widgets/invalid-key'],
        ['PUT', '/widgets/invalid-key'],
        ['DELETE', '/widgets/invalid-key'],
        ['GET', '/widgets/invalid-key/config'],
        ['GET', '/widgets/invalid-key/queue-stats'],
        ['POST', '/widgets/escalate/invalid-key/session_abc123'],
        ['GET', '/widgets/queue-position/invalid-key/session_abc123'],
      ] as const) {
        const answer = await call(method, path, acme.boss, method === 'PUT' ? {} : undefined);
        expect([path, answer.status, answer.body]).toEqual([path, 404, invalid]);
      }
      expect((await call('GET', '/widgets/stats', acme.boss)).body.message).toBe(
        'Widget not found for site key: stats',
      );
      const nosy = await found('nosy');
      await arrives(acme, 'terms-waits');
      for (const [method, word] of [
        ['POST', 'escalate'],
        ['GET', 'queue-position'],
      ] as const) {
        const wrong = await call(method, `/widgets/${word}/${nosy.siteKey}/terms-waits`);
        expect([wrong.status, wrong.body.message]).toEqual([
          404,
          `Widget not found for site key: ${nosy.siteKey}`,
        ]);
      }
      const lost = await call('GET', `/widgets/queue-position/${acme.siteKey}/nobody`);
      expect([lost.status, lost.body]).toEqual([404, { success: false, message: 'Session not found' }]);
      const foreign = await call('GET', '/widgets/sessions/terms-waits/messages', nosy.boss);
      expect([foreign.status, foreign.body]).toEqual([404, { success: false, message: 'Session not found' }]);
      for (const path of [`/widgets/${acme.siteKey}`, `/widgets/${acme.siteKey}/queue-stats`])
        expect((await call('GET', path, nosy.boss)).status).toBe(404);
      expect((await call('GET', '/agents/waiting-sessions', nosy.boss)).body.sessions).toEqual([]);
    });

    test('a session whose widget wants the visitor token is nobody’s without it', async () => {
      await call('PUT', `/widgets/${acme.siteKey}`, acme.boss, { require_visitor_token: true });
      const path = `/widgets/queue-position/${acme.siteKey}/terms-waits`;
      const without = await call('GET', path);
      expect([without.status, without.body.success]).toEqual([401, false]);
      const sign = { kind: 'visitor' as const, sub: 'terms-waits', ws: acme.workspace };
      const headers = { 'x-visitor-token': await door.parts.tokens.sign(sign) };
      expect((await ask(door.url, 'GET', `/api${path}`, { headers })).body.data.position).toBe(1);
      await call('PUT', `/widgets/${acme.siteKey}`, acme.boss, { require_visitor_token: false });
    });

    test('409: an e-mail address that somebody has', async () => {
      const { status, body } = await call('POST', '/auth/register', undefined, {
        username: 'again',
        email: acme.boss.email,
        password: 'secure_password',
      });
      expect([status, body]).toEqual([
        409,
        { success: false, message: 'A user with this e-mail address exists already' },
      ]);
    });

    test('500: what goes wrong inside stays inside', async () => {
      const broken = await openDoor(servers);
      const { token } = await register(broken.url, 'unlucky');
      broken.parts.desk.find = () => Promise.reject(new Error('a secret of /etc/natter'));
      const { status, body } = await ask(broken.url, 'GET', '/api/widgets/sessions/any/messages', { token });
      expect([status, body]).toEqual([500, { success: false, message: 'Internal server error' }]);
      expect(broken.logged()).toContain('a secret of /etc/natter');
      await broken.close();
    });
  });

  describe('rate limiting', () => {
    test('100 requests in 15 minutes for an address, then the document’s words', async () => {
      const limited = await openDoor(servers, { rateLimits: 'on' });
      const answers: Answer[] = [];
      for (let asked = 0; asked <= 100; asked++)
        answers.push(await ask(limited.url, 'GET', `/api/widgets/${acme.siteKey}/config`));
      await limited.close();
      expect(answers.slice(0, 100).every(({ status }) => status === 200)).toBe(true);
      const last = answers[100];
      expect(last?.status).toBe(429);
      expect(last?.body).toEqual({
        success: false,
        message: 'Too many requests from this IP, please try again later.',
      });
      expect(last?.headers.get('ratelimit-limit')).toBe('100');
      expect(Number(last?.headers.get('ratelimit-reset'))).toBeLessThanOrEqual(900);
      expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0);
    });

    test('signing in is limited more strictly', async () => {
      const statuses: number[] = [];
      for (let tried = 0; tried < 11; tried++) {
        const json = { email: 'guessed@example.com', password: 'not-this-one' };
        statuses.push((await call('POST', '/auth/login', undefined, json)).status);
      }
      expect(statuses).toEqual([...Array(10).fill(401), 429]);
    });
  });

  describe('security headers and origins', () => {
    test('every answer carries the headers, whatever it says', async () => {
      const answers = [
        await call('GET', '/health'),
        await call('GET', '/widgets'),
        await call('GET', '/widgets', acme.boss),
        await call('POST', '/auth/login', undefined, {}),
        await call('GET', '/nothing/here'),
        await call('POST', `/widgets/escalate/${acme.siteKey}/terms-waits`),
      ];
      expect(answers.map(({ status }) => status)).toEqual([200, 401, 200, 400, 404, 200]);
      for (const { headers } of answers) {
        expect(headers.get('content-security-policy')).toContain("default-src 'none'");
        expect(headers.get('x-frame-options')).toBe('DENY');
        expect(headers.get('x-content-type-options')).toBe('nosniff');
        expect(headers.get('x-xss-protection')).toBe('1; mode=block');
      }
    });

    test('in development the document’s local origins may call, and no other', async () => {
      const asked = (origin: string, path: string, method = 'GET') =>
        ask(door.url, method, `/api${path}`, {
          headers: { origin, ...(method === 'OPTIONS' ? { 'access-control-request-method': 'PUT' } : {}) },
        });
      for (const origin of LOCAL) {
        const before = await asked(origin, `/widgets/${acme.siteKey}`, 'OPTIONS');
        expect([before.status, before.headers.get('access-control-allow-origin')]).toEqual([204, origin]);
        expect(before.headers.get('access-control-allow-methods')).toContain('PUT');
        expect(before.headers.get('access-control-allow-headers')).toContain('Authorization');
        expect((await asked(origin, '/health')).headers.get('access-control-allow-origin')).toBe(origin);
      }
      const stranger = await asked('https://evil.example', '/widgets');
      expect(stranger.headers.get('access-control-allow-origin')).toBeNull();
    });

    test('what a widget calls is open to its customers’ pages, to those alone that its owner names', async () => {
      const headers = { origin: 'https://shop.example' };
      const paths = [
        ['GET', `/widgets/${acme.siteKey}/config`],
        ['POST', `/widgets/escalate/${acme.siteKey}/terms-waits`],
        ['GET', `/widgets/queue-position/${acme.siteKey}/terms-waits`],
      ] as const;
      const asked = (method: string, path: string) => ask(door.url, method, `/api${path}`, { headers });
      for (const [method, path] of paths) {
        const answer = await asked(method, path);
        expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
      }
      await call('PUT', `/widgets/${acme.siteKey}`, acme.boss, {
        allowed_origins: ['https://other.example'],
      });
      for (const [method, path] of paths) expect((await asked(method, path)).status).toBe(403);
      await call('PUT', `/widgets/${acme.siteKey}`, acme.boss, { allowed_origins: [] });
    });
  });

  describe('examples', () => {
    test('the cURL lines', async () => {
      const created = await call('POST', '/widgets', acme.boss, {
        business_name: 'Test Business',
        widget_title: 'Test Chat',
        primary_color: '#ff0000',
      });
      expect(created.status).toBe(201);
      expect(created.body.data.widget).toMatchObject({
        site_key: SITE_KEY,
        widget_title: 'Test Chat',
        primary_color: '#ff0000',
      });
      const headers = { 'content-type': 'application/json' };
      const escalate = () =>
        ask(door.url, 'POST', `/api/widgets/escalate/${acme.siteKey}/session_123`, { headers });
      // Nobody has written in session_123: so it begins with the line as it stands.
      const begun = await escalate();
      expect([begun.status, begun.body.message]).toEqual([201, 'Chat escalated to human agent']);
      expect(begun.body.data).toMatchObject({ sessionId: 'session_123', visitorToken: JWT });
      const again = await escalate();
      expect([again.status, again.body.message]).toEqual([200, 'Chat escalated to human agent']);
      expect(Object.keys(again.body.data)).toEqual(['sessionId', 'queuePosition', 'estimatedWait']);
      expect((await call('GET', `/widgets/${acme.siteKey}/config`)).body.businessName).toBe('Acme Corp');
    });

    test('the JavaScript lines', async () => {
      const registered = await call('POST', '/auth/register', undefined, {
        username: 'new_user',
        email: 'user@example.com',
        password: 'password123',
      });
      expect(registered.body.data.token).toEqual(JWT);
      const { token } = registered.body.data;
      const headers = { 'content-type': 'application/json' };
      const listed = await ask(door.url, 'GET', '/api/widgets', { token, headers });
      expect([listed.status, listed.body.success]).toEqual([200, true]);
    });
  });

  describe('beyond the document', () => {
    test('lists wait for what min_sequence names, and refuse a number that no event can have', async () => {
      const agent = await hire(acme, 'Fresh Agent');
      await comes(agent);
      const lists = [
        '/widgets',
        '/widgets/stats/overview',
        `/widgets/${acme.siteKey}/queue-stats`,
        '/agents',
        '/agents/stats',
        '/agents/waiting-sessions',
        '/agents/active-chats',
      ];
      await arrives(acme, 'fresh');
      const state = await takes(agent, 'fresh');
      for (const path of lists) {
        const fresh = await call('GET', `${path}?min_sequence=${state.number}`, agent);
        expect([path, fresh.status]).toEqual([path, 200]);
        const wrong = await call('GET', `${path}?min_sequence=no`, agent);
        expect([path, wrong.status]).toEqual([path, 400]);
      }
      const chats = await call('GET', `/agents/active-chats?min_sequence=${state.number}`, agent);
      expect(chats.body.data).toMatchObject([
        { session_id: 'fresh', visitor_info: { browser: null, location: null } },
      ]);
      expect(Date.parse(chats.body.data[0].started_at)).toBeLessThanOrEqual(now());
    });

    test('a session begins by being escalated where its widget may be used, and where its id was never anybody’s', async () => {
      const escalate = (id: string, headers: Record<string, string> = {}) =>
        ask(door.url, 'POST', `/api/widgets/escalate/${acme.siteKey}/${id}`, { headers });
      const config = (change: object) => call('PUT', `/widgets/${acme.siteKey}`, acme.boss, change);

      await config({ allowed_origins: ['https://shop.example'] });
      expect((await escalate('from-afar', { origin: 'https://evil.example' })).status).toBe(403);
      await config({ allowed_origins: [], require_visitor_token: true });
      const guarded = await escalate('guarded-start');
      expect(guarded.status).toBe(201);
      const token = String(guarded.body.data.visitorToken);
      expect((await escalate('guarded-start')).status).toBe(401);
      expect((await escalate('guarded-start', { 'x-visitor-token': token })).status).toBe(200);
      expect((await escalate('not-that-one', { 'x-visitor-token': token })).status).toBe(404);
      await config({ require_visitor_token: false, is_active: false });
      expect((await escalate('nobody-there')).status).toBe(403);
      await config({ is_active: true });

      expect((await escalate('soon-erased')).status).toBe(201);
      const gone = await call('DELETE', '/admin/live-chat/sessions/soon-erased', acme.boss);
      expect(gone.status).toBe(200);
      expect((await escalate('soon-erased')).status).toBe(404);
    });

    test('without read models lists say so, and a chat is escalated all the same', async () => {
      const lonely = await openDoor({
        ...servers,
        postgres: { ...servers.postgres, url: 'postgres://nobody@127.0.0.1:1/none' },
      });
      const path = `/api/widgets/escalate/${acme.siteKey}/terms-waits`;
      expect((await ask(lonely.url, 'POST', path)).body).toEqual({
        success: true,
        message: 'Chat escalated to human agent',
        data: { sessionId: 'terms-waits', queuePosition: null, estimatedWait: null },
      });
      const { token } = acme.boss;
      for (const list of ['/api/agents/waiting-sessions', `/api/widgets/${acme.siteKey}/queue-stats`]) {
        const answer = await ask(lonely.url, 'GET', list, { token });
        expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
      }
      const overview = await ask(lonely.url, 'GET', '/api/widgets/stats/overview', { token });
      expect([overview.status, Object.keys(overview.body.data.stats)]).toEqual([
        200,
        ['total_widgets', 'active_widgets', 'inactive_widgets'],
      ]);
      await lonely.close();
    });
  });
}
