// How the widget document (seed 004) shows users, widgets, messages and the queue: the same over HTTP and over its sockets.
import { z } from 'zod';
import type { ConversationEvent } from '../../../domain/conversation/events.ts';
import { attachment } from '../../../domain/conversation/values.ts';
import type { RecordedEvent } from '../../../domain/log/commit.ts';
import { role, widgetConfig } from '../../../domain/workspace/values.ts';
import type { Waiting } from '../../chat/queue.ts';
import type { Directory, KnownUser, KnownWidget } from '../../identity/directory.ts';
import type { Links } from '../../out/files.ts';

const moment = z.iso.datetime();
const MINUTE = 60_000;

/** What a visitor is called who has said no name. */
export const NAMELESS = 'Customer';

export const widgetUser = z
  .object({
    id: z.number().int(),
    username: z.string(),
    email: z.string(),
    full_name: z.string(),
    role,
  })
  .meta({
    id: 'WidgetUser',
    description: 'A user of the workspace (seed 004), with role and full name always.',
  });

/** A user as the documents show one. */
export function userShape({ number, profile }: KnownUser): z.infer<typeof widgetUser> {
  return {
    id: number,
    username: profile.username,
    email: profile.email,
    full_name: profile.fullName,
    role: profile.role,
  };
}

const config = widgetConfig.shape;
const ai = config.ai.shape;

export const widgetAnswer = z
  .object({
    id: z.number().int(),
    site_key: z.string(),
    business_name: config.businessName,
    widget_title: config.widgetTitle,
    welcome_message: config.welcomeMessage,
    primary_color: config.primaryColor,
    secondary_color: config.secondaryColor,
    position: config.position,
    enable_prechat_form: config.enablePrechatForm,
    prechat_fields: config.prechatFields,
    created_at: moment,
    is_active: config.isActive,
    require_visitor_token: config.requireVisitorToken,
    allowed_origins: config.allowedOrigins,
    reopen_days: config.reopenDays,
    skills: config.skills.describe('What an agent must know to be given a chat of this widget.'),
    ai_enabled: config.aiEnabled.describe(
      'Whether conversations begin with the AI; null: where there is a model or any knowledge.',
    ),
    ai: z
      .object({
        prompt: ai.prompt.describe('Instructions of the business.'),
        tone: ai.tone,
        model: ai.model.describe('Null: the model of the installation.'),
        temperature: ai.temperature,
        hand_over: z.object({
          keywords: ai.handOver.shape.keywords,
          min_confidence: ai.handOver.shape.minConfidence,
          max_failures: ai.handOver.shape.maxFailures,
        }),
      })
      .describe('How the AI answers, and when it gives a chat to people.'),
  })
  .meta({ id: 'Widget', description: 'A widget (seed 004); the last six fields are beyond the document.' });

export function widgetShape({
  number,
  siteKey,
  config,
  createdAt,
}: KnownWidget): z.infer<typeof widgetAnswer> {
  return {
    id: number,
    site_key: siteKey,
    business_name: config.businessName,
    widget_title: config.widgetTitle,
    welcome_message: config.welcomeMessage,
    primary_color: config.primaryColor,
    secondary_color: config.secondaryColor,
    position: config.position,
    enable_prechat_form: config.enablePrechatForm,
    prechat_fields: config.prechatFields,
    created_at: createdAt,
    is_active: config.isActive,
    require_visitor_token: config.requireVisitorToken,
    allowed_origins: config.allowedOrigins,
    reopen_days: config.reopenDays,
    skills: config.skills,
    ai_enabled: config.aiEnabled,
    ai: {
      prompt: config.ai.prompt,
      tone: config.ai.tone,
      model: config.ai.model,
      temperature: config.ai.temperature,
      hand_over: {
        keywords: config.ai.handOver.keywords,
        min_confidence: config.ai.handOver.minConfidence,
        max_failures: config.ai.handOver.maxFailures,
      },
    },
  };
}

export const widgetMessage = z
  .object({
    id: z.number().int(),
    text: z.string(),
    sender: z.enum(['customer', 'agent']),
    timestamp: moment,
    isAI: z.boolean(),
    attachments: z
      .array(
        attachment
          .pick({ id: true, name: true, type: true, size: true })
          .extend({ url: z.string(), previewUrl: z.string().optional() }),
      )
      .optional(),
  })
  .meta({
    id: 'WidgetMessage',
    description:
      'A message (seed 004). `id` is the event’s position; what the system says comes as from an agent. `attachments` only where there are any.',
  });
export type WidgetMessage = z.infer<typeof widgetMessage>;

type Message = Extract<ConversationEvent, { type: 'MessagePosted' }>;

/** A MessagePosted as a message of the history; its sockets write the id as `msg_<id>`. */
export function messageShape(event: RecordedEvent, conversation: string, links: Links): WidgetMessage {
  // The log gives back what the domain put in: a MessagePosted has its data.
  const { text, attachments, author } = event.data as Message['data'];
  const files = attachments.map((file) => {
    const { id, name, type, size } = file;
    return { id, name, type, size, ...links.link(conversation, file) };
  });
  return {
    id: event.position,
    text,
    sender: author.kind === 'visitor' ? 'customer' : 'agent',
    timestamp: event.at,
    isAI: author.kind === 'ai',
    ...(files.length > 0 ? { attachments: files } : {}),
  };
}

/** The messages of a history, oldest first; the newest `most` of them. */
export function messageShapes(
  events: readonly RecordedEvent[],
  conversation: string,
  links: Links,
  most = 5_000,
): WidgetMessage[] {
  return events
    .filter(({ type }) => type === 'MessagePosted')
    .slice(-most)
    .map((event) => messageShape(event, conversation, links));
}

export const waitingSession = z
  .object({
    sessionId: z.string(),
    siteKey: z.string(),
    businessName: z.string(),
    visitorName: z.string(),
    waitingTime: z.number().int(),
    escalated: z.boolean(),
    addedAt: moment,
  })
  .meta({
    id: 'WidgetWaitingSession',
    description:
      'A session that waits for an agent (seed 004): `waitingTime` in whole minutes, `escalated` where a human was asked for.',
  });
export type WaitingSession = z.infer<typeof waitingSession>;

/** `now`: milliseconds since 1970. */
export function waitingShape(waiting: Waiting, directory: Directory, now: number): WaitingSession {
  const widget = directory.widgetById(waiting.widget);
  return {
    sessionId: waiting.conversation,
    siteKey: widget?.siteKey ?? '',
    businessName: widget?.config.businessName ?? '',
    visitorName: waiting.visitorName || NAMELESS,
    waitingTime: minutesSince(waiting.queuedAt, now),
    escalated: waiting.escalated,
    addedAt: waiting.queuedAt,
  };
}

/** Whole minutes since a moment (ISO 8601); `now`: milliseconds since 1970. */
export function minutesSince(at: string, now: number): number {
  return Math.max(0, Math.floor((now - Date.parse(at)) / MINUTE));
}

/** `2 minutes`: how long that is, in whole minutes. */
export function wholeMinutes(ms: number): string {
  const minutes = Math.floor(ms / MINUTE);
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
}

/** A mean as the document spells it, `2.3 min` or `3.5 minutes`; `n/a` where nothing was measured. */
export function meanMinutes(ms: number | null, unit: 'min' | 'minutes'): string {
  return ms === null ? 'n/a' : `${(ms / MINUTE).toFixed(1)} ${unit}`;
}

/** A mean rating with one decimal, 1 to 5; 0 where nobody has rated, since the document has a number there. */
export function meanRating(rating: number | null): number {
  return Math.round((rating ?? 0) * 10) / 10;
}
