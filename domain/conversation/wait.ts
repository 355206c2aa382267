// How long a visitor waits for an agent: one definition, for figures, lists and what a visitor is told.
import type { ConversationEvent } from './events.ts';

/**
 * A conversation's waiting. A wait begins when the conversation comes into the queue (`queuedAt` of its
 * fold) and ends with the first assignment, transfer to an agent or message of a human on our side. A wait
 * that ends otherwise (closed, back to the AI) is not measured. Of several, the latest measured one stands.
 */
export interface Wait {
  /** Since when it waits, ISO 8601; null: it does not, or the AI speaks. */
  readonly waitingSince: string | null;
  /** When it was last taken from the queue, and after how long, in ms; null: never yet. */
  readonly takenAt: string | null;
  readonly waitedMs: number | null;
}

export const neverWaited: Wait = { waitingSince: null, takenAt: null, waitedMs: null };

/** What an event changes in it. The same object where it changes nothing. */
export function waitAfter<W extends Wait>(wait: W, event: ConversationEvent & { readonly at: string }): W {
  switch (event.type) {
    case 'ConversationStarted':
      return event.data.ai ? wait : { ...wait, waitingSince: event.at };
    case 'ConversationQueued':
      // Who waits already goes on waiting; who had an agent waits anew, though at the place of before.
      return wait.waitingSince !== null && event.data.since !== undefined
        ? wait
        : { ...wait, waitingSince: event.at };
    case 'HumanRequested':
      return wait.waitingSince === null ? { ...wait, waitingSince: event.at } : wait;
    case 'ConversationReopened':
      // An agent who reopens takes it in the same breath: nobody waited.
      return event.data.by === 'agent' ? wait : { ...wait, waitingSince: event.at };
    case 'ConversationClosed':
    case 'ConversationReturnedToAi':
      return wait.waitingSince === null ? wait : { ...wait, waitingSince: null };
    case 'MessagePosted':
      return event.data.author.kind === 'agent' ? taken(wait, event.at) : wait;
    case 'AgentAssigned':
    case 'ConversationTransferred':
      return taken(wait, event.at);
    case 'VisitorIdentified':
    case 'AttachmentAdded':
    case 'MessagesRead':
    case 'AgentJoined':
    case 'AiAnswered':
    case 'AiFailed':
    case 'NoteAdded':
    case 'TagsSet':
    case 'PrioritySet':
    case 'DepartmentSet':
    case 'ConversationRated':
    case 'IdleWarned':
    case 'TargetBreached':
    case 'ReminderSet':
    case 'ReminderCleared':
    case 'ReminderDue':
    case 'ConversationArchived':
    case 'ConversationErased':
      return wait;
    default:
      return unknown(event);
  }
}

function taken<W extends Wait>(wait: W, at: string): W {
  if (wait.waitingSince === null) return wait;
  // Clocks of two processes may disagree, but no wait is negative.
  const waitedMs = Math.max(0, Date.parse(at) - Date.parse(wait.waitingSince));
  return { ...wait, waitingSince: null, takenAt: at, waitedMs };
}

function unknown(event: never): never {
  throw new Error(`no wait for the event ${JSON.stringify((event as { type: string }).type)}`);
}
