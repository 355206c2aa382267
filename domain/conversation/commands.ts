// What can be asked of a conversation. The door (edge) has checked who asks; what may happen is decided in decide.ts.
import { z } from 'zod';
import { idleRules, targets } from '../policies/timers.ts';
import {
  agentRef,
  aiFailure,
  department,
  handOverCause,
  LIMITS,
  origin,
  priority,
  score,
  sealedAttachment,
  sources,
  tag,
  target,
  text,
  visitor,
} from './values.ts';

const ask = <Type extends string, Data extends z.ZodRawShape>(type: Type, data: Data) =>
  z.object({ type: z.literal(type), data: z.object(data) });

/** Where the AI gives the conversation to people along with what it says. */
const handOver = z.object({ cause: handOverCause, summary: z.string().max(LIMITS.summary) }).optional();
/** The version of the visitor's message that is answered. */
const answers = z.number().int().positive();
const whole = z.number().int().nonnegative();
/** The version of the message that the visitor has not answered: once somebody has written since, nothing is due. */
const unanswered = z.number().int().positive();
/** Whether the agent has more than they take by it, which an admin wanted. */
const overCapacity = z.boolean().optional();

export const conversationCommand = z.discriminatedUnion('type', [
  ask('StartConversation', {
    widget: z.string().max(64),
    visitor,
    origin,
    department: department.default('general'),
    priority: priority.default('medium'),
    ai: z.boolean().default(false),
    /** A first message from the system, where the dialect has one. */
    welcome: text.optional(),
  }),
  ask('IdentifyVisitor', { visitor }),
  ask('AddAttachment', { attachment: sealedAttachment }),
  ask('PostMessage', {
    text,
    /** Ids of files added before. */
    attachments: z.array(z.string().max(64)).max(LIMITS.attachmentsPerMessage).default([]),
    /** The name shown beside the message; the door fills it in. */
    name: z.string().max(120).optional(),
    /** Whether an agent who is not the owner has the right to join. */
    mayJoin: z.boolean().default(false),
    /**
     * Whether a place was taken for an agent who would become the owner by it (workspace/routing.ts): `taken`, the
     * default; `needed`: it is refused where one is needed; `none`: there is no room, so the agent only joins.
     */
    place: z.enum(['taken', 'needed', 'none']).optional(),
    overCapacity,
    /** How long after closing a visitor's message reopens, in days; 0: never. */
    reopenDays: z.number().min(0).max(3650).default(7),
  }),
  /** What the AI has to say to the visitor's newest message, where it is still its turn. */
  ask('AnswerByAi', {
    answers,
    text: text.min(1),
    sources: sources.default([]),
    model: z.string().max(200),
    promptTokens: whole,
    completionTokens: whole,
    latencyMs: whole,
    confidence: z.number().min(0).max(1),
    handOver,
  }),
  /** The AI has no answer; `text` says so to the visitor. */
  ask('FailByAi', {
    answers,
    text: text.min(1),
    reason: aiFailure,
    attempts: whole,
    model: z.string().max(200),
    latencyMs: whole,
    handOver,
  }),
  ask('MarkRead', { upTo: z.number().int().positive() }),
  ask('AssignAgent', { agent: agentRef, overCapacity }),
  /** The same, but only where no agent has it: of two at once, one gets it. */
  ask('AcceptConversation', { agent: agentRef, overCapacity }),
  ask('TransferConversation', { to: agentRef, reason: z.string().max(500).default(''), overCapacity }),
  /** Back to waiting, at the place that it had. */
  ask('QueueConversation', {
    department: department.optional(),
    reason: z.string().max(500).default(''),
    /** Only if that agent (public number) still has it and has gone. */
    left: z.string().max(64).optional(),
  }),
  ask('RequestHuman', { reason: z.string().max(500).default('') }),
  ask('ReturnToAi', {}),
  ask('AddNote', { text: z.string().min(1).max(LIMITS.note), author: agentRef }),
  ask('SetTags', { tags: z.array(tag).max(LIMITS.tags) }),
  ask('SetPriority', { priority }),
  ask('SetDepartment', { department }),
  ask('CloseConversation', { reason: z.string().max(500).optional() }),
  ask('ReopenConversation', { agent: agentRef, overCapacity }),
  ask('RateConversation', { score, feedback: z.string().max(LIMITS.feedback).default('') }),
  ask('SetReminder', {
    at: z.iso.datetime(),
    text: z.string().max(LIMITS.reminder).default(''),
    author: agentRef,
  }),
  ask('ClearReminder', {}),
  // What a timer asks. The workspace's rules come along, and whether it is due is decided on the conversation as it is:
  // asked too early, too late or twice, nothing happens.
  ask('WarnIdle', { unanswered, idle: idleRules }),
  ask('CloseIdle', { unanswered, idle: idleRules }),
  ask('BreachTarget', { target, targets }),
  /** The reminder for that moment is due. */
  ask('Remind', { at: z.iso.datetime() }),
  ask('ArchiveConversation', {}),
  ask('EraseConversation', { reason: z.string().max(500).default('') }),
]);

/** A command's own part; `at` and the actor come with the envelope (log/aggregates.ts). */
export type ConversationRequest = z.infer<typeof conversationCommand>;
export type ConversationRequestInput = z.input<typeof conversationCommand>;
