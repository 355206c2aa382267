// The live-chat document's socket (seed 003), with clients as it describes them.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isRefusal } from '../../../domain/decider.ts';
import { startTestNats, type TestNats } from '../../parts/nats.ts';
import { type Business, found, open, startEdge, type TestEdge } from './edges.ts';
import { Talker } from './talker.ts';

let nats: TestNats;
let edge: TestEdge;
let other: TestEdge;
let business: Business;
let stranger: Business;

beforeAll(async () => {
  nats = await startTestNats('newest', { syncAlways: false });
  edge = await startEdge(nats);
  other = await startEdge(nats);
  business = await found(edge);
  stranger = await found(edge, 'Other');
  await sleep(200);
});
afterAll(async () => {
  await edge?.close();
  await other?.close();
  await nats?.stop();
});

/** A frame of this dialect. */
type Frame = { readonly type: string } & Record<string, unknown>;
const frames = (talker: Talker) => talker.frames as unknown as Frame[];
const types = (talker: Talker) => frames(talker).map(({ type }) => type);
const hears = async (talker: Talker, type: string, within?: number) => {
  await talker.when(() => types(talker).includes(type), within);
  return frames(talker).findLast((frame) => frame.type === type);
};

async function user(sessionId: string, on = edge): Promise<Talker> {
  const talker = Talker.knock(on.port, { sessionId }, '/ws/live-chat');
  await hears(talker, 'connection_established');
  return talker;
}

async function admin(of: Business = business, on = edge): Promise<Talker> {
  const query = { admin: 'true', userId: String(of.agent.number), token: of.agent.token };
  const talker = Talker.knock(on.port, query, '/ws/live-chat');
  await hears(talker, 'connection_established');
  return talker;
}

async function say(conversation: string, text: string, by: 'visitor' | 'agent') {
  const { desk, principals } = edge.edge;
  const principal =
    by === 'visitor'
      ? ({ kind: 'visitor', workspace: business.workspace, conversation, proven: true } as const)
      : await principals.user(business.agent.token);
  if (!principal) throw new Error('no principal');
  const done = await desk.ask(principal, conversation, { type: 'PostMessage', data: { text } });
  if (isRefusal(done)) throw new Error(done.refused);
  return String(done.events.findLast((event) => event.type === 'MessagePosted')?.position);
}

describe('a guest', () => {
  test('is greeted, and hears the agent: assignment, status, messages, typing, read receipts', async () => {
    const { conversation } = await open(edge, business.workspace, 'session-1701691234567-abc123');
    const guest = await user(conversation);
    expect(frames(guest)[0]).toEqual({ type: 'connection_established', timestamp: expect.any(String) });
    expect(Date.parse(String(frames(guest)[0]?.timestamp))).toBeGreaterThan(Date.now() - 10_000);

    const question = await say(conversation, 'Hello, I need help', 'visitor');
    const answer = await say(conversation, 'Hi! How can I assist you today?', 'agent');
    expect(await hears(guest, 'agent_assigned')).toEqual({
      type: 'agent_assigned',
      sessionId: conversation,
      agent: { _id: String(business.agent.number), name: 'Grace of Acme' },
    });
    expect(await hears(guest, 'session_status_changed')).toEqual({
      type: 'session_status_changed',
      sessionId: conversation,
      status: 'active',
    });
    expect(await hears(guest, 'agent_message')).toMatchObject({
      sessionId: conversation,
      message: {
        _id: answer,
        sessionId: conversation,
        type: 'agent',
        content: 'Hi! How can I assist you today?',
        agentName: 'Grace of Acme',
        agentId: String(business.agent.number),
      },
    });

    const dashboard = await admin();
    dashboard.send({ type: 'typing', isTyping: true, sessionId: conversation });
    expect(await hears(guest, 'agent_typing')).toEqual({
      type: 'agent_typing',
      sessionId: conversation,
      isTyping: true,
    });
    dashboard.send({ type: 'read_receipt', messageId: question, sessionId: conversation });
    expect(await hears(guest, 'read_receipt')).toEqual({
      type: 'read_receipt',
      sessionId: conversation,
      messageId: question,
      readBy: 'agent',
    });
    expect(types(guest)).not.toContain('user_message');
    expect(types(guest)).not.toContain('user_typing');
    expect(edge.faults).toEqual([]);
  });

  test('learns that the session was closed', async () => {
    const { conversation } = await open(edge, business.workspace);
    const guest = await user(conversation);
    const principal = await edge.edge.principals.user(business.agent.token);
    if (!principal) throw new Error('no principal');
    await edge.edge.desk.ask(principal, conversation, { type: 'AddNote', data: { text: 'secret note' } });
    await edge.edge.desk.ask(principal, conversation, { type: 'CloseConversation', data: {} });
    expect(await hears(guest, 'session_status_changed')).toMatchObject({ status: 'closed' });
    expect(JSON.stringify(frames(guest))).not.toContain('secret note');
  });

  test('of an unknown session is closed with 4404, without any with 4401, and may not subscribe', async () => {
    const knock = (query: Record<string, string>) => Talker.knock(edge.port, query, '/ws/live-chat');
    expect((await knock({ sessionId: 'session-of-nobody' }).closed).code).toBe(4404);
    expect((await knock({ sessionId: 'a.b' }).closed).code).toBe(4404);
    expect((await knock({}).closed).code).toBe(4401);
    const { conversation } = await open(edge, business.workspace);
    const guest = await user(conversation);
    guest.send({ type: 'subscribe_session', sessionId: conversation });
    expect((await guest.closed).code).toBe(4403);
  });

  test('may ping without an answer; anything else that is not listed is a bad frame', async () => {
    const { conversation } = await open(edge, business.workspace);
    const guest = await user(conversation);
    guest.send({ type: 'ping' });
    await sleep(100);
    expect(frames(guest)).toHaveLength(1);
    guest.send({ type: 'typing', isTyping: 'very' });
    expect((await guest.closed).code).toBe(4400);
  });
});

describe('an admin', () => {
  test('needs a token, and the token of that user', async () => {
    const knock = (query: Record<string, string>) => Talker.knock(edge.port, query, '/ws/live-chat');
    const userId = String(business.agent.number);
    expect((await knock({ admin: 'true', userId }).closed).code).toBe(4401);
    expect((await knock({ admin: 'true', userId, token: 'x' }).closed).code).toBe(4401);
    expect((await knock({ admin: 'true', userId: '1', token: business.agent.token }).closed).code).toBe(4403);
  });

  test('hears every new session and message of the workspace at every edge, unasked, once', async () => {
    const dashboards = [await admin(), await admin(business, other)];
    const foreign = await admin(stranger);
    const { conversation } = await open(edge, business.workspace);
    const position = await say(conversation, 'Anybody there?', 'visitor');
    for (const dashboard of dashboards) {
      await hears(dashboard, 'user_message');
      const own = frames(dashboard).filter((frame) => JSON.stringify(frame).includes(conversation));
      expect(own.map(({ type }) => type)).toEqual(['new_session', 'user_message']);
      expect(own[0]?.session).toMatchObject({
        sessionId: conversation,
        status: 'pending',
        messageCount: 1,
        user: { name: 'Vera', email: 'vera@example.com', metadata: { ipAddress: '192.0.2.7' } },
      });
      expect(own[1]).toMatchObject({
        sessionId: conversation,
        message: { _id: position, type: 'user', content: 'Anybody there?', isRead: false },
      });
    }
    await sleep(200);
    expect(types(foreign)).toEqual(['connection_established']);
  });

  test('hears typing and read receipts where subscribed, and nothing of a session that was unsubscribed', async () => {
    const { conversation } = await open(edge, business.workspace);
    const dashboard = await admin();
    const guest = await user(conversation, other);
    guest.send({ type: 'typing', isTyping: true });
    await sleep(200);
    expect(types(dashboard)).not.toContain('user_typing');

    dashboard.send({ type: 'subscribe_session', sessionId: conversation });
    await sleep(200);
    guest.send({ type: 'typing', isTyping: false });
    expect(await hears(dashboard, 'user_typing')).toEqual({
      type: 'user_typing',
      sessionId: conversation,
      isTyping: false,
    });
    const message = await say(conversation, 'Hello', 'agent');
    guest.send({ type: 'read_receipt', messageId: message });
    expect(await hears(dashboard, 'read_receipt')).toEqual({
      type: 'read_receipt',
      sessionId: conversation,
      messageId: message,
      readBy: 'user',
    });

    dashboard.send({ type: 'unsubscribe_session', sessionId: conversation });
    await sleep(100);
    const before = frames(dashboard).length;
    guest.send({ type: 'typing', isTyping: true });
    await say(conversation, 'not for this socket', 'visitor');
    await sleep(300);
    expect(frames(dashboard)).toHaveLength(before);
    dashboard.send({ type: 'subscribe_session', sessionId: conversation });
    await sleep(100);
    await say(conversation, 'heard again', 'visitor');
    await dashboard.when(() => JSON.stringify(frames(dashboard)).includes('heard again'));
  });

  test('reaches nothing of another workspace', async () => {
    const { conversation } = await open(edge, business.workspace);
    const guest = await user(conversation);
    const message = await say(conversation, 'mine', 'visitor');
    const foreign = await admin(stranger);
    foreign.send({ type: 'subscribe_session', sessionId: conversation });
    foreign.send({ type: 'typing', isTyping: true, sessionId: conversation });
    foreign.send({ type: 'read_receipt', messageId: message, sessionId: conversation });
    await sleep(300);
    guest.send({ type: 'typing', isTyping: true });
    await sleep(300);
    expect(types(foreign)).toEqual(['connection_established']);
    expect(types(guest)).toEqual(['connection_established']);
  });
});
