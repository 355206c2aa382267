// The words that conversations are specified with: people, facts, commands, and a history for each state.
import type { Actor } from '../../domain/actor.ts';
import { type ConversationRequestInput, conversationCommand } from '../../domain/conversation/commands.ts';
import { conversation } from '../../domain/conversation/decide.ts';
import type { ConversationEvent } from '../../domain/conversation/events.ts';
import type { AgentRef, SealedAttachment } from '../../domain/conversation/values.ts';
import { given as givenOf, type Told } from '../given.ts';

type FactOf<Type extends ConversationEvent['type']> = Extract<ConversationEvent, { type: Type }>;
export type ConversationFact = Told<ConversationEvent>;

export const given = (...facts: readonly ConversationFact[]) => givenOf(conversation, ...facts);

export const jane: AgentRef = { id: '7', name: 'Jane' };
export const omar: AgentRef = { id: '8', name: 'Omar' };
export const byVisitor: Actor = { kind: 'visitor' };
export const byAi: Actor = { kind: 'ai' };
export const byApi: Actor = { kind: 'api' };
export const bySystem: Actor = { kind: 'system' };
export const by = (agent: AgentRef): Actor => ({ kind: 'agent', id: agent.id });

/** A command as it comes through the door: parsed, so that its defaults are filled in. */
export const ask = (actor: Actor, request: ConversationRequestInput) => ({
  ...conversationCommand.parse(request),
  actor,
});

/** A fact, optionally at a moment of its own. */
export function fact<Type extends ConversationEvent['type']>(
  type: Type,
  data: FactOf<Type>['data'],
  at?: string,
): ConversationFact {
  // The compiler cannot see that a type and its own data make a member of the union.
  return { type, data, ...(at === undefined ? {} : { at }) } as ConversationFact;
}

export const startedWith = (data: Partial<FactOf<'ConversationStarted'>['data']>) =>
  fact('ConversationStarted', {
    widget: 'w1',
    visitor: { name: 'Vera' },
    origin: { channel: 'native' },
    department: 'general',
    priority: 'medium',
    ai: false,
    ...data,
  });
export const started = startedWith({});
export const startedWithAi = startedWith({ ai: true });
export const assigned = (agent: AgentRef) => fact('AgentAssigned', { agent });
export const joined = (agent: AgentRef) => fact('AgentJoined', { agent });
export const closed = (at?: string) => fact('ConversationClosed', { by: 'agent' }, at);
export const reopenedBy = (side: 'visitor' | 'agent') => fact('ConversationReopened', { by: side });
export const archived = fact('ConversationArchived', {});
export const erased = fact('ConversationErased', { reason: '', files: [] });

export const said = (text: string, at?: string) =>
  fact('MessagePosted', { text, attachments: [], author: { kind: 'visitor' } }, at);
export const saidBy = (agent: AgentRef, text: string) =>
  fact('MessagePosted', { text, attachments: [], author: { kind: 'agent', ...agent } });
export const saidByAi = (text: string) =>
  fact('MessagePosted', { text, attachments: [], author: { kind: 'ai' } });

/** One history for each column of the table. */
export const whileQueued = [started];
export const whileAiSpeaks = [startedWithAi];
export const whileOpen = [started, assigned(jane)];
export const onceClosed = [...whileOpen, closed()];
export const onceArchived = [...onceClosed, archived];
export const onceErased = [...onceArchived, erased];

type More = Partial<Extract<ConversationRequestInput, { type: 'PostMessage' }>['data']>;
export const say = (text: string, more: More = {}) =>
  ask(byVisitor, { type: 'PostMessage', data: { text, ...more } });
export const sayAs = (agent: AgentRef, text: string, more: More = {}) =>
  ask(by(agent), { type: 'PostMessage', data: { text, name: agent.name, ...more } });
export const sayAsAi = (text: string) => ask(byAi, { type: 'PostMessage', data: { text } });

export const startWith = (ai: boolean) =>
  ask(byVisitor, {
    type: 'StartConversation',
    data: { widget: 'w1', visitor: { name: 'Vera' }, origin: { channel: 'native' }, ai },
  });
export const start = startWith(false);
export const assign = (agent: AgentRef) => ask(by(agent), { type: 'AssignAgent', data: { agent } });
export const accept = (agent: AgentRef) => ask(by(agent), { type: 'AcceptConversation', data: { agent } });
export const transfer = (to: AgentRef, reason = '') =>
  ask(by(jane), { type: 'TransferConversation', data: { to, reason } });
export const queue = ask(by(jane), { type: 'QueueConversation', data: { reason: 'away' } });
export const requestHuman = ask(byVisitor, { type: 'RequestHuman', data: { reason: 'help' } });
export const returnToAi = ask(by(jane), { type: 'ReturnToAi', data: {} });
export const note = ask(by(jane), { type: 'AddNote', data: { text: 'calls back', author: jane } });
export const setTags = (...tags: string[]) => ask(by(jane), { type: 'SetTags', data: { tags } });
export const setPriority = ask(by(jane), { type: 'SetPriority', data: { priority: 'high' } });
export const setDepartment = ask(by(jane), { type: 'SetDepartment', data: { department: 'sales' } });
export const close = ask(by(jane), { type: 'CloseConversation', data: {} });
export const reopen = ask(by(jane), { type: 'ReopenConversation', data: { agent: jane } });
export const rate = (score: number, feedback = '') =>
  ask(byVisitor, { type: 'RateConversation', data: { score, feedback } });
export const archive = ask(by(jane), { type: 'ArchiveConversation', data: {} });
export const erase = ask(by(jane), { type: 'EraseConversation', data: {} });
export const markRead = (actor: Actor, upTo: number) => ask(actor, { type: 'MarkRead', data: { upTo } });

export const file: SealedAttachment = {
  id: 'abcdefghijklmnopqrstuvwxyz',
  name: 'plan.png',
  type: 'image/png',
  size: 1_234,
  key: 'c2VjcmV0',
  sha256: 'a'.repeat(64),
};
export const addFile = (attachment = file) => ask(byVisitor, { type: 'AddAttachment', data: { attachment } });
export const fileAdded = (attachment = file) => fact('AttachmentAdded', { attachment });
