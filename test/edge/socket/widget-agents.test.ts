// The agent's socket of the widget document (seed 004), with clients as it describes them.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { isRefusal } from '../../../domain/decider.ts';
import { type Business, open } from './edges.ts';
import { Talker } from './talker.ts';
import {
  agent,
  agentOf,
  ask,
  business,
  customer,
  edge,
  type Frame,
  frames,
  hears,
  MOMENT,
  MSG,
  message,
  ofType,
  other,
  said,
  siteKeyOf,
  stranger,
  texts,
  until,
  visitorOf,
} from './widget-floor.ts';

type Sessions = { sessionId: string }[];
const sessionsOf = (frame: Frame) => (frame.sessions as Sessions).map(({ sessionId }) => sessionId);
const waitingFor = (talker: Talker, sessionId: string, is = true) =>
  hears(talker, 'waiting_sessions', (frame) => sessionsOf(frame).includes(sessionId) === is);
const say = (conversation: string, text: string, on = edge) =>
  ask(visitorOf(conversation), conversation, { type: 'PostMessage', data: { text } }, on);
const news = (talker: Talker) =>
  ofType(talker, 'new_message').map(({ message }) => (message as { text: string }).text);

/** A colleague of the agent. */
async function colleague(of: Business = business) {
  const hired = await edge.edge.accounts.add(
    of.workspace,
    {
      username: 'Omar',
      fullName: 'Omar',
      email: `omar-${Math.random()}@example.com`,
      password: 'a-good-password',
      maxChats: 1_000,
    },
    'support',
  );
  if (isRefusal(hired)) throw new Error(hired.refused);
  const token = await edge.edge.accounts.tokenFor(hired.user);
  await other.edge.directory.reach(1_000_000, 200);
  return { number: hired.user.number, token };
}

const accept = (sessionId: string, agentId: number | string = business.agent.number) => ({
  type: 'accept_chat',
  sessionId,
  agentId,
  timestamp: new Date().toISOString(),
});

describe('an agent', () => {
  test('is told to be connected, and then who waits, whenever it changes, at any edge', async () => {
    const grace = await agent(business, other);
    expect(frames(grace).slice(0, 2)).toEqual([
      {
        type: 'connection_status',
        status: 'connected',
        agentId: business.agent.number,
        timestamp: MOMENT,
      },
      { type: 'waiting_sessions', sessions: expect.any(Array), timestamp: MOMENT },
    ]);
    const socket = await customer('session_queued');
    socket.send(message('session_queued', 'hi'));
    const { sessions } = await waitingFor(grace, 'session_queued');
    expect((sessions as Frame[]).find(({ sessionId }) => sessionId === 'session_queued')).toEqual({
      sessionId: 'session_queued',
      siteKey: siteKeyOf(business),
      businessName: 'Acme',
      visitorName: 'Customer',
      waitingTime: 0,
      escalated: false,
      addedAt: MOMENT,
    });
    const before = ofType(grace, 'waiting_sessions').length;
    grace.send({ type: 'get_waiting_sessions', agentId: String(business.agent.number) });
    await grace.when(() => ofType(grace, 'waiting_sessions').length === before + 1);
    await ask(visitorOf('session_queued'), 'session_queued', { type: 'CloseConversation', data: {} });
    await waitingFor(grace, 'session_queued', false);
  });

  test('accepts, hears what was said and is said from then on, writes, and gives it back', async () => {
    const vera = await customer('session_accepted');
    vera.send(message('session_accepted', 'I need help with my order'));
    const grace = await agent(business, other);
    await waitingFor(grace, 'session_accepted');
    grace.send(accept('session_accepted'));
    expect(await hears(grace, 'chat_accepted')).toEqual({
      type: 'chat_accepted',
      sessionId: 'session_accepted',
      visitorName: 'Customer',
      businessName: 'Acme',
      messages: [
        {
          id: expect.any(Number),
          text: 'I need help with my order',
          sender: 'customer',
          timestamp: MOMENT,
          isAI: false,
        },
      ],
      fullHistory: true,
      timestamp: MOMENT,
    });
    expect(await hears(vera, 'agent_joined')).toMatchObject({ agentName: 'Grace of Acme' });

    vera.send(message('session_accepted', 'I need help!'));
    expect(await hears(grace, 'new_message')).toEqual({
      type: 'new_message',
      sessionId: 'session_accepted',
      message: { id: MSG, text: 'I need help!', sender: 'customer', timestamp: MOMENT },
      timestamp: MOMENT,
    });
    grace.send({ type: 'typing', sessionId: 'session_accepted', isTyping: true });
    expect(await hears(vera, 'typing')).toEqual({ type: 'typing', isTyping: true });
    const answer = {
      type: 'send_message',
      sessionId: 'session_accepted',
      agentId: business.agent.number,
      text: 'How can I help you?',
      timestamp: new Date().toISOString(),
    };
    grace.send(answer);
    grace.send(answer);
    await hears(vera, 'message');
    grace.send({
      type: 'return_to_ai',
      sessionId: 'session_accepted',
      agentId: business.agent.number,
      timestamp: new Date().toISOString(),
    });
    await until(async () => {
      const found = await edge.edge.desk.find(visitorOf('session_accepted'), 'session_accepted');
      return !isRefusal(found) && found.state.owner.kind === 'ai';
    });
    expect(texts(vera)).toEqual(['How can I help you?']);
    await sleep(200);
    vera.send(message('session_accepted', 'to the machine'));
    await until(async () => (await said('session_accepted')).includes('to the machine'));
    await sleep(200);
    expect(news(grace)).toEqual(['I need help!']);
    expect([...edge.faults, ...other.faults]).toEqual([]);
  });

  test('gets it alone where two accept at once; again it is answered again, with the whole history', async () => {
    const omar = await colleague();
    const two = [await agent(business, edge), await agent(business, other, omar)] as const;
    for (let round = 0; round < 5; round++) {
      const { conversation } = await open(edge, business.workspace);
      await Promise.all(two.map((talker) => waitingFor(talker, conversation)));
      const seen = two.map((talker) => ofType(talker, 'waiting_sessions').length);
      two[0].send(accept(conversation));
      two[1].send(accept(conversation, omar.number));
      const has = (talker: Talker) =>
        ofType(talker, 'chat_accepted').some(({ sessionId }) => sessionId === conversation);
      await until(() => two.some(has));
      const winner = has(two[0]) ? 0 : 1;
      const loser = two[1 - winner];
      await loser?.when(() => ofType(loser, 'waiting_sessions').length > (seen[1 - winner] ?? 0));
      await sleep(100);
      expect(two.filter(has)).toHaveLength(1);
      await say(conversation, 'after');
      await until(() => news(two[winner]).length > 0);
      two[winner].send(accept(conversation, winner === 0 ? business.agent.number : omar.number));
      const again = await hears(
        two[winner],
        'chat_accepted',
        ({ sessionId, messages }) => sessionId === conversation && (messages as unknown[]).length === 2,
      );
      expect((again.messages as Frame[]).map(({ text }) => text)).toEqual(['Welcome Vera!', 'after']);
    }
  });

  test('hears the sessions that were theirs before, and not those of others, wherever they change hands', async () => {
    const omar = await colleague();
    const grace = await agentOf();
    const { conversation } = await open(edge, business.workspace);
    await ask(grace, conversation, { type: 'AcceptConversation', data: {} });
    const socket = await agent();
    const others = await agent(business, other, omar);
    await say(conversation, 'one', other);
    await until(() => news(socket).includes('one'));
    await ask(grace, conversation, { type: 'TransferConversation', data: { to: String(omar.number) } });
    await say(conversation, 'two');
    await until(() => news(others).includes('two'));
    await ask(grace, conversation, {
      type: 'TransferConversation',
      data: { to: String(business.agent.number) },
    });
    for (const text of ['three', 'four', 'five']) await say(conversation, text, other);
    await until(() => news(socket).includes('five'));
    expect(news(socket)).toEqual(['one', 'three', 'four', 'five']);
    expect(news(others)).toEqual(['two']);
  });

  test('is told a history that is too long for a frame from its end', async () => {
    const { conversation } = await open(edge, business.workspace);
    for (let index = 0; index < 30; index++) await say(conversation, `${index} ${'x'.repeat(9_900)}`);
    const grace = await agent();
    grace.send(accept(conversation));
    const { messages, fullHistory } = await hears(grace, 'chat_accepted');
    expect(fullHistory).toBe(false);
    const told = (messages as Frame[]).map(({ text }) => String(text).split(' ')[0]);
    expect(told.at(-1)).toBe('29');
    expect(told.length).toBeGreaterThan(15);
    expect(told.length).toBeLessThan(30);
  });
});

describe('customers in the queue', () => {
  test('are told their place, and again when it changes, at every edge', async () => {
    const mine: string[] = [];
    for (const id of ['session_place_1', 'session_place_2']) {
      const socket = await customer(id, id.endsWith('1') ? edge : other);
      socket.send(message(id, 'hi'));
      await hears(socket, 'queue_update');
      mine.push(id);
    }
    const second = await customer('session_place_2', edge);
    const first = await hears(second, 'queue_update');
    await ask(await agentOf(), 'session_place_1', { type: 'AcceptConversation', data: {} }, other);
    const moved = await hears(
      second,
      'queue_update',
      ({ position }) => position === Number(first.position) - 1,
    );
    // One was taken from the queue by now: so it can be said how long it takes.
    expect(moved).toEqual({
      type: 'queue_update',
      position: expect.any(Number),
      estimatedWait: expect.any(Number),
      timestamp: MOMENT,
    });
  });
});

describe('what is refused', () => {
  const knock = (path: string, query: Record<string, string> = {}) => Talker.knock(edge.port, query, path);

  test('no token, a wrong one, a visitor’s: 4401; another agent’s: 4403', async () => {
    const { number, token } = business.agent;
    const { visitorToken } = await open(edge, business.workspace);
    for (const query of [{}, { token: 'wrong' }, { token: visitorToken }])
      expect((await knock(`/ws/agent/${number}`, query as Record<string, string>).closed).code).toBe(4401);
    for (const id of [`${number + 1}`, stranger.agent.number, 'me', `0${number}`, '%zz'])
      expect([id, (await knock(`/ws/agent/${id}`, { token }).closed).code]).toEqual([id, 4403]);
  });

  test('a bearer token will do as well', async () => {
    const { number, token } = business.agent;
    const WebSocket = (await import('ws')).default;
    const talker = new Talker(
      new WebSocket(`ws://127.0.0.1:${edge.port}/ws/agent/${number}`, {
        headers: { authorization: `Bearer ${token}` },
      }),
    );
    await hears(talker, 'connection_status');
    talker.close();
  });

  test('sessions of others and of nobody are not found, and the connection goes on', async () => {
    const { conversation } = await open(edge, stranger.workspace);
    const grace = await agent();
    const asked = [
      { type: 'accept_chat' },
      { type: 'send_message', text: 'hello' },
      { type: 'return_to_ai' },
      { type: 'typing', isTyping: true },
    ];
    for (const sessionId of [conversation, 'session_of_nobody'])
      for (const frame of asked) {
        const before = frames(grace).length;
        grace.send({ ...frame, sessionId, agentId: business.agent.number });
        await grace.when(() =>
          frames(grace)
            .slice(before)
            .some(({ status }) => status === 'refused'),
        );
        expect(frames(grace).findLast(({ status }) => status === 'refused')).toEqual({
          type: 'connection_status',
          status: 'refused',
          agentId: business.agent.number,
          sessionId,
          message: 'Session not found',
          timestamp: MOMENT,
        });
      }
    expect(await said(conversation, stranger)).toEqual(['Welcome Vera!']);
    expect(JSON.stringify(frames(grace))).not.toContain('Other');
  });

  test('what is closed cannot be accepted, what is empty or too long not be said', async () => {
    const { conversation } = await open(edge, business.workspace);
    const grace = await agent();
    const send = (text: string) => grace.send({ type: 'send_message', sessionId: conversation, text });
    const refused = (words: RegExp) =>
      hears(
        grace,
        'connection_status',
        ({ status, message }) => status === 'refused' && words.test(String(message)),
      );
    send('');
    await refused(/needs text/);
    send('x'.repeat(10_001));
    await refused(/at most 10000 characters/);
    await ask(await agentOf(), conversation, { type: 'CloseConversation', data: {} });
    grace.send(accept(conversation));
    await refused(/is closed/);
    expect(await said(conversation)).toEqual(['Welcome Vera!']);
  });

  test('frames that are none close the socket with 4400, those of another agent with 4403', async () => {
    for (const bad of [
      'no json',
      '7',
      {},
      { type: 'message', sessionId: 'session_abc123', message: 'hi' },
      { type: 'accept_chat' },
      { type: 'accept_chat', sessionId: 'a.b' },
      { type: 'send_message', sessionId: 'session_abc123' },
      { type: 'send_message', sessionId: 'session_abc123', text: null },
      { type: 'return_to_ai', sessionId: 7 },
      { type: 'get_waiting_sessions', agentId: {} },
    ]) {
      const grace = await agent();
      grace.send(bad);
      expect([bad, (await grace.closed).code]).toEqual([bad, 4400]);
    }
    const grace = await agent();
    grace.send({ type: 'get_waiting_sessions', agentId: business.agent.number + 1 });
    expect((await grace.closed).code).toBe(4403);
  });

  test('who is signed out is closed with 4401', async () => {
    const omar = await colleague(stranger);
    const talker = await agent(stranger, edge, omar);
    const admin = await edge.edge.principals.user(stranger.admin);
    const user = edge.edge.directory.anyUser(omar.number);
    if (!admin || !user) throw new Error('no such users');
    await edge.edge.accounts.remove(user, admin);
    expect((await talker.closed).code).toBe(4401);
  });
});
