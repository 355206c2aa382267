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
  /** Takes it oneself, but only where no agent has it: of two at once, one gets it. */
  ask('AcceptConversation', z.object({})),
  ask('TransferConversation', z.object({ to: agentNumber, reason })),
  ask('QueueConversation', z.object({ department: department.optional(), reason })),
  ask('ReturnToAi', z.object({})),
  ask('AddNote', z.object({ text: z.string().min(1).max(LIMITS.note) })),
  ask('SetTags', z.object({ tags: z.array(tag).max(LIMITS.tags) })),
  ask('SetPriority', z.object({ priority })),
  ask('SetDepartment', z.object({ department })),
  /** A reminder for whoever works on it, in the place of the one before; `at` with any offset. */
  ask(
    'SetReminder',
    z.object({
      at: z.iso.datetime({ offset: true }).transform((at) => new Date(at).toISOString()),
      text: z.string().trim().max(LIMITS.reminder).optional(),
    }),
  ),
  ask('ClearReminder', z.object({})),
  ask('ReopenConversation', z.object({})),
  ask('ArchiveConversation', z.object({})),
  ask('EraseConversation', z.object({ reason })),
]);
export type WireCommand = z.infer<typeof wireCommand>;
export type WireCommandInput = z.input<typeof wireCommand>;

const EXAMPLE = {
  conversation: '5kq2xw7m3dnv4ajb6tzr2hcyfe',
  command: '019aa5d0-7c00-7000-8000-000000000001',
} as const;
const example = (type: WireCommandInput['type'], data: object) => ({
  id: 1,
  command: { type, ...EXAMPLE, data },
});

export const clientFrame = z.union([
  z
    .object({
      id: frameId,
      auth: z.object({
        token: z.string().max(4_096).optional(),
        conversation: conversationId.optional(),
        visitorToken: z.string().max(4_096).optional(),
      }),
    })
    .meta({
      id: 'NativeAuth',
      description: 'Who it is: an agent by `token`, or a visitor. Both may come in the query instead.',
      examples: [
        { id: 1, auth: { token: 'eyJhbGciOiJIUzI1NiJ9...' } },
        { id: 1, auth: { conversation: EXAMPLE.conversation, visitorToken: 'eyJhbGciOiJIUzI1NiJ9...' } },
      ],
    }),
  z.object({ id: frameId, command: wireCommand }).meta({
    id: 'NativeCommand',
    description:
      'Something to be done. `command` is a UUIDv7 of the client: the same one sent again is carried out once.',
    examples: [
      example('PostMessage', { text: 'Hello, I need help with my order' }),
      example('MarkRead', { upTo: 3 }),
      example('CloseConversation', {}),
      example('RateConversation', { score: 5, feedback: 'Excellent service!' }),
      example('IdentifyVisitor', { visitor: { name: 'John Doe', email: 'john@example.com' } }),
      example('RequestHuman', { reason: 'asked for a person' }),
      example('AssignAgent', { agent: '4194311' }),
      example('AcceptConversation', {}),
      example('TransferConversation', { to: '4194311', reason: 'Billing expertise needed' }),
      example('QueueConversation', { department: 'billing' }),
      example('ReturnToAi', {}),
      example('AddNote', { text: 'Has a premium subscription' }),
      example('SetTags', { tags: ['refund', 'urgent'] }),
      example('SetPriority', { priority: 'high' }),
      example('SetDepartment', { department: 'billing' }),
      example('SetReminder', { at: '2027-03-01T09:00:00.000Z', text: 'Ask whether the parcel came' }),
      example('ClearReminder', {}),
      example('ReopenConversation', {}),
      example('ArchiveConversation', {}),
      example('EraseConversation', { reason: 'asked for by the visitor' }),
    ],
  }),
  z
    .object({
      id: frameId,
      resume: z.object({ conversation: conversationId, after: z.number().int().nonnegative() }),
    })
    .meta({
      id: 'NativeResume',
      description: 'Replay everything after that version, then go live: no gap, no duplicate.',
      examples: [{ id: 3, resume: { conversation: EXAMPLE.conversation, after: 0 } }],
    }),
  z.object({ id: frameId, leave: z.object({ conversation: conversationId }) }).meta({
    id: 'NativeLeave',
    description: 'Stop hearing a conversation (agents; a visitor hears just one).',
    examples: [{ id: 4, leave: { conversation: EXAMPLE.conversation } }],
  }),
  z.object({ id: frameId, watch: z.boolean() }).meta({
    id: 'NativeWatch',
    description: 'Hear which conversations of the workspace change, or no longer (agents).',
    examples: [{ id: 5, watch: true }],
  }),
  z
    .object({
      signal: z.object({ conversation: conversationId, type: z.literal('typing'), isTyping: z.boolean() }),
    })
    .meta({
      id: 'NativeTyping',
      description: 'Tell the others that somebody types. Not stored, not answered.',
      examples: [{ signal: { conversation: EXAMPLE.conversation, type: 'typing', isTyping: true } }],
    }),
  z.object({ active: z.literal(true) }).meta({
    id: 'NativeActive',
    description:
      'The agent is at work, though nothing else is sent: at most twice a minute, while they move or type. Not answered.',
    examples: [{ active: true }],
  }),
  z.object({ ping: z.number().int().nonnegative() }).meta({
    id: 'NativePing',
    description: 'Answered by `pong` with the same number.',
    examples: [{ ping: 1 }],
  }),
]);
export type ClientFrame = z.infer<typeof clientFrame>;
export type ClientFrameInput = z.input<typeof clientFrame>;

/** As sent: nobody changes a frame. */
type Told<Frame> = Frame extends readonly (infer One)[]
  ? readonly Told<One>[]
  : Frame extends object
    ? { readonly [Key in keyof Frame]: Told<Frame[Key]> }
    : Frame;

const moment = z.string().describe('ISO 8601, UTC.');
const count = z.number().int().nonnegative();

const wireEvent = z
  .object({
    conversation: z.string(),
    version: z.number().int().positive().describe('Counts 1, 2, 3 … within the conversation.'),
    previous: count.describe(
      'The version before it that this receiver may see; if that is not the last one it has, some are missing: resume.',
    ),
    sequence: z.number().int().describe('The position: unique, and growing within a conversation.'),
    type: z
      .string()
      .describe('A conversation event, e.g. `MessagePosted`; its data as the events channel has it.'),
    actor: z.object({ kind: z.enum(['visitor', 'agent', 'ai', 'api', 'system']), id: z.string().optional() }),
    at: moment,
    data: z.record(z.string(), z.unknown()),
    command: z
      .string()
      .optional()
      .describe('Id of the command that brought it about, told to its own side only.'),
  })
  .meta({ id: 'WireEvent', description: 'An event as its receiver may see it.' });
export type WireEvent = Told<z.infer<typeof wireEvent>>;

/** A file in a frame or an answer: with links that expire. */
export const wireAttachment = z
  .object({
    id: z.string(),
    name: z.string(),
    type: z.string().describe('MIME type, from the content of the file.'),
    size: count.describe('Bytes.'),
    width: z.number().int().positive().optional(),
    height: z.number().int().positive().optional(),
    url: z.string().describe('A link that expires.'),
    previewUrl: z.string().optional(),
  })
  .meta({ id: 'WireAttachment' });
export type WireAttachment = Told<z.infer<typeof wireAttachment>>;

/** A conversation in a list. */
export const conversationSummary = z
  .object({
    conversation: z.string(),
    number: z.number().int(),
    version: count,
    status: z.enum(['queued', 'open', 'closed', 'archived']),
    owner: z.union([
      z.object({ kind: z.enum(['nobody', 'ai']) }),
      z.object({ kind: z.literal('agent'), id: z.string(), name: z.string() }),
    ]),
    visitor: z.object({ name: z.string().optional(), email: z.string().optional() }),
    widget: z.string().describe('Its site key.'),
    department: z.string(),
    priority,
    tags: z.array(z.string()),
    messageCount: count,
    unread: count.describe('Messages of the other side that this one has not read.'),
    lastMessage: z
      .object({ text: z.string(), author: z.enum(['visitor', 'agent', 'ai', 'system']), at: moment })
      .optional(),
    startedAt: moment,
    updatedAt: moment,
    queuedAt: moment.optional(),
    endedAt: moment.optional(),
    rating: z.object({ score: z.number(), feedback: z.string() }).optional(),
  })
  .meta({ id: 'ConversationSummary', description: 'A conversation as a line of a list.' });
export type ConversationSummary = Told<z.infer<typeof conversationSummary>>;

/** Frames of the server. `re` is the `id` of the frame that is answered. */
export const serverFrames = {
  welcome: z
    .object({
      re: frameId.optional(),
      welcome: z.object({
        as: z.enum(['visitor', 'agent']),
        id: z.string().optional(),
        workspace: z.string().optional(),
        heartbeatSeconds: z.number(),
      }),
    })
    .meta({
      id: 'NativeWelcome',
      description: 'The answer to `auth`, or the first frame where the query carried the tokens.',
      examples: [{ re: 1, welcome: { as: 'agent', id: '4194311', workspace: 'w1', heartbeatSeconds: 20 } }],
    }),
  me: z.object({ me: z.object({ accepting: z.boolean(), away: z.boolean() }) }).meta({
    id: 'NativeMe',
    description:
      'Whether the agent of this socket takes new conversations (`accepting`, their own switch), and whether they are `away`: without activity on any socket for the workspace’s `away_after_minutes`, and given none until there is some. After the welcome, and whenever it changes in some tab or on some device.',
    examples: [{ me: { accepting: true, away: false } }],
  }),
  done: z
    .object({
      re: frameId,
      ok: z.literal(true),
      sequence: z.number().int().optional(),
      version: count.optional(),
    })
    .meta({
      id: 'NativeDone',
      description: 'What was asked has been done, and is stored where it changed anything.',
      examples: [{ re: 2, ok: true, sequence: 4503599627370498, version: 3 }],
    }),
  refused: z
    .object({
      re: frameId,
      refused: z.string().describe('A kebab-case reason, for programs.'),
      message: z.string().describe('One sentence, for people.'),
    })
    .meta({
      id: 'NativeRefused',
      description: 'What was asked has not been done.',
      examples: [{ re: 2, refused: 'conversation-closed', message: 'This session is closed' }],
    }),
  event: z.object({ event: wireEvent }).meta({
    id: 'NativeEvent',
    description: 'Something happened in a conversation that this socket hears.',
    examples: [
      {
        event: {
          conversation: 'c1',
          version: 3,
          previous: 2,
          sequence: 4503599627370498,
          type: 'MessagePosted',
          actor: { kind: 'visitor' },
          at: '2026-11-21T12:00:00.000Z',
          data: { text: 'Hello', author: { kind: 'visitor', name: 'Vera' }, attachments: [] },
        },
      },
    ],
  }),
  signal: z
    .object({
      signal: z.object({
        conversation: z.string(),
        type: z.literal('typing'),
        from: z.enum(['visitor', 'agent', 'ai']),
        isTyping: z.boolean().optional(),
        name: z.string().optional(),
      }),
    })
    .meta({
      id: 'NativeSignal',
      description: 'Something that is not stored: somebody types.',
      examples: [{ signal: { conversation: 'c1', type: 'typing', from: 'agent', isTyping: true } }],
    }),
  aiText: z
    .object({
      signal: z.object({
        conversation: z.string(),
        type: z.literal('ai'),
        answers: count.describe('Version of the visitor’s message that is answered.'),
        text: z.string().describe('All of it so far.'),
        done: z.boolean().describe('No more comes: its message is stored, or it was given up.'),
      }),
    })
    .meta({
      id: 'NativeAiText',
      description: 'What the AI is writing. Not stored: the message itself comes as an event.',
      examples: [
        { signal: { conversation: 'c1', type: 'ai', answers: 2, text: 'We are open from', done: false } },
      ],
    }),
  place: z
    .object({
      signal: z.object({
        conversation: z.string(),
        type: z.literal('queue'),
        position: z.number().int().positive(),
        estimatedWait: z
          .number()
          .int()
          .positive()
          .nullable()
          .describe('Whole minutes, from waits that were measured; null: none was yet.'),
        opensAt: moment
          .nullish()
          .describe('Where nobody is there to take it now: when somebody is; null: that is not known.'),
      }),
    })
    .meta({
      id: 'NativePlace',
      description: 'The place of a visitor who waits for an agent: on coming, and whenever it changes.',
      examples: [{ signal: { conversation: 'c1', type: 'queue', position: 2, estimatedWait: 4 } }],
    }),
  heartbeat: z.object({ heartbeat: z.object({ at: moment, heads: z.record(z.string(), count) }) }).meta({
    id: 'NativeHeartbeat',
    description: 'The last versions, as this receiver may see them, of the conversations that it hears.',
    examples: [{ heartbeat: { at: '2026-11-21T12:00:20.000Z', heads: { c1: 3 } } }],
  }),
  snapshot: z
    .object({
      re: frameId.optional(),
      snapshot: z.object({
        conversation: z.string(),
        version: count,
        erased: z.boolean(),
        summary: conversationSummary.optional(),
        events: z.array(wireEvent).describe('The newest that are kept.'),
      }),
    })
    .meta({
      id: 'NativeSnapshot',
      description: `Instead of a replay: history was erased, or is longer than ${MAX_REPLAY} events.`,
      examples: [{ re: 3, snapshot: { conversation: 'c1', version: 9, erased: true, events: [] } }],
    }),
  inbox: z
    .object({ inbox: z.object({ changed: z.array(conversationSummary), gone: z.array(z.string()) }) })
    .meta({
      id: 'NativeInbox',
      description: 'Which conversations of the workspace changed, at most 4 times a second.',
      examples: [{ inbox: { changed: [], gone: ['c1'] } }],
    }),
  pong: z.object({ pong: count }).meta({ id: 'NativePong', examples: [{ pong: 1 }] }),
} as const;

/** What the server sends. */
export type ServerFrame = Told<z.infer<(typeof serverFrames)[keyof typeof serverFrames]>>;
