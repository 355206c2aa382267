// The values of a workspace: roles, widget configuration, settings, with their bounds.
import { z } from 'zod';
import { department, tag } from '../conversation/values.ts';
import { handOverRules } from '../policies/handover.ts';
import { idleRules, noTimers, targets } from '../policies/timers.ts';
import { awayAfterMinutes, hours } from './opening-hours.ts';

const line = (max: number) => z.string().trim().max(max);

/** `super_admin`: the installation's first user. `admin`: runs a workspace. `support`: an agent. */
export const role = z.enum(['super_admin', 'admin', 'support']);
export type Role = z.infer<typeof role>;

export const email = z.email('Email is invalid').max(254);

/** What an agent knows, and a conversation may ask for: a language, a product. */
export const skill = tag;
const skills = z.array(skill).max(50);

export const userProfile = z.object({
  username: line(100).min(1),
  email,
  fullName: line(120),
  role,
  /** Conversations this agent takes at once; unset: the workspace's `maxChats`. */
  maxChats: z.number().int().min(0).max(1_000).optional(),
  /** None named: all of them. */
  departments: z.array(department).max(50).default([]),
  skills: skills.default([]),
});
export type UserProfile = z.infer<typeof userProfile>;

const colour = z.string().regex(/^#[0-9a-fA-F]{3,8}$/, 'must be a colour such as #007bff');

export const prechatField = z.object({
  name: line(60).min(1),
  label: line(120),
  type: z.enum(['text', 'email', 'tel', 'number', 'textarea', 'select', 'checkbox', 'url']).default('text'),
  required: z.boolean().default(false),
  options: z.array(line(120)).max(50).optional(),
});

/** `scheme://host[:port]` as a browser sends it in `Origin`. */
export const webOrigin = z
  .string()
  .regex(/^https?:\/\/[^\s/]{1,255}$/, 'must be an origin such as https://example.com');

const rules = handOverRules.shape;

/** How the AI of a widget answers. */
export const widgetAi = z.object({
  /** The business's own instructions; empty: none. */
  prompt: line(8_000),
  /** E.g. `friendly and brief`; empty: none. */
  tone: line(200),
  /** The endpoint's name of a model; null: the installation's. */
  model: line(200).min(1).nullable(),
  temperature: z.number().min(0).max(2),
  /** When it gives a conversation to people. */
  handOver: z.object({
    keywords: rules.keywords.unwrap(),
    minConfidence: rules.minConfidence.unwrap(),
    maxFailures: rules.maxFailures.unwrap(),
  }),
});
export type WidgetAi = z.infer<typeof widgetAi>;

export const widgetConfig = z.object({
  businessName: line(255).min(1),
  widgetTitle: line(255),
  welcomeMessage: line(2_000),
  primaryColor: colour,
  secondaryColor: colour,
  position: z.enum(['bottom-right', 'bottom-left', 'top-right', 'top-left']),
  enablePrechatForm: z.boolean(),
  prechatFields: z.array(prechatField).max(20),
  isActive: z.boolean(),
  /** Whether a conversation's id alone is not enough for a guest. */
  requireVisitorToken: z.boolean(),
  /** Pages that may use this widget; none named: any. */
  allowedOrigins: z.array(webOrigin).max(100),
  /** How long after closing a visitor's message reopens, in days; 0: never. */
  reopenDays: z.number().int().min(0).max(365),
  /** What an agent must know to be given a conversation of this widget. */
  skills,
  /** Whether conversations begin with the AI; null: where there is a model or any knowledge. */
  aiEnabled: z.boolean().nullable(),
  ai: widgetAi,
});
export type WidgetConfig = z.infer<typeof widgetConfig>;

/** What a widget starts with where its maker says nothing else (seed 004). */
export const widgetDefaults: Omit<WidgetConfig, 'businessName'> = {
  widgetTitle: 'Chat with us',
  welcomeMessage: 'Hello! How can we help you today?',
  primaryColor: '#007bff',
  secondaryColor: '#6c757d',
  position: 'bottom-right',
  enablePrechatForm: false,
  prechatFields: [],
  isActive: true,
  requireVisitorToken: false,
  allowedOrigins: [],
  reopenDays: 7,
  skills: [],
  aiEnabled: null,
  ai: { prompt: '', tone: '', model: null, temperature: 0.3, handOver: handOverRules.parse({}) },
};

export const workspaceSettings = z.object({
  name: line(255).min(1),
  routing: z.enum(['auto', 'manual']),
  /** Whether a visitor who comes back goes to the agent they had last, if that agent has room. */
  stickyAgent: z.boolean(),
  /** Conversations an agent takes at once, where the agent has no figure of their own. */
  maxChats: z.number().int().min(1).max(1_000),
  departments: z.array(department).min(1).max(100),
  /** Whether agents who do not own a conversation may write in it. */
  agentsMayJoin: z.boolean(),
  /** Tokens that the AI may use on one day (UTC); null: as many as it takes. */
  aiDailyTokens: z.number().int().min(1).max(1_000_000_000).nullable(),
  /** When silent visitors are warned and their chats closed. */
  idle: idleRules,
  /** What is promised for each priority; a breach is an event. */
  targets,
  /** When each department is open, and who takes over; none named: always. */
  hours,
  /** Minutes without a sign of activity after which an agent gets no new conversations; null: they always do. */
  awayAfterMinutes,
});
export type WorkspaceSettings = z.infer<typeof workspaceSettings>;

/** What a workspace starts with (seeds 002 and 003). */
export const settingsDefaults: Omit<WorkspaceSettings, 'name'> = {
  routing: 'manual',
  stickyAgent: false,
  maxChats: 2,
  departments: ['general', 'sales', 'support', 'billing', 'technical'],
  agentsMayJoin: true,
  aiDailyTokens: null,
  ...noTimers,
  hours: {},
  awayAfterMinutes: null,
};
