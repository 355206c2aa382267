// Who could take a conversation now: agents who are there, not away, and accept, with what they have and take.
import type { RoutableAgent } from '../../domain/policies/routing.ts';
import { loadOf, type Routing } from '../../domain/workspace/routing.ts';
import type { Directory, KnownUser } from '../identity/directory.ts';
import type { Online } from './online.ts';

export interface RosterParts {
  readonly directory: Directory;
  readonly online: Pick<Online, 'available'>;
}

/** Conversations that an agent takes at once: their own figure, else the workspace's. */
export function capacityOf(directory: Directory, user: KnownUser): number {
  return user.profile.maxChats ?? directory.workspace(user.workspace)?.settings.maxChats ?? 0;
}

/** The agents of a workspace who are connected, not away, and accept, in no order. */
export function rosterOf(
  { directory, online }: RosterParts,
  workspace: string,
  routing: Routing,
): RoutableAgent[] {
  return [...online.available(workspace)].flatMap((number) => {
    const user = directory.user(workspace, number);
    if (!user?.accepting) return [];
    const id = String(number);
    const { departments, skills } = user.profile;
    return {
      id,
      load: loadOf(routing, id),
      capacity: capacityOf(directory, user),
      departments,
      skills,
      lastAt: routing.desks[id]?.lastAt ?? '',
    };
  });
}
