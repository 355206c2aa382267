// What the live-chat document says of its admin endpoints (seed 003), with its examples.
import { described } from '../../../http/described.ts';
import { ANSWERS } from '../answers.ts';
import { message } from './messages.ts';

const params = { sessionId: 'session-123' };
const dialect = 'live-chat';
const START = '2024-12-04T12:00:00.000Z';

const shown = {
  sessionId: 'session-123',
  user: {
    name: 'John Doe',
    email: 'john@example.com',
    metadata: {
      userAgent: 'Mozilla/5.0...',
      ipAddress: '192.168.1.1',
      pageUrl: 'https://example.com',
    },
  },
  status: 'active',
  priority: 'medium',
  department: 'support',
  assignedAgent: { _id: '4194311', firstName: 'Jane', lastName: 'Smith', email: 'jane@company.com' },
  agentName: 'Jane Smith',
  tags: ['refund'],
  lastMessage: { content: 'I need help', type: 'user', timestamp: '2024-12-04T12:01:00.000Z' },
  messageCount: 2,
  unreadCount: 1,
  startedAt: START,
  createdAt: START,
  updatedAt: '2024-12-04T12:10:00.000Z',
};
const said = {
  sessionId: 'session-123',
  attachments: [],
  metadata: { isEdited: false, isDeleted: false },
  isRead: false,
};

export const LIST_SESSIONS = described({
  dialect,
  summary: 'All sessions of the workspace, newest first',
  description:
    '`search` looks at name, e-mail address and session id; `assignedAgent` is an agent id or `unassigned`. `statusCounts` counts what the other filters select, whatever `status` and `page` say.',
  access: 'user',
  answers: { 200: ANSWERS.sessions },
  examples: [
    {
      query: { page: 1, limit: 20, search: 'john@example.com' },
      status: 200,
      answer: {
        success: true,
        count: 1,
        total: 1,
        page: 1,
        pages: 1,
        statusCounts: { pending: 0, active: 1, closed: 0, archived: 0 },
        data: [shown],
      },
    },
    {
      name: 'Without a token',
      status: 401,
      answer: { success: false, message: 'No token, authorization denied' },
    },
  ],
});

export const READ_SESSION_AS_AGENT = described({
  dialect,
  summary: 'A session with its notes and messages, for agents',
  description: 'Shows the newest messages; of longer sessions the older ones are left out.',
  access: 'user',
  answers: { 200: ANSWERS.sessionForAgents },
  examples: [
    {
      params,
      status: 200,
      answer: {
        success: true,
        data: {
          session: {
            ...shown,
            notes: [
              {
                content: 'Customer has premium subscription',
                addedBy: { _id: '4194311', firstName: 'Jane', lastName: 'Smith' },
                addedAt: '2024-12-04T12:10:00.000Z',
              },
            ],
          },
          messages: [
            {
              ...said,
              _id: '4503599627370497',
              type: 'system',
              content: 'Welcome!',
              agentName: 'System',
              createdAt: START,
              updatedAt: START,
            },
            {
              ...said,
              _id: '4503599627370498',
              type: 'user',
              content: 'I need help',
              createdAt: '2024-12-04T12:01:00.000Z',
              updatedAt: '2024-12-04T12:01:00.000Z',
            },
          ],
        },
      },
    },
  ],
});

export const REPLY = described({
  dialect,
  summary: 'Reply as an agent',
  description: 'JSON, or a form with files. Who replies to a session that nobody has takes it.',
  access: 'user',
  body: message,
  accepts: ['application/json', 'multipart/form-data'],
  answers: { 201: ANSWERS.message },
  refusals: [403, 409],
  examples: [
    {
      params,
      body: { content: "Hello! I'd be happy to help you with that." },
      status: 201,
      answer: {
        success: true,
        message: 'Reply sent successfully',
        data: {
          ...said,
          _id: '4503599627370499',
          type: 'agent',
          content: "Hello! I'd be happy to help you with that.",
          agentName: 'Jane Smith',
          agentId: '4194311',
          createdAt: '2024-12-04T12:05:00.000Z',
          updatedAt: '2024-12-04T12:05:00.000Z',
        },
      },
    },
  ],
});

export const ASSIGN = described({
  dialect,
  summary: 'Assign the session to an agent',
  description: 'The name is the one that we know of that agent, whatever `agentName` says.',
  access: 'user',
  answers: { 200: ANSWERS.assigned },
  refusals: [403, 409],
  examples: [
    {
      params,
      body: { agentId: '4194311', agentName: 'Jane Smith' },
      status: 200,
      answer: {
        success: true,
        message: 'Session assigned successfully',
        data: {
          sessionId: 'session-123',
          assignedAgent: '4194311',
          agentName: 'Jane Smith',
          status: 'active',
        },
      },
    },
  ],
});

export const CHANGE_SESSION = described({
  dialect,
  summary: 'Change status, priority, department or tags',
  description: 'At least one of them. `active` where nobody is assigned assigns the caller.',
  access: 'user',
  answers: { 200: ANSWERS.changed },
  refusals: [403, 409],
  examples: [
    {
      params,
      body: { status: 'closed', priority: 'high', department: 'billing', tags: ['refund', 'urgent'] },
      status: 200,
      answer: {
        success: true,
        message: 'Session updated successfully',
        data: {
          sessionId: 'session-123',
          status: 'closed',
          priority: 'high',
          department: 'billing',
          tags: ['refund', 'urgent'],
        },
      },
    },
  ],
});

export const ADD_NOTE = described({
  dialect,
  summary: 'Add an internal note, which the guest never sees',
  access: 'user',
  answers: { 201: ANSWERS.noted },
  refusals: [409],
  examples: [
    {
      params,
      body: { content: 'Customer mentioned they have a premium subscription' },
      status: 201,
      answer: {
        success: true,
        message: 'Note added successfully',
        data: {
          content: 'Customer mentioned they have a premium subscription',
          addedBy: '4194311',
          addedAt: '2024-12-04T12:10:00.000Z',
        },
      },
    },
  ],
});

export const TRANSFER = described({
  dialect,
  summary: 'Transfer the session to another agent',
  access: 'user',
  answers: { 200: ANSWERS.transferred },
  refusals: [403, 409],
  examples: [
    {
      params,
      body: { toAgentId: '4194322', toAgentName: 'Bob Wilson', reason: 'Billing expertise needed' },
      status: 200,
      answer: {
        success: true,
        message: 'Session transferred successfully',
        data: { sessionId: 'session-123', assignedAgent: '4194322', agentName: 'Bob Wilson' },
      },
    },
  ],
});

export const DELETE_SESSION = described({
  dialect,
  summary: 'Delete the session with all its messages, for good',
  access: 'admin',
  answers: { 200: ANSWERS.done },
  examples: [
    {
      params,
      status: 200,
      answer: { success: true, message: 'Session and all messages deleted successfully' },
    },
  ],
});

export const ANALYTICS = described({
  dialect,
  summary: 'Figures of a period',
  description:
    'Both dates belong to the period; without them it is the last 30 days. Where there is nothing to average the average is 0.',
  access: 'user',
  answers: { 200: ANSWERS.analytics },
  examples: [
    {
      query: { startDate: '2024-11-01T00:00:00.000Z', endDate: '2024-12-01T00:00:00.000Z' },
      status: 200,
      answer: {
        success: true,
        data: {
          period: { start: '2024-11-01T00:00:00.000Z', end: '2024-12-01T00:00:00.000Z' },
          overview: { totalSessions: 150, avgMessages: 8.5, closedSessions: 120, avgRating: 4.5 },
          responseTime: { avgResponseTime: 45000, minResponseTime: 15000, maxResponseTime: 180000 },
          sessionsByDay: [
            { _id: '2024-11-01', count: 5 },
            { _id: '2024-11-02', count: 8 },
          ],
          topAgents: [{ _id: '4194311', sessionsHandled: 45, avgRating: 4.8 }],
        },
      },
    },
  ],
});

export const CUSTOMER_HISTORY = described({
  dialect,
  summary: 'All sessions of a customer, by e-mail address',
  access: 'user',
  answers: { 200: ANSWERS.history },
  examples: [
    {
      params: { email: 'john@example.com' },
      query: { page: 1, limit: 20 },
      status: 200,
      answer: {
        success: true,
        count: 1,
        total: 1,
        page: 1,
        pages: 1,
        data: [
          {
            sessionId: 'session-123',
            status: 'closed',
            messageCount: 12,
            rating: { score: 5 },
            createdAt: START,
            endedAt: '2024-12-04T12:30:00.000Z',
          },
        ],
      },
    },
  ],
});
