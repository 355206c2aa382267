// The frames of the widget document's sockets (seed 004): what customers and agents may say, and what they are told.
import { z } from 'zod';
import { conversationId } from '../../../domain/ids.ts';
import { waitingSession, widgetMessage } from './shapes.ts';

const at = '2024-01-15T10:30:00Z';
const SESSION = 'session_abc123';

/** What a client says of its own clock. Only whether a message was sent twice is told by it. */
const said = z.union([z.string().max(64), z.number()]).optional();
/** An agent's public number; it must be the socket's own. */
const agentId = z.union([z.string().max(64), z.number()]).optional();

export const widgetCustomerFrame = z.discriminatedUnion('type', [
  z
    .object({
      type: z.literal('message'),
      sessionId: conversationId.optional(),
      siteKey: z.string().max(200).optional(),
      message: z.string(),
      timestamp: said,
    })
    .meta({
      id: 'WidgetCustomerMessage',
      description:
        'Something the customer says. The first one starts the session where nobody has yet: on the widget of `siteKey`, or without one on the default widget. The same text with the same `timestamp` (with milliseconds) is posted once, however often it is sent.',
      examples: [
        {
          type: 'message',
          sessionId: SESSION,
          siteKey: 'widget-abc123',
          message: 'Hello, I need help',
          timestamp: at,
        },
      ],
    }),
  z.object({ type: z.literal('typing'), sessionId: conversationId.optional(), isTyping: z.boolean() }).meta({
    id: 'WidgetCustomerTyping',
    description: 'Whether the customer is typing.',
    examples: [{ type: 'typing', sessionId: SESSION, isTyping: true }],
  }),
]);
export type WidgetCustomerFrame = z.infer<typeof widgetCustomerFrame>;

export const widgetAgentFrame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('get_waiting_sessions'), agentId, timestamp: said }).meta({
    id: 'WidgetGetWaitingSessions',
    description: 'Asks for `waiting_sessions`.',
    examples: [{ type: 'get_waiting_sessions', agentId: 1, timestamp: at }],
  }),
  z.object({ type: z.literal('accept_chat'), sessionId: conversationId, agentId, timestamp: said }).meta({
    id: 'WidgetAcceptChat',
    description:
      'Takes a session that no agent has. Answered by `chat_accepted`; where another agent has it, by the `waiting_sessions` as they are now.',
    examples: [{ type: 'accept_chat', sessionId: SESSION, agentId: 1, timestamp: at }],
  }),
  z
    .object({
      type: z.literal('send_message'),
      sessionId: conversationId,
      agentId,
      text: z.string(),
      timestamp: said,
    })
    .meta({
      id: 'WidgetSendMessage',
      description:
        'Writes to the customer. The same text with the same `timestamp` (with milliseconds) is posted once, however often it is sent.',
      examples: [
        {
          type: 'send_message',
          sessionId: SESSION,
          agentId: 1,
          text: 'How can I help you?',
          timestamp: at,
        },
      ],
    }),
  z.object({ type: z.literal('return_to_ai'), sessionId: conversationId, agentId, timestamp: said }).meta({
    id: 'WidgetReturnToAi',
    description: 'Gives the session back to the AI.',
    examples: [{ type: 'return_to_ai', sessionId: SESSION, agentId: 1, timestamp: at }],
  }),
  z
    .object({
      type: z.literal('typing'),
      sessionId: conversationId,
      agentId,
      isTyping: z.boolean(),
      timestamp: said,
    })
    .meta({
      id: 'WidgetAgentTyping',
      description:
        'Whether the agent is typing; beyond the document, which only shows what the customer hears.',
      examples: [{ type: 'typing', sessionId: SESSION, agentId: 1, isTyping: true }],
    }),
]);
export type WidgetAgentFrame = z.infer<typeof widgetAgentFrame>;

const timestamp = z.iso.datetime();
const messageId = z.string().describe('`msg_` and the number that the message has over HTTP.');
const attachments = widgetMessage.shape.attachments.describe('Only where there are any.');

/** What customers are told. */
export const widgetCustomerTold = {
  message: z
    .object({
      type: z.literal('message'),
      id: messageId,
      message: z.string(),
      timestamp,
      metadata: z.object({
        agentName: z.string(),
        isAI: z.boolean(),
        isError: z.literal(true).optional().describe('Why what was sent could not be posted.'),
      }),
      attachments,
    })
    .meta({
      id: 'WidgetMessageFrame',
      description: 'A message of an agent, the AI or the system.',
      examples: [
        {
          type: 'message',
          id: 'msg_123',
          message: "I'm here to help! What do you need?",
          timestamp: at,
          metadata: { agentName: 'AI Assistant', isAI: true },
        },
      ],
    }),
  typing: z.object({ type: z.literal('typing'), isTyping: z.boolean() }).meta({
    id: 'WidgetTypingFrame',
    description: 'Whether the other side is typing.',
    examples: [{ type: 'typing', isTyping: true }],
  }),
  queueUpdate: z
    .object({
      type: z.literal('queue_update'),
      position: z.number().int().min(1),
      estimatedWait: z
        .number()
        .int()
        .min(1)
        .nullable()
        .describe('Whole minutes, from waits that were measured; null where none was.'),
      timestamp,
    })
    .meta({
      id: 'WidgetQueueUpdateFrame',
      description: 'The customer’s place in the queue, told when they begin to wait and when it changes.',
      examples: [{ type: 'queue_update', position: 2, estimatedWait: 4, timestamp: at }],
    }),
  agentJoined: z
    .object({
      type: z.literal('agent_joined'),
      message: z.literal('A support agent has joined the chat!'),
      agentName: z.string(),
      timestamp,
    })
    .meta({
      id: 'WidgetAgentJoinedFrame',
      description: 'An agent took the session, or began to write in it.',
      examples: [
        {
          type: 'agent_joined',
          message: 'A support agent has joined the chat!',
          agentName: 'Support Agent',
          timestamp: at,
        },
      ],
    }),
} as const;

const own = z.number().int();

/** What agents are told. */
export const widgetAgentTold = {
  connectionStatus: z
    .object({
      type: z.literal('connection_status'),
      status: z.enum(['connected', 'refused']),
      agentId: own,
      sessionId: z.string().optional(),
      message: z.string().optional(),
      timestamp,
    })
    .meta({
      id: 'WidgetConnectionStatusFrame',
      description:
        '`connected` once the socket hears everything; `refused` where something that was asked could not be done, with the reason in `message`: the connection goes on.',
      examples: [{ type: 'connection_status', status: 'connected', agentId: 1, timestamp: at }],
    }),
  waitingSessions: z
    .object({ type: z.literal('waiting_sessions'), sessions: z.array(waitingSession), timestamp })
    .meta({
      id: 'WidgetWaitingSessionsFrame',
      description:
        'Who waits for an agent, longest first, at most 500: after connecting, when asked for, and whenever that changes.',
      examples: [
        {
          type: 'waiting_sessions',
          sessions: [
            {
              sessionId: SESSION,
              siteKey: 'widget-abc123',
              businessName: 'Acme Corp',
              visitorName: 'Customer',
              waitingTime: 5,
              escalated: true,
              addedAt: at,
            },
          ],
          timestamp: at,
        },
      ],
    }),
  chatAccepted: z
    .object({
      type: z.literal('chat_accepted'),
      sessionId: z.string(),
      visitorName: z.string(),
      businessName: z.string(),
      messages: z.array(widgetMessage),
      fullHistory: z.boolean().describe('False where `messages` holds only the newest of very many.'),
      timestamp,
    })
    .meta({
      id: 'WidgetChatAcceptedFrame',
      description: 'The session is this agent’s, with what was said in it, as over HTTP.',
      examples: [
        {
          type: 'chat_accepted',
          sessionId: SESSION,
          visitorName: 'Customer',
          businessName: 'Acme Corp',
          messages: [
            { id: 2, text: 'I need help with my order', sender: 'customer', timestamp: at, isAI: false },
          ],
          fullHistory: true,
          timestamp: at,
        },
      ],
    }),
  newMessage: z
    .object({
      type: z.literal('new_message'),
      sessionId: z.string(),
      message: z.object({
        id: messageId,
        text: z.string(),
        sender: z.literal('customer'),
        timestamp,
        attachments,
      }),
      timestamp,
    })
    .meta({
      id: 'WidgetNewMessageFrame',
      description: 'Something that the customer of one of this agent’s sessions said.',
      examples: [
        {
          type: 'new_message',
          sessionId: SESSION,
          message: { id: 'msg_123', text: 'I need help!', sender: 'customer', timestamp: at },
          timestamp: at,
        },
      ],
    }),
} as const;

type Told<Frames extends Readonly<Record<string, z.ZodType>>> = z.infer<Frames[keyof Frames]>;
export type WidgetTold = Told<typeof widgetCustomerTold> | Told<typeof widgetAgentTold>;

/** A frame as it is sent. */
export function spell(frame: WidgetTold): string {
  return JSON.stringify(frame);
}

/** A client's frame; undefined where it is none of that kind. Never throws. */
export function readFrame<Frame>(kind: z.ZodType<Frame>, text: string): Frame | undefined {
  try {
    return kind.safeParse(JSON.parse(text)).data;
  } catch {
    // No JSON: no frame.
    return undefined;
  }
}
