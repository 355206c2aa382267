// What may happen in a conversation, and what then has happened. The table of states and commands in README.md is this file.
import type { Actor } from '../actor.ts';
import { type Decider, type Decision, refuse } from '../decider.ts';
import type { ConversationRequest } from './commands.ts';
import { type Conversation, initial } from './conversation.ts';
import { decideTimer, setReminder } from './decide-timers.ts';
import type { Author, ConversationEvent } from './events.ts';
import { evolve } from './evolve.ts';
import { type AgentRef, LIMITS } from './values.ts';

/** A request with who asks and when (ISO 8601). */
export type ConversationCommand = ConversationRequest & { readonly actor: Actor; readonly at: string };

/** Every reason for which a conversation turns a command down. */
export type ConversationRefusal =
  | 'conversation-not-found'
  | 'conversation-exists'
  | 'conversation-closed'
  | 'conversation-not-closed'
  | 'conversation-archived'
  | 'not-the-owner'
  | 'answer-outdated'
  | 'already-assigned'
  | 'place-needed'
  | 'attachment-unknown'
  | 'message-empty'
  | 'too-many-attachments'
  | 'rating-final'
  | 'reminder-time';

const DAY = 86_400_000;
/** How long a rating may be changed. */
const RATING_OPEN = DAY;

/** Decides one command against the conversation as it is. */
export function decide(command: ConversationCommand, now: Conversation): Decision<ConversationEvent> {
  if (command.type === 'StartConversation') return start(command, now);
  if (command.type === 'EraseConversation') return erase(command, now);
  if (now.status === 'none' || now.status === 'erased') return refuse('conversation-not-found');

  switch (command.type) {
    case 'AddNote':
      return [{ type: 'NoteAdded', data: command.data }];
    case 'SetTags': {
      const tags = [...new Set(command.data.tags)];
      return same(tags, now.tags) ? [] : [{ type: 'TagsSet', data: { tags } }];
    }
    case 'SetPriority':
      return command.data.priority === now.priority ? [] : [{ type: 'PrioritySet', data: command.data }];
    case 'SetDepartment':
      return command.data.department === now.department
        ? []
        : [{ type: 'DepartmentSet', data: command.data }];
    case 'CloseConversation':
      return close(command, now);
    case 'MarkRead':
      return markRead(command, now);
    case 'ArchiveConversation':
      if (now.status === 'archived') return [];
      return now.status === 'closed'
        ? [{ type: 'ConversationArchived', data: {} }]
        : refuse('conversation-not-closed');
    case 'RateConversation':
      return rate(command, now);
    case 'WarnIdle':
    case 'CloseIdle':
    case 'BreachTarget':
    case 'Remind':
      return decideTimer(command, now);
  }

  if (now.status === 'archived') return refuse('conversation-archived');
  switch (command.type) {
    case 'PostMessage':
      return post(command, now);
    case 'AddAttachment':
      if (Object.keys(now.attachments).length >= LIMITS.attachmentsPerConversation)
        return refuse('too-many-attachments');
      return [{ type: 'AttachmentAdded', data: command.data }];
    // Also once it is closed: what was promised for tomorrow still holds then.
    case 'SetReminder':
      return setReminder(command, now);
    case 'ClearReminder':
      return now.reminder ? [{ type: 'ReminderCleared', data: {} }] : [];
    case 'IdentifyVisitor':
      return [{ type: 'VisitorIdentified', data: command.data }];
    case 'ReopenConversation':
      if (now.status !== 'closed') return [];
      return [
        { type: 'ConversationReopened', data: { by: 'agent' } },
        assigned(command.data.agent, command.data.overCapacity),
      ];
  }

  if (now.status === 'closed') return refuse('conversation-closed');
  switch (command.type) {
    case 'AssignAgent': {
      const { agent, overCapacity } = command.data;
      if (now.owner.kind !== 'agent') return [assigned(agent, overCapacity)];
      if (now.owner.agent.id === agent.id) return [];
      return [transferred({ from: now.owner.agent, to: agent, reason: '' }, overCapacity)];
    }
    case 'AcceptConversation': {
      const { agent, overCapacity } = command.data;
      if (now.owner.kind !== 'agent') return [assigned(agent, overCapacity)];
      return now.owner.agent.id === agent.id ? [] : refuse('already-assigned', now.owner.agent.name);
    }
    case 'TransferConversation': {
      const { to, reason, overCapacity } = command.data;
      if (now.owner.kind === 'agent' && now.owner.agent.id === to.id) return [];
      const from = now.owner.kind === 'agent' ? now.owner.agent : undefined;
      return [transferred({ from, to, reason }, overCapacity)];
    }
    case 'QueueConversation': {
      return queue(command, now);
    }
    case 'RequestHuman':
      if (now.status === 'open' || now.humanRequested) return [];
      return [{ type: 'HumanRequested', data: command.data }];
    case 'AnswerByAi':
    case 'FailByAi':
      return answer(command, now);
    case 'ReturnToAi':
      return now.owner.kind === 'ai' ? [] : [{ type: 'ConversationReturnedToAi', data: {} }];
  }
}

type Command<Type extends ConversationRequest['type']> = Extract<ConversationCommand, { type: Type }>;

function start(command: Command<'StartConversation'>, now: Conversation): Decision<ConversationEvent> {
  if (now.status !== 'none') return refuse('conversation-exists');
  const { welcome, ...data } = command.data;
  const started: ConversationEvent = { type: 'ConversationStarted', data };
  if (!welcome) return [started];
  const author: Author = { kind: 'system', name: 'System' };
  return [started, { type: 'MessagePosted', data: { text: welcome, attachments: [], author } }];
}

function erase(command: Command<'EraseConversation'>, now: Conversation): Decision<ConversationEvent> {
  if (now.status === 'none') return refuse('conversation-not-found');
  return now.status === 'erased'
    ? []
    : [{ type: 'ConversationErased', data: { ...command.data, files: Object.keys(now.attachments) } }];
}

function post(command: Command<'PostMessage'>, now: Conversation): Decision<ConversationEvent> {
  const { actor, data } = command;
  const attachments = data.attachments.map((id) =>
    Object.hasOwn(now.attachments, id) ? now.attachments[id] : undefined,
  );
  if (attachments.includes(undefined)) return refuse('attachment-unknown');
  if (data.text.trim() === '' && attachments.length === 0) return refuse('message-empty');
  const author: Author = { kind: actor.kind === 'api' ? 'agent' : actor.kind, name: data.name };
  if (actor.kind === 'agent') author.id = actor.id;
  const seen = attachments.flatMap((sealed) => {
    if (!sealed) return [];
    const { key: _key, sha256: _sha256, previewSha256: _preview, ...shown } = sealed;
    return [shown];
  });
  const message: ConversationEvent = {
    type: 'MessagePosted',
    data: { text: data.text, attachments: seen, author },
  };

  switch (actor.kind) {
    case 'visitor':
      if (now.status !== 'closed') return [message];
      return mayReopen(command, now)
        ? [{ type: 'ConversationReopened', data: { by: 'visitor' } }, message]
        : refuse('conversation-closed');
    case 'agent':
      return postByAgent(command, actor.id, message, now);
    case 'ai':
      if (now.status === 'closed') return refuse('conversation-closed');
      return now.owner.kind === 'ai' ? [message] : refuse('not-the-owner');
    case 'api':
    case 'system':
      return now.status === 'closed' ? refuse('conversation-closed') : [message];
  }
}

/** Only while it is the AI's turn: from the moment a person has it, what is under way is refused. */
function answer(command: Command<'AnswerByAi' | 'FailByAi'>, now: Conversation): Decision<ConversationEvent> {
  const { data } = command;
  if (now.asked.answered >= data.answers) return [];
  if (now.owner.kind !== 'ai') return refuse('not-the-owner');
  if (now.asked.version !== data.answers) return refuse('answer-outdated');
  const { answers, text, model, latencyMs, handOver } = data;
  const author: Author = { kind: 'ai' };
  const facts: ConversationEvent[] = [];
  if (command.type === 'AnswerByAi') {
    const { sources, promptTokens, completionTokens, confidence } = command.data;
    const named = sources.length > 0 ? { sources } : {};
    facts.push({ type: 'MessagePosted', data: { text, attachments: [], author, ...named } });
    const told = { answers, model, promptTokens, completionTokens, latencyMs, confidence, sources };
    facts.push({ type: 'AiAnswered', data: told });
  } else {
    const { reason, attempts } = command.data;
    facts.push({ type: 'MessagePosted', data: { text, attachments: [], author } });
    facts.push({ type: 'AiFailed', data: { answers, reason, attempts, model, latencyMs } });
  }
  if (handOver) facts.push({ type: 'HumanRequested', data: { reason: '', ...handOver } });
  return facts;
}

function postByAgent(
  command: Command<'PostMessage'>,
  id: string,
  message: ConversationEvent,
  now: Conversation,
): Decision<ConversationEvent> {
  const { name = '', mayJoin, place = 'taken', overCapacity } = command.data;
  const agent = { id, name };
  const joins: ConversationEvent[] = now.joined.includes(id)
    ? []
    : [{ type: 'AgentJoined', data: { agent } }];
  const reopens: ConversationEvent[] =
    now.status === 'closed' ? [{ type: 'ConversationReopened', data: { by: 'agent' } }] : [];
  if (now.status !== 'closed') {
    if (now.owner.kind === 'agent' && now.owner.agent.id === id) return [message];
    if (!mayJoin) return refuse('not-the-owner');
    if (now.owner.kind === 'agent') return [...joins, message];
  }
  if (place === 'needed') return refuse('place-needed');
  // Whoever answers a waiting visitor has taken the conversation: nobody else may believe it still waits. One who has no room only lends a hand.
  return [...reopens, ...(place === 'taken' ? [assigned(agent, overCapacity)] : joins), message];
}

function assigned(agent: AgentRef, overCapacity: boolean | undefined): ConversationEvent {
  return { type: 'AgentAssigned', data: overCapacity ? { agent, overCapacity } : { agent } };
}

function transferred(
  data: { readonly from: AgentRef | undefined; readonly to: AgentRef; readonly reason: string },
  overCapacity: boolean | undefined,
): ConversationEvent {
  return { type: 'ConversationTransferred', data: overCapacity ? { ...data, overCapacity } : data };
}

function queue(command: Command<'QueueConversation'>, now: Conversation): Decision<ConversationEvent> {
  const { department, reason, left } = command.data;
  const from = now.owner.kind === 'agent' ? now.owner.agent : undefined;
  if (left !== undefined)
    return from?.id === left
      ? [{ type: 'ConversationQueued', data: { reason, since: now.placeSince, from, left: true } }]
      : [];
  const waits = now.owner.kind === 'nobody';
  if (waits && (department === undefined || department === now.department)) return [];
  const since = now.queuedAt ?? now.placeSince;
  return [{ type: 'ConversationQueued', data: { department, reason, since, from } }];
}

function mayReopen(command: Command<'PostMessage'>, now: Conversation): boolean {
  const closedFor = Date.parse(command.at) - Date.parse(now.endedAt ?? command.at);
  return command.data.reopenDays > 0 && closedFor <= command.data.reopenDays * DAY;
}

function close(command: Command<'CloseConversation'>, now: Conversation): Decision<ConversationEvent> {
  if (now.status === 'closed' || now.status === 'archived') return [];
  const by =
    command.actor.kind === 'visitor' || command.actor.kind === 'agent' ? command.actor.kind : 'system';
  return [{ type: 'ConversationClosed', data: { by, reason: command.data.reason } }];
}

function rate(command: Command<'RateConversation'>, now: Conversation): Decision<ConversationEvent> {
  if (now.status === 'archived') return refuse('conversation-archived');
  if (now.status !== 'closed') return refuse('conversation-not-closed');
  if (now.rating && Date.parse(command.at) - Date.parse(now.rating.firstAt) > RATING_OPEN)
    return refuse('rating-final');
  if (now.rating && now.rating.score === command.data.score && now.rating.feedback === command.data.feedback)
    return [];
  return [{ type: 'ConversationRated', data: command.data }];
}

function markRead(command: Command<'MarkRead'>, now: Conversation): Decision<ConversationEvent> {
  const by = command.actor.kind === 'visitor' ? 'visitor' : 'agent';
  // What is yet to be written cannot have been read, whatever a client says.
  const upTo = Math.min(command.data.upTo, now.lastMessage?.version ?? 0);
  const listed = by === 'agent' ? now.unread.byAgent : now.unread.byVisitor;
  const news = listed.some((version) => version <= upTo);
  return news ? [{ type: 'MessagesRead', data: { by, upTo } }] : [];
}

function same(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((item, index) => item === right[index]);
}

/** The conversation as a decider. */
export const conversation: Decider<
  Conversation,
  ConversationRequest & { readonly actor: Actor },
  ConversationEvent
> = {
  initial,
  decide,
  evolve,
  // What lies in its commit outlives it: so nothing that was said may lie there.
  alone: (fact) => fact.type === 'ConversationErased',
};
