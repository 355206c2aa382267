// What each fact changes in what is true of a conversation.
import type { Placed } from '../decider.ts';
import { stated } from '../stated.ts';
import { type AuthorKind, type Conversation, initial, type Opening, type Silence } from './conversation.ts';
import type { ConversationEvent } from './events.ts';
import type { AgentRef } from './values.ts';

/** How much of a message the fold keeps for lists, in characters. */
const EXCERPT = 200;
/** Unread messages of a side that are listed; all are counted. */
const UNREAD_LISTED = 50;

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
        opening: { since: event.at, personSince: ai ? undefined : event.at, answered: false, breached: [] },
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
        ...ownedBy(state, event.data.agent, event.version),
        ...personDue(state, event.at),
      };
    case 'AgentJoined':
      return { ...now, joined: [...state.joined, event.data.agent.id] };
    case 'ConversationTransferred':
      return {
        ...now,
        status: 'open',
        ...ownedBy(state, event.data.to, event.version),
        ...personDue(state, event.at),
      };
    case 'ConversationQueued':
      return {
        ...now,
        status: 'queued',
        owner: { kind: 'nobody' },
        department: event.data.department ?? state.department,
        queuedAt: event.data.since ?? event.at,
        putBackBy: event.data.left ? undefined : event.data.from?.id,
        endedAt: undefined,
        endReason: undefined,
        ...personDue(state, event.at),
      };
    case 'HumanRequested':
      return {
        ...now,
        owner: { kind: 'nobody' },
        humanRequested: true,
        queuedAt: state.queuedAt ?? event.at,
        ...personDue(state, event.at),
      };
    case 'ConversationReturnedToAi':
      return {
        ...now,
        status: 'queued',
        owner: { kind: 'ai' },
        queuedAt: undefined,
        humanRequested: false,
        asked: { ...state.asked, failures: 0 },
        silence: again(state.silence, event.at),
        opening: state.opening.answered ? state.opening : { ...state.opening, personSince: undefined },
      };
    case 'AiAnswered':
      return { ...now, asked: { ...state.asked, answered: event.data.answers, failures: 0 } };
    case 'AiFailed':
      return {
        ...now,
        asked: { ...state.asked, answered: event.data.answers, failures: state.asked.failures + 1 },
      };
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
        endReason: event.data.reason,
        queuedAt: undefined,
        silence: undefined,
      };
    case 'ConversationReopened':
      return {
        ...now,
        status: 'queued',
        owner: { kind: 'nobody' },
        endedAt: undefined,
        endReason: undefined,
        humanRequested: false,
        rating: undefined,
        queuedAt: event.at,
        placeSince: undefined,
        putBackBy: undefined,
        silence: undefined,
        opening: openingBy(event.data.by, event.at),
      };
    case 'ConversationRated': {
      const { score, feedback } = event.data;
      return {
        ...now,
        rating: { score, feedback, ratedAt: event.at, firstAt: state.rating?.firstAt ?? event.at },
      };
    }
    case 'IdleWarned':
      return { ...now, silence: state.silence && { ...state.silence, warnedAt: event.at } };
    case 'TargetBreached': {
      const { opening } = state;
      return { ...now, opening: { ...opening, breached: [...opening.breached, event.data.target] } };
    }
    case 'ReminderSet': {
      const { at, text, author } = event.data;
      return { ...now, reminder: { at, text, author } };
    }
    case 'ReminderCleared':
      return { ...now, reminder: undefined };
    case 'ReminderDue':
      return { ...now, reminder: undefined, silence: again(state.silence, event.at) };
    case 'ConversationArchived':
      return { ...now, status: 'archived', reminder: undefined };
    case 'ConversationErased':
      return { ...initial, status: 'erased', updatedAt: event.at };
    default:
      return unknown(event);
  }
}

function ownedBy(state: Conversation, agent: AgentRef, since: number): Partial<Conversation> {
  return {
    owner: { kind: 'agent', agent },
    queuedAt: undefined,
    placeSince: state.queuedAt ?? state.placeSince,
    lastAgent: { ...agent, since },
    putBackBy: undefined,
    humanRequested: false,
  };
}

function posted(state: Conversation, event: Extract<Fact, { type: 'MessagePosted' }>): Conversation {
  const { author, text } = event.data;
  const toAgent = author.kind === 'visitor';
  const toVisitor = author.kind === 'agent' || author.kind === 'ai';
  const { byAgent, byVisitor } = state.unread;
  return {
    ...state,
    updatedAt: event.at,
    messageCount: state.messageCount + 1,
    unread: {
      byAgent: toAgent ? [...byAgent, event.version].slice(-UNREAD_LISTED) : byAgent,
      byVisitor: toVisitor ? [...byVisitor, event.version].slice(-UNREAD_LISTED) : byVisitor,
    },
    unreadByAgent: state.unreadByAgent + (toAgent ? 1 : 0),
    unreadByVisitor: state.unreadByVisitor + (toVisitor ? 1 : 0),
    asked: askedAfter(state.asked, author.kind, event.version),
    lastMessage: { text: text.slice(0, EXCERPT), author: author.kind, at: event.at, version: event.version },
    firstResponseAt: state.firstResponseAt ?? (author.kind === 'agent' ? event.at : undefined),
    silence: silenceAfter(state, author.kind, event),
    opening:
      author.kind === 'agent' && !state.opening.answered
        ? { ...state.opening, answered: true }
        : state.opening,
  };
}

/** What was said by whom decides whose turn it is. The system's own lines answer nobody. */
function silenceAfter(
  { silence, asked }: Conversation,
  by: AuthorKind,
  { version, at }: { readonly version: number; readonly at: string },
): Silence | undefined {
  if (by === 'visitor') return undefined;
  return by !== 'system' || silence !== undefined || asked.version === 0 ? { version, at } : undefined;
}

/** The visitor's turn, if it was theirs, begins anew at that moment. */
function again(silence: Silence | undefined, at: string): Silence | undefined {
  return silence && { version: silence.version, at };
}

/** Somebody is to come: whatever was said before, the visitor waits for them now. */
function personDue({ opening }: Conversation, at: string): Pick<Conversation, 'silence' | 'opening'> {
  return { silence: undefined, opening: opening.personSince ? opening : { ...opening, personSince: at } };
}

/** Who reopens as an agent has the word already. */
function openingBy(by: 'visitor' | 'agent', at: string): Opening {
  return { since: at, personSince: at, answered: by === 'agent', breached: [] };
}

function askedAfter(asked: Conversation['asked'], by: AuthorKind, version: number): Conversation['asked'] {
  if (by === 'visitor') return { ...asked, version };
  // What a person answered is no question to the AI any more.
  return by === 'agent' && asked.answered < asked.version ? { ...asked, answered: asked.version } : asked;
}

function read(state: Conversation, event: Extract<Fact, { type: 'MessagesRead' }>): Conversation {
  const { by, upTo } = event.data;
  const readBy = { ...state.readBy, [by]: Math.max(state.readBy[by], upTo) };
  const now = { ...state, updatedAt: event.at, readBy };
  const listed = by === 'agent' ? state.unread.byAgent : state.unread.byVisitor;
  const left = listed.filter((version) => version > upTo);
  // Whoever has read one that is listed has read all older ones that are not.
  if (left.length === listed.length) return now;
  return by === 'agent'
    ? { ...now, unread: { ...state.unread, byAgent: left }, unreadByAgent: left.length }
    : { ...now, unread: { ...state.unread, byVisitor: left }, unreadByVisitor: left.length };
}

function unknown(event: never): never {
  throw new Error(`no fold for the event ${JSON.stringify((event as { type: string }).type)}`);
}
