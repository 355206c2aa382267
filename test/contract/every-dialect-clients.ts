// One conversation and a client of every dialect in it: mouths that say something, ears that hear it, histories that tell it.
import { setTimeout as sleep } from 'node:timers/promises';
import { v7 } from 'uuid';
import WebSocket from 'ws';
import { Bodies } from '../../edge/out/webhooks/bodies.ts';
import { Sender } from '../../edge/out/webhooks/sender.ts';
import {
  type Answer,
  addAgent,
  ask,
  type Door,
  openDoor,
  register,
  startServers,
} from '../edge/http/door.ts';
import { startReceiver } from '../edge/out/receiver.ts';
import { SupportClient } from '../edge/socket/support-client.ts';
import { Talker } from '../edge/socket/talker.ts';

type Side = 'visitor' | 'agent';

interface Mouth {
  readonly name: string;
  readonly side: Side;
  say(text: string): Promise<void>;
}

interface Ear {
  readonly name: string;
  /** Whose messages its document has it told of. */
  readonly hears: readonly Side[];
  texts(): readonly string[];
}

interface History {
  readonly name: string;
  texts(): Promise<readonly string[]>;
}

export interface Dialects {
  readonly mouths: readonly Mouth[];
  readonly ears: readonly Ear[];
  readonly histories: readonly History[];
  close(): Promise<void>;
}

const SESSION = 'session-1701691234567-abc123';
const API_TOKEN = 'MOJrnzS8pQyizRynxuuEJ98y8tPeJMg6';
const BOTH = ['visitor', 'agent'] as const;

/** Milliseconds from `begun` until `texts` has the text; throws where that takes longer than `within`. */
export async function seen(
  begun: number,
  within: number,
  name: string,
  text: string,
  texts: () => Promise<readonly string[]> | readonly string[],
): Promise<number> {
  for (;;) {
    if ((await texts()).includes(text)) return performance.now() - begun;
    if (performance.now() - begun > within)
      throw new Error(`${name} did not see "${text}" within ${within} ms`);
    await sleep(2);
  }
}

/**
 * Opens two edges, starts the conversation in the live-chat dialect, gives it to an agent and connects everybody: the
 * visitor's side to one edge, the agent's sockets to the other. The webhook is sent as the worker does it.
 */
export async function eachDialect(): Promise<Dialects> {
  const servers = await startServers();
  const door = await openDoor(servers, { reach: { allowPrivate: true } });
  const agents = await openDoor(servers);
  const boss = await register(door.url, 'owner');
  const jane = await addAgent(door.url, boss.token, 'Jane Smith');
  const workspace = door.parts.directory.defaultWorkspace()?.id ?? '';
  await door.parts.apiTokens.configure(workspace, API_TOKEN);
  const ok = async (answer: Promise<Answer>) => {
    const { status, body } = await answer;
    if (status >= 300) throw new Error(`answered ${status}: ${JSON.stringify(body)}`);
    return body;
  };
  const call = (method: string, path: string, options: Parameters<typeof ask>[3] = {}) =>
    ok(ask(door.url, method, path, options));

  const user = { name: 'John Doe', email: 'john@example.com' };
  const receiver = await startReceiver();
  await call('PUT', '/api/workspace/webhook', {
    token: boss.token,
    json: { url: receiver.url, enabled: true },
  });
  const sender = new Sender({
    ...door.parts,
    log: door.storage.log,
    bodies: new Bodies(door.storage.log, door.parts.snapshots),
    newCommand: () => v7(),
    chance: () => Math.random(),
    retire: (webhook) => door.parts.webhooks.retire(webhook),
    onFault: (fault) => console.error(fault),
  });
  const opened = await call('POST', '/api/live-chat/sessions', { json: { sessionId: SESSION, user } });
  const { visitorToken } = opened.data;
  await call('PATCH', `/api/admin/live-chat/sessions/${SESSION}/assign`, {
    token: jane.token,
    json: { agentId: jane.id },
  });
  const guest = (await call('POST', '/api/auth/token', { json: { userId: 'user123', userType: 'user' } }))
    .token;
  const system = (
    await call('POST', '/api/auth/token', {
      json: { userId: 'crm', userType: 'system' },
      headers: { 'x-api-key': API_TOKEN },
    })
  ).token;

  const native = {
    visitor: await Talker.connect(door.port, { conversation: SESSION, visitorToken }),
    agent: await Talker.connect(agents.port, { token: jane.token }),
  };
  for (const talker of [native.visitor, native.agent]) await talker.resume(SESSION);
  const support = {
    user: await (await SupportClient.connect(door.port, guest)).join(SESSION),
    agent: await (await SupportClient.connect(agents.port, jane.token)).join(SESSION),
  };
  const admin = { admin: 'true', userId: String(jane.id), token: jane.token };
  const liveChat = {
    user: await Socket.open(door, '/ws/live-chat', { sessionId: SESSION }),
    admin: await Socket.open(agents, '/ws/live-chat', admin),
  };
  const widget = {
    customer: await Socket.open(door, `/ws/${SESSION}`, {}, false),
    agent: await Socket.open(agents, `/ws/agent/${jane.id}`, { token: jane.token }),
  };

  const post = (path: string, json: object, token?: string) => async () =>
    void (await call('POST', path, { json, token }));
  const acknowledged = async (answer: Promise<object>) => {
    const said = await answer;
    if (!('ok' in said && said.ok) && !('success' in said && said.success))
      throw new Error(`not said: ${JSON.stringify(said)}`);
  };
  const guests = `/api/live-chat/sessions/${SESSION}`;
  const sendMessage = { sessionId: SESSION, siteKey: door.parts.directory.defaultWidget(workspace)?.siteKey };

  return {
    mouths: [
      {
        name: 'token API',
        side: 'agent',
        say: (message) =>
          post('/?send-message-to-chat-api=true', { token: API_TOKEN, targetId: SESSION, message })(),
      },
      {
        name: 'widget customer',
        side: 'visitor',
        say: async (message) => widget.customer.send({ type: 'message', ...sendMessage, message }),
      },
      {
        name: 'widget agent',
        side: 'agent',
        say: async (text) =>
          widget.agent.send({ type: 'send_message', sessionId: SESSION, agentId: jane.id, text }),
      },
      {
        name: 'support HTTP user',
        side: 'visitor',
        say: (message) => post(`/api/chat/send-message/${SESSION}`, { message }, guest)(),
      },
      {
        name: 'support HTTP agent',
        side: 'agent',
        say: (message) => post(`/api/chat/send-message/${SESSION}`, { message }, jane.token)(),
      },
      {
        name: 'support HTTP system',
        side: 'agent',
        say: (message) => post(`/api/chat/send-message/${SESSION}`, { message }, system)(),
      },
      {
        name: 'support socket user',
        side: 'visitor',
        say: (message) => acknowledged(support.user.ask('send_message', { sessionId: SESSION, message })),
      },
      {
        name: 'support socket agent',
        side: 'agent',
        say: (message) => acknowledged(support.agent.ask('send_message', { sessionId: SESSION, message })),
      },
      {
        name: 'live-chat guest',
        side: 'visitor',
        say: (content) => post(`${guests}/messages`, { content })(),
      },
      {
        name: 'live-chat agent',
        side: 'agent',
        say: (content) => post(`/api/admin/live-chat/sessions/${SESSION}/reply`, { content }, jane.token)(),
      },
      {
        name: 'native visitor',
        side: 'visitor',
        say: (text) => acknowledged(native.visitor.post(SESSION, text)),
      },
      { name: 'native agent', side: 'agent', say: (text) => acknowledged(native.agent.post(SESSION, text)) },
    ],
    ears: [
      { name: 'token webhook', hears: ['visitor'], texts: () => receiver.received.map(({ text }) => text) },
      { name: 'native visitor', hears: BOTH, texts: () => native.visitor.texts },
      { name: 'native agent', hears: BOTH, texts: () => native.agent.texts },
      { name: 'support user', hears: BOTH, texts: () => support.user.texts },
      { name: 'support agent', hears: BOTH, texts: () => support.agent.texts },
      {
        name: 'live-chat user',
        hears: ['agent'],
        texts: () => liveChat.user.texts('agent_message', ({ message }) => message.content),
      },
      {
        name: 'live-chat admin',
        hears: ['visitor'],
        texts: () => liveChat.admin.texts('user_message', ({ message }) => message.content),
      },
      {
        name: 'widget customer',
        hears: ['agent'],
        texts: () => widget.customer.texts('message', ({ message }) => message),
      },
      {
        name: 'widget agent',
        hears: ['visitor'],
        texts: () => widget.agent.texts('new_message', ({ message }) => message.text),
      },
    ],
    histories: [
      {
        name: 'live-chat history',
        texts: async () =>
          (await call('GET', `${guests}/messages?limit=100`)).data.map(
            ({ content }: { content: string }) => content,
          ),
      },
      {
        name: 'live-chat details',
        texts: async () =>
          (
            await call('GET', `/api/admin/live-chat/sessions/${SESSION}`, { token: jane.token })
          ).data.messages.map(({ content }: { content: string }) => content),
      },
      {
        name: 'support history',
        texts: async () =>
          (await call('GET', `/api/chat/messages/${SESSION}?limit=100`, { token: guest })).data.messages.map(
            ({ message }: { message: string }) => message,
          ),
      },
      {
        name: 'widget history',
        texts: async () =>
          (
            await call('GET', `/api/widgets/sessions/${SESSION}/messages`, { token: jane.token })
          ).messages.map(
            (one: { message?: string; text?: string; content?: string }) =>
              one.message ?? one.text ?? one.content,
          ),
      },
    ],
    async close() {
      for (const one of [native.visitor, native.agent, support.user, support.agent]) one.close();
      for (const one of [...Object.values(liveChat), ...Object.values(widget)]) one.close();
      await sender.close();
      await receiver.close();
      await agents.close();
      await door.close();
      await servers.stop();
    },
  };
}

/** A plain socket of JSON frames with a `type`. */
class Socket {
  readonly #socket: WebSocket;
  // biome-ignore lint/suspicious/noExplicitAny: a frame of any dialect
  readonly #frames: any[] = [];

  private constructor(url: string) {
    this.#socket = new WebSocket(url);
    this.#socket.on('message', (data) => this.#frames.push(JSON.parse(String(data))));
  }

  /** Connects; settles once the server has said something, or at once where it greets nobody. */
  static async open(
    door: Door,
    path: string,
    query: Record<string, string>,
    greeting = true,
  ): Promise<Socket> {
    const socket = new Socket(`ws://127.0.0.1:${door.port}${path}?${new URLSearchParams(query)}`);
    await new Promise((resolve, reject) => {
      socket.#socket.once(greeting ? 'message' : 'open', resolve);
      socket.#socket.once('close', (code) => reject(new Error(`${path} closed with ${code}`)));
      socket.#socket.once('error', reject);
    });
    return socket;
  }

  send(frame: object): void {
    this.#socket.send(JSON.stringify(frame));
  }

  /** The texts in its frames of that type, in the order they came. */
  // biome-ignore lint/suspicious/noExplicitAny: a frame of any dialect
  texts(type: string, textOf: (frame: any) => string): string[] {
    return this.#frames.filter((frame) => frame.type === type).map(textOf);
  }

  close(): void {
    this.#socket.terminate();
  }
}
