// What one conversation adds to the figures of its workspace, folded from its events.
import type { PlacedConversationEvent } from './histories.ts';

/** What one conversation adds to the figures. */
export interface Facts {
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
  /** Since when it waits for an agent, ISO 8601; null: it does not, or the AI speaks. */
  readonly waitingSince: string | null;
  /**
   * When it was last taken from the queue, and after how long in ms; null: never yet. A wait begins when
   * the conversation comes into the queue (`queuedAt` in the domain) and ends with the first assignment,
   * transfer to an agent or message of a human on our side. Waits that end otherwise (closed, back to the
   * AI) are not measured. Of several waits the latest measured one stands.
   */
  readonly takenAt: string | null;
  readonly waitedMs: number | null;
}

/** What an event changes in a conversation's facts. Without its beginning (an erasure is under way) there are none. */
export function factsAfter(facts: Facts | undefined, event: PlacedConversationEvent): Facts | undefined {
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
      waitingSince: event.data.ai ? null : event.at,
      takenAt: null,
      waitedMs: null,
    };
  }
  if (!facts) return undefined;
  switch (event.type) {
    case 'MessagePosted': {
      const messages = facts.messages + 1;
      const { author } = event.data;
      if (author.kind !== 'agent') return { ...facts, messages };
      const now = taken({ ...facts, messages }, event.at);
      if (facts.firstResponseMs !== null) return now;
      return { ...now, firstResponseMs: passed(facts.startedAt, event.at), responder: author.id ?? null };
    }
    case 'AgentAssigned':
      return { ...taken(facts, event.at), agent: event.data.agent.id };
    case 'ConversationTransferred':
      return { ...taken(facts, event.at), agent: event.data.to.id };
    case 'ConversationClosed':
      return { ...facts, closed: true, waitingSince: null };
    case 'ConversationReopened':
      // An agent who reopens takes it in the same breath: nobody waited.
      return {
        ...facts,
        closed: false,
        rating: null,
        waitingSince: event.data.by === 'agent' ? null : event.at,
      };
    case 'ConversationRated':
      return { ...facts, rating: event.data.score };
    case 'ConversationQueued':
      return { ...facts, closed: false, waitingSince: event.at };
    case 'HumanRequested':
      return { ...facts, waitingSince: facts.waitingSince ?? event.at };
    case 'ConversationReturnedToAi':
      return { ...facts, waitingSince: null };
    case 'ConversationErased':
      return undefined;
    case 'VisitorIdentified':
    case 'AttachmentAdded':
    case 'MessagesRead':
    case 'AgentJoined':
    case 'NoteAdded':
    case 'TagsSet':
    case 'PrioritySet':
    case 'DepartmentSet':
    case 'ConversationArchived':
      return facts;
    default:
      return unknown(event);
  }
}

function taken(facts: Facts, at: string): Facts {
  if (facts.waitingSince === null) return facts;
  return { ...facts, waitingSince: null, takenAt: at, waitedMs: passed(facts.waitingSince, at) };
}

/** Milliseconds from one moment to another; clocks of two processes may disagree, but no wait is negative. */
function passed(from: string, to: string): number {
  return Math.max(0, Date.parse(to) - Date.parse(from));
}

function unknown(event: never): never {
  throw new Error(`no figures for the event ${JSON.stringify((event as { type: string }).type)}`);
}
