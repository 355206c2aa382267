// The businesses that the widget documents' tests talk to: an edge with a clock of its own, their people, and chats told by hand.

import { v7 } from 'uuid';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Conversation } from '../../../domain/conversation/conversation.ts';
import type { Origin, Visitor } from '../../../domain/conversation/values.ts';
import { isRefusal } from '../../../domain/decider.ts';
import type { Outcome } from '../../../domain/log/aggregates.ts';
import type { Asked } from '../../../edge/chat/requests.ts';
import type { Principal } from '../../../edge/identity/principals.ts';
import {
  type Answer,
  addAgent,
  ask,
  type Door,
  openDoor,
  register,
  type Servers,
  startServers,
} from '../../edge/http/door.ts';
import { Talker } from '../../edge/socket/talker.ts';

/** A moment as the documents spell it. */
export const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
export const STRING = expect.any(String);
export const NUMBER = expect.any(Number);
export const JWT = expect.stringMatching(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/);
export const SITE_KEY = expect.stringMatching(/^widget-[a-z2-7]{12,}$/);

/** The document's widget, and the one it makes. */
export const WIDGET = {
  id: NUMBER,
  site_key: SITE_KEY,
  business_name: 'Acme Corp',
  widget_title: 'Support Chat',
  welcome_message: 'Hello! How can we help?',
  primary_color: '#007bff',
  secondary_color: '#6c757d',
  position: 'bottom-right',
  enable_prechat_form: false,
  prechat_fields: [],
  created_at: ISO,
  is_active: true,
};
export const NEW_BUSINESS = {
  business_name: 'New Business',
  widget_title: 'Chat Support',
  welcome_message: 'Welcome! How can we assist you?',
  primary_color: '#ff6b6b',
  secondary_color: '#4ecdc4',
  position: 'bottom-left',
  enable_prechat_form: true,
  prechat_fields: [
    { name: 'name', label: 'Your Name', type: 'text', required: true },
    { name: 'email', label: 'Email Address', type: 'email', required: true },
  ],
};
/** Where and with what the document's customer came. */
export const NEW_YORKER: Origin = {
  userAgent:
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36',
  place: { country: 'United States', region: 'New York', city: 'New York' },
};

/** Opened before the tests of the file that imports it, and closed after them. */
export let servers: Servers;
export let door: Door;
let ahead = 0;
const talkers: Talker[] = [];

beforeAll(async () => {
  servers = await startServers();
  door = await openDoor(servers, { environment: 'development', now });
}, 60_000);

afterAll(async () => {
  for (const talker of talkers) talker.close();
  await door?.close();
  await servers?.stop();
});

/** The edge's clock, milliseconds since 1970. */
export function now(): number {
  return Date.now() + ahead;
}

/** Lets that many milliseconds pass at the edge. */
export function pass(ms: number): void {
  ahead += ms;
}

export interface Person {
  readonly token: string;
  readonly id: number;
  readonly email: string;
}

export interface Business {
  readonly workspace: string;
  readonly boss: Person;
  readonly siteKey: string;
}

/** A business of its own with the document's widget. */
export async function found(name: string): Promise<Business> {
  const boss = await register(door.url, name);
  const workspace = door.parts.directory.anyUser(boss.id)?.workspace ?? '';
  const siteKey = door.parts.directory.defaultWidget(workspace)?.siteKey ?? '';
  const json = { business_name: 'Acme Corp', widget_title: 'Support Chat' };
  await ask(door.url, 'PUT', `/api/widgets/${siteKey}`, { token: boss.token, json });
  return { workspace, boss, siteKey };
}

export const hire = (of: Business, fullName: string): Promise<Person> =>
  addAgent(door.url, of.boss.token, fullName);

/** Brings an agent online: opens a socket of theirs. */
export async function comes(who: Person): Promise<void> {
  talkers.push(await Talker.connect(door.port, { token: who.token }));
}

export const call = (
  method: string,
  path: string,
  who?: Pick<Person, 'token'>,
  json?: unknown,
): Promise<Answer> => ask(door.url, method, `/api${path}`, { token: who?.token, json });

/** A visitor who begins a chat and waits. */
export async function arrives(
  of: Business,
  id: string,
  visitor: Visitor = {},
  origin: Origin = {},
): Promise<Principal> {
  const widget = door.parts.directory.widget(of.siteKey);
  if (!widget) throw new Error('no such widget');
  const opened = await door.parts.desk.start({ widget, id, visitor, origin });
  if (isRefusal(opened)) throw new Error(opened.refused);
  return { kind: 'visitor', workspace: of.workspace, conversation: id, proven: true };
}

export const visitorOf = (of: Business, conversation: string): Principal => ({
  kind: 'visitor',
  workspace: of.workspace,
  conversation,
  proven: true,
});

/** Asks something of a conversation as the door's routes do. */
export async function does(
  who: Principal | Person,
  conversation: string,
  asked: Asked,
): Promise<Conversation> {
  const done: Outcome<Conversation> = await door.parts.desk.ask(principal(who), conversation, asked);
  if (isRefusal(done)) throw new Error(done.refused);
  return done.state;
}

export const says = (who: Principal | Person, conversation: string, text: string) =>
  does(who, conversation, { type: 'PostMessage', data: { text } });

export const takes = (who: Person, conversation: string) =>
  does(who, conversation, { type: 'AssignAgent', data: { agent: String(who.id) } });

export const closes = (who: Principal | Person, conversation: string) =>
  does(who, conversation, { type: 'CloseConversation', data: {} });

/** The AI says something in a chat that is given to it first. */
export async function aiSays(of: Business, conversation: string, text: string): Promise<void> {
  const address = door.storage.log.subjects.conversation(of.workspace, conversation);
  const request = {
    type: 'PostMessage' as const,
    data: { text, attachments: [], mayJoin: false, reopenDays: 0 },
  };
  const done = await door.parts.conversations.handle(address, {
    ...request,
    actor: { kind: 'ai' },
    command: v7(),
  });
  if (isRefusal(done)) throw new Error(done.refused);
}

function principal(who: Principal | Person): Principal {
  if ('kind' in who) return who;
  const user = door.parts.directory.anyUser(who.id);
  if (!user) throw new Error('no such user');
  return { kind: 'user', workspace: user.workspace, user };
}
