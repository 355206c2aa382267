// What the widget document's sockets are sent of a conversation: exactly the types that it lists for each side.
import type { Author, ConversationEvent } from '../../../../domain/conversation/events.ts';
import type { AgentRef } from '../../../../domain/conversation/values.ts';
import { factOf, type RecordedEvent } from '../../../../domain/log/commit.ts';
import type { Address } from '../../../../domain/log/subjects.ts';
import type { Links } from '../../../out/files.ts';
import type { Channel, Told } from '../../../socket/channel.ts';
import { spell } from '../frames.ts';
import { messageShape } from '../shapes.ts';

/** What somebody is called who has no name. */
const NAMELESS = {
  agent: 'Support Agent',
  ai: 'AI Assistant',
  system: 'System',
  visitor: 'Customer',
} as const;

/** One frame or none for each event, which needs nothing beside the event itself. */
export interface WidgetChannel extends Channel {
  event(told: Pick<Told, 'address' | 'event'>): string | undefined;
}

export interface WidgetChannels {
  /** The customer of a session. */
  readonly customer: WidgetChannel;
  /** The agent who has a session. */
  readonly agent: WidgetChannel;
}

/** `time`: now, ISO 8601. `sent`: hears which message, by its version, is on its way to the customer's sockets. */
export function widgetChannels(
  links: Links,
  time: () => string,
  sent: (address: Address, version: number) => void,
): WidgetChannels {
  return {
    customer: {
      audience: 'visitor',
      event({ address, event }) {
        const fact = factOf<ConversationEvent>(event);
        const joined = (agent: AgentRef) =>
          spell({
            type: 'agent_joined',
            message: 'A support agent has joined the chat!',
            agentName: agent.name || NAMELESS.agent,
            timestamp: event.at,
          });
        switch (fact.type) {
          case 'MessagePosted':
            if (fact.data.author.kind === 'visitor') return undefined;
            if (isForReading(fact.data.author)) sent(address, event.version);
            return messageFrame(event, fact.data.author, address.id, links);
          case 'AgentAssigned':
          case 'AgentJoined':
            return joined(fact.data.agent);
          case 'ConversationTransferred':
            return joined(fact.data.to);
          case 'ConversationStarted':
          case 'VisitorIdentified':
          case 'AttachmentAdded':
          case 'MessagesRead':
          case 'ConversationQueued':
          case 'HumanRequested':
          case 'ConversationReturnedToAi':
          case 'NoteAdded':
          case 'TagsSet':
          case 'PrioritySet':
          case 'DepartmentSet':
          case 'ConversationClosed':
          case 'ConversationReopened':
          case 'ConversationRated':
          case 'ConversationArchived':
          case 'ConversationErased':
            return undefined;
        }
      },
      typing: (_address, { from, isTyping }) =>
        from === 'visitor' ? undefined : spell({ type: 'typing', isTyping }),
      // The document has no word for hours.
      place: (_address, { position, estimatedWait }) =>
        spell({ type: 'queue_update', position, estimatedWait, timestamp: time() }),
    },
    agent: {
      audience: 'agent',
      event({ address, event }) {
        const fact = factOf<ConversationEvent>(event);
        if (fact.type !== 'MessagePosted' || fact.data.author.kind !== 'visitor') return undefined;
        const { id, text, timestamp, attachments } = messageShape(event, address.id, links);
        return spell({
          type: 'new_message',
          sessionId: address.id,
          message: { id: `msg_${id}`, text, sender: 'customer', timestamp, attachments },
          timestamp,
        });
      },
      typing: () => undefined,
    },
  };
}

function messageFrame(event: RecordedEvent, author: Author, conversation: string, links: Links): string {
  const { id, text, timestamp, isAI, attachments } = messageShape(event, conversation, links);
  return spell({
    type: 'message',
    id: `msg_${id}`,
    message: text,
    timestamp,
    metadata: { agentName: author.name || NAMELESS[author.kind], isAI },
    attachments,
  });
}

function isForReading({ kind }: Author): boolean {
  return kind === 'agent' || kind === 'ai';
}

/** Messages of the other side that the customer has not read, oldest first: the newest `most` of them. */
export function unreadByCustomer(events: readonly RecordedEvent[], most: number): readonly RecordedEvent[] {
  let read = 0;
  for (const event of events) {
    const fact = factOf<ConversationEvent>(event);
    if (fact.type === 'MessagesRead' && fact.data.by === 'visitor') read = Math.max(read, fact.data.upTo);
  }
  return events
    .filter((event) => {
      const fact = factOf<ConversationEvent>(event);
      return event.version > read && fact.type === 'MessagePosted' && isForReading(fact.data.author);
    })
    .slice(-most);
}
