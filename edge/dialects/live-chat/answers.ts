// What the live-chat document's answers look like, for documents and tests; shapes.ts makes them.
import { z } from 'zod';
import { priority, score } from '../../../domain/conversation/values.ts';

const moment = z.iso.datetime();
const status = z.enum(['pending', 'active', 'closed', 'archived']);
const messageKind = z.enum(['user', 'agent', 'system']);

export const rating = z
  .object({ score, feedback: z.string().optional(), ratedAt: moment })
  .meta({ id: 'LiveChatRating', description: 'How the guest rated the session, from 1 to 5.' });

export const attachment = z
  .object({
    id: z.string(),
    name: z.string(),
    type: z.string().describe('MIME type, from the content of the file.'),
    size: z.number().int().describe('Bytes.'),
    url: z.string().describe('A link that expires.'),
    previewUrl: z.string().optional().describe('A small picture, for images.'),
    publicId: z.string().optional().describe('The same as `id`.'),
  })
  .meta({ id: 'LiveChatAttachment' });

export const message = z
  .object({
    _id: z.string(),
    sessionId: z.string(),
    type: messageKind,
    content: z.string(),
    agentName: z.string().optional(),
    agentId: z.string().optional(),
    attachments: z.array(attachment),
    metadata: z.object({ isEdited: z.boolean(), isDeleted: z.boolean() }),
    isRead: z.boolean(),
    readAt: moment.optional(),
    createdAt: moment,
    updatedAt: moment,
  })
  .meta({
    id: 'LiveChatMessage',
    description: 'A message. The AI speaks for the business: it is an agent here.',
  });

const assignedAgent = z.object({
  _id: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  email: z.string().optional().describe('Agents alone are shown it.'),
});

const note = z.object({
  content: z.string(),
  addedBy: z.object({ _id: z.string(), firstName: z.string(), lastName: z.string() }),
  addedAt: moment,
});

export const session = z
  .object({
    sessionId: z.string(),
    user: z.object({
      name: z.string().optional(),
      email: z.string().optional(),
      phone: z.string().optional(),
      metadata: z
        .object({
          userAgent: z.string().optional(),
          ipAddress: z.string().optional(),
          referrer: z.string().optional(),
          pageUrl: z.string().optional(),
        })
        .optional()
        .describe('Agents are shown it, and whoever created the session, once.'),
    }),
    status,
    priority: priority.optional(),
    department: z.string().optional(),
    assignedAgent: assignedAgent.optional(),
    agentName: z.string().optional(),
    tags: z.array(z.string()).optional().describe('Agents alone are shown them.'),
    lastMessage: z.object({ content: z.string(), type: messageKind, timestamp: moment }).optional(),
    messageCount: z.number().int(),
    unreadCount: z.number().int().describe("The guest's messages that no agent has read."),
    startedAt: moment,
    endedAt: moment.optional(),
    firstResponseAt: moment.optional(),
    rating: rating.optional(),
    createdAt: moment,
    updatedAt: moment,
    notes: z.array(note).optional(),
  })
  .meta({ id: 'LiveChatSession' });

const count = z.number().int().nonnegative();
const pages = { count, total: count, page: count, pages: count };
const done = { success: z.literal(true), message: z.string() };
const found = { success: z.literal(true) };

/** The answers by what was asked. */
export const ANSWERS = {
  created: z.object({
    ...done,
    data: z.object({
      session,
      welcomeMessage: message,
      visitorToken: z.string().describe('Proves that its holder is the guest of this session.'),
    }),
  }),
  session: z.object({ ...found, data: session }),
  sessionForAgents: z.object({ ...found, data: z.object({ session, messages: z.array(message) }) }),
  sessions: z.object({
    ...found,
    ...pages,
    statusCounts: z.object({ pending: count, active: count, closed: count, archived: count }),
    data: z.array(session),
  }),
  message: z.object({ ...done, data: message }),
  messages: z.object({ ...found, ...pages, data: z.array(message) }),
  uploaded: z.object({ ...done, data: z.object({ attachments: z.array(attachment) }) }),
  ended: z.object({ ...done, data: z.object({ sessionId: z.string(), status, endedAt: moment.optional() }) }),
  rated: z.object({ ...done, data: z.object({ rating: rating }) }),
  done: z.object(done),
  assigned: z.object({
    ...done,
    data: z.object({
      sessionId: z.string(),
      assignedAgent: z.string().optional(),
      agentName: z.string().optional(),
      status,
    }),
  }),
  transferred: z.object({
    ...done,
    data: z.object({
      sessionId: z.string(),
      assignedAgent: z.string().optional(),
      agentName: z.string().optional(),
    }),
  }),
  changed: z.object({
    ...done,
    data: z.object({
      sessionId: z.string(),
      status,
      priority,
      department: z.string(),
      tags: z.array(z.string()),
    }),
  }),
  noted: z.object({
    ...done,
    data: z.object({ content: z.string(), addedBy: z.string(), addedAt: moment }),
  }),
  analytics: z.object({
    ...found,
    data: z.object({
      period: z.object({ start: moment, end: moment }),
      overview: z.object({
        totalSessions: count,
        avgMessages: z.number(),
        closedSessions: count,
        avgRating: z.number(),
      }),
      responseTime: z
        .object({ avgResponseTime: count, minResponseTime: count, maxResponseTime: count })
        .describe('Milliseconds until the first answer of an agent.'),
      sessionsByDay: z.array(z.object({ _id: z.iso.date(), count })),
      topAgents: z.array(z.object({ _id: z.string(), sessionsHandled: count, avgRating: z.number() })),
    }),
  }),
  history: z.object({
    ...found,
    ...pages,
    data: z.array(
      z.object({
        sessionId: z.string(),
        status,
        messageCount: count,
        rating: z.object({ score, feedback: z.string().optional() }).optional(),
        createdAt: moment,
        endedAt: moment.optional(),
      }),
    ),
  }),
} as const;
