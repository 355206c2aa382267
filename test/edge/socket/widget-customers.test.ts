// The customer's socket of the widget document (seed 004), with clients as it describes them.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { isRefusal } from '../../../domain/decider.ts';
import { Reservations } from '../../../domain/log/reservations.ts';
import { open, startEdge } from './edges.ts';
import { Talker } from './talker.ts';
import {
  agentOf,
  agentSays,
  ask,
  business,
  customer,
  edge,
  frames,
  hears,
  MOMENT,
  MSG,
  message,
  nats,
  ofType,
  other,
  postgres,
  said,
  siteKeyOf,
  stranger,
  texts,
  until,
  visitorOf,
} from './widget-floor.ts';

describe('a session that nobody has started', () => {
  test('begins with its first message, which waits in the queue, and goes on as any other', async () => {
    const socket = await customer('session_first');
    await sleep(100);
    expect(frames(socket)).toEqual([]);
    socket.send(message('session_first', 'Hello, I need help'));
    expect(await hears(socket, 'queue_update')).toEqual({
      type: 'queue_update',
      position: expect.any(Number),
      estimatedWait: null,
      timestamp: MOMENT,
    });
    await until(async () => (await said('session_first')).length === 1);
    expect(await said('session_first')).toEqual(['Hello, I need help']);

    const id = await agentSays('session_first', 'How can I help you?');
    expect(await hears(socket, 'agent_joined')).toEqual({
      type: 'agent_joined',
      message: 'A support agent has joined the chat!',
      agentName: 'Grace of Acme',
      timestamp: MOMENT,
    });
    expect(await hears(socket, 'message')).toEqual({
      type: 'message',
      id,
      message: 'How can I help you?',
      timestamp: MOMENT,
      metadata: { agentName: 'Grace of Acme', isAI: false },
    });
    socket.send(message('session_first', 'Where is my order?'));
    await until(async () => (await said('session_first')).length === 3);
    expect(texts(socket)).toEqual(['How can I help you?']);
    expect(edge.faults).toEqual([]);
  });

  test('is started by the widget that the message names, and knows where it came from', async () => {
    const socket = await customer('session_named');
    socket.send(message('session_named', 'hi', { siteKey: siteKeyOf(stranger) }));
    await until(async () => (await edge.edge.desk.locate('session_named')) === stranger.workspace);
    await until(async () => (await said('session_named', stranger)).length === 1);
    const address = edge.edge.storage.log.subjects.conversation(stranger.workspace, 'session_named');
    const { state } = await edge.edge.conversations.load(address);
    expect(state.origin).toMatchObject({ channel: 'widget', ip: '127.0.0.1' });
  });

  test('is the default widget’s where the message names none', async () => {
    const socket = await customer('session_plain');
    socket.send({ type: 'message', message: 'hi' });
    await until(async () => (await said('session_plain')).length === 1);
    expect(await edge.edge.desk.locate('session_plain')).toBe(business.workspace);
  });

  test('and a widget that nobody has: the socket is closed with 4404', async () => {
    const socket = await customer('session_astray');
    socket.send(message('session_astray', 'hi', { siteKey: `widget-${'ä'.repeat(100)}` }));
    const closed = await socket.closed;
    expect(closed.code).toBe(4404);
    expect(closed.reason).toMatch(/^Widget not found for site key: widget-\?+$/);
    expect(await edge.edge.desk.locate('session_astray')).toBeUndefined();
  });

  test('with the same message sent twice has it once, whichever connection it came through', async () => {
    const twice = message('session_twice', 'Hello!');
    const first = await customer('session_twice');
    first.send(twice);
    first.send(twice);
    await until(async () => (await said('session_twice')).length > 0);
    await sleep(100);
    first.close();
    const again = await customer('session_twice', other);
    again.send(twice);
    again.send(message('session_twice', 'Hello!', { timestamp: '2024-01-15T10:30:00Z' }));
    again.send(message('session_twice', 'Hello!', { timestamp: '2024-01-15T10:30:00Z' }));
    again.send(message('session_twice', 'the end'));
    await until(async () => (await said('session_twice')).includes('the end'));
    // A moment without milliseconds, or of long ago, says nothing: then what is said twice is said twice.
    expect(await said('session_twice')).toEqual(['Hello!', 'Hello!', 'Hello!', 'the end']);
  });

  test('is begun once where two tabs at two edges say something at once, and both hear the answer', async () => {
    const tabs = [await customer('session_tabs'), await customer('session_tabs', other)];
    const silent = [await customer('session_tabs'), await customer('session_tabs', other)];
    tabs[0]?.send(message('session_tabs', 'one'));
    tabs[1]?.send(message('session_tabs', 'two'));
    await until(async () => (await said('session_tabs')).length === 2);
    expect((await said('session_tabs')).sort()).toEqual(['one', 'two']);
    for (const socket of [...tabs, ...silent]) await hears(socket, 'queue_update');
    await agentSays('session_tabs', 'hello both');
    for (const socket of [...tabs, ...silent]) {
      await hears(socket, 'message');
      expect(texts(socket)).toEqual(['hello both']);
    }
    expect([...edge.faults, ...other.faults]).toEqual([]);
  });

  test('is found at once by who waited for it at another edge, however seldom hearts beat there', async () => {
    const calm = await startEdge(nats, { database: postgres.url, pace: { heartbeatSeconds: 60 } });
    try {
      const waiting = await customer('session_elsewhere', calm);
      await open(edge, business.workspace, 'session_elsewhere');
      await hears(waiting, 'queue_update', undefined, 3_000);
      await agentSays('session_elsewhere', 'there you are');
      await hears(waiting, 'message', undefined, 3_000);
      expect(texts(waiting)).toEqual(['there you are']);
    } finally {
      await calm.close();
    }
  });

  test('is found at an edge that was asked for it while it began at another', async () => {
    const { log, reservations: bucket } = edge.edge.storage;
    await new Reservations({ log, bucket }).reserve('session_midway', business.workspace, Date.now());
    const waiting = await customer('session_midway', other);
    expect(isRefusal(await other.edge.desk.visitor('session_midway', undefined))).toBe(true);
    await open(edge, business.workspace, 'session_midway');
    await hears(waiting, 'queue_update', undefined, 3_000);
    expect(isRefusal(await other.edge.desk.visitor('session_midway', undefined))).toBe(false);
  });
});

describe('a session that is there', () => {
  test('tells the customer of typing, of the other agent who comes, of the AI and the system', async () => {
    const { conversation } = await open(edge, business.workspace);
    const socket = await customer(conversation, other);
    await hears(socket, 'queue_update');
    const workspace = business.workspace;
    edge.edge.storage.signals.publish(`signal.chat.${workspace}.${conversation}`, {
      type: 'typing',
      from: 'agent',
      id: '1',
      isTyping: true,
    });
    expect(await hears(socket, 'typing')).toEqual({ type: 'typing', isTyping: true });
    const by = await agentOf();
    await ask(by, conversation, { type: 'ReturnToAi', data: {} });
    const address = edge.edge.storage.log.subjects.conversation(workspace, conversation);
    const post = (kind: 'ai' | 'system', text: string) =>
      edge.edge.conversations.handle(address, {
        type: 'PostMessage',
        data: { text, attachments: [], mayJoin: false, reopenDays: 0 },
        actor: { kind },
        command: crypto.randomUUID().replace(/-4/, '-7'),
      });
    await post('ai', "I'm here to help! What do you need?");
    await post('system', 'We close at six.');
    await hears(socket, 'message', (frame) => frame.message === 'We close at six.');
    expect(ofType(socket, 'message')).toEqual([
      {
        type: 'message',
        id: MSG,
        message: "I'm here to help! What do you need?",
        timestamp: MOMENT,
        metadata: { agentName: 'AI Assistant', isAI: true },
      },
      expect.objectContaining({ metadata: { agentName: 'System', isAI: false } }),
    ]);
  });

  test('brings what was said while the customer was away, in order and once', async () => {
    const { conversation } = await open(edge, business.workspace);
    const first = await customer(conversation);
    await hears(first, 'queue_update');
    await agentSays(conversation, 'seen');
    await hears(first, 'message');
    await until(async () => {
      const found = await edge.edge.desk.find(visitorOf(conversation), conversation);
      return !isRefusal(found) && found.state.unreadByVisitor === 0;
    }, 8_000);
    first.close();
    for (const text of ['one', 'two', 'three']) await agentSays(conversation, text, other);
    const second = await customer(conversation, other);
    await agentSays(conversation, 'four');
    await hears(second, 'message', ({ message }) => message === 'four');
    expect(texts(second)).toEqual(['one', 'two', 'three', 'four']);
    await until(async () => {
      const found = await edge.edge.desk.find(visitorOf(conversation), conversation);
      return !isRefusal(found) && found.state.unreadByVisitor === 0;
    }, 8_000);
    const third = await customer(conversation);
    await agentSays(conversation, 'five');
    await hears(third, 'message', ({ message }) => message === 'five');
    expect(texts(third)).toEqual(['five']);
  });

  test('keeps unread what went into a line that was dead already', async () => {
    const { conversation } = await open(edge, business.workspace);
    const dead = await customer(conversation);
    await hears(dead, 'queue_update');
    // It reads no more and so answers no ping: as a telephone in a tunnel.
    dead.socket.pause();
    await agentSays(conversation, 'lost?');
    await sleep(3_500);
    const found = await edge.edge.desk.find(visitorOf(conversation), conversation);
    expect(!isRefusal(found) && found.state.unreadByVisitor).toBe(1);
    const back = await customer(conversation);
    await hears(back, 'message');
    expect(texts(back)).toEqual(['lost?']);
  });

  test('says why something could not be posted, as a message that any client shows', async () => {
    const { conversation } = await open(edge, business.workspace);
    const socket = await customer(conversation);
    await ask(await agentOf(), conversation, { type: 'CloseConversation', data: {} });
    await ask(await agentOf(), conversation, { type: 'ArchiveConversation', data: {} });
    socket.send(message(conversation, 'anybody there?'));
    expect(await hears(socket, 'message')).toEqual({
      type: 'message',
      id: expect.stringMatching(/^notice_\d+$/),
      message: 'This session is archived and can no longer be changed',
      timestamp: MOMENT,
      metadata: { agentName: 'System', isAI: false, isError: true },
    });
    socket.send(message(conversation, 'x'.repeat(10_001)));
    await hears(socket, 'message', (frame) => /at most 10000 characters/.test(String(frame.message)));
    socket.send(message(conversation, '  '));
    await hears(socket, 'message', (frame) => /needs text/.test(String(frame.message)));
    expect(await said(conversation)).toEqual(['Welcome Vera!']);
  });

  test('that was erased is nobody’s to begin again', async () => {
    const { conversation } = await open(edge, business.workspace, 'session_erased');
    const admin = await edge.edge.principals.user(business.admin);
    if (!admin) throw new Error('no admin');
    await ask(admin, conversation, { type: 'EraseConversation', data: {} });
    const socket = await customer(conversation);
    socket.send(message(conversation, 'hello?'));
    expect((await socket.closed).code).toBe(4404);
    expect(await said(conversation)).toEqual([]);
  });
});

describe('who may', () => {
  const knock = (path: string, query: Record<string, string> = {}) => Talker.knock(edge.port, query, path);

  test('a word that is no session id is closed with 4404, whatever it looks like', async () => {
    for (const path of ['/ws/agent', '/ws/a.b', '/ws/%00', '/ws/socket.io', `/ws/${'x'.repeat(65)}`])
      expect([path, (await knock(path).closed).code]).toEqual([path, 4404]);
  });

  test('the sockets of other dialects stay what they are', async () => {
    expect((await knock('/ws/live-chat').closed).code).toBe(4401);
    const { conversation, visitorToken } = await open(edge, business.workspace);
    await Talker.connect(edge.port, { conversation, visitorToken });
  });

  test('a widget that wants visitor tokens lets nobody in, or begin, without', async () => {
    const widget = await edge.edge.accounts.addWidget(stranger.workspace, {
      businessName: 'Careful',
      requireVisitorToken: true,
    });
    if (isRefusal(widget)) throw new Error(widget.refused);
    const opened = await edge.edge.desk.start({
      widget: widget.widget,
      id: 'session_careful',
      visitor: {},
      origin: {},
    });
    if (isRefusal(opened)) throw new Error(opened.refused);
    const { visitorToken } = opened;
    expect((await knock('/ws/session_careful').closed).code).toBe(4401);
    expect((await knock('/ws/session_careful', { visitorToken: 'wrong' }).closed).code).toBe(4401);
    const holder = await customer('session_careful', edge, { visitorToken });
    await hears(holder, 'queue_update');
    const beginner = await customer('session_careless');
    beginner.send(message('session_careless', 'hi', { siteKey: widget.widget.siteKey }));
    expect(await beginner.closed).toMatchObject({
      code: 4401,
      reason: expect.stringContaining('visitor token'),
    });
  });

  test('frames that are none, of another session, or of no known type close the socket with 4400', async () => {
    const { conversation } = await open(edge, business.workspace);
    for (const bad of [
      'no json',
      '[]',
      'null',
      { type: 'message', sessionId: conversation },
      { type: 'message', sessionId: conversation, message: 7 },
      { type: 'typing', sessionId: conversation, isTyping: 'yes' },
      { type: 'accept_chat', sessionId: conversation, agentId: 1 },
      { message: 'hi' },
      message('session_of_another', 'hi'),
    ]) {
      const socket = await customer(conversation);
      socket.send(bad);
      expect([bad, (await socket.closed).code]).toEqual([bad, 4400]);
    }
    const early = await customer('session_early');
    early.send(message('session_of_another', 'hi'));
    expect((await early.closed).code).toBe(4400);
  });
});
