// What one conversation adds to the figures of its workspace, folded from its events.
import { neverWaited, type Wait, waitAfter } from '../../domain/conversation/wait.ts';
import type { PlacedConversationEvent } from '../running/histories.ts';

/** What one conversation adds to the figures. */
export interface Facts extends Wait {
  /** ISO 8601. */
  readonly startedAt: string;
  /** From the start to the first message of a human on our side, in ms; null: none yet. */
  readonly firstResponseMs: number | null;
  /** Every message, the system's and the AI's too. */
  readonly messages: number;
  /** Closed or archived now. */
  readonly closed: boolean;
  /** The rating that stands now: reopening takes it back. */
  readonly rating: number | null;
  /** Who handled it: the agent it was last given to. */
  readonly agent: string | null;
  /** The widget's id. */
  readonly widget: string;
  /** The agent whose message was the first of a human on our side; null: none yet, or a program's. */
  readonly responder: string | null;
}

/** What an event changes in a conversation's facts. Without its beginning (an erasure is under way) there are none. */
export function factsAfter(facts: Facts | undefined, event: PlacedConversationEvent): Facts | undefined {
  const after = countedAfter(facts, event);
  return after && waitAfter(after, event);
}

function countedAfter(facts: Facts | undefined, event: PlacedConversationEvent): Facts | undefined {
  if (event.type === 'ConversationStarted') {
    return {
      startedAt: event.at,
      firstResponseMs: null,
      messages: 0,
      closed: false,
      rating: null,
      agent: null,
      widget: event.data.widget,
      responder: null,
      ...neverWaited,
    };
  }
  if (!facts) return undefined;
  switch (event.type) {
    case 'MessagePosted': {
      const messages = facts.messages + 1;
      const { author } = event.data;
      if (author.kind !== 'agent' || facts.firstResponseMs !== null) return { ...facts, messages };
      const firstResponseMs = Date.parse(event.at) - Date.parse(facts.startedAt);
      return { ...facts, messages, firstResponseMs, responder: author.id ?? null };
    }
    case 'AgentAssigned':
      return { ...facts, agent: event.data.agent.id };
    case 'ConversationTransferred':
      return { ...facts, agent: event.data.to.id };
    case 'ConversationClosed':
      return { ...facts, closed: true };
    case 'ConversationReopened':
      return { ...facts, closed: false, rating: null };
    case 'ConversationRated':
      return { ...facts, rating: event.data.score };
    case 'ConversationErased':
      return undefined;
    case 'VisitorIdentified':
    case 'AttachmentAdded':
    case 'MessagesRead':
    case 'AgentJoined':
    case 'AiAnswered':
    case 'AiFailed':
    case 'ConversationQueued':
    case 'HumanRequested':
    case 'ConversationReturnedToAi':
    case 'NoteAdded':
    case 'TagsSet':
    case 'PrioritySet':
    case 'DepartmentSet':
    case 'IdleWarned':
    case 'TargetBreached':
    case 'ReminderSet':
    case 'ReminderCleared':
    case 'ReminderDue':
    case 'ConversationArchived':
      return facts;
    default:
      return unknown(event);
  }
}

function unknown(event: never): never {
  throw new Error(`no figures for the event ${JSON.stringify((event as { type: string }).type)}`);
}
