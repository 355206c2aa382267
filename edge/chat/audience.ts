// The one place that says who may see which event of a conversation, and what of it.
import type { Conversation } from '../../domain/conversation/conversation.ts';
import type { ConversationEvent, ConversationEventType } from '../../domain/conversation/events.ts';
import type { Attachment } from '../../domain/conversation/values.ts';
import { factOf, type RecordedEvent } from '../../domain/log/commit.ts';
import type { ConversationSummary, WireAttachment, WireEvent } from '../../domain/wire.ts';
import type { Links } from '../out/files.ts';

/** `visitor`: whoever holds the conversation. `agent`: the users of its workspace. */
export type Audience = 'visitor' | 'agent';

/** The last version that each audience may see; 0 where there is none. */
export type Heads = Record<Audience, number>;

/** Whether an audience is told of events of that type at all. */
export function sees(audience: Audience, type: string): boolean {
  return (
    rule(type as ConversationEventType) === 'both' ||
    (audience === 'agent' && rule(type as ConversationEventType) === 'agents')
  );
}

function rule(type: ConversationEventType): 'both' | 'agents' | 'nobody' {
  switch (type) {
    case 'ConversationStarted':
    case 'VisitorIdentified':
    case 'MessagePosted':
    case 'MessagesRead':
    case 'AgentAssigned':
    case 'AgentJoined':
    case 'ConversationTransferred':
    case 'ConversationQueued':
    case 'HumanRequested':
    case 'ConversationReturnedToAi':
    case 'ConversationClosed':
    case 'ConversationReopened':
    case 'ConversationRated':
    case 'IdleWarned':
    case 'ConversationArchived':
    case 'ConversationErased':
      return 'both';
    case 'NoteAdded':
    case 'TagsSet':
    case 'PrioritySet':
    case 'DepartmentSet':
    case 'TargetBreached':
    case 'ReminderSet':
    case 'ReminderCleared':
    case 'ReminderDue':
    // What it cost and how sure it was is the business's own affair.
    case 'AiAnswered':
    case 'AiFailed':
      return 'agents';
    // A file belongs to its sender until a message shows it; its key to nobody.
    case 'AttachmentAdded':
      return 'nobody';
    default:
      return unknown(type);
  }
}

function unknown(type: never): 'nobody' {
  // A newer process may write what this one does not know yet: nobody is shown what nobody here has judged.
  void type;
  return 'nobody';
}

/**
 * The event as that audience may see it; undefined where it may not. `previous`: the last version before
 * it that this audience may see.
 */
export function showEvent(
  event: RecordedEvent,
  conversation: string,
  audience: Audience,
  links: Links,
  previous: number,
): WireEvent | undefined {
  if (!sees(audience, event.type)) return undefined;
  const { version, position, type, actor, at } = event;
  const data = dataFor(factOf<ConversationEvent>(event), conversation, audience, links);
  const own = actor.kind === audience;
  return {
    conversation,
    version,
    previous,
    sequence: position,
    type,
    actor: actor.kind === 'agent' ? { kind: 'agent', id: actor.id } : { kind: actor.kind },
    at,
    data,
    ...(own ? { command: event.command } : {}),
  };
}

function dataFor(
  event: ConversationEvent,
  conversation: string,
  audience: Audience,
  links: Links,
): Readonly<Record<string, unknown>> {
  if (event.type === 'MessagePosted') {
    const { text, attachments, author, sources } = event.data;
    return {
      text,
      author,
      ...(sources ? { sources } : {}),
      attachments: attachments.map((file) => showAttachment(conversation, file, links)),
    };
  }
  if (audience === 'agent') {
    // Which files went with an erased conversation is the eraser's business alone.
    return event.type === 'ConversationErased' ? { reason: event.data.reason } : event.data;
  }
  switch (event.type) {
    case 'ConversationStarted':
      return { visitor: event.data.visitor, ai: event.data.ai };
    case 'VisitorIdentified':
      return { visitor: event.data.visitor };
    case 'MessagesRead':
      return { by: event.data.by, upTo: event.data.upTo };
    case 'AgentAssigned':
    case 'AgentJoined':
      return { agent: event.data.agent };
    case 'ConversationTransferred':
      return { to: event.data.to };
    case 'ConversationClosed':
    case 'ConversationReopened':
      return { by: event.data.by };
    case 'ConversationRated':
      return { score: event.data.score, feedback: event.data.feedback };
    case 'IdleWarned':
      return event.data;
    case 'ConversationQueued':
      // Why and where to is the business's own affair; that whom they talked to has gone is theirs.
      return event.data.left ? { from: event.data.from, left: true } : {};
    case 'HumanRequested':
    case 'ConversationReturnedToAi':
    case 'ConversationArchived':
    case 'ConversationErased':
    case 'NoteAdded':
    case 'TagsSet':
    case 'PrioritySet':
    case 'DepartmentSet':
    case 'TargetBreached':
    case 'ReminderSet':
    case 'ReminderCleared':
    case 'ReminderDue':
    case 'AiAnswered':
    case 'AiFailed':
    case 'AttachmentAdded':
      return {};
  }
}

function showAttachment(conversation: string, file: Attachment, links: Links): WireAttachment {
  const { id, name, type, size, width, height } = file;
  return { id, name, type, size, width, height, ...links.link(conversation, file) };
}

/** The last versions that each audience may see after these events, given those before. */
export function headsAfter(heads: Heads, events: readonly RecordedEvent[]): Heads {
  let { visitor, agent } = heads;
  for (const { type, version } of events) {
    if (sees('visitor', type)) visitor = version;
    if (sees('agent', type)) agent = version;
  }
  return { visitor, agent };
}

/**
 * A conversation as a line of a list; undefined where there is none to list. A visitor is not shown
 * what the business notes down about them. `siteKey` names the widget it came through.
 */
export function summaryFor(
  audience: Audience,
  conversation: string,
  state: Omit<Conversation, 'attachments' | 'unread' | 'joined'>,
  version: number,
  siteKey: string,
): ConversationSummary | undefined {
  const { status, owner, lastMessage, rating } = state;
  if (status === 'none' || status === 'erased') return undefined;
  const forAgent = audience === 'agent';
  return {
    conversation,
    number: state.number,
    version,
    status,
    owner: owner.kind === 'agent' ? { kind: 'agent', id: owner.agent.id, name: owner.agent.name } : owner,
    visitor: { name: state.visitor.name, email: state.visitor.email },
    widget: siteKey,
    department: forAgent ? state.department : '',
    priority: forAgent ? state.priority : 'medium',
    tags: forAgent ? state.tags : [],
    messageCount: state.messageCount,
    unread: forAgent ? state.unreadByAgent : state.unreadByVisitor,
    lastMessage: lastMessage && { text: lastMessage.text, author: lastMessage.author, at: lastMessage.at },
    startedAt: state.startedAt,
    updatedAt: forAgent ? state.updatedAt : (lastMessage?.at ?? state.startedAt),
    queuedAt: state.queuedAt,
    endedAt: state.endedAt,
    rating: rating && { score: rating.score, feedback: rating.feedback },
  };
}
