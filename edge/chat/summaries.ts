// A conversation as a line in a list: from the fold of its events or from a row of the read model, the same.
import type { Conversation } from '../../domain/conversation/conversation.ts';
import type { ConversationSummary } from '../../domain/wire.ts';

/** What a summary is made of; a row of the list has no more than this. */
export type Summarised = Pick<
  Conversation,
  | 'owner'
  | 'number'
  | 'visitor'
  | 'widget'
  | 'department'
  | 'priority'
  | 'tags'
  | 'messageCount'
  | 'unreadByAgent'
  | 'lastMessage'
  | 'startedAt'
  | 'updatedAt'
  | 'queuedAt'
  | 'endedAt'
  | 'rating'
>;

/** The summary that agents see of a conversation that was started and not erased. */
export function summaryOf(
  conversation: string,
  version: number,
  status: ConversationSummary['status'],
  state: Summarised,
): ConversationSummary {
  const { owner, visitor, lastMessage, rating } = state;
  return {
    conversation,
    number: state.number,
    version,
    status,
    owner:
      owner.kind === 'agent'
        ? { kind: 'agent', id: owner.agent.id, name: owner.agent.name }
        : { kind: owner.kind },
    visitor: { name: visitor.name, email: visitor.email },
    widget: state.widget,
    department: state.department,
    priority: state.priority,
    tags: state.tags,
    messageCount: state.messageCount,
    unread: state.unreadByAgent,
    lastMessage: lastMessage && {
      text: lastMessage.text,
      author: lastMessage.author,
      at: lastMessage.at,
    },
    startedAt: state.startedAt,
    updatedAt: state.updatedAt,
    queuedAt: state.queuedAt,
    endedAt: state.endedAt,
    rating: rating && { score: rating.score, feedback: rating.feedback },
  };
}
