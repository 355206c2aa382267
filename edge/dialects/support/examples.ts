// A session and a message as the support document (seed 002) has them: the examples of its routes and of its events.

/** Waits for an agent. */
export const exampleSession = {
  _id: 'session_abc123',
  sessionId: 'session_abc123',
  userId: 'user123',
  userType: 'user',
  agentId: null,
  status: 'waiting',
  createdAt: '2024-01-15T10:30:00.000Z',
  updatedAt: '2024-01-15T10:30:00.000Z',
  endedAt: null,
  endReason: null,
  messageCount: 0,
} as const;

/** What its user has written. */
export const exampleMessage = {
  _id: '65536',
  sessionId: 'session_abc123',
  senderId: 'user123',
  senderType: 'user',
  message: 'Hello, I need help',
  timestamp: '2024-01-15T10:31:00.000Z',
} as const;
