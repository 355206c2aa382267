// The token document (seed 000), from its authentication on, in its order: its lines run as they stand, host and token replaced.

import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { ask, openDoor } from '../edge/http/door.ts';
import { Talker } from '../edge/socket/talker.ts';
import {
  curl,
  list,
  office,
  ours,
  SEND,
  send,
  startInWidget,
  startUnder,
  transcript,
} from './token/office.ts';
import { webhookSentences } from './token/webhook-steps.ts';

const DOCUMENT_TOKEN = /^[A-Za-z0-9]{32}$/;

describe('Authentication', () => {
  const asAdmin = (method: string, token = office.admin) =>
    ask(office.door.url, method, '/api/workspace/api-token', { token });

  test('the API token looks like the example, and the admin panel shows it', async () => {
    const shown = await asAdmin('GET');
    expect(shown.status).toBe(200);
    expect(shown.headers.get('cache-control')).toBe('no-store');
    expect(shown.body).toEqual({ success: true, data: { token: office.token, since: expect.any(String) } });
    expect(shown.body.data.token).toMatch(DOCUMENT_TOKEN);
    expect(new Date(shown.body.data.since).toISOString()).toBe(shown.body.data.since);
  });

  test('it can be changed there: the old one is worth nothing, the new one at once what the old one was', async () => {
    const before = office.other.token;
    expect((await list('', before)).status).toBe(200);
    const made = await asAdmin('POST', office.other.admin);
    expect(made.status).toBe(201);
    expect(made.headers.get('cache-control')).toBe('no-store');
    expect(made.body.data.token).toMatch(DOCUMENT_TOKEN);
    expect(made.body.data.token).not.toBe(before);
    const refused = await list('', before);
    expect([refused.status, refused.body]).toEqual([403, { error: 'Invalid Token' }]);
    expect((await list('', made.body.data.token)).status).toBe(200);
  });

  test('only an admin sees or changes it', async () => {
    const made = await ask(office.door.url, 'POST', '/api/agents', {
      token: office.admin,
      json: { email: 'jane@token.example', password: 'another-good-one', full_name: 'Jane' },
    });
    expect(made.status).toBe(201);
    const entered = await ask(office.door.url, 'POST', '/api/auth/agent-login', {
      json: { email: 'jane@token.example', password: 'another-good-one' },
    });
    for (const method of ['GET', 'POST']) {
      expect((await asAdmin(method, entered.body.data.token)).status).toBe(403);
      expect((await asAdmin(method, 'no token of ours')).status).toBe(401);
      expect((await asAdmin(method, office.token)).status).toBe(401);
      expect((await ask(office.door.url, method, '/api/workspace/api-token')).status).toBe(401);
    }
    expect((await asAdmin('GET')).body.data.token).toBe(office.token);
  });
});

describe('Sending Messages: 1. Get Chat ID', () => {
  const LINE = 'https://chat.yourdomain.com/?get-all-chats-api=true&token=MOJrnzS8pQyizRynxuuEJ98y8tPeJMg6';

  test('a workspace without chats has an empty array', async () => {
    const { status, body } = await list();
    expect([status, body]).toEqual([200, []]);
  });

  test('the document’s line answers a bare array of sessions with their three fields', async () => {
    await startUnder('user_k92lx8');
    const answer = await curl(LINE);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('x-total-count')).toBe('1');
    expect(answer.body).toEqual([
      {
        session_id: 'user_k92lx8',
        metadata: {
          user_session: 'Ukraine, Kyiv Oblast, Olenivka (31.43.52.185), Mac, Google Chrome',
          user_name: 'Vitaliy',
          user_email: 'dev@test.com',
        },
        updated_at: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
      },
    ]);
  });

  test('updated_at is the moment of the last thing that happened, in UTC', async () => {
    const api = { kind: 'api', workspace: await workspace() } as const;
    const found = await office.door.parts.desk.find(api, 'user_k92lx8');
    if ('refused' in found) throw new Error(found.refused);
    const [session] = (await list()).body;
    expect(Date.parse(`${session.updated_at.replace(' ', 'T')}Z`)).toBe(
      Math.floor(Date.parse(found.state.updatedAt) / 1_000) * 1_000,
    );
  });

  test('what the page around the widget says of its visitor is there, user_id too', async () => {
    const { conversation } = await startInWidget({
      id: '2',
      name: 'Vitaliy Kaplia',
      email: 'vitalii.kaplia@gmail.com',
    });
    const { body } = await list();
    expect(body[0]).toEqual({
      session_id: conversation,
      metadata: {
        user_session: 'Ukraine, Kyiv Oblast, Olenivka (31.43.52.185), Mac, Google Chrome',
        user_id: '2',
        user_name: 'Vitaliy Kaplia',
        user_email: 'vitalii.kaplia@gmail.com',
      },
      updated_at: expect.any(String),
    });
  });

  test('what nobody knows is left out: no empty strings, no nulls, no lonely commas', async () => {
    await startInWidget({}, { 'user-agent': 'curl/8', 'x-forwarded-for': '10.1.2.3' });
    const [unknown] = (await list()).body;
    expect(unknown.metadata).toEqual({ user_session: '10.1.2.3' });
    await startInWidget({}, { 'user-agent': '', 'x-forwarded-for': '8.8.8.8' });
    expect((await list()).body[0].metadata).toEqual({ user_session: 'United States (8.8.8.8)' });
  });

  test('the one changed last comes first', async () => {
    const before = (await list()).body.map(({ session_id }: { session_id: string }) => session_id);
    expect(before.at(-1)).toBe('user_k92lx8');
    expect(
      (await send({ token: office.token, targetId: 'user_k92lx8', message: 'first again' })).status,
    ).toBe(200);
    // The list shows its caller's own write without a wait.
    expect((await list()).body[0].session_id).toBe('user_k92lx8');
  });

  test('only active sessions: one that ended is gone, one of another business was never there', async () => {
    await startUnder('user_ended');
    await startUnder('user_stays');
    await ask(office.door.url, 'PATCH', '/api/live-chat/sessions/user_ended/end', { json: {} });
    const ids = async (token?: string) =>
      (await list('', token)).body.map(({ session_id }: { session_id: string }) => session_id);
    await expect.poll(ids).not.toContain('user_ended');
    expect(await ids()).toContain('user_stays');
    const { token } = (
      await ask(office.door.url, 'GET', '/api/workspace/api-token', { token: office.other.admin })
    ).body.data;
    expect(await ids(token)).toEqual([]);
  });

  test('pages, for whoever has more than an answer holds', async () => {
    const all = (await list()).body;
    const first = await list('&limit=2');
    const second = await list('&limit=2&page=2');
    expect(first.headers.get('x-total-count')).toBe(String(all.length));
    expect([...first.body, ...second.body]).toEqual(all.slice(0, 4));
    for (const wrong of ['&limit=0', '&limit=1001', '&limit=many', '&page=0', '&min_sequence=-1']) {
      const { status, body } = await list(wrong);
      expect([status, body]).toEqual([400, { error: expect.any(String) }]);
    }
  });

  test('it may be asked by POST as well, JSON or a form: then the token stands in no address', async () => {
    const { token } = office;
    const all = (await list()).body;
    const path = '/?get-all-chats-api=true';
    const json = await ask(office.door.url, 'POST', path, { json: { token } });
    expect([json.status, json.body]).toEqual([200, all]);
    expect(json.headers.get('x-total-count')).toBe(String(all.length));
    const form = await curl(`https://chat.yourdomain.com${path}`, '-d', `token=${token}`, '-d', 'limit=1');
    expect([form.status, form.body]).toEqual([200, all.slice(0, 1)]);
    for (const refused of [
      await ask(office.door.url, 'POST', path),
      await ask(office.door.url, 'POST', path, { json: { token: 'wrong' } }),
    ])
      expect([refused.status, refused.body]).toEqual([403, { error: 'Invalid Token' }]);
  });

  test('the token may come as a header instead', async () => {
    const path = '/?get-all-chats-api=true';
    const { url } = office.door;
    expect((await ask(url, 'GET', path, { token: office.token })).status).toBe(200);
    expect((await ask(url, 'GET', path, { headers: { 'x-api-key': office.token } })).status).toBe(200);
    // One that stands in the address is the one that counts.
    const both = await ask(url, 'GET', `${path}&token=wrong`, { token: office.token });
    expect([both.status, both.body]).toEqual([403, { error: 'Invalid Token' }]);
  });
});

describe('Sending Messages: 2. Send a Message', () => {
  test('Method A: the document’s GET line', async () => {
    const { status, body, headers } = await curl(
      'https://chat.yourdomain.com/?send-message-to-chat-api=true&token=YOUR_API_TOKEN&targetId=user_k92lx8&message=Hello%20from%20the%20API',
    );
    expect([status, body]).toEqual([200, { status: 'success', sent_to: 'user_k92lx8' }]);
    expect(Number(headers.get('x-event-sequence'))).toBeGreaterThan(0);
    expect((await transcript('user_k92lx8')).at(-1)).toBe('agent: Hello from the API');
  });

  test('a question about the headers of that line sends nothing', async () => {
    const before = await transcript('user_k92lx8');
    const path = `${SEND}&token=${office.token}&targetId=user_k92lx8&message=twice`;
    await ask(office.door.url, 'HEAD', path);
    expect(await transcript('user_k92lx8')).toEqual(before);
  });

  // What PHP's cURL puts on the wire for http_build_query($data), field by field.
  const PHP = {
    token: 'MOJrnzS8pQyizRynxuuEJ98y8tPeJMg6',
    targetId: 'user_k92lx8',
    message: 'Hello from a PHP script! 🚀',
  };

  test('Method B: the PHP example’s form', async () => {
    const form = Object.entries(PHP).flatMap(([name, value]) => ['--data-urlencode', `${name}=${value}`]);
    const { status, body } = await curl(`https://chat.yourdomain.com${SEND}`, ...form);
    expect([status, body]).toEqual([200, { status: 'success', sent_to: 'user_k92lx8' }]);
    expect((await transcript('user_k92lx8')).at(-1)).toBe('agent: Hello from a PHP script! 🚀');
  });

  test('Method B: the same form where PHP was given the array itself, which it sends in parts', async () => {
    const form = Object.entries(PHP).flatMap(([name, value]) => ['--form-string', `${name}=${value}`]);
    const { status, body } = await curl(`https://chat.yourdomain.com${SEND}`, ...form);
    expect([status, body]).toEqual([200, { status: 'success', sent_to: 'user_k92lx8' }]);
    expect((await transcript('user_k92lx8')).at(-1)).toBe('agent: Hello from a PHP script! 🚀');
  });

  test('Method B: the JavaScript example, run as it stands', async () => {
    const SCRIPT = `
const sendMessage = async (chatId, text) => {
    const url = 'https://chat.yourdomain.com/?send-message-to-chat-api=true';
    const data = {
        token: 'MOJrnzS8pQyizRynxuuEJ98y8tPeJMg6',
        targetId: chatId,
        message: text
    };

    try {
        const response = await fetch(url, {
            method: 'POST',
            headers: {
                'Content-Type': 'application/json'
            },
            body: JSON.stringify(data)
        });

        const result = await response.json();
        console.log(result);
    } catch (error) {
        console.error('Error sending message:', error);
    }
};

// Usage
sendMessage('user_k92lx8', 'Hello from the JS console!');
`;
    const said: unknown[][] = [];
    const console = {
      log: (...words: unknown[]) => said.push(words),
      error: (...words: unknown[]) => said.push(words),
    };
    await runInNewContext(ours(SCRIPT), { fetch, console, JSON });
    expect(said).toEqual([[{ status: 'success', sent_to: 'user_k92lx8' }]]);
    expect((await transcript('user_k92lx8')).at(-1)).toBe('agent: Hello from the JS console!');
  });

  test('token, targetId and message may stand in the address of a POST as well; the body comes first', async () => {
    const { token } = office;
    const inAddress = await ask(
      office.door.url,
      'POST',
      `${SEND}&token=${token}&targetId=user_k92lx8&message=short`,
    );
    expect(inAddress.status).toBe(200);
    const both = await ask(office.door.url, 'POST', `${SEND}&token=wrong&targetId=user_nobody`, {
      json: { token, targetId: 'user_k92lx8', message: 'from the body' },
    });
    expect(both.body).toEqual({ status: 'success', sent_to: 'user_k92lx8' });
    const byHeader = await ask(office.door.url, 'POST', SEND, {
      token,
      json: { targetId: 'user_k92lx8', message: 'by header' },
    });
    expect(byHeader.status).toBe(200);
    expect((await transcript('user_k92lx8')).slice(-3)).toEqual(
      ['short', 'from the body', 'by header'].map((text) => `agent: ${text}`),
    );
  });

  test('whoever is in the session sees it at once, whichever dialect they speak', async () => {
    const { conversation, visitorToken } = await startInWidget({ name: 'Vera' });
    const { port } = office.door;
    const native = await Talker.connect(port, { conversation, visitorToken });
    await native.resume(conversation);
    const agent = await Talker.connect(port, { token: office.admin });
    await agent.resume(conversation);
    const liveChat = Talker.knock(port, { sessionId: conversation }, '/ws/live-chat');
    const heard = () => liveChat.frames as unknown as { type: string; message?: Record<string, unknown> }[];
    await liveChat.when(() => heard().some(({ type }) => type === 'connection_established'));

    const begun = Date.now();
    await send({ token: office.token, targetId: conversation, message: 'Your order is on its way 📦' });
    await Promise.all([
      native.when(() => native.texts.includes('Your order is on its way 📦'), 1_000),
      agent.when(() => agent.texts.includes('Your order is on its way 📦'), 1_000),
      liveChat.when(() => heard().some(({ type }) => type === 'agent_message'), 1_000),
    ]);
    expect(Date.now() - begun).toBeLessThan(1_000);
    const posted = native.events.find(({ type }) => type === 'MessagePosted');
    expect(posted?.data.author).toMatchObject({ kind: 'agent' });
    expect(heard().find(({ type }) => type === 'agent_message')?.message).toMatchObject({
      type: 'agent',
      content: 'Your order is on its way 📦',
    });
    for (const talker of [native, agent, liveChat]) talker.close();
  });
});

describe('Sending Messages: 3. Server Responses', () => {
  test('Authorization Error: a token that is missing, wrong, cut off, doubled or somebody’s sign-in', async () => {
    const good = { targetId: 'user_k92lx8', message: 'never' };
    const before = await transcript('user_k92lx8');
    const { token } = office;
    const wrong = [
      undefined,
      null,
      '',
      'wrong',
      token.slice(0, -1),
      `${token}x`,
      ` ${token}`,
      7,
      [token],
      office.admin,
    ];
    for (const given of wrong) {
      const { status, body } = await send({ ...good, token: given });
      expect([given, status, body]).toEqual([given, 403, { error: 'Invalid Token' }]);
    }
    const doubled = await ask(
      office.door.url,
      'GET',
      `${SEND}&token=${token}&token=${token}&targetId=user_k92lx8&message=never`,
    );
    expect([doubled.status, doubled.body]).toEqual([403, { error: 'Invalid Token' }]);
    const asBearer = await ask(office.door.url, 'POST', SEND, { token: office.admin, json: good });
    expect(asBearer.status).toBe(403);
    expect(await transcript('user_k92lx8')).toEqual(before);
  });

  test('Bad Request: without targetId, without message, without either', async () => {
    const { token } = office;
    const missing = [
      { message: 'Hello' },
      { targetId: 'user_k92lx8' },
      {},
      { targetId: '', message: 'Hello' },
      { targetId: 'user_k92lx8', message: '' },
      { targetId: 'user_k92lx8', message: ' \n ' },
      { targetId: null, message: null },
    ];
    for (const fields of missing) {
      const { status, body } = await send({ token, ...fields });
      expect([status, body]).toEqual([400, { error: 'Missing targetId or message' }]);
    }
    const line = await curl(
      'https://chat.yourdomain.com/?send-message-to-chat-api=true&token=YOUR_API_TOKEN',
    );
    expect([line.status, line.body]).toEqual([400, { error: 'Missing targetId or message' }]);
  });

  test('what the document does not name is told in its shape: {error}, and nothing is half done', async () => {
    const { token, door } = office;
    const post = (body: BodyInit, type: string) =>
      fetch(door.url + SEND, { method: 'POST', body, headers: { 'content-type': type } });
    const told = async (status: number, answer: Response | Promise<Response>) => {
      const response = await answer;
      const body = (await response.json()) as object;
      expect([response.status, Object.keys(body)]).toEqual([status, ['error']]);
    };
    const before = await transcript('user_k92lx8');
    await told(400, post('{"token": "x', 'application/json'));
    await told(415, post(`token=${token}`, 'text/xml'));
    await told(413, post(JSON.stringify({ token, message: 'x'.repeat(300_000) }), 'application/json'));
    await told(
      413,
      post(`token=${token}&message=${'x'.repeat(300_000)}`, 'application/x-www-form-urlencoded'),
    );
    const form = new FormData();
    form.set('token', token);
    form.set('file', new Blob(['x']), 'x.txt');
    await told(400, fetch(door.url + SEND, { method: 'POST', body: form }));
    const wrong: [number, unknown][] = [
      [404, { targetId: 'user_nobody', message: 'Hello' }],
      [404, { targetId: 'no id.of>ours*', message: 'Hello' }],
      [404, { targetId: 'x'.repeat(65), message: 'Hello' }],
      [404, { targetId: 'agent', message: 'Hello' }],
      [400, { targetId: 5, message: 'Hello' }],
      [400, { targetId: 'user_k92lx8', message: { text: 'Hello' } }],
      [400, { targetId: 'user_k92lx8', message: 'x'.repeat(10_001) }],
      [409, { targetId: 'user_ended', message: 'Hello' }],
    ];
    for (const [status, fields] of wrong) {
      const answer = await send({ token, ...(fields as object) });
      expect([fields, answer.status, Object.keys(answer.body)]).toEqual([fields, status, ['error']]);
    }
    for (const body of ['[]', '"text"', '7', 'null']) await told(403, post(body, 'application/json'));
    expect(await transcript('user_k92lx8')).toEqual(before);
    const longest = await send({ token, targetId: 'user_k92lx8', message: '🚀'.repeat(5_000) });
    expect(longest.status).toBe(200);
    expect((await transcript('user_k92lx8')).at(-1)).toBe(`agent: ${'🚀'.repeat(5_000)}`);
  });

  test('an archived session takes no message', async () => {
    const path = `/api/admin/live-chat/sessions/user_ended/status`;
    await ask(office.door.url, 'PATCH', path, { token: office.admin, json: { status: 'archived' } });
    const { status, body } = await send({ token: office.token, targetId: 'user_ended', message: 'Hello' });
    expect([status, body]).toEqual([409, { error: expect.any(String) }]);
  });

  test('a session of another business does not exist, and is not written into', async () => {
    const { token } = (
      await ask(office.door.url, 'GET', '/api/workspace/api-token', { token: office.other.admin })
    ).body.data;
    const before = await transcript('user_k92lx8');
    const foreign = await send({ token, targetId: 'user_k92lx8', message: 'Hello' });
    const unknown = await send({ token, targetId: 'user_nobody', message: 'Hello' });
    expect([foreign.status, foreign.body]).toEqual([404, unknown.body]);
    expect(await transcript('user_k92lx8')).toEqual(before);
  });

  test('tokens cannot be guessed for long, and a program has a limit of its own', async () => {
    const strict = await openDoor(office.servers, { rateLimits: 'on', trustProxy: 1 });
    try {
      const from = (address: string, token: string) =>
        ask(strict.url, 'GET', `/?get-all-chats-api=true&token=${token}`, {
          headers: { 'x-forwarded-for': address },
        });
      const good = await from('198.51.100.7', office.token);
      expect(good.status).toBe(200);
      expect(Number(good.headers.get('ratelimit-limit'))).toBeGreaterThan(100);
      const guesses = await Promise.all(
        Array.from({ length: 100 }, (_, at) => from('198.51.100.7', `guess${at}`)),
      );
      expect(new Set(guesses.map(({ status }) => status))).toEqual(new Set([403]));
      // Whether this one is right is not told any more.
      const late = await from('198.51.100.7', office.token);
      expect([late.status, late.body]).toEqual([
        429,
        { error: 'Too many requests from this IP, please try again later.' },
      ]);
      expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await from('198.51.100.8', office.token)).status).toBe(200);
    } finally {
      await strict.close();
    }
  });

  test('without its flags the address is the page that it was, and no log ever holds a token', async () => {
    const page = await ask(office.door.url, 'GET', '/?get-all-chats-api=false');
    expect([page.status, page.headers.get('location')]).toEqual([302, '/admin']);
    expect((await ask(office.door.url, 'POST', '/')).status).toBe(404);
    expect(office.door.logged()).toContain('answered');
    for (const secret of [office.token, office.other.token, 'user_k92lx8'])
      expect(office.door.logged()).not.toContain(secret);
  });
});

webhookSentences(() => office.servers);

async function workspace(): Promise<string> {
  const user = await office.door.parts.principals.user(office.admin);
  if (!user) throw new Error('the admin is not known');
  return user.workspace;
}
