// What was said in a conversation until people took it over: what a candidate is tried on.
import type { ConversationEvent } from '../../../domain/conversation/events.ts';
import { factOf, type RecordedEvent } from '../../../domain/log/commit.ts';

export interface PastMessage {
  readonly from: 'visitor' | 'ai' | 'agent';
  readonly text: string;
  /** ISO 8601. */
  readonly at: string;
}

export interface PastConversation {
  readonly id: string;
  /** The widget it came from, as its events name it. */
  readonly widget: string;
  /** Oldest first; those after the hand-over as well, for what was said then. */
  readonly messages: readonly PastMessage[];
  /** How many messages there were when people took over; undefined where they never did. */
  readonly handedOverAfter: number | undefined;
}

/** Reads a conversation's history; notes, files and what the system said are no part of it. */
export function pastOf(id: string, history: readonly RecordedEvent[]): PastConversation {
  const messages: PastMessage[] = [];
  let widget = '';
  let handedOverAfter: number | undefined;
  for (const event of history) {
    const fact = factOf<ConversationEvent>(event);
    if (fact.type === 'ConversationStarted') widget = fact.data.widget;
    else if (TAKEN_OVER.has(fact.type)) handedOverAfter ??= messages.length;
    else if (fact.type === 'MessagePosted') {
      const { text, author } = fact.data;
      // A person who writes without having been assigned has taken over as well.
      if (author.kind === 'agent') handedOverAfter ??= messages.length;
      if (author.kind !== 'system' && text.trim() !== '')
        messages.push({ from: author.kind, text, at: event.at });
    }
  }
  return { id, widget, messages, handedOverAfter };
}

const TAKEN_OVER: ReadonlySet<ConversationEvent['type']> = new Set([
  'AgentAssigned',
  'AgentJoined',
  'ConversationTransferred',
  'HumanRequested',
] as const);
