// The frames of the live-chat document's socket (seed 003): what guests and admins may say, and what they are told.
import { z } from 'zod';
import { conversationId } from '../../../domain/ids.ts';
import { message, session } from './answers.ts';

const SESSION = 'session-123';
const AT = '2024-12-04T12:00:00.000Z';

/** What a client may say. `sessionId` may be left out by guests: they have but one. */
export const liveChatFrame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('typing'), isTyping: z.boolean(), sessionId: conversationId.optional() }).meta({
    id: 'LiveChatTyping',
    description: 'Send typing indicator. Admins name the session.',
    examples: [{ type: 'typing', isTyping: true, sessionId: SESSION }],
  }),
  z
    .object({
      type: z.literal('read_receipt'),
      messageId: z.union([z.string().min(1).max(64), z.number().int().positive()]).transform(String),
      sessionId: conversationId.optional(),
    })
    .meta({
      id: 'LiveChatRead',
      description:
        'Mark message as read, and all before it. Admins name the session. An id that no message has is passed over.',
      examples: [{ type: 'read_receipt', messageId: '4503599627370498', sessionId: SESSION }],
    }),
  z.object({ type: z.literal('ping') }).meta({
    id: 'LiveChatPing',
    description: 'Keep connection alive. Not answered.',
    examples: [{ type: 'ping' }],
  }),
  z.object({ type: z.literal('subscribe_session'), sessionId: conversationId }).meta({
    id: 'LiveChatSubscribe',
    description: 'Subscribe to session (admin): adds its typing and read receipts.',
    examples: [{ type: 'subscribe_session', sessionId: SESSION }],
  }),
  z.object({ type: z.literal('unsubscribe_session'), sessionId: conversationId }).meta({
    id: 'LiveChatUnsubscribe',
    description: 'Unsubscribe from session: nothing of it is heard on this connection any more.',
    examples: [{ type: 'unsubscribe_session', sessionId: SESSION }],
  }),
]);
export type LiveChatFrame = z.infer<typeof liveChatFrame>;

const sessionId = z.string();
const said = {
  _id: '4503599627370498',
  sessionId: SESSION,
  attachments: [],
  metadata: { isEdited: false, isDeleted: false },
  isRead: false,
  createdAt: AT,
  updatedAt: AT,
};

const established = z
  .object({ type: z.literal('connection_established'), timestamp: z.iso.datetime() })
  .meta({
    id: 'LiveChatConnected',
    description: 'Connection successful: from here on everything is heard.',
    examples: [{ type: 'connection_established', timestamp: AT }],
  });
const receipt = (readBy: 'user' | 'agent', id: string) =>
  z
    .object({
      type: z.literal('read_receipt'),
      sessionId,
      messageId: z.string(),
      readBy: z.literal(readBy),
    })
    .meta({
      id,
      description: 'Message read, and all before it.',
      examples: [{ type: 'read_receipt', sessionId: SESSION, messageId: '4503599627370498', readBy }],
    });
const typing = (type: 'user_typing' | 'agent_typing', id: string) =>
  z.object({ type: z.literal(type), sessionId, isTyping: z.boolean() }).meta({
    id,
    description: type === 'user_typing' ? 'User typing indicator' : 'Agent typing indicator',
    examples: [{ type, sessionId: SESSION, isTyping: true }],
  });

/** What guests are told. */
export const liveChatUserTold = {
  established,
  agentMessage: z.object({ type: z.literal('agent_message'), sessionId, message }).meta({
    id: 'LiveChatAgentMessage',
    description: 'Message from agent, or from the AI.',
    examples: [
      {
        type: 'agent_message',
        sessionId: SESSION,
        message: {
          ...said,
          type: 'agent',
          content: 'Hi! How can I assist you today?',
          agentName: 'Jane Smith',
          agentId: '4194311',
        },
      },
    ],
  }),
  agentTyping: typing('agent_typing', 'LiveChatAgentTyping'),
  agentAssigned: z
    .object({
      type: z.literal('agent_assigned'),
      sessionId,
      agent: z.object({ _id: z.string(), name: z.string() }),
    })
    .meta({
      id: 'LiveChatAgentAssigned',
      description: 'Agent joined chat',
      examples: [
        { type: 'agent_assigned', sessionId: SESSION, agent: { _id: '4194311', name: 'Jane Smith' } },
      ],
    }),
  statusChanged: z
    .object({
      type: z.literal('session_status_changed'),
      sessionId,
      status: z.enum(['pending', 'active', 'closed', 'archived']),
    })
    .meta({
      id: 'LiveChatStatusChanged',
      description: 'Status changed',
      examples: [{ type: 'session_status_changed', sessionId: SESSION, status: 'active' }],
    }),
  receipt: receipt('agent', 'LiveChatReadByAgent'),
} as const;

/** What admins are told. */
export const liveChatAdminTold = {
  established,
  newSession: z.object({ type: z.literal('new_session'), session }).meta({
    id: 'LiveChatNewSession',
    description: 'New chat session started',
    examples: [
      {
        type: 'new_session',
        session: {
          sessionId: SESSION,
          user: { name: 'John Doe', email: 'john@example.com' },
          status: 'pending',
          priority: 'medium',
          department: 'general',
          tags: [],
          messageCount: 1,
          unreadCount: 0,
          startedAt: AT,
          createdAt: AT,
          updatedAt: AT,
        },
      },
    ],
  }),
  userMessage: z.object({ type: z.literal('user_message'), sessionId, message }).meta({
    id: 'LiveChatUserMessage',
    description: 'Message from user, in any session of the workspace that was not unsubscribed from.',
    examples: [
      {
        type: 'user_message',
        sessionId: SESSION,
        message: { ...said, type: 'user', content: 'Hello, I need help with my order' },
      },
    ],
  }),
  userTyping: typing('user_typing', 'LiveChatUserTyping'),
  receipt: receipt('user', 'LiveChatReadByUser'),
} as const;
