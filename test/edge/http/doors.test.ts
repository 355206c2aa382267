// Identity, widgets, limits, origins, pages and lists: what our own pages and the widget document's clients rely on.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { addAgent, ask, type Door, openDoor, register, type Servers, startServers } from './door.ts';

const PAGES = {
  'admin.html': '<!doctype html><title>admin</title>',
  'agent.html': '<!doctype html><title>agent</title>',
  'test-widget.html': '<!doctype html><script async src="/widget.js" data-site-key="%SITE_KEY%"></script>',
  'widget.js': '// a widget\n'.repeat(200),
  'panel-ABCD1234.js': 'export {};',
};

let servers: Servers;
let door: Door;
let admin: { token: string; id: number; email: string };
let siteKey: string;
const opened: Door[] = [];

beforeAll(async () => {
  servers = await startServers();
  door = await openDoor(servers, {}, PAGES);
  admin = await register(door.url, 'owner');
  const { body } = await ask(door.url, 'GET', '/api/widgets', { token: admin.token });
  siteKey = body.data.widgets[0].site_key;
});

afterEach(async () => {
  for (const other of opened.splice(0)) await other.close();
});

afterAll(async () => {
  await door?.close();
  await servers?.stop();
});

async function open(settings: Parameters<typeof openDoor>[1]): Promise<Door> {
  const other = await openDoor(servers, settings);
  opened.push(other);
  return other;
}

describe('identity', () => {
  test('registering, signing in and asking who one is answer as the document says', async () => {
    const json = { username: 'admin_user', email: 'Admin@Example.com', password: 'secure_password' };
    const made = await ask(door.url, 'POST', '/api/auth/register', { json });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      success: true,
      message: 'User registered successfully',
      data: {
        user: { id: expect.any(Number), username: 'admin_user', email: 'Admin@Example.com' },
        token: expect.stringMatching(/^eyJ/),
      },
    });
    const entered = await ask(door.url, 'POST', '/api/auth/login', {
      json: { email: 'admin@example.com', password: 'secure_password' },
    });
    expect(entered.body).toMatchObject({ success: true, data: { user: made.body.data.user } });
    const me = await ask(door.url, 'GET', '/api/auth/me', { token: entered.body.data.token });
    expect(me.body).toMatchObject({ success: true, data: { user: made.body.data.user } });
    const twice = await ask(door.url, 'POST', '/api/auth/register', { json });
    expect(twice.status).toBe(409);
  });

  test('what is wrong with a registration is said field by field', async () => {
    const { status, body } = await ask(door.url, 'POST', '/api/auth/register', {
      json: { username: 'x', email: 'nonsense', password: 'short' },
    });
    expect(status).toBe(400);
    expect(body).toEqual({
      success: false,
      message: 'Validation error',
      errors: { email: 'Email is invalid', password: 'Password must be at least 6 characters' },
    });
  });

  test('a wrong password and an unknown account are told the same', async () => {
    const wrong = await ask(door.url, 'POST', '/api/auth/login', {
      json: { email: admin.email, password: 'wrong-password' },
    });
    const unknown = await ask(door.url, 'POST', '/api/auth/login', {
      json: { email: 'nobody@example.com', password: 'wrong-password' },
    });
    expect(wrong.status).toBe(401);
    expect(unknown.body).toEqual(wrong.body);
  });

  test('without a token the document’s words are used', async () => {
    const { status, body } = await ask(door.url, 'GET', '/api/auth/me');
    expect([status, body]).toEqual([401, { success: false, message: 'Access token required' }]);
  });

  test('agents are made, listed, changed and removed', async () => {
    const agent = await addAgent(door.url, admin.token, 'Sam Support');
    const entered = await ask(door.url, 'GET', '/api/auth/me', { token: agent.token });
    expect(entered.body.data.user).toMatchObject({ full_name: 'Sam Support', role: 'support' });
    const listed = await ask(door.url, 'GET', '/api/agents', { token: agent.token });
    expect(listed.body.data.agents).toEqual(
      expect.arrayContaining([expect.objectContaining({ id: agent.id, role: 'support' })]),
    );
    const changed = await ask(door.url, 'PATCH', `/api/agents/${agent.id}`, {
      token: admin.token,
      json: { full_name: 'Samantha Support', max_chats: 5 },
    });
    expect(changed.body.data.agent.full_name).toBe('Samantha Support');
    const removed = await ask(door.url, 'DELETE', `/api/agents/${agent.id}`, { token: admin.token });
    expect(removed.status).toBe(200);
    expect((await ask(door.url, 'GET', '/api/auth/me', { token: agent.token })).status).toBe(401);
  });

  test('the last admin stays', async () => {
    const { status } = await ask(door.url, 'DELETE', `/api/agents/${admin.id}`, { token: admin.token });
    expect(status).toBe(409);
  });

  test('a closed installation takes no strangers', async () => {
    const closed = await open({ signup: 'closed' });
    const { status } = await ask(closed.url, 'POST', '/api/auth/register', {
      json: { username: 's', email: 'stranger@example.com', password: 'long-enough' },
    });
    expect(status).toBe(403);
  });
});

describe('widgets', () => {
  test('are made, shown, changed and deleted as the document says', async () => {
    const json = {
      business_name: 'New Business',
      widget_title: 'Chat Support',
      welcome_message: 'Welcome! How can we assist you?',
      primary_color: '#ff6b6b',
      secondary_color: '#4ecdc4',
      position: 'bottom-left',
      enable_prechat_form: true,
      prechat_fields: [{ name: 'name', label: 'Your Name', type: 'text', required: true }],
    };
    const made = await ask(door.url, 'POST', '/api/widgets', { token: admin.token, json });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      success: true,
      message: 'Widget created successfully',
      data: {
        widget: {
          ...json,
          id: expect.any(Number),
          site_key: expect.stringMatching(/^widget-[a-z2-7]{12,}$/),
          is_active: true,
        },
      },
    });
    const key = made.body.data.widget.site_key;
    const config = await ask(door.url, 'GET', `/api/widgets/${key}/config`);
    expect(config.body).toEqual({
      businessName: 'New Business',
      widgetTitle: 'Chat Support',
      welcomeMessage: 'Welcome! How can we assist you?',
      primaryColor: '#ff6b6b',
      secondaryColor: '#4ecdc4',
      position: 'bottom-left',
      enablePrechatForm: true,
      prechatFields: json.prechat_fields,
    });
    const changed = await ask(door.url, 'PUT', `/api/widgets/${key}`, {
      token: admin.token,
      json: { widget_title: 'Updated Chat Title', is_active: false },
    });
    expect(changed.body).toMatchObject({
      message: 'Widget updated successfully',
      data: { widget: { widget_title: 'Updated Chat Title', is_active: false, primary_color: '#ff6b6b' } },
    });
    expect((await ask(door.url, 'GET', `/api/widgets/${key}/config`)).status).toBe(404);
    const listed = await ask(door.url, 'GET', '/api/widgets?limit=1&page=2', { token: admin.token });
    expect(listed.body.data).toMatchObject({
      widgets: [{ site_key: key }],
      stats: { total_widgets: 2, active_widgets: 1, inactive_widgets: 1 },
      pagination: { page: 2, limit: 1, total: 2 },
    });
    const deleted = await ask(door.url, 'DELETE', `/api/widgets/${key}`, { token: admin.token });
    expect(deleted.body).toEqual({ success: true, message: 'Widget deleted successfully' });
    const gone = await ask(door.url, 'GET', `/api/widgets/${key}`, { token: admin.token });
    expect([gone.status, gone.body]).toEqual([
      404,
      { success: false, message: `Widget not found for site key: ${key}` },
    ]);
    expect((await ask(door.url, 'DELETE', `/api/widgets/${siteKey}`, { token: admin.token })).status).toBe(
      409,
    );
  });

  test('settings of the workspace are read and changed', async () => {
    const changed = await ask(door.url, 'PATCH', '/api/workspace/settings', {
      token: admin.token,
      json: { max_chats: 4 },
    });
    expect(changed.body.data.settings).toMatchObject({ routing: 'manual', max_chats: 4 });
    expect(Number(changed.headers.get('x-event-sequence'))).toBeGreaterThan(0);
    const read = await ask(door.url, 'GET', '/api/workspace/settings', { token: admin.token });
    expect(read.body).toEqual({ success: true, data: changed.body.data });
  });

  test('timers are off until they are set, and what is left out of them stays', async () => {
    const change = async (json: object) => {
      const answer = await ask(door.url, 'PATCH', '/api/workspace/settings', { token: admin.token, json });
      return answer.status === 200 ? answer.body.data.settings : answer.body.message;
    };
    expect(await change({})).toMatchObject({
      idle: { warn_after_minutes: null, close_after_minutes: null },
      targets: {},
    });
    expect(await change({ idle: { warn_after_minutes: 10 } })).toMatchObject({
      idle: { warn_after_minutes: 10, close_after_minutes: null },
    });
    expect(await change({ idle: { close_after_minutes: 15 } })).toMatchObject({
      idle: { warn_after_minutes: 10, close_after_minutes: 15 },
    });
    await change({ targets: { urgent: { first_response_minutes: 5 } } });
    expect(
      await change({ targets: { urgent: { resolution_minutes: 60 }, low: { resolution_minutes: 600 } } }),
    ).toMatchObject({
      idle: { warn_after_minutes: 10, close_after_minutes: 15 },
      targets: {
        urgent: { first_response_minutes: 5, resolution_minutes: 60 },
        low: { first_response_minutes: null, resolution_minutes: 600 },
      },
    });
    expect(
      await change({ idle: { warn_after_minutes: null, close_after_minutes: null }, targets: {} }),
    ).toMatchObject({ idle: { warn_after_minutes: null, close_after_minutes: null } });
  });

  test.each([
    [{ idle: { warn_after_minutes: 10, close_after_minutes: 10 } }, /close_after_minutes must be more than/],
    [{ idle: { warn_after_minutes: 0 } }, /warn_after_minutes must be at least 1/],
    [{ idle: { warn_after_minutes: 1.5 } }, /warn_after_minutes must be a whole number/],
    [{ idle: { warn_after_minutes: 'ten' } }, /warn_after_minutes must be a number/],
    [{ idle: { close_after_minutes: 100_000 } }, /close_after_minutes must be at most 43200/],
    [{ idle: 10 }, /idle must be an object/],
    [{ targets: { urgent: { resolution_minutes: -1 } } }, /resolution_minutes must be at least 1/],
    [{ targets: { soonish: {} } }, /soonish|low, medium, high/],
  ])('settings of timers that make no sense are refused: %j', async (json, message) => {
    const answer = await ask(door.url, 'PATCH', '/api/workspace/settings', { token: admin.token, json });
    expect([answer.status, answer.body.message]).toEqual([400, expect.stringMatching(message)]);
  });
});

describe('origins', () => {
  const preflight = (path: string, origin: string) =>
    ask(door.url, 'OPTIONS', path, {
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    });

  test('any page may call what guests call, and only ours the rest', async () => {
    for (const path of ['/api/live-chat/sessions', '/api/conversations', `/api/widgets/${siteKey}/config`]) {
      const { status, headers } = await preflight(path, 'https://shop.example');
      expect([path, status, headers.get('access-control-allow-origin')]).toEqual([path, 204, '*']);
      expect(headers.get('access-control-allow-credentials')).toBeNull();
    }
    for (const path of ['/api/agents', '/api/auth/login', '/api/admin/live-chat/sessions', '/api/widgets']) {
      for (const origin of ['https://shop.example', 'null', `${door.url}.evil.example`]) {
        const { headers } = await preflight(path, origin);
        expect([path, origin, headers.get('access-control-allow-origin')]).toEqual([path, origin, null]);
      }
      const { headers } = await preflight(path, door.url);
      expect(headers.get('access-control-allow-origin')).toBe(door.url);
    }
  });

  test('a widget that names its pages is used by no others', async () => {
    const set = (allowed_origins: string[]) =>
      ask(door.url, 'PUT', `/api/widgets/${siteKey}`, { token: admin.token, json: { allowed_origins } });
    const start = (origin: string, sessionId: string) =>
      ask(door.url, 'POST', '/api/live-chat/sessions', {
        headers: { origin },
        json: { sessionId, user: { name: 'V', email: 'v@example.com' } },
      });
    await set(['https://shop.example']);
    expect((await start('https://shop.example', 'from-shop')).status).toBe(201);
    expect((await start('https://evil.example', 'from-evil')).status).toBe(403);
    const config = (origin: string) =>
      ask(door.url, 'GET', `/api/widgets/${siteKey}/config`, { headers: { origin } });
    expect((await config('https://shop.example')).status).toBe(200);
    expect((await config('https://shop.example.evil.example')).status).toBe(403);
    const read = await ask(door.url, 'GET', '/api/live-chat/sessions/from-shop', {
      headers: { origin: 'https://evil.example' },
    });
    expect(read.status).toBe(403);
    await set([]);
  });
});

describe('limits', () => {
  test('an address that says nothing of itself has 100 requests, and is told so', async () => {
    const limited = await open({ rateLimits: 'on' });
    const first = await ask(limited.url, 'GET', `/api/widgets/${siteKey}/config`);
    expect(first.headers.get('ratelimit-limit')).toBe('100');
    expect(first.headers.get('ratelimit-remaining')).toBe('99');
    const statuses: number[] = [];
    for (let at = 0; at < 100; at++)
      statuses.push((await ask(limited.url, 'GET', `/api/widgets/${siteKey}/config`)).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(99);
    const over = await ask(limited.url, 'GET', '/api/auth/me', {
      // Neither a made-up address nor a made-up token is another client.
      headers: { 'x-forwarded-for': '203.0.113.9', authorization: 'Bearer made.up.token' },
    });
    expect(over.status).toBe(429);
    expect(over.body).toEqual({
      success: false,
      message: 'Too many requests from this IP, please try again later.',
    });
    expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(800);
    const known = await ask(limited.url, 'GET', '/api/auth/me', { token: admin.token });
    expect([known.status, known.headers.get('ratelimit-limit')]).toEqual([200, '3000']);
    expect((await ask(limited.url, 'GET', '/healthz')).status).toBe(200);
  });

  test('what one edge counts, the others hear of', async () => {
    const [one, two] = [await open({ rateLimits: 'on' }), await open({ rateLimits: 'on' })];
    const path = `/api/widgets/${siteKey}/config`;
    for (let at = 0; at < 60; at++) await ask(one.url, 'GET', path);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const { headers } = await ask(two.url, 'GET', path);
    expect(Number(headers.get('ratelimit-remaining'))).toBe(39);
  });

  test('behind a trusted proxy the address it names counts, and only its last word', async () => {
    const proxied = await open({ rateLimits: 'on', trustProxy: 1 });
    const remaining = async (forwarded: string) =>
      (
        await ask(proxied.url, 'GET', `/api/widgets/${siteKey}/config`, {
          headers: { 'x-forwarded-for': forwarded },
        })
      ).headers.get('ratelimit-remaining');
    expect(await remaining('203.0.113.9')).toBe('99');
    expect(await remaining('198.51.100.1, 203.0.113.9')).toBe('98');
    expect(await remaining('203.0.113.10')).toBe('99');
  });

  test('ten wrong passwords of one account close it for that address, on every edge, always', async () => {
    const email = 'guessed@example.com';
    await ask(door.url, 'POST', '/api/auth/register', {
      json: { username: 'g', email, password: 'right-one' },
    });
    const other = await open({ environment: 'development' });
    const attempt = (url: string, password: string) =>
      ask(url, 'POST', '/api/auth/login', { json: { email, password } });
    // Signing in rightly uses nothing up.
    for (let at = 0; at < 3; at++) expect((await attempt(door.url, 'right-one')).status).toBe(200);
    const statuses = await Promise.all(
      Array.from({ length: 12 }, (_, at) => attempt(at % 2 ? door.url : other.url, 'wrong-one')),
    );
    expect(statuses.filter(({ status }) => status === 401)).toHaveLength(10);
    const closed = await attempt(other.url, 'right-one');
    expect([closed.status, closed.body.success]).toEqual([429, false]);
    expect(Number(closed.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('pages', () => {
  test('are served with a policy that allows our own scripts alone', async () => {
    for (const [path, title] of [
      ['/admin', 'admin'],
      ['/agent', 'agent'],
    ]) {
      const { status, headers, body } = await ask(door.url, 'GET', path ?? '');
      expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      expect(body).toContain(title);
      expect(headers.get('content-security-policy')).toContain("script-src 'self'");
      expect(headers.get('content-security-policy')).not.toContain('unsafe');
      expect(headers.get('x-frame-options')).toBe('DENY');
    }
    const root = await ask(door.url, 'GET', '/', { headers: { accept: 'text/html' } });
    expect([root.status, root.headers.get('location')]).toEqual([302, '/admin']);
    const api = await ask(door.url, 'GET', '/', { headers: { accept: 'application/json' } });
    expect(api.body.success).toBe(true);
  });

  test('the test page holds the default widget’s key', async () => {
    const { body } = await ask(door.url, 'GET', '/test-widget.html');
    expect(body).toContain(`data-site-key="${siteKey}"`);
  });

  test('the widget’s script may be loaded by any page, and is not sent twice', async () => {
    const { headers, body } = await ask(door.url, 'GET', '/widget.js');
    expect(body).toBe(PAGES['widget.js']);
    expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(headers.get('cache-control')).toBe('no-cache');
    const again = await ask(door.url, 'GET', '/widget.js', {
      headers: { 'if-none-match': headers.get('etag') ?? '' },
    });
    expect(again.status).toBe(304);
    const hashed = await ask(door.url, 'GET', '/assets/panel-ABCD1234.js');
    expect(hashed.headers.get('cache-control')).toContain('immutable');
    expect((await ask(door.url, 'GET', '/assets/nothing.js')).status).toBe(404);
  });
});

describe('lists', () => {
  test('wait for what their caller wrote on another edge, and say when they could not', async () => {
    const other = await open({});
    const { body } = await ask(door.url, 'POST', '/api/live-chat/sessions', {
      json: { user: { name: 'Lena', email: 'lena@example.com' } },
    });
    const { sessionId } = body.data.session;
    const path = `/api/admin/live-chat/sessions/${sessionId}/status`;
    const write = (priority: string) =>
      ask(door.url, 'PATCH', path, { token: admin.token, json: { priority } });
    await write('low');
    const listed = await ask(other.url, 'GET', `/api/inbox?search=${sessionId}`, { token: admin.token });
    expect(listed.headers.get('x-projection-lag')).toBeNull();
    expect(listed.body.conversations[0].priority).toBe('low');

    await servers.projector.stop();
    const written = await write('high');
    const stale = await ask(other.url, 'GET', `/api/inbox?search=${sessionId}`, { token: admin.token });
    expect(stale.status).toBe(200);
    expect(Number(stale.headers.get('x-projection-lag'))).toBeGreaterThan(0);
    expect(stale.body.conversations[0].priority).toBe('low');
    const sequence = written.headers.get('x-event-sequence');
    const asked = await ask(other.url, 'GET', `/api/inbox?min_sequence=${sequence}`, { token: admin.token });
    expect([asked.status, asked.headers.get('retry-after')]).toEqual([503, '1']);
    // A number that no event can have is nothing to wait for: its stream is not there.
    const foreign = 1_000 * 65_536 + 63 * 1_024;
    for (const list of ['/api/inbox', '/api/widgets', '/api/admin/live-chat/sessions']) {
      const path = `${list}?min_sequence=${foreign}`;
      expect((await ask(other.url, 'GET', path, { token: admin.token })).status, list).toBe(400);
    }
    const ready = await ask(door.url, 'GET', '/readyz?lists=true');
    expect([ready.status, ready.body.ready]).toEqual([503, false]);
    expect((await ask(door.url, 'GET', '/readyz')).status).toBe(200);
    // What is one conversation’s is current all the same.
    const one = await ask(other.url, 'GET', `/api/admin/live-chat/sessions/${sessionId}`, {
      token: admin.token,
    });
    expect(one.body.data.session.priority).toBe('high');
  });

  test('figures are told to Prometheus', async () => {
    const { body } = await ask(door.url, 'GET', '/metrics');
    expect(body).toMatch(/natter_projection_lag\{projection="inbox"\} \d+/);
    expect(body).toMatch(
      /natter_http_request_duration_seconds_count\{method="GET",route="\/api\/inbox",status="200"\}|natter_http_request_duration_seconds_count\{method="POST",route="\/api\/auth\/login"/,
    );
    expect(body).toContain('natter_sockets_open{kind="native-visitor"} 0');
  });
});
