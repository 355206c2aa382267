// What each fact changes in what is true of a conversation.
import type { Placed } from '../decider.ts';
import { stated } from '../stated.ts';
import { type Conversation, initial } from './conversation.ts';
import type { ConversationEvent } from './events.ts';

/** How much of a message the fold keeps for lists, in characters. */
const EXCERPT = 200;
/** How many unread messages are told apart; beyond, the oldest count as one with the next. */
const UNREAD_KEPT = 1_000;

type Fact = ConversationEvent & Placed & { readonly actor?: { readonly kind: string } };

/** Folds one placed event into the state. Pure; unknown types are the log's upcaster's business. */
export function evolve(state: Conversation, event: Fact): Conversation {
  // Most events by far are these two; they copy the state once.
  if (event.type === 'MessagePosted') return posted(state, event);
  if (event.type === 'MessagesRead') return read(state, event);
  const now = { ...state, updatedAt: event.at };
  switch (event.type) {
    case 'ConversationStarted': {
      const { widget, visitor, origin, department, priority, ai } = event.data;
      return {
        ...initial,
        status: 'queued',
        owner: ai ? { kind: 'ai' } : { kind: 'nobody' },
        number: event.position,
        widget,
        visitor,
        origin,
        department,
        priority,
        startedAt: event.at,
        updatedAt: event.at,
        queuedAt: ai ? undefined : event.at,
      };
    }
    case 'VisitorIdentified':
      return { ...now, visitor: { ...state.visitor, ...stated(event.data.visitor) } };
    case 'AttachmentAdded': {
      const { attachment } = event.data;
      return { ...now, attachments: { ...state.attachments, [attachment.id]: attachment } };
    }
    case 'AgentAssigned':
      return {
        ...now,
        status: 'open',
        owner: { kind: 'agent', agent: event.data.agent },
        queuedAt: undefined,
        humanRequested: false,
      };
    case 'AgentJoined':
      return { ...now, joined: [...state.joined, event.data.agent.id] };
    case 'ConversationTransferred':
      return {
        ...now,
        status: 'open',
        owner: { kind: 'agent', agent: event.data.to },
        queuedAt: undefined,
        humanRequested: false,
      };
    case 'ConversationQueued':
      return {
        ...now,
        status: 'queued',
        owner: { kind: 'nobody' },
        department: event.data.department ?? state.department,
        queuedAt: event.at,
        endedAt: undefined,
      };
    case 'HumanRequested':
      return {
        ...now,
        owner: { kind: 'nobody' },
        humanRequested: true,
        queuedAt: state.queuedAt ?? event.at,
      };
    case 'ConversationReturnedToAi':
      return { ...now, status: 'queued', owner: { kind: 'ai' }, queuedAt: undefined, humanRequested: false };
    case 'NoteAdded':
      return now;
    case 'TagsSet':
      return { ...now, tags: event.data.tags };
    case 'PrioritySet':
      return { ...now, priority: event.data.priority };
    case 'DepartmentSet':
      return { ...now, department: event.data.department };
    case 'ConversationClosed':
      return {
        ...now,
        status: 'closed',
        owner: state.owner.kind === 'ai' ? { kind: 'nobody' } : state.owner,
        endedAt: event.at,
        queuedAt: undefined,
      };
    case 'ConversationReopened':
      return {
        ...now,
        status: 'queued',
        owner: { kind: 'nobody' },
        endedAt: undefined,
        humanRequested: false,
        rating: undefined,
        queuedAt: event.at,
      };
    case 'ConversationRated': {
      const { score, feedback } = event.data;
      return {
        ...now,
        rating: { score, feedback, ratedAt: event.at, firstAt: state.rating?.firstAt ?? event.at },
      };
    }
    case 'ConversationArchived':
      return { ...now, status: 'archived' };
    case 'ConversationErased':
      return { ...initial, status: 'erased', updatedAt: event.at };
    default:
      return unknown(event);
  }
}

function posted(state: Conversation, event: Extract<Fact, { type: 'MessagePosted' }>): Conversation {
  const { author, text } = event.data;
  const human = author.kind === 'agent';
  const unread =
    author.kind === 'system'
      ? state.unread
      : [...state.unread, { version: event.version, visitor: author.kind === 'visitor' }].slice(-UNREAD_KEPT);
  const { unreadByAgent, unreadByVisitor } = counts(unread);
  return {
    ...state,
    updatedAt: event.at,
    messageCount: state.messageCount + 1,
    unread,
    unreadByAgent,
    unreadByVisitor,
    lastMessage: { text: text.slice(0, EXCERPT), author: author.kind, at: event.at, version: event.version },
    firstResponseAt: state.firstResponseAt ?? (human ? event.at : undefined),
  };
}

function read(state: Conversation, event: Extract<Fact, { type: 'MessagesRead' }>): Conversation {
  const { by, upTo } = event.data;
  const unread = state.unread.filter(
    (message) => message.version > upTo || message.visitor === (by === 'visitor'),
  );
  const { unreadByAgent, unreadByVisitor } = counts(unread);
  return {
    ...state,
    updatedAt: event.at,
    unread,
    unreadByAgent,
    unreadByVisitor,
    readBy: { ...state.readBy, [by]: Math.max(state.readBy[by], upTo) },
  };
}

function counts(unread: Conversation['unread']): { unreadByAgent: number; unreadByVisitor: number } {
  const unreadByAgent = unread.reduce((sum, message) => sum + (message.visitor ? 1 : 0), 0);
  return { unreadByAgent, unreadByVisitor: unread.length - unreadByAgent };
}

function unknown(event: never): never {
  throw new Error(`no fold for the event ${JSON.stringify((event as { type: string }).type)}`);
}
