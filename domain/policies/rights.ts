// Who may ask for what in a conversation, by role; what may then happen is the decider's business.
import type { WireCommand } from '../wire.ts';
import type { Role, WorkspaceSettings } from '../workspace/values.ts';

type CommandType = WireCommand['type'];

const VISITORS: ReadonlySet<CommandType> = new Set([
  'PostMessage',
  'MarkRead',
  'CloseConversation',
  'RateConversation',
  'IdentifyVisitor',
  'RequestHuman',
]);
const NOT_AGENTS: ReadonlySet<CommandType> = new Set(['RateConversation', 'IdentifyVisitor', 'RequestHuman']);
const ADMINS: ReadonlySet<CommandType> = new Set(['EraseConversation']);

/** Whether somebody of that role may send that command at all. */
export function mayAsk(who: 'visitor' | Role, type: CommandType): boolean {
  if (who === 'visitor') return VISITORS.has(type);
  if (NOT_AGENTS.has(type)) return false;
  return isAdmin(who) || !ADMINS.has(type);
}

/** Whether an agent may write in a conversation that another agent owns. */
export function mayJoin(who: Role, settings: Pick<WorkspaceSettings, 'agentsMayJoin'>): boolean {
  return isAdmin(who) || settings.agentsMayJoin;
}

/** Whether the role runs the workspace: users, widgets, settings, deletion. */
export function isAdmin(who: Role): boolean {
  return who === 'admin' || who === 'super_admin';
}
