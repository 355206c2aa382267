// The values that conversation events and commands are made of, with their bounds.
import { z } from 'zod';

export const LIMITS = {
  /** Characters in a message. */
  text: 10_000,
  /** Attachments of one message. */
  attachmentsPerMessage: 5,
  /** Files one conversation may hold. */
  attachmentsPerConversation: 500,
  /** Bytes of one file. */
  attachmentBytes: 10 * 1024 * 1024,
  tags: 50,
  note: 5_000,
  summary: 4_000,
  /** Articles named under one answer. */
  sources: 8,
  feedback: 2_000,
  reminder: 500,
  /** How far ahead a reminder may lie, in days. */
  reminderDays: 366,
} as const;

export const text = z.string().max(LIMITS.text);
const line = (max: number) => z.string().trim().max(max);

export const priority = z.enum(['low', 'medium', 'high', 'urgent']);
export type Priority = z.infer<typeof priority>;

/** What a workspace may promise: a person's first word, and the end of it. */
export const target = z.enum(['first-response', 'resolution']);
export type Target = z.infer<typeof target>;

/** A department's key; which ones a workspace has is its setting. */
export const department = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, 'is not a department');

export const tag = line(60).min(1);

/** What is known of the visitor. All of it is what they or the host page said, so untrusted. */
export const visitor = z.object({
  /** The host page's own id for this person. */
  id: line(128).optional(),
  name: line(120).optional(),
  email: z.email().max(254).optional(),
  phone: line(40).optional(),
});
export type Visitor = z.infer<typeof visitor>;

/** Where an address lies, in English, as far as that is known: "Ukraine", "Kyiv Oblast", "Olenivka". */
export const place = z.object({
  country: line(100).optional(),
  region: line(100).optional(),
  city: line(100).optional(),
});
export type Place = z.infer<typeof place>;

/** Where and with what the conversation was started. */
export const origin = z.object({
  pageUrl: line(2_000).optional(),
  referrer: line(2_000).optional(),
  userAgent: line(500).optional(),
  ip: line(45).optional(),
  place: place.optional(),
  language: line(35).optional(),
  /** The dialect it was started in, e.g. `native`, `live-chat`. */
  channel: line(30).optional(),
  /** What the visitor is, where not a customer: an agent of some business, or a program. */
  party: z.enum(['agent', 'system']).optional(),
});
export type Origin = z.infer<typeof origin>;

/** An agent as shown to others: public number (as a string) and the name at that moment. */
export const agentRef = z.object({ id: z.string().min(1).max(64), name: line(120) });
export type AgentRef = z.infer<typeof agentRef>;

/** An article of the workspace's knowledge that an answer rests on: its public number and its title at that moment. */
export const source = z.object({ article: z.string().min(1).max(64), title: line(200) });
export type Source = z.infer<typeof source>;
export const sources = z.array(source).max(LIMITS.sources);

/** Why the AI hands a conversation to people by itself. */
export const handOverCause = z.enum([
  'visitor-asked',
  'keyword',
  'low-confidence',
  'failed-twice',
  'limit',
  'switched-off',
]);
export type HandOverCause = z.infer<typeof handOverCause>;

/** Why the AI has no answer. */
export const aiFailure = z.enum([
  'time-out',
  'rate-limited',
  'unavailable',
  'unreadable',
  'empty',
  'refused',
  'limit',
]);
export type AiFailure = z.infer<typeof aiFailure>;

/** A file as everyone in the conversation may see it. */
export const attachment = z.object({
  /** 128 random bits in base32: not to be guessed. */
  id: z.string().regex(/^[a-z2-7]{26}$/),
  name: line(255).min(1),
  /** MIME type, from the file's content, never from the client's word. */
  type: line(100),
  /** Bytes. */
  size: z.number().int().min(0).max(LIMITS.attachmentBytes),
  width: z.number().int().positive().optional(),
  height: z.number().int().positive().optional(),
  /** Whether a preview image is stored beside it. */
  preview: z.boolean().optional(),
});
export type Attachment = z.infer<typeof attachment>;

/** What only the log knows of a file: the key it is encrypted with and what its bytes must hash to. */
export const sealedAttachment = attachment.extend({
  /** AES-256-GCM key, base64; gone with this event, and the file with it. */
  key: z.string().max(64),
  /** SHA-256 of the plain bytes, hex; checked on every read. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  previewSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});
export type SealedAttachment = z.infer<typeof sealedAttachment>;

export const score = z.number().int().min(1).max(5);
