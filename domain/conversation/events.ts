// What can have happened in a conversation. Stored for good: a shape here is never changed, only upcast (log/upcast.ts).
import { z } from 'zod';
import {
  agentRef,
  aiFailure,
  attachment,
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

const fact = <Type extends string, Data extends z.ZodRawShape>(type: Type, data: Data) =>
  z.object({ type: z.literal(type), data: z.object(data) });

/** Set where the agent had as many conversations as they take, and an admin wanted it all the same. */
const overCapacity = z.literal(true).optional();

/** Who wrote a message, as it was shown at that moment. `id` is an agent's public number. */
export const author = z.object({
  kind: z.enum(['visitor', 'agent', 'ai', 'system']),
  id: z.string().max(64).optional(),
  name: z.string().max(120).optional(),
});
export type Author = z.infer<typeof author>;

export const conversationEvent = z.discriminatedUnion('type', [
  fact('ConversationStarted', {
    widget: z.string().max(64),
    visitor,
    origin,
    department,
    priority,
    /** Whether the AI speaks first; else the conversation waits for people at once. */
    ai: z.boolean(),
  }),
  fact('VisitorIdentified', { visitor }),
  /** A file was put beside the log; a later MessagePosted refers to it by id. */
  fact('AttachmentAdded', { attachment: sealedAttachment }),
  fact('MessagePosted', {
    text,
    attachments: z.array(attachment).max(LIMITS.attachmentsPerMessage),
    author,
    /** What an answer of the AI rests on. */
    sources: sources.optional(),
  }),
  /** The AI answered the visitor's message of that version; what it said is the MessagePosted before. */
  fact('AiAnswered', {
    answers: z.number().int().positive(),
    model: z.string().max(200),
    promptTokens: z.number().int().nonnegative(),
    completionTokens: z.number().int().nonnegative(),
    latencyMs: z.number().int().nonnegative(),
    /** 0 to 1. */
    confidence: z.number().min(0).max(1),
    sources,
  }),
  /** The AI had no answer to that message, and said so. */
  fact('AiFailed', {
    answers: z.number().int().positive(),
    reason: aiFailure,
    attempts: z.number().int().nonnegative(),
    model: z.string().max(200),
    latencyMs: z.number().int().nonnegative(),
  }),
  /** Everything up to and with `upTo` (a version) was read by that side. */
  fact('MessagesRead', { by: z.enum(['visitor', 'agent']), upTo: z.number().int().positive() }),
  /** An agent became the owner, from the queue or the AI. */
  fact('AgentAssigned', { agent: agentRef, overCapacity }),
  /** An agent who is not the owner began to write. */
  fact('AgentJoined', { agent: agentRef }),
  fact('ConversationTransferred', {
    from: agentRef.optional(),
    to: agentRef,
    reason: z.string().max(500),
    overCapacity,
  }),
  /** Back to waiting: asked for by status, by transfer to a department, or because its agent left. */
  fact('ConversationQueued', {
    department: department.optional(),
    reason: z.string().max(500),
    /** ISO 8601: since when it counts as waiting, where that was before; it keeps its place. */
    since: z.string().max(40).optional(),
    /** Who had it. */
    from: agentRef.optional(),
    /** They have gone without a word: nobody put it back. */
    left: z.literal(true).optional(),
  }),
  /** The visitor or a rule asked for a human while the AI was speaking (or again while waiting). */
  fact('HumanRequested', {
    reason: z.string().max(500),
    cause: handOverCause.optional(),
    /** What it has been about so far, for whoever takes over. */
    summary: z.string().max(LIMITS.summary).optional(),
  }),
  fact('ConversationReturnedToAi', {}),
  fact('NoteAdded', { text: z.string().max(LIMITS.note), author: agentRef }),
  /** The whole set of tags from now on. */
  fact('TagsSet', { tags: z.array(tag).max(LIMITS.tags) }),
  fact('PrioritySet', { priority }),
  fact('DepartmentSet', { department }),
  fact('ConversationClosed', {
    by: z.enum(['visitor', 'agent', 'system']),
    reason: z.string().max(500).optional(),
  }),
  fact('ConversationReopened', { by: z.enum(['visitor', 'agent']) }),
  fact('ConversationRated', { score, feedback: z.string().max(LIMITS.feedback) }),
  /** The visitor has not answered since `idleSince`, and was told so. */
  fact('IdleWarned', {
    idleSince: z.iso.datetime(),
    /** When it ends if nobody writes, where the workspace ends idle chats. */
    closesAt: z.iso.datetime().optional(),
  }),
  /** What the workspace promises for its priority was not kept. */
  fact('TargetBreached', { target, dueAt: z.iso.datetime() }),
  /** One at a time: a new one takes the older one's place. */
  fact('ReminderSet', { at: z.iso.datetime(), text: z.string().max(LIMITS.reminder), author: agentRef }),
  fact('ReminderCleared', {}),
  fact('ReminderDue', { at: z.iso.datetime(), text: z.string().max(LIMITS.reminder), author: agentRef }),
  fact('ConversationArchived', {}),
  /** Nothing of what was before remains; the log of this conversation may begin here. */
  fact('ConversationErased', {
    reason: z.string().max(500),
    /** Ids of the files to destroy: their own events are gone. */
    files: z.array(z.string().max(64)).max(LIMITS.attachmentsPerConversation),
  }),
]);

export type ConversationEvent = z.infer<typeof conversationEvent>;
export type ConversationEventType = ConversationEvent['type'];
