// What the routes of one session say of themselves (seed 004, chat operations).
import { z } from 'zod';
import { described } from '../../../http/described.ts';
import { widgetMessage } from '../shapes.ts';

const success = z.literal(true);
const params = { siteKey: 'widget-abc123', sessionId: 'session_abc123' };
const estimatedWait = z.number().int().nullable();
const MEANING =
  '0 and 0 where the session does not wait for an agent: one has it already, the AI speaks, or it has ended. `estimatedWait` in whole minutes, from how many chats were taken from the queue within the last hour (or day); null where none was, so that nobody can know.';

const escalation = z.object({
  sessionId: z.string(),
  queuePosition: z.number().int().nullable(),
  estimatedWait,
});
const escalated = { success, message: z.string() };

export const ESCALATE = described({
  dialect: 'widget',
  summary: 'Escalate Chat to Human',
  description: `Called by the widget when a person is wanted. The body may be left out. A session that has not begun yet, since nobody has written, begins with it (201). A repeat answers the same, with the place as it is then. ${MEANING} Both are null where the queue cannot be read at the moment; the chat is escalated all the same.`,
  access: 'guest',
  answers: {
    200: z.object({ ...escalated, data: escalation.meta({ id: 'WidgetEscalation' }) }),
    201: z.object({
      ...escalated,
      data: escalation
        .extend({
          visitorToken: z.string().describe('Proves that its holder is the visitor of this session.'),
        })
        .meta({ id: 'WidgetEscalationBegun' }),
    }),
  },
  refusals: [403, 409],
  examples: [
    {
      params,
      body: { reason: 'customer_requested_human', customer_frustrated: true },
      status: 200,
      answer: {
        success: true,
        message: 'Chat escalated to human agent',
        data: { sessionId: 'session_abc123', queuePosition: 2, estimatedWait: 4 },
      },
    },
    { name: 'Escalate Chat (cURL)', params, status: 200 },
  ],
});

export const QUEUE_POSITION = described({
  dialect: 'widget',
  summary: 'Get Queue Position',
  description: `Called by the widget to show waiting customers their position. ${MEANING}`,
  access: 'guest',
  answers: {
    200: z.object({
      success,
      data: z.object({ position: z.number().int(), estimatedWait }).meta({ id: 'WidgetQueuePlace' }),
    }),
  },
  examples: [{ params, status: 200, answer: { success: true, data: { position: 3, estimatedWait: 6 } } }],
});

export const SESSION_MESSAGES = described({
  dialect: 'widget',
  summary: 'Get Chat History',
  description:
    'Used by the agent interface to load the history: the newest 5,000 messages, oldest first. `waitingTime`: how long the customer has been waiting, or had waited when an agent took the chat.',
  access: 'user',
  answers: {
    200: z.object({
      success,
      messages: z.array(widgetMessage),
      customerInfo: z
        .object({
          name: z.string(),
          email: z.string().nullable(),
          business: z.string(),
          waitingTime: z.string(),
        })
        .meta({ id: 'WidgetCustomerInfo' }),
    }),
  },
  examples: [
    {
      params: { sessionId: 'session_abc123' },
      status: 200,
      answer: {
        success: true,
        messages: [
          {
            id: 1,
            text: 'Hello! How can I help?',
            sender: 'agent',
            timestamp: '2024-01-15T10:30:00Z',
            isAI: true,
          },
          {
            id: 2,
            text: 'I need help with my order',
            sender: 'customer',
            timestamp: '2024-01-15T10:31:00Z',
            isAI: false,
          },
        ],
        customerInfo: {
          name: 'John Doe',
          email: 'john@example.com',
          business: 'Acme Corp',
          waitingTime: '2 minutes',
        },
      },
    },
  ],
});
