// The native socket over a real log: both ways, answers, repeats, rights.
import { setTimeout as sleep } from 'node:timers/promises';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConversationSummary } from '../../../domain/wire.ts';
import { startTestNats, type TestNats } from '../../parts/nats.ts';
import { type Business, found, open, startEdge, type TestEdge } from './edges.ts';
import { Talker } from './talker.ts';

let nats: TestNats;
let edge: TestEdge;
let business: Business;
let stranger: Business;

beforeAll(async () => {
  nats = await startTestNats('newest', { syncAlways: false });
  edge = await startEdge(nats);
  business = await found(edge);
  stranger = await found(edge, 'Other');
});
afterAll(async () => {
  await edge?.close();
  await nats?.stop();
});

async function pair() {
  const { conversation, visitorToken } = await open(edge, business.workspace);
  const visitor = await Talker.connect(edge.port, { conversation, visitorToken });
  const agent = await Talker.connect(edge.port, { token: business.agent.token });
  await visitor.resume(conversation);
  await agent.resume(conversation);
  return { conversation, visitorToken, visitor, agent };
}

describe('a conversation', () => {
  test('goes both ways, acknowledged, each event once and in order', async () => {
    const { conversation, visitor, agent } = await pair();
    expect(await visitor.post(conversation, 'Hello?')).toMatchObject({ ok: true, version: 3 });
    await agent.when(() => agent.texts.includes('Hello?'));
    await agent.post(conversation, 'Hi, how can I help?');
    await visitor.when(() => visitor.texts.includes('Hi, how can I help?'));
    for (const side of [visitor, agent]) {
      expect(side.texts).toEqual(['Welcome Vera!', 'Hello?', 'Hi, how can I help?']);
      side.events.forEach((event, index) => {
        expect(event.previous).toBe(side.events[index - 1]?.version ?? 0);
      });
    }
    expect(edge.faults).toEqual([]);
  });

  test('stores a command that is sent twice once, and repeats its answer', async () => {
    const { conversation, visitor, agent } = await pair();
    const command = v7();
    const first = await visitor.post(conversation, 'only once', command);
    expect(await visitor.post(conversation, 'only once', command)).toMatchObject({
      ok: true,
      version: first.version,
      sequence: first.sequence,
    });
    await visitor.post(conversation, 'after it');
    await agent.when(() => agent.texts.includes('after it'));
    expect(agent.texts.filter((text) => text === 'only once')).toHaveLength(1);
  });

  test('carries out the commands of one socket in the order in which they came', async () => {
    const { conversation, visitor, agent } = await pair();
    const texts = Array.from({ length: 40 }, (_, index) => `message ${index}`);
    await Promise.all(texts.map((text) => visitor.post(conversation, text)));
    await agent.when(() => agent.texts.length === 41);
    expect(agent.texts.slice(1)).toEqual(texts);
  });

  test('tells a command to its own side only', async () => {
    const { conversation, visitor, agent } = await pair();
    const command = v7();
    await visitor.post(conversation, 'mine', command);
    await agent.when(() => agent.texts.includes('mine'));
    const mine = (side: Talker) => side.events.find((event) => event.data.text === 'mine');
    expect(mine(visitor)?.command).toBe(command);
    expect(mine(agent)).toBeDefined();
    expect(mine(agent)?.command).toBeUndefined();
  });

  test('keeps notes from the visitor, and its chain unbroken', async () => {
    const { conversation, visitor, agent } = await pair();
    await agent.command(conversation, 'AddNote', { text: 'a difficult one' });
    await agent.command(conversation, 'SetTags', { tags: ['vip'] });
    await agent.post(conversation, 'Hello');
    await visitor.when(() => visitor.texts.includes('Hello'));
    expect(JSON.stringify(visitor.frames)).not.toMatch(/difficult|vip|NoteAdded|TagsSet/);
    expect(agent.events.map((event) => event.type)).toContain('NoteAdded');
    visitor.events.forEach((event, index) => {
      expect(event.previous).toBe(visitor.events[index - 1]?.version ?? 0);
    });
  });

  test('shows who types to the other side, not to oneself', async () => {
    const { conversation, visitor, agent } = await pair();
    visitor.send({ signal: { conversation, type: 'typing', isTyping: true } });
    expect(await agent.until((frame) => 'signal' in frame)).toMatchObject({
      signal: { conversation, type: 'typing', from: 'visitor', isTyping: true },
    });
    agent.send({ signal: { conversation, type: 'typing', isTyping: true } });
    expect(await visitor.until((frame) => 'signal' in frame)).toMatchObject({
      signal: { from: 'agent', isTyping: true, name: 'Grace of Acme' },
    });
    expect(agent.frames.filter((frame) => 'signal' in frame)).toHaveLength(1);
  });

  test('ends for whoever listens when it is erased, and says so to whoever comes back', async () => {
    const { conversation, visitorToken, visitor } = await pair();
    const admin = await Talker.connect(edge.port, { token: business.admin });
    await admin.command(conversation, 'EraseConversation', { reason: 'asked for' });
    const erased = await visitor.until(
      (frame) => 'event' in frame && frame.event.type === 'ConversationErased',
    );
    expect(erased).toMatchObject({ event: { data: {} } });
    const back = await Talker.connect(edge.port, { conversation, visitorToken });
    expect(await back.resume(conversation, 2)).toMatchObject({ snapshot: { erased: true, events: [] } });
    expect(await back.post(conversation, 'still there?')).toMatchObject({
      refused: 'conversation-not-found',
    });
    expect(JSON.stringify(back.frames)).not.toContain('Vera');
  });
});

describe('coming in', () => {
  test('works with tokens in the first frame', async () => {
    const { conversation, visitorToken } = await open(edge, business.workspace);
    const visitor = Talker.knock(edge.port);
    await new Promise((resolve) => visitor.socket.once('open', resolve));
    visitor.send({ id: 0, auth: { conversation, visitorToken } });
    expect(await visitor.until((frame) => 'welcome' in frame)).toMatchObject({
      re: 0,
      welcome: { as: 'visitor', heartbeatSeconds: 20 },
    });
    const agent = Talker.knock(edge.port);
    await new Promise((resolve) => agent.socket.once('open', resolve));
    agent.send({ id: 'a', auth: { token: business.agent.token } });
    expect(await agent.until((frame) => 'welcome' in frame)).toMatchObject({
      re: 'a',
      welcome: { as: 'agent', id: String(business.agent.number), workspace: business.workspace },
    });
  });

  test('serves what was sent before the welcome, in order', async () => {
    const { conversation, visitorToken } = await open(edge, business.workspace);
    const visitor = Talker.knock(edge.port);
    await new Promise((resolve) => visitor.socket.once('open', resolve));
    visitor.send({ id: 0, auth: { conversation, visitorToken } });
    expect(await visitor.resume(conversation)).toMatchObject({ ok: true });
    expect(visitor.texts).toEqual(['Welcome Vera!']);
  });

  test.each([
    ['a forged agent token', () => ({ token: 'eyJhbGciOiJub25lIn0.e30.' }), 4401],
    ['an unknown conversation', () => ({ conversation: `c-${v7()}` }), 4404],
    ['something that is no id', () => ({ conversation: 'a.b.*' }), 4404],
    [
      'the token of another conversation',
      async () => {
        const [one, two] = [await open(edge, business.workspace), await open(edge, business.workspace)];
        return { conversation: one.conversation, visitorToken: two.visitorToken };
      },
      4401,
    ],
  ])('is refused with %s', async (_what, query, code) => {
    const talker = Talker.knock(edge.port, (await query()) as Record<string, string>);
    expect((await talker.closed).code).toBe(code);
    expect(talker.frames).toEqual([]);
  });

  test('needs a word within the time for it', async () => {
    const strict = await startEdge(nats, { pace: { authSeconds: 1 } });
    const silent = Talker.knock(strict.port);
    expect((await silent.closed).code).toBe(4401);
    await strict.close();
  });

  test('without a word of who one is, nothing is carried out', async () => {
    const talker = Talker.knock(edge.port);
    await new Promise((resolve) => talker.socket.once('open', resolve));
    talker.send({ id: 1, watch: true });
    expect((await talker.closed).code).toBe(4401);
  });
});

describe('rights', () => {
  test('another workspace’s conversation is not found, whatever is tried', async () => {
    const { conversation } = await open(edge, business.workspace);
    const agent = await Talker.connect(edge.port, { token: stranger.agent.token });
    expect(await agent.resume(conversation)).toMatchObject({ refused: 'conversation-not-found' });
    expect(await agent.post(conversation, 'let me in')).toMatchObject({ refused: 'conversation-not-found' });
    expect(await agent.command(conversation, 'AddNote', { text: 'x' })).toMatchObject({
      refused: 'conversation-not-found',
    });
    expect(agent.events).toEqual([]);
  });

  test('a visitor reaches one conversation, and asks for what visitors may', async () => {
    const { conversation, visitor } = await pair();
    const other = await open(edge, business.workspace);
    expect(await visitor.resume(other.conversation)).toMatchObject({ refused: 'conversation-not-found' });
    expect(await visitor.post(other.conversation, 'x')).toMatchObject({ refused: 'conversation-not-found' });
    expect(await visitor.command(conversation, 'AddNote', { text: 'x' })).toMatchObject({
      refused: 'not-allowed',
    });
    expect(await visitor.ask({ watch: true })).toMatchObject({ refused: 'not-allowed' });
  });

  test('an agent who signs out loses the socket within 5 s', async () => {
    const own = await found(edge, 'Signing out');
    const agent = await Talker.connect(edge.port, { token: own.admin });
    const principal = await edge.edge.principals.user(own.admin);
    if (!principal) throw new Error('no principal');
    const since = Date.now();
    await edge.edge.accounts.signOut(principal);
    const { code, at } = await agent.closed;
    expect(code).toBe(4401);
    expect(at - since).toBeLessThan(5_000);
    expect((await Talker.knock(edge.port, { token: own.admin }).closed).code).toBe(4401);
  });
});

describe('bad frames', () => {
  test.each([
    ['no JSON', 'hello', 4400],
    ['no object', '[1]', 4400],
    ['no known kind', '{"id":1,"hack":true}', 4400],
    ['a prototype', '{"__proto__":{"command":1}}', 4400],
    ['binary', Buffer.from('{}'), 4400],
    ['more than 64 KB', JSON.stringify({ id: 1, command: 'x'.repeat(70_000) }), 4413],
  ])('%s closes the socket', async (_what, frame, code) => {
    const { conversation, visitorToken } = await open(edge, business.workspace);
    const talker = await Talker.connect(edge.port, { conversation, visitorToken });
    talker.socket.send(frame);
    expect((await talker.closed).code).toBe(code);
  });

  test('a known frame with something wrong in it is answered, and the socket lives', async () => {
    const { conversation, visitor } = await pair();
    expect(await visitor.post(conversation, 'x'.repeat(10_001))).toMatchObject({ refused: 'frame-invalid' });
    expect(await visitor.post('a.b', 'x')).toMatchObject({ refused: 'frame-invalid' });
    expect(await visitor.post(conversation, 'x', 'no-uuid')).toMatchObject({ refused: 'frame-invalid' });
    expect(await visitor.post(conversation, ' ')).toMatchObject({ refused: 'message-empty' });
    expect(await visitor.post(conversation, 'fine')).toMatchObject({ ok: true });
    visitor.send({ ping: 7 });
    expect(await visitor.until((frame) => 'pong' in frame)).toEqual({ pong: 7 });
  });
});

describe('limits', () => {
  test('a visitor’s 31st message within 10 s is refused, and a flood is closed', async () => {
    const strict = await startEdge(nats, { limits: 'on' });
    const { conversation, visitorToken } = await open(strict, business.workspace);
    const visitor = await Talker.connect(strict.port, { conversation, visitorToken });
    for (let count = 0; count < 30; count++)
      expect(await visitor.post(conversation, `message ${count}`)).toMatchObject({ ok: true });
    expect(await visitor.post(conversation, 'one more')).toMatchObject({ refused: 'too-many-messages' });
    for (let count = 0; count < 200; count++) visitor.send({ id: count, resume: { conversation, after: 0 } });
    expect((await visitor.closed).code).toBe(4429);
    await strict.close();
  });
});

describe('a console', () => {
  test('that watches is told which conversations changed, a few times a second, and which are gone', async () => {
    const agent = await Talker.connect(edge.port, { token: business.agent.token });
    const other = await Talker.connect(edge.port, { token: stranger.agent.token });
    await agent.ask({ watch: true });
    await other.ask({ watch: true });
    const { conversation, visitorToken } = await open(edge, business.workspace);
    const visitor = await Talker.connect(edge.port, { conversation, visitorToken });
    for (let count = 0; count < 20; count++) await visitor.post(conversation, `line ${count}`);
    const rows = () =>
      agent.frames.flatMap((frame): ConversationSummary[] =>
        'inbox' in frame ? frame.inbox.changed.filter((row) => row.conversation === conversation) : [],
      );
    await agent.when(() => rows().at(-1)?.lastMessage?.text === 'line 19');
    expect(rows().at(-1)).toMatchObject({ status: 'queued', unread: 20, visitor: { name: 'Vera' } });
    expect(rows().length).toBeLessThan(20);
    const admin = await Talker.connect(edge.port, { token: business.admin });
    await admin.command(conversation, 'EraseConversation', {});
    await agent.when(() =>
      agent.frames.some((frame) => 'inbox' in frame && frame.inbox.gone.includes(conversation)),
    );
    await sleep(300);
    expect(other.frames.filter((frame) => 'inbox' in frame)).toEqual([]);
  });
});

describe('time', () => {
  test('each socket hears its conversations’ heads regularly; one that says nothing is closed as idle', async () => {
    const quick = await startEdge(nats, { pace: { heartbeatSeconds: 1, idleSeconds: 3 } });
    const { conversation, visitorToken } = await open(quick, business.workspace);
    const visitor = await Talker.connect(quick.port, { conversation, visitorToken });
    await visitor.until((frame) => 'heartbeat' in frame && frame.heartbeat.heads[conversation] === 2);
    // A client that is alive answers pings by itself, so it stays as long as it likes.
    await sleep(4_500);
    expect(visitor.socket.readyState).toBe(visitor.socket.OPEN);
    visitor.socket.pause();
    await sleep(5_000);
    visitor.socket.resume();
    expect((await visitor.closed).code).toBe(4408);
    await quick.close();
  });
});
