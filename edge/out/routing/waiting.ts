// A conversation that waits, as the routing policy sees it.
import type { Conversation } from '../../../domain/conversation/conversation.ts';
import type { WaitingConversation } from '../../../domain/policies/routing.ts';
import type { WorkspaceSettings } from '../../../domain/workspace/values.ts';
import type { Directory } from '../../identity/directory.ts';
import type { LiveConversation } from '../live/live-conversations.ts';

/** Whether it waits for an agent. */
export function waits({ status, owner }: Conversation): boolean {
  return status === 'queued' && owner.kind === 'nobody';
}

/** Whether it is given to agents by itself: always in the support dialect (seed 002), else as the workspace has it. */
export function isRouted({ origin }: Conversation, { routing }: Pick<WorkspaceSettings, 'routing'>): boolean {
  return routing === 'auto' || origin.channel === 'support';
}

/** Every skill that any agent of the workspace has: a tag of that name asks for it. */
export function skillsOf(directory: Directory, workspace: string): ReadonlySet<string> {
  return new Set(directory.users(workspace).flatMap(({ profile }) => profile.skills));
}

/** `known`: skills of the workspace. `preferred`: the agent whom the visitor had last, where that counts. */
export function waitingOf(
  { address, state }: LiveConversation,
  directory: Directory,
  known: ReadonlySet<string>,
  preferred: string | undefined,
): WaitingConversation {
  const widget = directory.everWidget(address.workspace, state.widget);
  return {
    conversation: address.id,
    since: state.queuedAt ?? state.startedAt,
    priority: state.priority,
    departments: [state.department],
    skills: [...new Set([...(widget?.config.skills ?? []), ...state.tags.filter((tag) => known.has(tag))])],
    preferred,
    notTo: state.putBackBy,
  };
}
