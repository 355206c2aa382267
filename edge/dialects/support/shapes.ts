// How the support document (seed 002) shows sessions and messages: the same over HTTP and over Socket.IO.
import { z } from 'zod';
import type { AuthorKind, Conversation, Status } from '../../../domain/conversation/conversation.ts';
import type { ConversationEvent } from '../../../domain/conversation/events.ts';
import type { RecordedEvent } from '../../../domain/log/commit.ts';
import type { Links } from '../../out/files.ts';

/** Characters of a message: this document's own limit; other dialects take more. */
export const MESSAGE_LENGTH = 1_000;

/** What is written in a session, over HTTP and over Socket.IO alike. */
export const supportText = z
  .string()
  .refine((text) => text.trim() !== '', 'must not be empty')
  .max(MESSAGE_LENGTH);

export const party = z.enum(['user', 'agent', 'system']);
export type Party = z.infer<typeof party>;

const moment = z.iso.datetime();

export const supportSession = z
  .object({
    _id: z.string(),
    sessionId: z.string(),
    userId: z.string(),
    userType: party,
    agentId: z.string().nullable(),
    status: z.enum(['waiting', 'active', 'ended']),
    createdAt: moment,
    updatedAt: moment,
    endedAt: moment.nullable(),
    endReason: z.string().nullable(),
    messageCount: z.number().int(),
  })
  .meta({ id: 'SupportSession', description: 'A chat session (seed 002, Session). `_id` is the sessionId.' });
export type SupportSession = z.infer<typeof supportSession>;

export const supportMessage = z
  .object({
    _id: z.string(),
    sessionId: z.string(),
    senderId: z.string(),
    senderType: party,
    message: z.string(),
    timestamp: moment,
  })
  .meta({ id: 'SupportMessage', description: 'A message of a session (seed 002, Message).' });
export type SupportMessage = z.infer<typeof supportMessage>;

/** Our status in the document's words. */
export function statusShape(status: Status): SupportSession['status'] {
  switch (status) {
    case 'open':
      return 'active';
    case 'closed':
    case 'archived':
      return 'ended';
    case 'none':
    case 'queued':
    case 'erased':
      return 'waiting';
  }
}

/** Who a session is for: as its starter named them; a visitor of another dialect who has no name goes by the session's id. */
export function userIdOf(sessionId: string, { visitor }: Pick<Conversation, 'visitor'>): string {
  return visitor.id ?? sessionId;
}

/** A conversation as the document's Session. */
export function sessionShape(sessionId: string, state: Conversation): SupportSession {
  const { owner } = state;
  return {
    _id: sessionId,
    sessionId,
    userId: userIdOf(sessionId, state),
    userType: state.origin.party ?? 'user',
    agentId: owner.kind === 'agent' ? owner.agent.id : null,
    status: statusShape(state.status),
    createdAt: state.startedAt,
    updatedAt: state.updatedAt,
    endedAt: state.endedAt ?? null,
    endReason: state.endReason ?? null,
    messageCount: state.messageCount,
  };
}

/** `{success, message?, data}`, as every answer is. */
export const answerOf = <Data extends z.ZodType>(data: Data) =>
  z.object({ success: z.literal(true), message: z.string().optional(), data });

type Posted = Extract<ConversationEvent, { type: 'MessagePosted' }>;

/**
 * A MessagePosted as the document's Message. `userId`: see userIdOf. The document knows no files: each is
 * told on a line of its own after the text, with a link that opens it.
 */
export function messageShape(
  event: RecordedEvent,
  sessionId: string,
  userId: string,
  files: Links,
): SupportMessage {
  // The log gives back what the domain put in: a MessagePosted has its data.
  const { text, attachments, author } = event.data as Posted['data'];
  const links = attachments.map(
    (attachment) => `${attachment.name}: ${files.link(sessionId, attachment).url}`,
  );
  return {
    _id: String(event.position),
    sessionId,
    senderId: author.kind === 'visitor' ? userId : (author.id ?? author.kind),
    senderType: senderType(author.kind),
    message: [...(text === '' ? [] : [text]), ...links].join('\n'),
    timestamp: event.at,
  };
}

/** The AI speaks for the business, so it is an agent here. */
export function senderType(author: AuthorKind): Party {
  if (author === 'visitor') return 'user';
  return author === 'system' ? 'system' : 'agent';
}
