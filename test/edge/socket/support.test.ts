// The support document's Socket.IO events (seed 002), with the stock client, over every transport.
import { setTimeout as sleep } from 'node:timers/promises';
import { v7 } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isRefusal } from '../../../domain/decider.ts';
import { socketCounters } from '../../../edge/socket/counters.ts';
import { startTestNats, type TestNats } from '../../parts/nats.ts';
import { type Business, found, open, startEdge, type TestEdge } from './edges.ts';
import { guestToken, SupportClient } from './support-client.ts';

let nats: TestNats;
let edge: TestEdge;
let other: TestEdge;
let business: Business;
let stranger: Business;
const clients: SupportClient[] = [];

beforeAll(async () => {
  nats = await startTestNats('newest', { syncAlways: false });
  edge = await startEdge(nats);
  other = await startEdge(nats);
  business = await found(edge);
  stranger = await found(edge, 'Other');
  await sleep(200);
});
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});
afterAll(async () => {
  for (const client of clients) client.close();
  await edge?.close();
  await other?.close();
  await nats?.stop();
});

const kept = (client: SupportClient) => {
  clients.push(client);
  return client;
};
const user = async (options = {}, on = edge, of = business) =>
  kept(await SupportClient.connect(on.port, await guestToken(edge, of), options));
const agent = async (options = {}, on = edge, of = business) =>
  kept(await SupportClient.connect(on.port, of.agent.token, options));

describe.each([['websocket'], ['polling'], ['polling, websocket']])('over %s', (names) => {
  const transports = names.split(', ');

  test('a user and an agent talk: everybody in the room hears everything once and in order', async () => {
    const { conversation: sessionId } = await open(edge, business.workspace);
    const guest = await user({ transports });
    const helper = await agent({ transports });
    await guest.join(sessionId);
    await helper.join(sessionId);
    const said: string[] = [];
    for (let turn = 0; turn < 10; turn++) {
      const from = turn % 2 === 0 ? guest : helper;
      const answer = await from.ask('send_message', { sessionId, message: `message ${turn}` });
      expect(answer).toMatchObject({ success: true, sessionId, message: { message: `message ${turn}` } });
      said.push(`message ${turn}`);
    }
    for (const client of [guest, helper]) {
      await client.when(() => client.texts.length >= said.length);
      expect(client.texts).toEqual(said);
    }
    if (names !== 'websocket') await sleep(300);
    expect(guest.transport).toBe(transports.at(-1));
    expect(edge.faults).toEqual([]);
  });
});

async function principal(of = business) {
  const known = await edge.edge.principals.user(of.agent.token);
  if (!known) throw new Error('no principal');
  return known;
}

async function asAgent(sessionId: string, asked: Parameters<typeof edge.edge.desk.ask>[2]) {
  const done = await edge.edge.desk.ask(await principal(), sessionId, asked);
  if (isRefusal(done)) throw new Error(done.refused);
  return done;
}

describe('a client', () => {
  const refused = async (auth: object | undefined, extraHeaders: Record<string, string> = {}) => {
    const client = kept(new SupportClient(edge.port, { auth, extraHeaders, reconnection: false }));
    await client.when(() => client.refusals.length + Number(client.socket.connected) > 0);
    return client.refusals[0];
  };

  test('needs a token: none and a wrong one are told apart', async () => {
    expect(await refused(undefined)).toBe('Authentication required');
    expect(await refused({})).toBe('Authentication required');
    expect(await refused({ token: null })).toBe('Authentication required');
    expect(await refused({ token: 'nonsense' })).toBe('Invalid or expired token');
    expect(await refused({ token: 'a.b.c' })).toBe('Invalid or expired token');
    expect(await refused({ token: { __proto__: { admin: true } } })).toBe('Invalid or expired token');
    expect(await refused({ token: 'x'.repeat(10_000) })).toBe('Invalid or expired token');
    expect(await refused({}, { authorization: 'Bearer nonsense' })).toBe('Invalid or expired token');
    const { visitorToken } = await open(edge, business.workspace);
    expect(await refused({ token: visitorToken })).toBe('Invalid or expired token');
    const expired = await edge.edge.tokens.sign(
      { kind: 'guest', sub: 'user123', ws: business.workspace, jti: v7() },
      -1,
    );
    expect(await refused({ token: expired })).toBe('Invalid or expired token');
  });

  test('is let in by a token in auth or a header, by the API key in either, and by a token for that key', async () => {
    const token = await guestToken(edge, business);
    const { token: apiKey = '' } = await edge.edge.apiTokens.rotate(business.workspace);
    const version = await edge.edge.apiTokens.version(business.workspace);
    const claims = { kind: 'api', sub: 'a program', ws: business.workspace, tv: version } as const;
    expect(await refused({ token })).toBeUndefined();
    expect(await refused({ token: `Bearer ${token}` })).toBeUndefined();
    expect(await refused(undefined, { authorization: `Bearer ${token}` })).toBeUndefined();
    expect(await refused({ apiKey })).toBeUndefined();
    expect(await refused({ token: apiKey })).toBeUndefined();
    expect(await refused(undefined, { 'x-api-key': apiKey })).toBeUndefined();
    expect(await refused({ token: await edge.edge.tokens.sign(claims) })).toBeUndefined();
  });

  test('may not enter another namespace', async () => {
    const client = kept(new SupportClient(edge.port, { auth: { token: business.agent.token } }));
    const admin = client.socket.io.socket('/admin', { auth: { token: business.agent.token } });
    const refusal = new Promise((resolve) => admin.once('connect_error', (error) => resolve(error.message)));
    admin.connect();
    expect(await refusal).toBe('Invalid namespace');
  });

  test('is counted while it is there', async () => {
    const nobody = Object.fromEntries(Object.keys(socketCounters.open).map((kind) => [kind, 0]));
    // Those of the tests before this one are on their way out.
    await expect.poll(() => socketCounters.open).toEqual(nobody);
    const guest = await user();
    const helper = await agent({ transports: ['polling'] });
    expect(socketCounters.open).toEqual({ ...nobody, 'support-user': 1, 'support-agent': 1 });
    expect(edge.edge.online.agents(business.workspace)).toContain(business.agent.number);
    guest.close();
    helper.close();
    await expect.poll(() => socketCounters.open).toEqual(nobody);
    expect([...edge.edge.online.agents(business.workspace)]).toEqual([]);
  });
});

describe('joining', () => {
  test('tells the session as it is, by its id alone as well, and gives the session to nobody', async () => {
    const { conversation: sessionId } = await open(edge, business.workspace);
    const guest = await user();
    const answer = await guest.ask('join_session', { sessionId });
    const session = {
      _id: sessionId,
      sessionId,
      userId: sessionId,
      userType: 'user',
      agentId: null,
      status: 'waiting',
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
      endedAt: null,
      endReason: null,
      messageCount: 1,
    };
    expect(answer).toEqual({ success: true, sessionId, session });
    expect(await guest.hears('session_joined')).toEqual({ sessionId, session });
    const helper = await agent();
    helper.socket.emit('join_session', sessionId);
    expect((await helper.hears('session_joined')).session).toEqual(session);
    await helper.ask('send_message', { sessionId, message: 'May I help?' });
    expect((await guest.ask('join_session', sessionId)).session).toMatchObject({
      status: 'active',
      agentId: String(business.agent.number),
    });
  });

  test('is told to the others, at every edge, and so is leaving and going', async () => {
    const { conversation: sessionId } = await open(edge, business.workspace);
    const guest = await (await user()).join(sessionId);
    const helper = await (await agent({}, other)).join(sessionId);
    const who = { sessionId, userId: String(business.agent.number), userType: 'agent' };
    expect(await guest.hears('user_joined')).toEqual({ ...who, timestamp: expect.any(String) });
    await helper.join(sessionId);
    expect(await helper.ask('leave_session', { sessionId })).toEqual({ success: true, sessionId });
    expect(await guest.hears('user_left')).toEqual({ ...who, timestamp: expect.any(String) });
    await helper.join(sessionId);
    await guest.when(() => guest.events.filter((event) => event === 'user_joined').length === 2);
    guest.close();
    expect(await helper.hears('user_left')).toMatchObject({ sessionId, userId: sessionId, userType: 'user' });
    await sleep(100);
    expect(helper.events).not.toContain('user_joined');
    expect(guest.events).toEqual(['session_joined', 'user_joined', 'user_left', 'user_joined']);
  });

  test('a session of another business, or of nobody, is not found', async () => {
    const { conversation: sessionId } = await open(edge, business.workspace);
    const missing = { success: false, message: 'Session not found' };
    for (const client of [await user({}, edge, stranger), await agent({}, edge, stranger)]) {
      for (const event of ['join_session', 'typing_start', 'typing_stop'])
        expect(await client.ask(event, { sessionId })).toEqual(missing);
      expect(await client.ask('send_message', { sessionId, message: 'hello' })).toEqual(missing);
      expect(await client.ask('join_session', 'session-of-nobody')).toEqual(missing);
      client.socket.emit('join_session', { sessionId });
      expect(await client.hears('error')).toEqual(missing);
      expect(client.events).toEqual(['error']);
    }
  });

  test('a widget that wants a visitor token, or names its pages, is asked', async () => {
    const { directory, accounts, tokens } = edge.edge;
    const own = await found(edge, 'Strict');
    const widget = directory.defaultWidget(own.workspace);
    if (!widget) throw new Error('no widget');
    const { conversation: sessionId, visitorToken } = await open(edge, own.workspace);
    const owner = await edge.edge.principals.user(own.admin);
    if (!owner) throw new Error('no admin');
    const change = async (config: object) => {
      const done = await accounts.changeWidget(widget, config, owner);
      if (isRefusal(done)) throw new Error(done.refused);
    };
    await change({ requireVisitorToken: true });
    await expect.poll(() => directory.widgetById(widget.id)?.config.requireVisitorToken).toBe(true);
    const guest = await user({}, edge, own);
    const other = await tokens.sign({ kind: 'visitor', sub: 'another', ws: own.workspace });
    expect(await guest.ask('join_session', { sessionId })).toMatchObject({
      message: 'This session needs its visitor token',
    });
    expect(await guest.ask('join_session', { sessionId, visitorToken: other })).toMatchObject({
      message: 'The visitor token is not valid',
    });
    expect(await guest.ask('join_session', { sessionId, visitorToken })).toMatchObject({ success: true });
    const auth = { token: await guestToken(edge, own), visitorToken };
    const proven = kept(new SupportClient(edge.port, { auth }));
    expect(await proven.ask('send_message', { sessionId, message: 'hello' })).toMatchObject({
      success: true,
    });

    await change({ allowedOrigins: ['https://shop.example'] });
    await expect.poll(() => directory.widgetById(widget.id)?.config.allowedOrigins.length).toBe(1);
    const from = (origin: string) =>
      kept(new SupportClient(edge.port, { auth, extraHeaders: { origin } })).ask('join_session', sessionId);
    expect(await from('https://shop.example')).toMatchObject({ success: true });
    expect(await from('https://evil.example')).toMatchObject({
      message: 'This site may not use this widget',
    });
  });
});

describe('a message', () => {
  test('of any dialect is heard by everyone in the room, notes are not', async () => {
    const { conversation: sessionId } = await open(edge, business.workspace);
    const guest = await (await user({}, other)).join(sessionId);
    const helper = await (await agent()).join(sessionId);
    await asAgent(sessionId, { type: 'AddNote', data: { text: 'secret note' } });
    const posted = await asAgent(sessionId, { type: 'PostMessage', data: { text: 'from the console' } });
    const message = {
      _id: String(posted.events.findLast(({ type }) => type === 'MessagePosted')?.position),
      sessionId,
      senderId: String(business.agent.number),
      senderType: 'agent',
      message: 'from the console',
      timestamp: expect.any(String),
    };
    expect(await guest.hears('new_message')).toEqual(message);
    expect(await helper.hears('new_message')).toEqual(message);
    expect(JSON.stringify([guest.heard, helper.heard])).not.toContain('secret note');
  });

  test('that is sent again under its id is stored once and answered alike', async () => {
    const { conversation: sessionId } = await open(edge, business.workspace);
    const guest = await (await user()).join(sessionId);
    const said = { sessionId, message: 'only once', messageId: v7() };
    const first = await guest.ask('send_message', said);
    expect(first).toMatchObject({ success: true, message: { message: 'only once', senderType: 'user' } });
    expect(await guest.ask('send_message', said)).toEqual(first);
    expect(await (await agent()).ask('send_message', said)).toEqual(first);
    await sleep(100);
    expect(guest.texts).toEqual(['only once']);
  });

  test('may have 1,000 characters and must have one; without an acknowledgement the refusal is an error event', async () => {
    const { conversation: sessionId } = await open(edge, business.workspace);
    const guest = await (await user()).join(sessionId);
    const send = (message: unknown) => guest.ask('send_message', { sessionId, message });
    expect(await send('x'.repeat(1_000))).toMatchObject({ success: true });
    expect(await send('x'.repeat(1_001))).toEqual({
      success: false,
      message: expect.stringMatching(/^message .* at most 1000 characters$/),
    });
    expect(await send('  ')).toMatchObject({ success: false, message: 'message must not be empty' });
    expect(await send(undefined)).toMatchObject({ success: false, message: 'message is required' });
    guest.socket.emit('send_message', { sessionId });
    expect(await guest.hears('error')).toEqual({ success: false, message: 'message is required' });
  });

  test('of an ended session is refused, though other dialects would open it again', async () => {
    const { conversation: sessionId } = await open(edge, business.workspace);
    const guest = await (await user()).join(sessionId);
    const helper = await (await agent({}, other)).join(sessionId);
    await asAgent(sessionId, { type: 'CloseConversation', data: { reason: 'Resolved' } });
    for (const client of [guest, helper])
      expect(await client.hears('session_ended')).toEqual({
        sessionId,
        endedAt: expect.any(String),
        reason: 'Resolved',
      });
    expect(await guest.ask('send_message', { sessionId, message: 'one more thing' })).toEqual({
      success: false,
      message: 'This session is closed',
    });
  });

  test('and everything else of an erased session is gone', async () => {
    const { conversation: sessionId } = await open(edge, business.workspace);
    const guest = await (await user()).join(sessionId);
    const admin = await edge.edge.principals.user(business.admin);
    if (!admin) throw new Error('no admin');
    await edge.edge.desk.ask(admin, sessionId, { type: 'EraseConversation', data: {} });
    expect(await guest.hears('session_ended')).toMatchObject({ sessionId, reason: null });
    expect(await guest.ask('join_session', { sessionId })).toMatchObject({ message: 'Session not found' });
  });
});

test('typing is told to the others alone, at every edge and in every dialect', async () => {
  const { conversation: sessionId } = await open(edge, business.workspace);
  const guest = await (await user()).join(sessionId);
  const helper = await (await agent({}, other)).join(sessionId);
  const { token: apiKey = '' } = await edge.edge.apiTokens.rotate(business.workspace);
  const program = kept(await SupportClient.connect(edge.port, apiKey));
  await program.join(sessionId);
  guest.socket.emit('typing_start', { sessionId });
  const visitor = { sessionId, userId: sessionId, userType: 'user' };
  for (const client of [helper, program])
    expect(await client.hears('user_typing')).toEqual({ ...visitor, isTyping: true });
  expect(await guest.ask('typing_stop', { sessionId })).toEqual({ success: true, sessionId });
  await helper.hears('user_typing', 5_000, ({ isTyping }) => !isTyping);
  expect(guest.events).not.toContain('user_typing');
  helper.socket.emit('typing_start', sessionId);
  const number = String(business.agent.number);
  expect(await guest.hears('user_typing')).toEqual({
    sessionId,
    userId: number,
    userType: 'agent',
    isTyping: true,
  });
  program.socket.emit('typing_start', { sessionId });
  await helper.hears('user_typing', 5_000, ({ userType }) => userType === 'system');
  expect(program.heard.filter(({ payload }) => payload.userType === 'system')).toEqual([]);
  expect(helper.heard.filter(({ payload }) => payload.userId === number)).toEqual([]);
});

describe('a socket ends within 5 s', () => {
  test('of a sign-out, at every edge and over polls too', async () => {
    const own = await found(edge, 'Leavers');
    const here = await agent({}, edge, own);
    const there = await agent({ transports: ['polling'] }, other, own);
    const leaver = await edge.edge.principals.user(own.agent.token);
    if (!leaver) throw new Error('no principal');
    await edge.edge.accounts.signOut(leaver);
    for (const client of [here, there]) {
      await client.when(() => client.ends.length > 0);
      expect(client.ends).toEqual(['io server disconnect']);
      expect(await client.hears('error')).toEqual({
        success: false,
        message: 'signed out, or no longer allowed',
      });
    }
  });

  test('of a new API token', async () => {
    const { token = '' } = await edge.edge.apiTokens.rotate(business.workspace);
    const program = kept(await SupportClient.connect(other.port, token));
    await edge.edge.apiTokens.rotate(business.workspace);
    await program.when(() => program.ends.length > 0, 6_000);
    expect(program.ends).toEqual(['io server disconnect']);
  });

  test("of its token's end", async () => {
    const { SignJWT } = await import('jose');
    const token = await new SignJWT({ kind: 'guest', ws: business.workspace, jti: v7() })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject('user123')
      .setIssuer('natter')
      .setExpirationTime(Math.floor(Date.now() / 1_000) + 2)
      .sign(new TextEncoder().encode('a secret for tests that is long enough'));
    const guest = kept(await SupportClient.connect(edge.port, token));
    await guest.when(() => guest.ends.length > 0, 7_000);
    expect(await guest.hears('error')).toMatchObject({ message: 'the token has expired' });
  });
});

test('a page may load the client from here', async () => {
  for (const name of ['socket.io.js', 'socket.io.min.js', 'socket.io.esm.min.js']) {
    const answer = await fetch(`http://127.0.0.1:${edge.port}/socket.io/${name}`);
    expect(answer.headers.get('content-type')).toBe('application/javascript; charset=utf-8');
    expect(await answer.text()).toContain('Socket.IO v4.8.4');
    const etag = answer.headers.get('etag') ?? '';
    const again = await fetch(answer.url, { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
  }
  expect((await fetch(`http://127.0.0.1:${edge.port}/socket.io/package.json`)).status).toBe(404);
});

test('nothing of all this was a fault', () => {
  expect([...edge.faults, ...other.faults]).toEqual([]);
});
