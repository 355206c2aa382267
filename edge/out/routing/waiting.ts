// A conversation that waits, as the routing policy sees it.
import type { Conversation } from '../../../domain/conversation/conversation.ts';
import { nextServingChange, servingDepartments } from '../../../domain/policies/hours.ts';
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

export interface Surroundings {
  readonly directory: Directory;
  readonly settings: Pick<WorkspaceSettings, 'hours'>;
  /** Every skill that any agent of the workspace has. */
  readonly skills: ReadonlySet<string>;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Milliseconds until other departments' agents may take it than now; undefined: never. */
export function nextServingOf(
  { state }: LiveConversation,
  { hours }: Pick<WorkspaceSettings, 'hours'>,
  at: number,
): number | undefined {
  return nextServingChange(state.department, hours, at, at - Date.parse(sinceOf(state)));
}

/** `preferred`: the agent whom the visitor had last, where that counts. */
export function waitingOf(
  { address, state }: LiveConversation,
  { directory, settings, skills, at }: Surroundings,
  preferred: string | undefined,
): WaitingConversation {
  const since = sinceOf(state);
  const widget = directory.everWidget(address.workspace, state.widget);
  return {
    conversation: address.id,
    since,
    priority: state.priority,
    departments: servingDepartments(state.department, settings.hours, at, at - Date.parse(since)),
    skills: [...new Set([...(widget?.config.skills ?? []), ...state.tags.filter((tag) => skills.has(tag))])],
    preferred,
    notTo: state.putBackBy,
  };
}

function sinceOf({ queuedAt, startedAt }: Conversation): string {
  return queuedAt ?? startedAt;
}
