// What the live-chat document says of its public endpoints (seed 003), with its examples.
import { z } from 'zod';
import { described } from '../../../http/described.ts';
import { ANSWERS } from '../answers.ts';
import { message } from './messages.ts';

const params = { sessionId: 'session-1701691234567-abc123' };
const dialect = 'live-chat';

export const CREATE_SESSION = described({
  dialect,
  summary: 'Create a chat session',
  description:
    'Acts on the default workspace, or on that of the user whose token is sent. Without a `sessionId` one is made.',
  access: 'public',
  answers: { 201: ANSWERS.created },
  refusals: [403, 409],
  examples: [
    {
      body: {
        sessionId: params.sessionId,
        user: { name: 'John Doe', email: 'john@example.com', phone: '+1234567890' },
        pageUrl: 'https://example.com/pricing',
      },
      status: 201,
      answer: {
        success: true,
        message: 'Chat session created successfully',
        data: {
          session: {
            sessionId: params.sessionId,
            user: {
              name: 'John Doe',
              email: 'john@example.com',
              phone: '+1234567890',
              metadata: {
                userAgent: 'Mozilla/5.0...',
                ipAddress: '::1',
                pageUrl: 'https://example.com/pricing',
              },
            },
            status: 'pending',
            priority: 'medium',
            department: 'general',
            lastMessage: {
              content: 'Welcome John Doe! A support agent will be with you shortly.',
              type: 'system',
              timestamp: '2024-12-04T12:00:00.000Z',
            },
            messageCount: 1,
            unreadCount: 0,
            startedAt: '2024-12-04T12:00:00.000Z',
            createdAt: '2024-12-04T12:00:00.000Z',
            updatedAt: '2024-12-04T12:00:00.000Z',
          },
          welcomeMessage: {
            _id: '4503599627370497',
            sessionId: params.sessionId,
            type: 'system',
            content: 'Welcome John Doe! A support agent will be with you shortly.',
            agentName: 'System',
            attachments: [],
            metadata: { isEdited: false, isDeleted: false },
            isRead: false,
            createdAt: '2024-12-04T12:00:00.000Z',
            updatedAt: '2024-12-04T12:00:00.000Z',
          },
          visitorToken: 'eyJhbGciOiJIUzI1NiJ9...',
        },
      },
    },
    {
      name: 'Without an e-mail address',
      body: { user: { name: 'John Doe' } },
      status: 400,
      answer: { success: false, message: 'User name and email are required' },
    },
  ],
});

export const READ_SESSION = described({
  dialect,
  summary: 'Details of a session, for its guest',
  access: 'guest',
  answers: { 200: ANSWERS.session },
  examples: [
    {
      params,
      status: 200,
      answer: {
        success: true,
        data: {
          sessionId: params.sessionId,
          user: { name: 'John Doe', email: 'john@example.com' },
          status: 'active',
          assignedAgent: { _id: '4194311', firstName: 'Jane', lastName: 'Smith' },
          agentName: 'Jane Smith',
          lastMessage: {
            content: 'Hi! How can I assist you today?',
            type: 'agent',
            timestamp: '2024-12-04T12:02:00.000Z',
          },
          messageCount: 5,
          unreadCount: 0,
          startedAt: '2024-12-04T12:00:00.000Z',
          firstResponseAt: '2024-12-04T12:02:00.000Z',
          createdAt: '2024-12-04T12:00:00.000Z',
          updatedAt: '2024-12-04T12:02:00.000Z',
        },
      },
    },
    {
      name: 'A session that is not there',
      params: { sessionId: 'session-unknown' },
      status: 404,
      answer: { success: false, message: 'Session not found' },
    },
  ],
});

const sent = {
  _id: '4503599627370498',
  sessionId: params.sessionId,
  type: 'user',
  content: 'Hello, I need help with my order',
  attachments: [],
  metadata: { isEdited: false, isDeleted: false },
  isRead: false,
  createdAt: '2024-12-04T12:05:00.000Z',
  updatedAt: '2024-12-04T12:05:00.000Z',
};

export const SEND_MESSAGE = described({
  dialect,
  summary: 'Send a message as the guest',
  description:
    'JSON, or a form with files. `attachments` are ids that the upload answered. A message to a closed session reopens it, as long as its widget allows.',
  access: 'guest',
  body: message,
  accepts: ['application/json', 'multipart/form-data'],
  answers: { 201: ANSWERS.message },
  refusals: [409],
  examples: [
    {
      params,
      body: { content: 'Hello, I need help with my order' },
      status: 201,
      answer: { success: true, message: 'Message sent successfully', data: sent },
    },
  ],
});

export const READ_MESSAGES = described({
  dialect,
  summary: 'The messages of a session, oldest first',
  access: 'guest',
  answers: { 200: ANSWERS.messages },
  examples: [
    {
      params,
      query: { page: 1, limit: 50 },
      status: 200,
      answer: {
        success: true,
        count: 2,
        total: 2,
        page: 1,
        pages: 1,
        data: [
          {
            ...sent,
            _id: '4503599627370497',
            type: 'system',
            content: 'Welcome! A support agent will be with you shortly.',
            agentName: 'System',
            createdAt: '2024-12-04T12:00:00.000Z',
            updatedAt: '2024-12-04T12:00:00.000Z',
          },
          sent,
        ],
      },
    },
  ],
});

export const UPLOAD = described({
  dialect,
  summary: 'Upload files before the message that shows them',
  description: 'The ids it answers go into `attachments` of a message of the same session.',
  access: 'either',
  accepts: ['multipart/form-data'],
  body: z.object({ sessionId: z.string() }),
  answers: { 201: ANSWERS.uploaded },
  refusals: [404, 409],
});

export const END_SESSION = described({
  dialect,
  summary: 'End the session as its guest, with a rating where they give one',
  access: 'guest',
  answers: { 200: ANSWERS.ended },
  refusals: [409],
  examples: [
    {
      params,
      body: { rating: 5, feedback: 'Great support, very helpful!' },
      status: 200,
      answer: {
        success: true,
        message: 'Chat session ended',
        data: { sessionId: params.sessionId, status: 'closed', endedAt: '2024-12-04T12:30:00.000Z' },
      },
    },
    { name: 'Without a rating', params, status: 200 },
  ],
});

export const RATE_SESSION = described({
  dialect,
  summary: 'Rate the session once it has ended',
  description: 'May be changed for 24 hours.',
  access: 'guest',
  answers: { 200: ANSWERS.rated },
  refusals: [409],
  examples: [
    {
      params,
      body: { score: 5, feedback: 'Excellent service!' },
      status: 200,
      answer: {
        success: true,
        message: 'Thank you for your feedback!',
        data: {
          rating: { score: 5, feedback: 'Excellent service!', ratedAt: '2024-12-04T12:35:00.000Z' },
        },
      },
    },
  ],
});

export const SAY_TYPING = described({
  dialect,
  summary: 'Tell the agents that the guest is typing',
  access: 'guest',
  answers: { 200: ANSWERS.done },
  examples: [
    {
      params,
      body: { isTyping: true },
      status: 200,
      answer: { success: true, message: 'Typing indicator sent' },
    },
  ],
});
