// What strangers try over HTTP, and what they get: a plain no, in JSON, with nothing of ours in it.
import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addAgent, ask, type Door, openDoor, register, type Servers, startServers } from './door.ts';

let servers: Servers;
let door: Door;
let ours: { token: string; id: number };
let agent: { token: string; id: number };
let foreign: { token: string; id: number };
/** A session of the first workspace, and its visitor's token. */
let sessionId: string;
let visitorToken: string;

beforeAll(async () => {
  servers = await startServers();
  door = await openDoor(servers);
  ours = await register(door.url, 'ours');
  agent = await addAgent(door.url, ours.token, 'Alice Agent');
  foreign = await register(door.url, 'foreign');
  ({ sessionId, visitorToken } = await startSession());
});

afterAll(async () => {
  await door?.close();
  await servers?.stop();
});

async function startSession(token?: string): Promise<{ sessionId: string; visitorToken: string }> {
  const { body } = await ask(door.url, 'POST', '/api/live-chat/sessions', {
    token,
    json: { user: { name: 'Vera', email: 'vera@example.com' } },
  });
  return { sessionId: body.data.session.sessionId, visitorToken: body.data.visitorToken };
}

/** Sends bytes as they are and reads what comes back. */
function raw(request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(door.port, '127.0.0.1', () => socket.write(request));
    let answer = '';
    const timer = setTimeout(() => socket.destroy(), 3_000);
    socket.on('data', (chunk) => {
      answer += chunk.toString();
      if (answer.includes('\r\n\r\n')) setTimeout(() => socket.end(), 50);
    });
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(answer);
    });
  });
}

describe('another workspace’s ids', () => {
  test('answer 404 on every route that takes one', async () => {
    const session = `/api/admin/live-chat/sessions/${sessionId}`;
    const { body } = await ask(door.url, 'GET', '/api/widgets', { token: ours.token });
    const key = body.data.widgets[0].site_key;
    const form = () => {
      const files = new FormData();
      files.append('files', new Blob(['words']), 'a.txt');
      files.append('sessionId', sessionId);
      return files;
    };
    const tries: [string, string, { json?: unknown; form?: FormData }][] = [
      ['GET', session, {}],
      ['POST', `${session}/reply`, { json: { content: 'hello' } }],
      ['POST', `${session}/reply`, { form: form() }],
      ['PATCH', `${session}/assign`, { json: { agentId: String(foreign.id) } }],
      ['PATCH', `${session}/status`, { json: { status: 'closed' } }],
      ['POST', `${session}/notes`, { json: { content: 'note' } }],
      ['POST', `${session}/transfer`, { json: { toAgentId: String(foreign.id) } }],
      ['DELETE', session, {}],
      ['POST', `/api/conversations/${sessionId}/attachments`, { form: form() }],
      ['POST', '/api/live-chat/upload', { form: form() }],
      ['GET', `/api/widgets/${key}`, {}],
      ['PUT', `/api/widgets/${key}`, { json: { widget_title: 'mine now' } }],
      ['DELETE', `/api/widgets/${key}`, {}],
      ['PATCH', `/api/agents/${agent.id}`, { json: { full_name: 'Mallory' } }],
      ['DELETE', `/api/agents/${agent.id}`, {}],
    ];
    for (const [method, path, options] of tries) {
      const answer = await ask(door.url, method, path, { token: foreign.token, ...options });
      expect([method, path, answer.status]).toEqual([method, path, 404]);
    }
    const { body: after } = await ask(door.url, 'GET', session, { token: ours.token });
    expect(after.data.session).toMatchObject({ status: 'pending', notes: [] });
    expect(after.data.messages).toHaveLength(1);
  });

  test('are no agents to assign a session to', async () => {
    const answer = await ask(door.url, 'PATCH', `/api/admin/live-chat/sessions/${sessionId}/assign`, {
      token: ours.token,
      json: { agentId: String(foreign.id) },
    });
    expect(answer.status).toBe(404);
  });

  test('are in no list, search or figure', async () => {
    for (const path of [
      '/api/admin/live-chat/sessions',
      '/api/inbox',
      '/api/messages/search?q=welcome',
      '/api/customers',
      '/api/admin/live-chat/customers/vera%40example.com/history',
    ]) {
      const { status, body } = await ask(door.url, 'GET', path, { token: foreign.token });
      expect([path, status, body.total]).toEqual([path, 200, 0]);
    }
    const agents = await ask(door.url, 'GET', '/api/agents', { token: foreign.token });
    expect(agents.body.data.agents.map((one: { id: number }) => one.id)).toEqual([foreign.id]);
  });
});

describe('tokens', () => {
  const me = (token: string) => ask(door.url, 'GET', '/api/auth/me', { token });
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

  test('without a signature, with another algorithm or another key are worth nothing', async () => {
    const [head = '', payload = '', signature = ''] = ours.token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const signed = (header: object, body: object, key: string) => {
      const text = `${part(header)}.${part(body)}`;
      return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
    };
    const forged = [
      `${part({ alg: 'none', typ: 'JWT' })}.${payload}.`,
      `${part({ alg: 'NONE' })}.${payload}.${signature}`,
      `${part({ alg: 'RS256', typ: 'JWT' })}.${payload}.${signature}`,
      `${head}.${part({ ...claims, sub: String(agent.id) })}.${signature}`,
      signed({ alg: 'HS256', typ: 'JWT' }, claims, 'another key that is long enough to be one'),
      signed({ alg: 'HS256', typ: 'JWT' }, { ...claims, exp: 1 }, 'a secret that is only good for tests'),
      signed(
        { alg: 'HS256', typ: 'JWT' },
        { ...claims, iss: 'else' },
        'a secret that is only good for tests',
      ),
      visitorToken,
    ];
    for (const token of forged) expect((await me(token)).status).toBe(401);
    expect((await me(ours.token)).status).toBe(200);
  });

  test('end with sign-out, a new password and a lost role, at once', async () => {
    const person = await addAgent(door.url, ours.token, 'Brief Visitor');
    await ask(door.url, 'POST', '/api/auth/logout', { token: person.token });
    expect((await me(person.token)).status).toBe(401);

    const password = 'another-good-one';
    const again = await ask(door.url, 'POST', '/api/auth/login', { json: { email: person.email, password } });
    const changed = await ask(door.url, 'POST', '/api/auth/password', {
      token: again.body.data.token,
      json: { current_password: password, new_password: 'a-newer-password' },
    });
    expect((await me(again.body.data.token)).status).toBe(401);
    expect((await me(changed.body.data.token)).status).toBe(200);

    await ask(door.url, 'PATCH', `/api/agents/${person.id}`, { token: ours.token, json: { role: 'admin' } });
    expect((await me(changed.body.data.token)).status).toBe(401);
    await ask(door.url, 'DELETE', `/api/agents/${person.id}`, { token: ours.token });
    const gone = await ask(door.url, 'POST', '/api/auth/login', {
      json: { email: person.email, password: 'a-newer-password' },
    });
    expect(gone.status).toBe(401);
  });

  test('of one session’s visitor open no other session', async () => {
    const other = await startSession();
    const headers = { 'x-visitor-token': visitorToken };
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/messages'],
      ['PATCH', '/end'],
    ] as const) {
      const answer = await ask(door.url, method, `/api/live-chat/sessions/${other.sessionId}${path}`, {
        headers,
      });
      expect([path, answer.status]).toEqual([path, 404]);
    }
    const nonsense = await ask(door.url, 'GET', `/api/live-chat/sessions/${sessionId}`, {
      headers: { 'x-visitor-token': 'nonsense' },
    });
    expect(nonsense.status).toBe(401);
  });

  test('of visitors are asked for where the widget says so', async () => {
    const { body } = await ask(door.url, 'GET', '/api/widgets', { token: foreign.token });
    const key = body.data.widgets[0].site_key;
    await ask(door.url, 'PUT', `/api/widgets/${key}`, {
      token: foreign.token,
      json: { require_visitor_token: true },
    });
    const guarded = await startSession(foreign.token);
    const path = `/api/live-chat/sessions/${guarded.sessionId}`;
    expect((await ask(door.url, 'GET', path)).status).toBe(401);
    const headers = { 'x-visitor-token': guarded.visitorToken };
    expect((await ask(door.url, 'GET', path, { headers })).status).toBe(200);
  });

  test('never appear in what is logged, nor do passwords and ids of sessions', async () => {
    const logged = door.logged();
    expect(logged).toContain('/api/auth/login');
    for (const secret of [ours.token, visitorToken, sessionId, 'a-good-password', 'a-newer-password'])
      expect(logged).not.toContain(secret);
  });
});

describe('rights', () => {
  test('an agent does nothing that is an admin’s', async () => {
    const tries: [string, string, unknown][] = [
      ['POST', '/api/agents', { email: 'x@example.com', password: 'long-enough', full_name: 'X' }],
      ['PATCH', `/api/agents/${agent.id}`, { role: 'admin' }],
      ['DELETE', `/api/agents/${ours.id}`, undefined],
      ['POST', '/api/widgets', { business_name: 'X' }],
      ['PATCH', '/api/workspace/settings', { name: 'X' }],
      ['DELETE', `/api/admin/live-chat/sessions/${sessionId}`, undefined],
    ];
    for (const [method, path, json] of tries) {
      const answer = await ask(door.url, method, path, { token: agent.token, json });
      expect([method, path, answer.status]).toEqual([method, path, 403]);
    }
  });

  test('a role that nobody may give is not given, and unknown fields change nothing', async () => {
    const asRoot = await ask(door.url, 'POST', '/api/agents', {
      token: ours.token,
      json: { email: 'r@example.com', password: 'long-enough', full_name: 'R', role: 'super_admin' },
    });
    expect(asRoot.status).toBe(400);
    const registered = await ask(door.url, 'POST', '/api/auth/register', {
      json: { username: 'm', email: 'm@example.com', password: 'long-enough', role: 'super_admin', id: 1 },
    });
    expect(registered.body.data.user.role).toBe('admin');
  });
});

describe('ids and bodies of the wrong kind', () => {
  test('are refused before anything is asked of the log', async () => {
    const ids = [
      'a.b',
      '*',
      '>',
      'x'.repeat(65),
      'a b',
      'ä',
      'agent',
      'live-chat',
      'v1',
      '..%2f..',
      '%00',
      "'--",
    ];
    for (const id of ids) {
      const path = `/api/live-chat/sessions/${id.includes('%') ? id : encodeURIComponent(id)}`;
      const { status } = await ask(door.url, 'GET', path);
      expect([id, status]).toEqual([id, 400]);
    }
    const user = { name: 'V', email: 'v@example.com' };
    for (const id of [0, '', [], ['a'], {}, null, true, '0e1.0', 'chat.*.>']) {
      const { status } = await ask(door.url, 'POST', '/api/live-chat/sessions', {
        json: { sessionId: id, user },
      });
      expect([id, status]).toEqual([id, 400]);
    }
  });

  test('a value of another type is not taken for the right one', async () => {
    const path = `/api/live-chat/sessions/${sessionId}`;
    const tries: [string, string, unknown][] = [
      ['POST', `${path}/messages`, { content: ['a'] }],
      ['POST', `${path}/messages`, { content: { $gt: '' } }],
      ['POST', `${path}/messages`, { content: 'x', attachments: 'abc' }],
      ['POST', `${path}/messages`, { content: 'x'.repeat(10_001) }],
      ['POST', `${path}/messages`, { content: '   ' }],
      ['POST', `${path}/messages`, []],
      ['POST', `${path}/typing`, { isTyping: 'yes' }],
      ['POST', `${path}/rate`, { score: '5' }],
      ['POST', `${path}/rate`, { score: 6 }],
      ['POST', `${path}/rate`, { score: 4.5 }],
      ['POST', '/api/auth/login', { email: { $ne: null }, password: 'x' }],
      ['POST', '/api/auth/login', { email: 'a@b.example', password: ['x'] }],
    ];
    for (const [method, where, json] of tries) {
      const { status, body } = await ask(door.url, method, where, { json });
      expect([where, json, status]).toEqual([where, json, 400]);
      expect(body).toMatchObject({ success: false, message: expect.any(String) });
    }
    const twice = await ask(door.url, 'GET', `${path}/messages?page=1&page=2`);
    expect(twice.status).toBe(400);
  });

  test('a body that would change every object is refused', async () => {
    for (const text of [
      '{"__proto__":{"admin":true},"content":"x"}',
      '{"constructor":{"prototype":{"admin":true}},"content":"x"}',
    ]) {
      const response = await fetch(`${door.url}/api/live-chat/sessions/${sessionId}/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: text,
      });
      expect(response.status).toBe(400);
    }
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  test('words of a search are only words', async () => {
    for (const words of ["' or 1=1 --", '%', '_', '\\', '"', "a' | 'b & !", ':*', '((((', '\u0000']) {
      const q = encodeURIComponent(words);
      for (const path of [
        `/api/inbox?search=${q}`,
        `/api/messages/search?q=${q}`,
        `/api/customers?search=${q}`,
      ]) {
        const { status } = await ask(door.url, 'GET', path, { token: foreign.token });
        expect([path, status < 500]).toEqual([path, true]);
      }
    }
  });
});

describe('what is no proper request', () => {
  test('an unknown route is a 404 in JSON, whatever the method', async () => {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      const answer = await ask(door.url, method, '/api/nothing/here');
      expect(answer.status).toBe(404);
      expect(answer.body).toEqual({ success: false, message: 'Route not found' });
    }
  });

  test('a body that is no JSON is a 400 that says so and quotes nothing', async () => {
    for (const text of ['{', '{"content":', 'null x', '<script>']) {
      const response = await fetch(`${door.url}/api/live-chat/sessions/${sessionId}/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: text,
      });
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({ success: false, message: 'The body is not valid JSON' });
    }
  });

  test('a content type that we do not take is a 415, and none slips past the schema', async () => {
    const body = '{"user":{}}';
    for (const type of [
      'text/plain',
      'application/xml',
      'application/jsonx',
      'application/json-patch+json',
      'application\t/json',
      'garbage',
      'application/x-www-form-urlencoded',
    ]) {
      const answer = await raw(
        `POST /api/live-chat/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      expect([type, answer.slice(9, 12)]).toEqual([type, '415']);
    }
    for (const type of ['application/json\t; charset=utf-8', 'Application/JSON', 'application/json;a=b']) {
      const answer = await raw(
        `POST /api/live-chat/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      expect([type, ['400', '415'].includes(answer.slice(9, 12))]).toEqual([type, true]);
    }
  });

  test('a body that is too large is a 413, announced or not', async () => {
    const text = JSON.stringify({ content: 'x'.repeat(600_000) });
    const url = `${door.url}/api/live-chat/sessions/${sessionId}/messages`;
    const headers = { 'content-type': 'application/json' };
    const announced = await fetch(url, { method: 'POST', headers, body: text });
    expect(announced.status).toBe(413);
    expect(await announced.json()).toMatchObject({ success: false });
    const endless = new ReadableStream({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode(text));
      },
    });
    const streamed = await fetch(url, {
      method: 'POST',
      headers,
      body: endless,
      duplex: 'half',
    } as RequestInit).then(
      ({ status }) => status,
      () => 'cut off',
    );
    expect([413, 'cut off']).toContain(streamed);
  });

  test('a request that means two things at once is a 400', async () => {
    const requests = [
      'GET /api/health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
      'POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
      'GET /api/health HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer x\r\nAuthorization: Bearer y\r\n\r\n',
      'GET /api/health HTTP/1.1\r\n\r\n',
      'BREW /api/health HTTP/1.1\r\nHost: a\r\n\r\n',
    ];
    for (const request of requests) {
      const answer = await raw(request);
      // uWS cuts some of them off without a word, which is as good.
      expect([request, answer === '' || /^HTTP\/1\.1 (400|505)/.test(answer)]).toEqual([request, true]);
    }
  });

  test('after a request that means two things at once nothing else is heard on its connection', async () => {
    const next = 'GET /api/smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
    for (const request of [
      'GET /api/health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
      'POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 0\r\n\r\n{}',
      'POST /api/auth/login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n',
      'POST /api/auth/login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n',
    ]) {
      // uWS may cut it off without a word where both came at once.
      const answers = (await raw(request + next)).match(/HTTP\/1\.1 \d+/g) ?? ['HTTP/1.1 400'];
      expect([request, answers]).toEqual([request, ['HTTP/1.1 400']]);
      expect([request, (await raw(request)).slice(0, 12)]).toEqual([request, 'HTTP/1.1 400']);
    }
    expect((await raw(next)).match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 404']);
  });

  test('no address makes a fault', async () => {
    const paths = [
      '/%',
      '/%zz',
      '//',
      '//evil.example/',
      '/..%2f..%2fetc/passwd',
      '/assets/../../package.json',
    ];
    paths.push('/assets/..%2f..%2fpackage.json', '/a'.repeat(2_000), '/api/widgets/%ff/config', '/?%=%');
    for (const path of paths) {
      const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
      expect([path, /^HTTP\/1\.1 (302|400|404|414|431)/.test(answer) || answer === '']).toEqual([path, true]);
      expect(answer).not.toMatch(/node_modules|natter"|at \w+ \(/);
    }
  });

  test('every answer carries its id and the security headers', async () => {
    for (const path of ['/api/health', '/nothing', '/api/auth/me', '/api/%zz', '/readyz']) {
      const { headers } = await ask(door.url, 'GET', path);
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
      expect(headers.get('content-security-policy')).toBeTruthy();
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-xss-protection')).toBe('1; mode=block');
    }
  });

  test('a fault of ours is a 500 that tells nothing, logged once with the request’s id', async () => {
    const broken = await openDoor(servers);
    const { leases } = broken.storage;
    Object.defineProperty(leases, 'get', {
      value: () => Promise.reject(new Error('select * from /secret/path')),
    });
    const answer = await ask(broken.url, 'POST', '/api/auth/login', {
      json: { email: 'a@b.example', password: 'x' },
    });
    expect(answer.status).toBe(500);
    expect(answer.body).toEqual({ success: false, message: 'Internal server error' });
    const faults = broken
      .logged()
      .split('\n')
      .filter((line) => line.includes('/secret/path'));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(answer.headers.get('x-request-id'));
    await broken.close();
  });
});
