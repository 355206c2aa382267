// The Socket.IO events of the support document (seed 002): what clients may say, and what they are told.
import { z } from 'zod';
import { commandId, conversationId } from '../../../domain/ids.ts';
import { exampleMessage, exampleSession } from './examples.ts';
import { party, supportMessage, supportSession, supportText } from './shapes.ts';

const sessionId = conversationId;
/** A session by its id alone, or in an object with more. */
const named = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? { sessionId: value } : value),
    z.object({ sessionId, ...shape }),
  );
const visitorToken = z.string().max(4_096).optional();

/** What a client may say, by event. Each may carry an acknowledgement, which is answered by `supportAnswer`. */
export const supportClientEvents = {
  join_session: named({ visitorToken }).meta({
    id: 'SupportJoinSession',
    description:
      'Join a chat session room. A user joins by the id of the session, in the workspace of their token; `visitorToken` where the widget wants one. The id alone, as a string, will do.',
    examples: [{ sessionId: 'session_abc123' }],
  }),
  leave_session: named({}).meta({
    id: 'SupportLeaveSession',
    description: 'Leave a room that was joined.',
    examples: [{ sessionId: 'session_abc123' }],
  }),
  send_message: z
    .object({
      sessionId,
      message: supportText,
      /** A UUIDv7 of the client: a message that is sent again is stored once. */
      messageId: commandId.optional(),
      visitorToken,
    })
    .meta({
      id: 'SupportSendMessage',
      description:
        'Send a message of at most 1,000 characters. Everyone in the room hears it as new_message, the sender too. With `messageId`, a UUIDv7, a message that is sent again is stored once.',
      examples: [{ sessionId: 'session_abc123', message: 'Hello, I need help' }],
    }),
  typing_start: named({ visitorToken }).meta({
    id: 'SupportTypingStart',
    description: 'The sender began to type.',
    examples: [{ sessionId: 'session_abc123' }],
  }),
  typing_stop: named({ visitorToken }).meta({
    id: 'SupportTypingStop',
    description: 'The sender ceased to type.',
    examples: [{ sessionId: 'session_abc123' }],
  }),
} as const;

export type SupportClientEvent = keyof typeof supportClientEvents;

const moment = z.iso.datetime();
const someone = { sessionId: z.string(), userId: z.string(), userType: party };
const example = { sessionId: 'session_abc123', userId: 'user123', userType: 'user' } as const;

/** What a client is told, by event. */
export const supportServerEvents = {
  session_joined: z.object({ sessionId: z.string(), session: supportSession }).meta({
    id: 'SupportSessionJoined',
    description:
      'Session joined confirmation. Every message from then on arrives as new_message; earlier ones are read over HTTP.',
    examples: [{ sessionId: 'session_abc123', session: exampleSession }],
  }),
  new_message: supportMessage.extend({}).meta({
    id: 'SupportNewMessage',
    description: 'New message received, from anybody in any dialect; the sender hears their own as well.',
    examples: [exampleMessage],
  }),
  user_joined: z.object({ ...someone, timestamp: moment }).meta({
    id: 'SupportUserJoined',
    description: 'Somebody else joined the room.',
    examples: [{ ...example, timestamp: '2024-01-15T10:30:30.000Z' }],
  }),
  user_left: z.object({ ...someone, timestamp: moment }).meta({
    id: 'SupportUserLeft',
    description: 'Somebody else left the room, or their connection ended.',
    examples: [{ ...example, timestamp: '2024-01-15T10:45:00.000Z' }],
  }),
  user_typing: z.object({ ...someone, isTyping: z.boolean() }).meta({
    id: 'SupportUserTyping',
    description: 'Somebody else in the room began or ceased to type.',
    examples: [{ ...example, isTyping: true }],
  }),
  session_ended: z.object({ sessionId: z.string(), endedAt: moment, reason: z.string().nullable() }).meta({
    id: 'SupportSessionEnded',
    description: 'Session termination, whoever ended it and wherever. `reason`: as it was given, or null.',
    examples: [{ sessionId: 'session_abc123', endedAt: '2024-01-15T10:45:00.000Z', reason: 'Resolved' }],
  }),
  error: z.object({ success: z.literal(false), message: z.string() }).meta({
    id: 'SupportError',
    description:
      'What was asked without an acknowledgement was refused; or why the connection is about to end.',
    examples: [{ success: false, message: 'Session not found' }],
  }),
} as const;

export type SupportServerEvent = keyof typeof supportServerEvents;

/** What an acknowledgement is called with. */
export const supportAnswer = z
  .discriminatedUnion('success', [
    z.object({
      success: z.literal(true),
      sessionId: z.string(),
      /** In answer to join_session. */
      session: supportSession.optional(),
      /** In answer to send_message. */
      message: supportMessage.optional(),
    }),
    z.object({ success: z.literal(false), message: z.string() }),
  ])
  .meta({
    id: 'SupportAnswer',
    description: 'What the acknowledgement of a client event is called with.',
    examples: [{ success: true, sessionId: 'session_abc123', message: exampleMessage }],
  });
export type SupportAnswer = z.infer<typeof supportAnswer>;

/** An event as Socket.IO's protocol spells it, so that it is spelled once for all who hear it. */
export function spellEvent<Event extends SupportServerEvent>(
  event: Event,
  payload: z.infer<(typeof supportServerEvents)[Event]>,
): string {
  return `2${JSON.stringify([event, payload])}`;
}
