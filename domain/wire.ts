// The frames between our own browsers and the edge (/ws/v1): what both sides may send, with bounds. The widget imports the types alone.
import { z } from 'zod';
import { department, LIMITS, priority, score, tag, text, visitor } from './conversation/values.ts';
import { commandId, conversationId } from './ids.ts';

/** Bytes of one frame; larger ones close the socket with 4413. */
export const MAX_FRAME_BYTES = 64 * 1024;
/** Events a resume replays; past that the answer is a snapshot. */
export const MAX_REPLAY = 5_000;
/** Seconds between two heartbeats of the server. */
export const HEARTBEAT_SECONDS = 20;

/** Close codes, and whether a client should connect again by itself. */
export const CLOSE = {
  badFrame: { code: 4400, reconnect: false },
  notAuthenticated: { code: 4401, reconnect: false },
  notAllowed: { code: 4403, reconnect: false },
  noSuchConversation: { code: 4404, reconnect: false },
  idle: { code: 4408, reconnect: true },
  takenOver: { code: 4409, reconnect: false },
  frameTooLarge: { code: 4413, reconnect: false },
  tooMany: { code: 4429, reconnect: true },
  draining: { code: 4503, reconnect: true },
  tooSlow: { code: 4508, reconnect: true },
} as const;

const frameId = z.union([z.string().min(1).max(64), z.number().int().nonnegative()]);

const ask = <Type extends string, Data extends z.ZodType>(type: Type, data: Data) =>
  z.object({ type: z.literal(type), conversation: conversationId, command: commandId, data });

/** A user's public number, as a string or a number. */
const agentNumber = z.union([z.string().regex(/^\d{1,16}$/), z.number().int().positive()]).transform(String);
const reason = z.string().max(500).optional();

/** What a client may ask for; the server adds who asks and what they have a right to. */
export const wireCommand = z.discriminatedUnion('type', [
  ask(
    'PostMessage',
    z.object({ text, attachments: z.array(z.string().max(64)).max(LIMITS.attachmentsPerMessage).optional() }),
  ),
  ask('MarkRead', z.object({ upTo: z.number().int().positive() })),
  ask('CloseConversation', z.object({ reason })),
  ask('RateConversation', z.object({ score, feedback: z.string().max(LIMITS.feedback).optional() })),
  ask('IdentifyVisitor', z.object({ visitor })),
  ask('RequestHuman', z.object({ reason })),
  // From here on: agents only.
  ask('AssignAgent', z.object({ agent: agentNumber })),
  ask('TransferConversation', z.object({ to: agentNumber, reason })),
  ask('QueueConversation', z.object({ department: department.optional(), reason })),
  ask('ReturnToAi', z.object({})),
  ask('AddNote', z.object({ text: z.string().min(1).max(LIMITS.note) })),
  ask('SetTags', z.object({ tags: z.array(tag).max(LIMITS.tags) })),
  ask('SetPriority', z.object({ priority })),
  ask('SetDepartment', z.object({ department })),
  ask('ReopenConversation', z.object({})),
  ask('ArchiveConversation', z.object({})),
  ask('EraseConversation', z.object({ reason })),
]);
export type WireCommand = z.infer<typeof wireCommand>;
export type WireCommandInput = z.input<typeof wireCommand>;

export const clientFrame = z.union([
  /** Both tokens may come in the query instead. */
  z.object({
    id: frameId,
    auth: z.object({
      token: z.string().max(4_096).optional(),
      conversation: conversationId.optional(),
      visitorToken: z.string().max(4_096).optional(),
    }),
  }),
  z.object({ id: frameId, command: wireCommand }),
  /** Replay everything after that version, then go live: no gap, no duplicate. */
  z.object({
    id: frameId,
    resume: z.object({ conversation: conversationId, after: z.number().int().nonnegative() }),
  }),
  /** Stop hearing a conversation (agents; a visitor hears just one). */
  z.object({ id: frameId, leave: z.object({ conversation: conversationId }) }),
  /** Hear which conversations of the workspace changed (agents). */
  z.object({ id: frameId, watch: z.boolean() }),
  z.object({
    signal: z.object({ conversation: conversationId, type: z.literal('typing'), isTyping: z.boolean() }),
  }),
  z.object({ ping: z.number().int().nonnegative() }),
]);
export type ClientFrame = z.infer<typeof clientFrame>;
export type ClientFrameInput = z.input<typeof clientFrame>;

/** An event as its receiver may see it. `previous`: the version before it that this receiver may see; a mismatch means a gap. */
export interface WireEvent {
  readonly conversation: string;
  readonly version: number;
  readonly previous: number;
  /** The position. */
  readonly sequence: number;
  readonly type: string;
  readonly actor: { readonly kind: 'visitor' | 'agent' | 'ai' | 'api' | 'system'; readonly id?: string };
  readonly at: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Id of the command that brought it about, told to its own side only, so that an outbox can tick it off. */
  readonly command?: string;
}

/** A file in a frame or an answer: with links that expire. */
export interface WireAttachment {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly width?: number;
  readonly height?: number;
  readonly url: string;
  readonly previewUrl?: string;
}

/** A conversation in a list. */
export interface ConversationSummary {
  readonly conversation: string;
  readonly number: number;
  readonly version: number;
  readonly status: 'queued' | 'open' | 'closed' | 'archived';
  readonly owner:
    | { readonly kind: 'nobody' | 'ai' }
    | { readonly kind: 'agent'; readonly id: string; readonly name: string };
  readonly visitor: { readonly name?: string; readonly email?: string };
  readonly widget: string;
  readonly department: string;
  readonly priority: 'low' | 'medium' | 'high' | 'urgent';
  readonly tags: readonly string[];
  readonly messageCount: number;
  /** Messages of the visitor that no agent has read. */
  readonly unread: number;
  readonly lastMessage?: {
    readonly text: string;
    readonly author: 'visitor' | 'agent' | 'ai' | 'system';
    readonly at: string;
  };
  readonly startedAt: string;
  readonly updatedAt: string;
  readonly queuedAt?: string;
  readonly endedAt?: string;
  readonly rating?: { readonly score: number; readonly feedback: string };
}

/** What the server sends. */
export type ServerFrame =
  /** The answer to `auth`, or the first frame where the query carried the tokens. */
  | {
      readonly re?: string | number;
      readonly welcome: {
        readonly as: 'visitor' | 'agent';
        readonly id?: string;
        readonly workspace?: string;
        readonly heartbeatSeconds: number;
      };
    }
  | { readonly re: string | number; readonly ok: true; readonly sequence?: number; readonly version?: number }
  /** `refused` is a kebab-case reason for programs, `message` one sentence for people. */
  | { readonly re: string | number; readonly refused: string; readonly message: string }
  | { readonly event: WireEvent }
  | {
      readonly signal: {
        readonly conversation: string;
        readonly type: string;
        readonly from: 'visitor' | 'agent' | 'ai';
        readonly isTyping?: boolean;
        readonly name?: string;
      };
    }
  /** The heads, as this receiver may see them, of the conversations that it hears. */
  | { readonly heartbeat: { readonly at: string; readonly heads: Readonly<Record<string, number>> } }
  /** Instead of a replay: history was erased, or is longer than MAX_REPLAY events. `events` are the newest that are kept. */
  | {
      readonly re?: string | number;
      readonly snapshot: {
        readonly conversation: string;
        readonly version: number;
        readonly erased: boolean;
        readonly summary?: ConversationSummary;
        readonly events: readonly WireEvent[];
      };
    }
  /** Which conversations of the workspace changed, at most 4 times a second. */
  | { readonly inbox: { readonly changed: readonly ConversationSummary[]; readonly gone: readonly string[] } }
  | { readonly pong: number };
