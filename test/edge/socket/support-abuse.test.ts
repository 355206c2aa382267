// What Socket.IO clients of the support dialect may send that is wrong, too much or too slow: refused, never a fault.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { socketCounters } from '../../../edge/socket/counters.ts';
import { startTestNats, type TestNats } from '../../parts/nats.ts';
import { type Business, found, open, startEdge, type TestEdge } from './edges.ts';
import { guestToken, SupportClient } from './support-client.ts';

let nats: TestNats;
let edge: TestEdge;
/** Where limits are on. */
let strict: TestEdge;
let business: Business;
const clients: SupportClient[] = [];
const raws: WebSocket[] = [];

beforeAll(async () => {
  nats = await startTestNats('newest', { syncAlways: false });
  edge = await startEdge(nats);
  strict = await startEdge(nats, { limits: 'on' });
  business = await found(edge);
  await sleep(200);
});
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
  for (const raw of raws.splice(0)) raw.terminate();
  expect([...edge.faults, ...strict.faults]).toEqual([]);
});
afterAll(async () => {
  await edge?.close();
  await strict?.close();
  await nats?.stop();
});

const connect = async (on = edge, options = {}) => {
  const client = await SupportClient.connect(on.port, await guestToken(edge, business), options);
  clients.push(client);
  return client;
};
const poll = (query: string, init?: RequestInit, on = edge) =>
  fetch(`http://127.0.0.1:${on.port}/socket.io/?EIO=4&transport=polling${query}`, init);

/** A socket that speaks the protocol by hand; let in where there is a token. */
async function raw(token: string | undefined, on = edge): Promise<{ socket: WebSocket; said: string[] }> {
  const socket = new WebSocket(`ws://127.0.0.1:${on.port}/socket.io/?EIO=4&transport=websocket`);
  raws.push(socket);
  const said: string[] = [];
  socket.on('message', (data) => said.push(String(data)));
  socket.on('error', () => {
    // A close follows, and that is what tests look at.
  });
  await expect.poll(() => said.length).toBe(1);
  if (token !== undefined) {
    socket.send(`40${JSON.stringify({ token })}`);
    await expect.poll(() => said.length).toBe(2);
    expect(said[1]).toMatch(/^40\{/);
  }
  return { socket, said };
}

/** A session by polls, by hand. */
async function polling(token: string, on = edge): Promise<string> {
  const opened = await (await poll('', undefined, on)).text();
  const sid = String(JSON.parse(opened.slice(1)).sid);
  const query = `&sid=${sid}`;
  const said = await poll(query, { method: 'POST', body: `40${JSON.stringify({ token })}` }, on);
  expect(await said.text()).toBe('ok');
  expect(await (await poll(query, undefined, on)).text()).toMatch(/^40\{/);
  return query;
}

describe('bad input', () => {
  const wrong: [string, unknown[]][] = [
    ['no payload', []],
    ['null', [null]],
    ['a number', [7]],
    ['a boolean', [true]],
    ['an empty text', ['']],
    ['a text that is no id', ['a.b*>']],
    ['an empty object', [{}]],
    ['an array', [[]]],
    ['a huge array', [Array.from({ length: 10_000 }, (_, index) => index)]],
    ['an operator', [{ sessionId: { $ne: null } }]],
    ['a number as id', [{ sessionId: 1 }]],
    ['a reserved word', [{ sessionId: 'socket.io' }]],
    ['an id that is too long', [{ sessionId: 'a'.repeat(65) }]],
    ['a polluting object', [JSON.parse('{"__proto__": {"sessionId": "a", "success": true}}')]],
    ['bytes', [Buffer.from('hello')]],
  ];
  const events = ['join_session', 'leave_session', 'send_message', 'typing_start', 'typing_stop'];

  test.each(wrong)('%s is refused at every event', async (what, said) => {
    for (const event of events) {
      const client = await connect();
      if (what === 'bytes') {
        client.socket.emit(event, ...said);
        await client.when(() => client.ends.length > 0);
        expect(client.heard).toEqual([
          { event: 'error', payload: { success: false, message: 'events carry no bytes' } },
        ]);
        continue;
      }
      const refusal = {
        success: false,
        message: expect.stringMatching(/^(?:sessionId|message|The payload) /),
      };
      expect(await client.ask(event, ...said)).toEqual(refusal);
      client.socket.emit(event, ...said);
      expect(await client.hears('error')).toEqual(refusal);
      expect(Object.hasOwn(Object.prototype, 'success')).toBe(false);
      client.close();
    }
  });

  test('messages of the wrong kind and foreign ids are refused with a sentence', async () => {
    const { conversation: sessionId } = await open(edge, business.workspace);
    const client = await connect();
    const say = (more: object) => client.ask('send_message', { sessionId, ...more });
    for (const message of [null, 7, {}, [], true, { toString: 'x' }])
      expect(await say({ message })).toMatchObject({ success: false });
    expect(await say({ message: 'hello', messageId: 'not-a-uuid' })).toEqual({
      success: false,
      message: 'messageId must be a UUIDv7 in lower case',
    });
    expect(await say({ message: 'hello', visitorToken: 7 })).toMatchObject({ success: false });
    expect(await say({ message: 'hello', visitorToken: 'nonsense' })).toEqual({
      success: false,
      message: 'The visitor token is not valid',
    });
  });

  test('unknown events are refused, whatever they are called', async () => {
    const client = await connect();
    const names = [
      'shout',
      '__proto__',
      'constructor',
      'toString',
      'error',
      'new_message',
      '',
      'x'.repeat(9_000),
    ];
    for (const name of names)
      expect(await client.ask(name, {})).toEqual({ success: false, message: 'There is no such event' });
    client.socket.emit('error', { an: 'error' });
    expect(await client.hears('error')).toEqual({ success: false, message: 'There is no such event' });
  });

  test.each([
    ['nothing', ''],
    ['an unknown packet', '9'],
    ['an event that is an object', '42{"a":1}'],
    ['an event without a name', '42[]'],
    ['an event named by a number', '42[1,2]'],
    ['a reserved event', '42["disconnect"]'],
    ['an event cut off', '42["join_session",{"sessionId":'],
    ['an event nested deeply', `42["join_session",${'['.repeat(9_000)}${']'.repeat(9_000)}]`],
    ['bytes announced', '451-["join_session",{"_placeholder":true,"num":0}]'],
    ['bytes announced by the million', '451000000-["join_session",{"_placeholder":true,"num":0}]'],
    ['an acknowledgement of nothing', '43999["x"]'],
    ['a second greeting', '40'],
    ['a refusal', '44{"message":"no"}'],
    ['an upgrade', '5'],
    ['a probe', '2probe'],
    ['a farewell', '41'],
    ['a close', '1'],
  ])('%s does no harm', async (_what, packet) => {
    for (const token of [await guestToken(edge, business), undefined]) {
      const { socket } = await raw(token);
      socket.send(packet);
      socket.send(Buffer.from(packet));
      await sleep(30);
      socket.terminate();
    }
    const { conversation } = await open(edge, business.workspace);
    expect(await (await connect()).ask('join_session', conversation)).toMatchObject({ success: true });
  });

  test('a frame or a body that is too large ends what carried it', async () => {
    const { socket } = await raw(business.agent.token);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.send(`42["send_message",{"message":"${'x'.repeat(200_000)}"}]`);
    await closed;
    const query = await polling(business.agent.token);
    expect((await poll(query, { method: 'POST', body: 'x'.repeat(100_000) })).status).toBe(413);
    expect((await poll(query)).status).toBe(400);
  });

  test('requests that are none of the protocol are answered, all of them', async () => {
    const { socket, said } = await raw(undefined);
    const sid = String(JSON.parse(String(said[0]).slice(1)).sid);
    const url = `http://127.0.0.1:${edge.port}/socket.io/`;
    const statusOf = async (query: string, method = 'GET') =>
      (await fetch(`${url}?${query}`, { method, signal: AbortSignal.timeout(5_000) })).status;
    expect(await statusOf('')).toBe(400);
    expect(await statusOf('EIO=4')).toBe(400);
    expect(await statusOf('EIO=3&transport=polling')).toBe(400);
    expect(await statusOf('EIO=4&transport=websocket')).toBe(400);
    expect(await statusOf(`EIO=4&transport=websocket&sid=${sid}`)).toBe(400);
    expect(await statusOf(`EIO=4&transport=polling&sid=${sid}`)).toBe(400);
    expect(await statusOf('EIO=4&transport=webtransport')).toBe(400);
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH'])
      expect(await statusOf('EIO=4&transport=polling', method)).toBe(400);
    socket.terminate();
    const asked = await poll('', {
      method: 'OPTIONS',
      headers: { origin: 'https://shop.example', 'access-control-request-method': 'GET' },
    });
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
    const opened = await poll('', { headers: { origin: 'https://shop.example' } });
    expect(opened.headers.get('access-control-allow-origin')).toBe('*');
    expect(opened.headers.get('x-content-type-options')).toBe('nosniff');
    expect(opened.headers.get('cache-control')).toBe('no-store');
  });

  test('polls that overlap or are given up end their session alone', async () => {
    const query = await polling(business.agent.token);
    const held = poll(query).catch(() => undefined);
    await sleep(50);
    expect((await poll(query)).status).toBeGreaterThanOrEqual(400);
    await held;
    const given = await polling(business.agent.token);
    await poll(given, { signal: AbortSignal.timeout(100) }).catch(() => undefined);
    await sleep(100);
    expect((await poll(given)).status).toBe(400);
  });

  test('a session whose upgrade breaks off halfway is over at once: its client has stopped polling', async () => {
    const query = await polling(business.agent.token);
    const held = poll(query).then((answer) => answer.text());
    const address = `ws://127.0.0.1:${edge.port}/socket.io/?EIO=4&transport=websocket${query}`;
    const socket = new WebSocket(address);
    raws.push(socket);
    await new Promise((resolve) => socket.once('open', resolve));
    const answered = new Promise((resolve) => socket.once('message', (data) => resolve(String(data))));
    socket.send('2probe');
    expect(await answered).toBe('3probe');
    socket.terminate();
    // A poll that was held is let go for the upgrade, if the socket lived so long; then, or the next time, it is told.
    expect((await held) === '1' || (await (await poll(query)).text()).includes('1')).toBe(true);
    expect((await poll(query)).status).toBe(400);
  });
});

describe('too much', () => {
  test('30 messages in 10 s are taken, the next is refused, and who goes on is cut off', async () => {
    const { conversation: sessionId } = await open(edge, business.workspace);
    const client = await connect(strict, { reconnection: false });
    const answers: { success: boolean; message: unknown }[] = [];
    for (let count = 0; count < 31; count++)
      answers.push(await client.ask('send_message', { sessionId, message: `message ${count}` }));
    expect(answers.filter(({ success }) => success)).toHaveLength(30);
    expect(answers.at(-1)).toEqual({
      success: false,
      message: 'Too many messages, please wait a moment and send it again',
    });
    for (let count = 0; count < 40; count++)
      client.socket.emit('send_message', { sessionId, message: 'more' });
    await client.when(() => client.ends.length > 0);
    expect(
      await client.hears('error', 1_000, ({ message }) => message === 'too many messages'),
    ).toBeDefined();
  });

  test('frames of any kind are counted, before a client is let in as well', async () => {
    for (const token of [await guestToken(edge, business), undefined]) {
      const { socket } = await raw(token, strict);
      const closed = new Promise((resolve) => socket.once('close', resolve));
      for (let count = 0; count < 300; count++) socket.send(count % 2 ? '3' : '42["shout"]');
      await closed;
    }
    const query = await polling(await guestToken(edge, business), strict);
    const many = Array.from({ length: 300 }, () => '3').join('\x1e');
    await poll(query, { method: 'POST', body: many }, strict);
    await expect
      .poll(async () => (await poll(query, undefined, strict)).text())
      .toContain('Session ID unknown');
  });

  test('a user is in 20 sessions at most', async () => {
    const client = await connect();
    const ids: string[] = [];
    for (let count = 0; count < 21; count++) ids.push((await open(edge, business.workspace)).conversation);
    for (const id of ids.slice(0, 20))
      expect(await client.ask('join_session', id)).toMatchObject({ success: true });
    const last = ids.at(-1);
    expect(await client.ask('join_session', last)).toMatchObject({
      success: false,
      message: expect.stringContaining('as many sessions as one may'),
    });
    await client.ask('leave_session', ids[0]);
    expect(await client.ask('join_session', last)).toMatchObject({ success: true });
  });

  test('who never says who they are is cut off', async () => {
    const quick = await startEdge(nats, { pace: { authSeconds: 1 } });
    try {
      const before = socketCounters.open.unknown;
      const { socket } = await raw(undefined, quick);
      await new Promise((resolve) => socket.once('close', resolve));
      await expect.poll(() => socketCounters.open.unknown).toBeLessThanOrEqual(before);
    } finally {
      await quick.close();
    }
  });
});

describe('too slow', () => {
  /** Posts until that is so; answers how many messages there were. */
  const flood = async (sessionId: string, until: () => boolean) => {
    const agent = await edge.edge.principals.user(business.agent.token);
    if (!agent) throw new Error('no principal');
    const text = 'x'.repeat(10_000);
    let posted = 0;
    for (let round = 0; round < 100 && !until(); round++) {
      await Promise.all(
        Array.from({ length: 20 }, () =>
          edge.edge.desk.ask(agent, sessionId, { type: 'PostMessage', data: { text } }),
        ),
      );
      posted += 20;
    }
    return posted;
  };

  test('who does not read a WebSocket is cut off, and the others hear every single message', async () => {
    const { conversation: sessionId } = await open(edge, business.workspace);
    const readers = [await (await connect()).join(sessionId)];
    const { socket, said } = await raw(await guestToken(edge, business));
    socket.send(`42["join_session",${JSON.stringify({ sessionId })}]`);
    await expect.poll(() => said.some((frame) => frame.includes('session_joined'))).toBe(true);
    for (let count = 0; count < 3; count++) readers.push(await (await connect()).join(sessionId));
    socket.pause();
    const before = socketCounters.tooSlow;
    const posted = await flood(sessionId, () => socketCounters.tooSlow > before);
    expect(socketCounters.tooSlow).toBe(before + 1);
    for (const reader of readers) {
      await reader.when(() => reader.texts.length >= posted);
      expect(reader.texts).toHaveLength(posted);
    }
  });

  test('who does not poll is cut off', async () => {
    const { conversation: sessionId } = await open(edge, business.workspace);
    const query = await polling(await guestToken(edge, business));
    const body = `42["join_session",${JSON.stringify({ sessionId })}]`;
    expect(await (await poll(query, { method: 'POST', body })).text()).toBe('ok');
    const before = socketCounters.tooSlow;
    await flood(sessionId, () => socketCounters.tooSlow > before);
    expect(socketCounters.tooSlow).toBe(before + 1);
    expect((await poll(query)).status).toBe(400);
  });
});
