// What must have happened before an example of the documents can happen: most want a session in which a visitor waits.
import type { KnownUser, KnownWidget } from '../../edge/identity/directory.ts';
import type { Operation } from './interface.ts';
import { granted, type Session, World } from './world.ts';

export interface Scene {
  readonly session: Session | undefined;
  readonly widget: KnownWidget;
  /** Whose token a request for users carries. */
  readonly caller: KnownUser;
  /** Who is meant by the id of an agent. */
  readonly agent: KnownUser;
  readonly apiToken: string;
  /** The number of an article that is there. */
  readonly article: number;
}

type Play = (world: World, session: Session) => Promise<void>;

const assigned: Play = async (world, session) => {
  await world.tell(session, world.as(world.jane), {
    type: 'AssignAgent',
    data: { agent: String(world.jane) },
  });
};
const answered: Play = async (world, session) => {
  await assigned(world, session);
  await world.tell(session, world.as(world.jane), {
    type: 'PostMessage',
    data: { text: 'Hi! How can I assist you today?', attachments: [] },
  });
};
const noted: Play = async (world, session) => {
  await answered(world, session);
  const jane = world.as(world.jane);
  await world.tell(session, jane, { type: 'SetTags', data: { tags: ['refund'] } });
  await world.tell(session, jane, { type: 'AddNote', data: { text: 'Customer has premium subscription' } });
};
const closed: Play = async (world, session) => {
  await answered(world, session);
  await world.tell(session, session.guest, { type: 'CloseConversation', data: {} });
};
const rated: Play = async (world, session) => {
  await closed(world, session);
  await world.tell(session, session.guest, {
    type: 'RateConversation',
    data: { score: 5, feedback: 'Great help!' },
  });
};

/** Operations that want more than a session in which a visitor waits. */
const PLAYS: Readonly<Record<string, Play>> = {
  'GET /api/live-chat/sessions/{sessionId}': answered,
  'GET /api/live-chat/sessions/{sessionId}/messages': answered,
  'POST /api/live-chat/sessions/{sessionId}/rate': closed,
  'GET /api/admin/live-chat/sessions': noted,
  'GET /api/admin/live-chat/sessions/{sessionId}': noted,
  'GET /api/admin/live-chat/customers/{email}/history': rated,
  'GET /api/admin/live-chat/analytics': rated,
  'GET /api/agents/active-chats': answered,
  'GET /api/widgets/sessions/{sessionId}/messages': answered,
  'GET /api/chat/session/{sessionId}': assigned,
  'GET /api/chat/messages/{sessionId}': answered,
};
/** Operations that make the session of their example, so that nobody may have made it before. */
const MAKES_SESSIONS = new Set([
  'POST /api/live-chat/sessions',
  'POST /api/conversations',
  'POST /api/chat/session',
]);

/** Sets the scene for one example of an operation. `settled`: whether lists must show it before anybody looks. */
export async function setScene(world: World, operation: Operation, settled = true): Promise<Scene> {
  const name = `${operation.method} ${operation.path}`;
  const widget =
    operation.path.includes('{siteKey}') || name === 'POST /api/conversations'
      ? await world.newWidget()
      : defaultWidget(world);
  const session = MAKES_SESSIONS.has(name) ? undefined : await world.session(widget);
  if (session) await PLAYS[name]?.(world, session);
  const caller = name === 'POST /api/auth/password' ? await changesPassword(world) : world.admin;
  const agent = operation.path.startsWith('/api/agents/{') ? await world.newAgent() : world.user(world.jane);
  const article = operation.path.startsWith('/api/knowledge') ? await world.article() : 0;
  if (settled) await world.settled();
  return { session, widget, caller, agent, apiToken: await world.apiToken(), article };
}

function defaultWidget({ door, workspace }: World): KnownWidget {
  const widget = door.parts.directory.defaultWidget(workspace);
  if (!widget) throw new Error('the workspace has no widget');
  return widget;
}

/** Somebody with the documents' password, whose next one nobody else needs. */
async function changesPassword(world: World): Promise<KnownUser> {
  const agent = await world.newAgent();
  granted(await world.door.parts.accounts.signIn(agent.profile.email, World.ADMIN.password));
  return agent;
}
