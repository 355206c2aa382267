// Conversations as every process that decides has them.
import type { ConversationRequest } from '../../domain/conversation/commands.ts';
import type { Conversation } from '../../domain/conversation/conversation.ts';
import type { ConversationEvent } from '../../domain/conversation/events.ts';
import type { Aggregates } from '../../domain/log/aggregates.ts';

export type Conversations = Aggregates<Conversation, ConversationRequest, ConversationEvent>;
