// How the live-chat document shows sessions and messages: the same over HTTP and over its socket.
import type { Conversation, Status } from '../../../domain/conversation/conversation.ts';
import type { ConversationEvent } from '../../../domain/conversation/events.ts';
import type { Attachment } from '../../../domain/conversation/values.ts';
import type { RecordedEvent } from '../../../domain/log/commit.ts';
import type { Directory } from '../../identity/directory.ts';
import type { Links } from '../../out/files.ts';

export type LiveChatStatus = 'pending' | 'active' | 'closed' | 'archived';

/** Our status in the document's words. */
export function statusShape(status: Status): LiveChatStatus {
  switch (status) {
    case 'open':
      return 'active';
    case 'closed':
    case 'archived':
      return status;
    case 'none':
    case 'queued':
    case 'erased':
      return 'pending';
  }
}

/** The document's status in our words. */
export const STATUS_OF = {
  pending: 'queued',
  active: 'open',
  closed: 'closed',
  archived: 'archived',
} as const satisfies Record<LiveChatStatus, Status>;

/** `user`, `agent` or `system`: the AI speaks for the business, so it is an agent here. */
export function messageType(author: 'visitor' | 'agent' | 'ai' | 'system'): 'user' | 'agent' | 'system' {
  if (author === 'visitor') return 'user';
  return author === 'system' ? 'system' : 'agent';
}

/** An attachment with its links. `publicId`: what the document's own store called it by; here that is its id. */
export function attachmentShape(conversation: string, attachment: Attachment, files: Links) {
  const { id, name, type, size } = attachment;
  return { id, name, type, size, ...files.link(conversation, attachment), publicId: id };
}

type Message = Extract<ConversationEvent, { type: 'MessagePosted' }>;

/** A MessagePosted as a LiveChatMessage. `readAt`: when the other side read it, where it has. */
export function messageShape(
  event: RecordedEvent,
  conversation: string,
  files: Links,
  readAt?: string,
): Record<string, unknown> {
  // The log gives back what the domain put in: a MessagePosted has its data.
  const { text, attachments, author } = event.data as Message['data'];
  const type = messageType(author.kind);
  const agent =
    type === 'user'
      ? {}
      : { agentName: author.name ?? (author.kind === 'ai' ? 'AI Assistant' : 'System'), agentId: author.id };
  return {
    _id: String(event.position),
    sessionId: conversation,
    type,
    content: text,
    ...agent,
    attachments: attachments.map((attachment) => attachmentShape(conversation, attachment, files)),
    metadata: { isEdited: false, isDeleted: false },
    isRead: readAt !== undefined,
    readAt,
    createdAt: event.at,
    updatedAt: readAt ?? event.at,
  };
}

/** Who is told: guests do not see what the business notes down about them. */
export type SessionAudience = 'guest' | 'starter' | 'agent';

/** What a session is made of: a fold's state, or a row of the list. */
export type SessionSource = Omit<
  Conversation,
  'status' | 'joined' | 'unread' | 'attachments' | 'readBy' | 'unreadByVisitor'
> & { readonly status: Status };

/**
 * A conversation as a LiveChatSession. `starter` is told once, in answer to the creation, what was noted
 * of them; `agent` sees all but notes, which are in the history.
 */
export function sessionShape(
  conversation: string,
  state: SessionSource,
  audience: SessionAudience,
  assigned: AssignedShape | undefined,
): Record<string, unknown> {
  const { visitor, origin, owner, lastMessage, rating } = state;
  const { name, email, phone } = visitor;
  const metadata = {
    userAgent: origin.userAgent,
    ipAddress: origin.ip,
    referrer: origin.referrer,
    pageUrl: origin.pageUrl,
  };
  return {
    sessionId: conversation,
    user: { name, email, phone, ...(audience === 'guest' ? {} : { metadata }) },
    status: statusShape(state.status),
    ...(audience === 'guest' ? {} : { priority: state.priority, department: state.department }),
    assignedAgent: assigned,
    agentName: owner.kind === 'agent' ? owner.agent.name : undefined,
    ...(audience === 'agent' ? { tags: state.tags } : {}),
    lastMessage: lastMessage && {
      content: lastMessage.text,
      type: messageType(lastMessage.author),
      timestamp: lastMessage.at,
    },
    messageCount: state.messageCount,
    unreadCount: state.unreadByAgent,
    startedAt: state.startedAt,
    endedAt: state.endedAt,
    firstResponseAt: state.firstResponseAt,
    rating: rating && ratingShape(rating),
    createdAt: state.startedAt,
    updatedAt: state.updatedAt,
  };
}

export function ratingShape(rating: NonNullable<Conversation['rating']>) {
  return { score: rating.score, feedback: rating.feedback, ratedAt: rating.ratedAt };
}

export interface AssignedShape {
  readonly _id: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email?: string;
}

/** The agent who owns a conversation: as they are called now, or as they were called then where they are gone. */
export function assignedShape(
  owner: Conversation['owner'],
  workspace: string,
  directory: Directory,
  withEmail: boolean,
): AssignedShape | undefined {
  if (owner.kind !== 'agent') return undefined;
  const known = directory.user(workspace, owner.agent.id);
  const names = namesShape(known?.profile.fullName || owner.agent.name);
  const email = withEmail ? known?.profile.email : undefined;
  return { _id: owner.agent.id, ...names, ...(email ? { email } : {}) };
}

/** A name in two parts, as the document has it; only the first where there is one word. */
export function namesShape(name: string): { firstName: string; lastName: string } {
  const words = name.trim().split(/\s+/);
  return { firstName: words[0] ?? '', lastName: words.slice(1).join(' ') };
}
