// Every socket, its dialect, and the frames of both sides: what the AsyncAPI document and the page about sockets are made of.
import { z } from 'zod';
import { clientFrame, serverFrames } from '../../domain/wire.ts';
import type { Dialect } from '../http/described.ts';
import { domainEvents } from '../http/description/events.ts';
import { liveChatAdminTold, liveChatFrame, liveChatUserTold } from './live-chat/frames.ts';
import { supportAnswer, supportClientEvents, supportServerEvents } from './support/frames.ts';
import {
  widgetAgentFrame,
  widgetAgentTold,
  widgetCustomerFrame,
  widgetCustomerTold,
} from './widget/frames.ts';

/** A frame of a socket: what it is called, what is in it. */
export interface Frame {
  /** The name of the event, where the protocol has names beside what is in a frame. */
  readonly event?: string;
  readonly schema: z.ZodType;
}

export interface Socket {
  readonly id: string;
  readonly title: string;
  readonly dialect: Dialect;
  /** Undefined: not a socket of ours. */
  readonly address?: string;
  readonly protocol: 'ws' | 'socketio' | 'log';
  readonly description: string;
  /** What the address may carry in its query. */
  readonly query?: z.ZodObject;
  /** What stands in the address itself. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly fromClient: readonly Frame[];
  readonly fromServer: readonly Frame[];
}

const token = z.string().describe('The token of a signed-in user; `Authorization: Bearer` will do as well.');
const visitorToken = z.string().optional().describe('Where the widget wants it: what creation answered.');

const frames = (schemas: readonly z.ZodType[] | Readonly<Record<string, z.ZodType>>): Frame[] =>
  Object.values(schemas).map((schema) => ({ schema }));
const events = (schemas: Readonly<Record<string, z.ZodType>>): Frame[] =>
  Object.entries(schemas).map(([event, schema]) => ({ event, schema }));

export const SOCKETS: readonly Socket[] = [
  {
    id: 'native',
    title: 'Native socket',
    dialect: 'native',
    address: '/ws/v1',
    protocol: 'ws',
    description:
      'What our own widget and consoles speak. A visitor hears one conversation; an agent those that it resumed, and with `watch` which ones change. Each event names the version before it that its receiver may see: a mismatch means a gap, and `resume` fills it. Every few seconds a heartbeat says the last versions.',
    query: z.object({
      token: token.optional(),
      conversation: z.string().optional(),
      visitorToken,
    }),
    fromClient: frames(clientFrame.options),
    fromServer: frames(serverFrames),
  },
  {
    id: 'liveChatUser',
    title: 'Live chat, for guests',
    dialect: 'live-chat',
    address: '/ws/live-chat',
    protocol: 'ws',
    description: 'One session, as its guest.',
    query: z.object({ sessionId: z.string(), visitorToken }),
    fromClient: frames(liveChatFrame.options.filter(isForGuests)),
    fromServer: frames(liveChatUserTold),
  },
  {
    id: 'liveChatAdmin',
    title: 'Live chat, for agents',
    dialect: 'live-chat',
    address: '/ws/live-chat',
    protocol: 'ws',
    description:
      'New sessions and messages of guests in every session of the workspace, unasked. Subscribing to one adds its typing and read receipts; unsubscribing silences it.',
    query: z.object({
      admin: z.literal('true'),
      userId: z.string().optional().describe("The agent's id; with another agent's token: 4403."),
      token,
    }),
    fromClient: frames(liveChatFrame.options),
    fromServer: frames(liveChatAdminTold),
  },
  {
    id: 'widgetCustomer',
    title: 'Widget, for customers',
    dialect: 'widget',
    address: '/ws/{sessionId}',
    protocol: 'ws',
    description: 'One session, as its customer. The first message starts it where nobody has yet.',
    query: z.object({ visitorToken }),
    parameters: { sessionId: 'The id of the session: `A-Za-z0-9_-`, up to 64.' },
    fromClient: frames(widgetCustomerFrame.options),
    fromServer: frames(widgetCustomerTold),
  },
  {
    id: 'widgetAgent',
    title: 'Widget, for agents',
    dialect: 'widget',
    address: '/ws/agent/{agentId}',
    protocol: 'ws',
    description: "The queue, and the sessions of this agent. The token must be that agent's, else 4403.",
    query: z.object({ token }),
    parameters: { agentId: "The agent's id." },
    fromClient: frames(widgetAgentFrame.options),
    fromServer: frames(widgetAgentTold),
  },
  {
    id: 'support',
    title: 'Support, over Socket.IO',
    dialect: 'support',
    address: '/socket.io/',
    protocol: 'socketio',
    description:
      'Socket.IO 4, over websocket or polling; `auth: {token}` is the token of `POST /api/auth/token` or of a signed-in user. An event may carry an acknowledgement: it is called with `SupportAnswer`.',
    fromClient: events(supportClientEvents),
    fromServer: [...events(supportServerEvents), { schema: supportAnswer }],
  },
  {
    id: 'events',
    title: 'Events of the log',
    dialect: 'native',
    protocol: 'log',
    description:
      'What is stored, event by event, and what all sockets are translations of. The envelope is that of CloudEvents 1.0. Keys of files are not told to anybody.',
    fromClient: [],
    fromServer: frames(domainEvents),
  },
];

/** Guests hear one session: there is nothing for them to subscribe to. */
function isForGuests(option: (typeof liveChatFrame.options)[number]): boolean {
  const { value } = option.shape.type;
  return value !== 'subscribe_session' && value !== 'unsubscribe_session';
}
