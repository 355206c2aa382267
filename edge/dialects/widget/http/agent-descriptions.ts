// What the routes of agents and their work say of themselves (seeds 001 and 004; agents' accounts are ours).
import { z } from 'zod';
import { described } from '../../../http/described.ts';
import { waitingSession, widgetUser } from '../shapes.ts';

const success = z.literal(true);
const AGENT = {
  id: 1,
  username: 'support_agent',
  email: 'agent@example.com',
  full_name: 'Support Agent',
  role: 'support',
};
const params = { id: 1 };

export const LIST_AGENTS = described({
  dialect: 'widget',
  summary: 'List the people of the workspace',
  description:
    '`online`: a socket of theirs is open; `accepting`: they take new chats. `max_chats` is left out where the workspace’s figure holds; no department means all of them; `skills` are what a chat may ask for (its widget’s `skills`, or a tag that some agent has as a skill).',
  access: 'user',
  answers: {
    200: z.object({
      success,
      data: z.object({
        agents: z.array(
          widgetUser
            .extend({
              max_chats: z.number().int().optional(),
              departments: z.array(z.string()),
              skills: z.array(z.string()),
              online: z.boolean(),
              accepting: z.boolean(),
              created_at: z.iso.datetime(),
            })
            .meta({ id: 'WidgetAgent' }),
        ),
      }),
    }),
  },
  examples: [
    {
      status: 200,
      answer: {
        success: true,
        data: {
          agents: [
            {
              ...AGENT,
              departments: [],
              skills: [],
              online: true,
              accepting: true,
              created_at: '2024-01-15T10:30:00Z',
            },
          ],
        },
      },
    },
  ],
});

const made = z.object({ success, data: z.object({ agent: widgetUser }) });

export const ADD_AGENT = described({
  dialect: 'widget',
  summary: 'Add an agent',
  access: 'admin',
  answers: { 201: made },
  refusals: [409],
  examples: [
    {
      body: { email: 'agent@example.com', password: 'agent_password', full_name: 'Support Agent' },
      status: 201,
      answer: { success: true, data: { agent: AGENT } },
    },
  ],
});

export const CHANGE_AGENT = described({
  dialect: 'widget',
  summary: 'Change an agent',
  description: 'What is left out stays. A new role ends the agent’s tokens.',
  access: 'admin',
  answers: { 200: made },
  refusals: [409],
  examples: [
    {
      params,
      body: { full_name: 'Support Agent', max_chats: 4 },
      status: 200,
      answer: { success: true, data: { agent: AGENT } },
    },
  ],
});

export const REMOVE_AGENT = described({
  dialect: 'widget',
  summary: 'Remove an agent',
  description:
    'Ends their tokens and sockets; what they wrote stays. The last admin cannot be removed (409).',
  access: 'admin',
  answers: { 200: z.object({ success, message: z.string() }) },
  refusals: [409],
  examples: [{ params, status: 200, answer: { success: true, message: 'Agent removed successfully' } }],
});

export const AGENT_STATS = described({
  dialect: 'widget',
  summary: 'Get Agent Statistics',
  description:
    'Of the caller. `chatsHandled`: chats last given to them. `avgResponseTime`: from a chat’s start to the first answer of a person, over the chats where that was theirs; `n/a` where none was. `customerSatisfaction`: mean of the ratings of chats last given to them, 1 to 5; 0 where nobody has rated.',
  access: 'user',
  answers: {
    200: z.object({
      success,
      data: z
        .object({
          chatsHandled: z.number().int(),
          activeChats: z.number().int(),
          avgResponseTime: z.string(),
          customerSatisfaction: z.number(),
        })
        .meta({ id: 'WidgetAgentStats' }),
    }),
  },
  examples: [
    {
      status: 200,
      answer: {
        success: true,
        data: { chatsHandled: 45, activeChats: 2, avgResponseTime: '2.3 min', customerSatisfaction: 4.2 },
      },
    },
  ],
});

export const WAITING_SESSIONS = described({
  dialect: 'widget',
  summary: 'Get Waiting Sessions (Queue)',
  description: 'Longest waiting first; the first 500.',
  access: 'user',
  answers: { 200: z.object({ success, sessions: z.array(waitingSession) }) },
  examples: [
    {
      status: 200,
      answer: {
        success: true,
        sessions: [
          {
            sessionId: 'session_abc123',
            siteKey: 'widget-abc123',
            businessName: 'Acme Corp',
            visitorName: 'Customer',
            waitingTime: 5,
            escalated: true,
            addedAt: '2024-01-15T10:30:00Z',
          },
        ],
      },
    },
  ],
});

export const ACTIVE_CHATS = described({
  dialect: 'widget',
  summary: 'Get Active Chats',
  description:
    'Open chats of the caller, the latest activity first; 100 a page. `browser` is what the user agent tells, `location` the most exact place that is known of the address; null where nothing is.',
  access: 'user',
  answers: {
    200: z.object({
      success,
      data: z.array(
        z
          .object({
            session_id: z.string(),
            site_key: z.string(),
            visitor_name: z.string(),
            business_name: z.string(),
            messageCount: z.number().int(),
            started_at: z.iso.datetime(),
            visitor_info: z.object({ browser: z.string().nullable(), location: z.string().nullable() }),
          })
          .meta({ id: 'WidgetActiveChat' }),
      ),
    }),
  },
  examples: [
    {
      status: 200,
      answer: {
        success: true,
        data: [
          {
            session_id: 'session_abc123',
            site_key: 'widget-abc123',
            visitor_name: 'John Doe',
            business_name: 'Acme Corp',
            messageCount: 15,
            started_at: '2024-01-15T10:30:00Z',
            visitor_info: { browser: 'Chrome', location: 'New York' },
          },
        ],
      },
    },
  ],
});
