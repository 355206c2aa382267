// What strangers try over the sockets: pages that may not use a widget, tokens of another kind, floods, names that are no ids.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { isRefusal } from '../../domain/decider.ts';
import { type Business, found, open, startEdge, type TestEdge } from '../edge/socket/edges.ts';
import { Talker } from '../edge/socket/talker.ts';
import { startTestNats, type TestNats } from '../parts/nats.ts';

let nats: TestNats;
let edge: TestEdge;
let ours: Business;
let foreign: Business;

beforeAll(async () => {
  nats = await startTestNats('newest', { syncAlways: false });
  edge = await startEdge(nats, { limits: 'on' });
  ours = await found(edge, 'Ours');
  foreign = await found(edge, 'Foreign');
});

afterAll(async () => {
  await edge?.close();
  await nats?.stop();
});

const PATHS = ['/ws/v1', '/ws/live-chat'] as const;

/** Opens a socket as a browser on that page would, and tells the code it is closed with, or what it is greeted with. */
function from(origin: string, path: string, query: Record<string, string>): Promise<number | string> {
  const socket = new WebSocket(`ws://127.0.0.1:${edge.port}${path}?${new URLSearchParams(query)}`, {
    origin,
  });
  return new Promise((resolve) => {
    socket.on('message', (data) => {
      resolve(String(data).slice(0, 40));
      socket.terminate();
    });
    socket.on('close', (code) => resolve(code));
    socket.on('error', () => {});
  });
}

describe('a widget that names its pages', () => {
  test.each(PATHS)('is used by no others over %s, with or without the visitor’s token', async (path) => {
    const widget = edge.edge.directory.defaultWidget(ours.workspace);
    const by = await edge.edge.principals.user(ours.admin);
    if (!widget || !by) throw new Error('no widget');
    const { conversation, visitorToken } = await open(edge, ours.workspace);
    const key = path === '/ws/v1' ? 'conversation' : 'sessionId';
    const proven = { [key]: conversation, visitorToken };
    expect(await from('https://evil.example', path, proven)).toMatch(/welcome|connection_established/);
    await edge.edge.accounts.changeWidget(widget, { allowedOrigins: ['https://shop.example'] }, by);
    for (const origin of [
      'https://evil.example',
      'null',
      'https://shop.example.evil.example',
      'http://shop.example',
    ]) {
      expect([origin, await from(origin, path, proven)]).toEqual([origin, 4403]);
      expect([origin, await from(origin, path, { [key]: conversation })]).toEqual([origin, 4403]);
    }
    for (const origin of ['https://shop.example', `http://127.0.0.1:${edge.port}`])
      expect(await from(origin, path, proven)).toMatch(/welcome|connection_established/);
    await edge.edge.accounts.changeWidget(widget, { allowedOrigins: [] }, by);
  });

  test('is used by no others either where the first frame says who it is', async () => {
    const widget = edge.edge.directory.defaultWidget(ours.workspace);
    const by = await edge.edge.principals.user(ours.admin);
    if (!widget || !by) throw new Error('no widget');
    const { conversation, visitorToken } = await open(edge, ours.workspace);
    await edge.edge.accounts.changeWidget(widget, { allowedOrigins: ['https://shop.example'] }, by);
    const socket = new WebSocket(`ws://127.0.0.1:${edge.port}/ws/v1`, { origin: 'https://evil.example' });
    const code = new Promise((resolve) => socket.on('close', resolve));
    socket.on('open', () => socket.send(JSON.stringify({ id: 1, auth: { conversation, visitorToken } })));
    expect(await code).toBe(4403);
    await edge.edge.accounts.changeWidget(widget, { allowedOrigins: [] }, by);
  });
});

describe('a token of another kind', () => {
  test('opens nothing on any socket', async () => {
    const { conversation, visitorToken } = await open(edge, ours.workspace);
    const other = await open(edge, ours.workspace);
    const tries: [string, Record<string, string>, number][] = [
      ['/ws/v1', { token: visitorToken }, 4401],
      ['/ws/v1', { conversation, visitorToken: ours.admin }, 4401],
      ['/ws/v1', { conversation, visitorToken: other.visitorToken }, 4401],
      ['/ws/v1', { conversation: `${conversation}.>`, visitorToken }, 4404],
      ['/ws/v1', { conversation: '*', visitorToken }, 4404],
      ['/ws/live-chat', { admin: 'true', token: visitorToken }, 4401],
      ['/ws/live-chat', { admin: 'true', token: ours.admin, userId: String(foreign.agent.number) }, 4403],
      ['/ws/live-chat', { sessionId: conversation, visitorToken: ours.agent.token }, 4401],
      ['/ws/live-chat', { sessionId: conversation, visitorToken: other.visitorToken }, 4401],
      ['/ws/live-chat', { sessionId: '>', visitorToken }, 4404],
    ];
    for (const [path, query, code] of tries)
      expect([path, query, (await Talker.knock(edge.port, query, path).closed).code]).toEqual([
        path,
        query,
        code,
      ]);
    expect(edge.faults).toEqual([]);
  });
});

describe('another workspace’s conversation', () => {
  test('takes no frame of any kind, and hears nothing of it', async () => {
    const { conversation, visitorToken } = await open(edge, ours.workspace);
    const visitor = await Talker.connect(edge.port, { conversation, visitorToken });
    await visitor.resume(conversation);
    const stranger = await Talker.connect(edge.port, { token: foreign.admin });
    const commands = [
      ['PostMessage', { text: 'hello' }],
      ['MarkRead', { upTo: 1 }],
      ['CloseConversation', {}],
      ['AssignAgent', { agent: String(foreign.agent.number) }],
      ['TransferConversation', { to: String(foreign.agent.number) }],
      ['QueueConversation', {}],
      ['ReturnToAi', {}],
      ['AddNote', { text: 'x' }],
      ['SetTags', { tags: ['x'] }],
      ['SetPriority', { priority: 'urgent' }],
      ['SetDepartment', { department: 'sales' }],
      ['ReopenConversation', {}],
      ['ArchiveConversation', {}],
      ['EraseConversation', {}],
    ] as const;
    for (const [type, data] of commands)
      expect([type, await stranger.command(conversation, type, data as never)]).toMatchObject([
        type,
        { refused: 'conversation-not-found' },
      ]);
    expect(await stranger.resume(conversation)).toMatchObject({ refused: 'conversation-not-found' });
    stranger.send({ signal: { conversation, type: 'typing', isTyping: true } });
    await stranger.ask({ watch: true });
    expect(await visitor.post(conversation, 'only for ours')).toMatchObject({ ok: true });
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(JSON.stringify(stranger.frames)).not.toContain(`"${conversation}"`);
    expect(visitor.frames.filter((frame) => 'signal' in frame)).toEqual([]);
    // Nor may its agents be given one of ours.
    const agent = await Talker.connect(edge.port, { token: ours.agent.token });
    expect(
      await agent.command(conversation, 'AssignAgent', { agent: String(foreign.agent.number) }),
    ).toMatchObject({ refused: 'agent-not-found' });
  });
});

describe('floods', () => {
  test('of a visitor who asks for the history again and again are refused, then closed', async () => {
    const { conversation, visitorToken } = await open(edge, ours.workspace);
    const visitor = await Talker.connect(edge.port, { conversation, visitorToken });
    for (let id = 1; id <= 31; id++) visitor.send({ id, resume: { conversation, after: 0 } });
    await visitor.until((frame) => 're' in frame && frame.re === 31);
    expect(visitor.frames.find((frame) => 're' in frame && frame.re === 31)).toMatchObject({
      refused: 'too-many-messages',
    });
    for (let id = 32; id <= 70; id++) visitor.send({ id, resume: { conversation, after: 0 } });
    expect((await visitor.closed).code).toBe(4429);
  });
});

describe('names that every object has', () => {
  test('are no attachments and no conversations', async () => {
    const { conversation, visitorToken } = await open(edge, ours.workspace);
    const visitor = await Talker.connect(edge.port, { conversation, visitorToken });
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
      expect(
        await visitor.command(conversation, 'PostMessage', { text: 'x', attachments: [name] }),
      ).toMatchObject({ refused: 'attachment-unknown' });
    for (const name of ['__proto__', 'constructor'])
      expect((await Talker.knock(edge.port, { conversation: name }).closed).code).toBe(4404);
    expect(edge.faults).toEqual([]);
  });
});

describe('who was removed or signed out', () => {
  test('does nothing with what was looked at before, such as a long upload', async () => {
    const { conversation } = await open(edge, ours.workspace);
    const { desk, accounts, principals } = edge.edge;
    const business = await found(edge, 'Leaving');
    const own = await open(edge, business.workspace);
    const agent = await principals.user(business.agent.token);
    if (!agent) throw new Error('no agent');
    const attachment = {
      id: 'a'.repeat(26),
      name: 'a.txt',
      type: 'text/plain',
      size: 1,
      key: '',
      sha256: '0'.repeat(64),
    };
    await accounts.signOut(agent);
    expect(await desk.addFile(agent, own.conversation, attachment)).toEqual({ refused: 'not-allowed' });
    const said = await desk.ask(agent, own.conversation, {
      type: 'PostMessage',
      data: { text: 'still here' },
    });
    expect(said).toEqual({ refused: 'not-allowed' });
    expect(isRefusal(await desk.addFile(agent, conversation, attachment))).toBe(true);
  });
});
