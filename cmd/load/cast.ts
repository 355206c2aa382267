// Who appears in a loaded history: the workspace's own widget and agents, so that every name in it leads somewhere.

import { type Directory, nameOf } from '../../edge/identity/directory.ts';
import type { Cast } from './story.ts';

/** The cast of a workspace. Throws one sentence where it has no widget, or nobody who could answer. */
export function castOf(directory: Directory, workspace: string): Cast {
  const widget = directory.defaultWidget(workspace);
  if (!widget) throw new Error('the workspace has no widget that conversations could come from');
  const users = directory.users(workspace);
  const support = users.filter((known) => known.profile.role === 'support');
  const agents = (support.length > 0 ? support : users).map((known) => ({
    id: String(known.number),
    name: nameOf(known),
  }));
  if (agents.length === 0) throw new Error('the workspace has no users who could answer');
  return { widget: widget.id, agents };
}
