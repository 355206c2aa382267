// The widget API document's sockets (seed 004, "WebSocket API" and "WebSocket Examples"), frame by frame, in its order.
import { beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import type { z } from 'zod';
import { isRefusal } from '../../../domain/decider.ts';
import { CLOSE } from '../../../domain/wire.ts';
import { widgetAgentTold, widgetCustomerTold } from '../../../edge/dialects/widget/frames.ts';
import { Talker } from '../../edge/socket/talker.ts';
import {
  aiSays,
  type Business,
  call,
  door,
  found,
  hire,
  ISO,
  NUMBER,
  type Person,
  visitorOf,
} from './office.ts';

type Frame = { readonly type: string } & Record<string, unknown>;
const MSG = expect.stringMatching(/^msg_\d+$/);
/** What may come, by the frame's type. */
const KINDS = [...Object.values(widgetCustomerTold), ...Object.values(widgetAgentTold)] as z.ZodType[];

const frames = (talker: Talker) => talker.frames as unknown as Frame[];
const ofType = (talker: Talker, type: string) => frames(talker).filter((frame) => frame.type === type);

/** The newest frame of that type, once there is one that is like that. */
async function hears(
  talker: Talker,
  type: string,
  like: (frame: Frame) => boolean = () => true,
): Promise<Frame> {
  const found = () => ofType(talker, type).findLast(like);
  await talker.when(() => found() !== undefined, 8_000);
  return found() as Frame;
}

async function opened(path: string): Promise<Talker> {
  const talker = Talker.knock(door.port, {}, path);
  await new Promise((resolve) => talker.socket.on('open', resolve));
  return talker;
}

/** The steps of the document, for the file that holds the whole document. */
export function socketsOfTheWidgetDocument(): void {
  describe('WebSocket API', () => {
    const sessionId = 'session_abc123_ws';
    let acme: Business;
    let grace: Person;
    let customer: Talker;
    let agent: Talker;
    const timestamp = () => new Date().toISOString();

    beforeAll(async () => {
      acme = await found('sockets');
      grace = await hire(acme, 'Socket Agent');
    });

    const saidInLog = async () => {
      const principal = visitorOf(acme, sessionId);
      const history = await door.parts.desk.history(principal, sessionId);
      if (isRefusal(history)) return [];
      return history.events.flatMap(({ type, data }) =>
        type === 'MessagePosted' ? [(data as { text: string }).text] : [],
      );
    };

    test('customer chat: ws://…/ws/{sessionId}; a message begins the session', async () => {
      customer = await opened(`/ws/${sessionId}`);
      customer.send({
        type: 'message',
        sessionId,
        siteKey: acme.siteKey,
        message: 'Hello, I need help',
        timestamp: timestamp(),
      });
      await expect.poll(saidInLog).toEqual(['Hello, I need help']);
      expect(await door.parts.desk.locate(sessionId)).toBe(acme.workspace);
    });

    test('to the customer: queue_update', async () => {
      const update = await hears(customer, 'queue_update');
      expect(update).toEqual({
        type: 'queue_update',
        position: 1,
        estimatedWait: update.estimatedWait,
        timestamp: ISO,
      });
      // A number of minutes once a wait was measured; before that nobody can know.
      expect(update.estimatedWait === null || Number.isInteger(update.estimatedWait)).toBe(true);
    });

    test('agent connection: ws://…/ws/agent/{agentId}?token={jwt_token}; connection_status', async () => {
      agent = Talker.knock(door.port, { token: grace.token }, `/ws/agent/${grace.id}`);
      await hears(agent, 'waiting_sessions');
      expect(frames(agent)[0]).toEqual({
        type: 'connection_status',
        status: 'connected',
        agentId: grace.id,
        timestamp: ISO,
      });
      for (const [query, code] of [
        [{}, CLOSE.notAuthenticated.code],
        [{ token: 'invalid' }, CLOSE.notAuthenticated.code],
        [{ token: acme.boss.token }, CLOSE.notAllowed.code],
      ] as const) {
        const turnedAway = Talker.knock(door.port, query, `/ws/agent/${grace.id}`);
        expect((await turnedAway.closed).code).toBe(code);
      }
    });

    test('to the agent: waiting_sessions, of the same shape as over HTTP', async () => {
      expect(frames(agent)[1]).toEqual({
        type: 'waiting_sessions',
        sessions: [
          {
            sessionId,
            siteKey: acme.siteKey,
            businessName: 'Acme Corp',
            visitorName: 'Customer',
            waitingTime: NUMBER,
            escalated: false,
            addedAt: ISO,
          },
        ],
        timestamp: ISO,
      });
    });

    test('from the agent: accept_chat; to the agent: chat_accepted; to the customer: agent_joined', async () => {
      agent.send({ type: 'accept_chat', sessionId, agentId: grace.id, timestamp: timestamp() });
      const accepted = await hears(agent, 'chat_accepted');
      expect(accepted).toEqual({
        type: 'chat_accepted',
        sessionId,
        visitorName: 'Customer',
        businessName: 'Acme Corp',
        messages: [
          { id: NUMBER, text: 'Hello, I need help', sender: 'customer', timestamp: ISO, isAI: false },
        ],
        fullHistory: true,
        timestamp: ISO,
      });
      expect(await hears(customer, 'agent_joined')).toEqual({
        type: 'agent_joined',
        message: 'A support agent has joined the chat!',
        agentName: 'Socket Agent',
        timestamp: ISO,
      });
      await hears(agent, 'waiting_sessions', ({ sessions }) => (sessions as unknown[]).length === 0);
    });

    test('from the agent: send_message; to the customer: message', async () => {
      agent.send({
        type: 'send_message',
        sessionId,
        agentId: grace.id,
        text: 'How can I help you?',
        timestamp: timestamp(),
      });
      expect(await hears(customer, 'message')).toEqual({
        type: 'message',
        id: MSG,
        message: 'How can I help you?',
        timestamp: ISO,
        metadata: { agentName: 'Socket Agent', isAI: false },
      });
    });

    test('from the customer: message; to the agent: new_message, and never back to the customer', async () => {
      customer.send({
        type: 'message',
        sessionId,
        siteKey: acme.siteKey,
        message: 'I need help!',
        timestamp: timestamp(),
      });
      expect(await hears(agent, 'new_message')).toEqual({
        type: 'new_message',
        sessionId,
        message: { id: MSG, text: 'I need help!', sender: 'customer', timestamp: ISO },
        timestamp: ISO,
      });
      expect(ofType(customer, 'message')).toHaveLength(1);
    });

    test('typing: the customer’s is heard where agents are told of it, the agent’s by the customer', async () => {
      const console = await Talker.connect(door.port, { token: grace.token });
      await console.resume(sessionId);
      customer.send({ type: 'typing', sessionId, isTyping: true });
      const signal = await console.until((frame) => 'signal' in frame);
      expect(signal).toMatchObject({ signal: { conversation: sessionId, from: 'visitor', isTyping: true } });
      console.send({ signal: { conversation: sessionId, type: 'typing', isTyping: true } });
      expect(await hears(customer, 'typing')).toEqual({ type: 'typing', isTyping: true });
      console.close();
    });

    test('from the agent: return_to_ai; to the customer: the AI’s message', async () => {
      agent.send({ type: 'return_to_ai', sessionId, agentId: grace.id, timestamp: timestamp() });
      const owner = async () => {
        const found = await door.parts.desk.find(visitorOf(acme, sessionId), sessionId);
        return isRefusal(found) ? found.refused : found.state.owner.kind;
      };
      await expect.poll(owner).toBe('ai');
      await aiSays(acme, sessionId, "I'm here to help! What do you need?");
      expect(
        await hears(customer, 'message', ({ metadata }) => (metadata as { isAI: boolean }).isAI),
      ).toEqual({
        type: 'message',
        id: MSG,
        message: "I'm here to help! What do you need?",
        timestamp: ISO,
        metadata: { agentName: 'AI Assistant', isAI: true },
      });
    });

    test('each side was sent exactly the types that the document lists, each as its schema says', () => {
      const types = (talker: Talker) => [...new Set(frames(talker).map(({ type }) => type))].sort();
      expect(types(customer)).toEqual(['agent_joined', 'message', 'queue_update', 'typing']);
      expect(types(agent)).toEqual(['chat_accepted', 'connection_status', 'new_message', 'waiting_sessions']);
      for (const frame of [...frames(customer), ...frames(agent)]) {
        const kind = KINDS.find((one) => one.safeParse(frame).success);
        expect(kind?.parse(frame), `a schema for ${JSON.stringify(frame)}`).toEqual(frame);
      }
    });

    test('the document’s own frames fit the schemas, each of them', () => {
      for (const kind of KINDS) {
        const { examples = [] } = (kind.meta() ?? {}) as { examples?: unknown[] };
        expect(examples.length).toBeGreaterThan(0);
        for (const example of examples) expect(kind.parse(example)).toEqual(example);
      }
    });
  });

  test('who asks for a person before a word is written is in the queue, and their socket is told', async () => {
    const acme = await found('wordless');
    const customer = await opened('/ws/wordless_1');
    const escalated = await call('POST', `/widgets/escalate/${acme.siteKey}/wordless_1`);
    expect([escalated.status, escalated.body.data.queuePosition]).toEqual([201, 1]);
    expect(await hears(customer, 'queue_update')).toMatchObject({ position: 1 });
    customer.send({ type: 'message', sessionId: 'wordless_1', message: 'Hello!' });
    const principal = visitorOf(acme, 'wordless_1');
    await expect
      .poll(async () => {
        const history = await door.parts.desk.history(principal, 'wordless_1');
        return isRefusal(history) ? [] : history.events.map(({ type }) => type);
      })
      .toEqual(['ConversationStarted', 'HumanRequested', 'MessagePosted']);
    customer.close();
  });

  describe('WebSocket examples', () => {
    test('browser and agent, as they stand', async () => {
      const acme = await found('socket-examples');
      const grace = await hire(acme, 'Example Agent');
      const lines: unknown[][] = [];
      const console = { log: (...line: unknown[]) => lines.push(line) };
      const logged = (start: string) => lines.find(([first]) => first === start);

      const browser = (() => {
        const ws = new WebSocket(`ws://127.0.0.1:${door.port}/ws/session_example`);

        ws.onopen = () => {
          console.log('Connected to chat server');

          // Send message
          ws.send(
            JSON.stringify({
              type: 'message',
              sessionId: 'session_example',
              siteKey: acme.siteKey,
              message: 'Hello!',
              timestamp: new Date().toISOString(),
            }),
          );
        };

        ws.onmessage = (event) => {
          const data = JSON.parse(String(event.data));
          console.log('Received:', data);
        };
        return ws;
      })();
      await expect.poll(() => logged('Received:'), { timeout: 8_000 }).toBeDefined();
      expect(logged('Connected to chat server')).toBeDefined();
      expect(logged('Received:')?.[1]).toMatchObject({ type: 'queue_update', position: 1 });

      const agent = (() => {
        const ws = new WebSocket(`ws://127.0.0.1:${door.port}/ws/agent/${grace.id}?token=${grace.token}`);

        ws.onopen = () => {
          console.log('Agent connected');

          // Request waiting sessions
          ws.send(
            JSON.stringify({
              type: 'get_waiting_sessions',
              agentId: grace.id,
              timestamp: new Date().toISOString(),
            }),
          );
        };

        ws.onmessage = (event) => {
          const data = JSON.parse(String(event.data));

          if (data.type === 'waiting_sessions') {
            console.log('Waiting sessions:', data.sessions);
          }

          if (data.type === 'new_message') {
            console.log('New message from customer:', data.message);
          }
        };
        return ws;
      })();
      await expect.poll(() => logged('Waiting sessions:'), { timeout: 8_000 }).toBeDefined();
      expect(logged('Agent connected')).toBeDefined();
      expect(logged('Waiting sessions:')?.[1]).toMatchObject([{ sessionId: 'session_example' }]);

      agent.send(JSON.stringify({ type: 'accept_chat', sessionId: 'session_example', agentId: grace.id }));
      const joined = () => lines.some(([, data]) => (data as Frame | undefined)?.type === 'agent_joined');
      await expect.poll(joined, { timeout: 8_000 }).toBe(true);
      browser.send(
        JSON.stringify({ type: 'message', sessionId: 'session_example', message: 'I need help!' }),
      );
      await expect.poll(() => logged('New message from customer:'), { timeout: 8_000 }).toBeDefined();
      expect(logged('New message from customer:')?.[1]).toMatchObject({
        text: 'I need help!',
        sender: 'customer',
      });
      browser.close();
      agent.close();
    });
  });
}
