// One PATCH of the live-chat document may change several things at once: in an order in which all of them are allowed.
import type { Conversation } from '../../../../domain/conversation/conversation.ts';
import type { Priority } from '../../../../domain/conversation/values.ts';
import { isRefusal, type Refusal, refuse } from '../../../../domain/decider.ts';
import type { Done } from '../../../../domain/log/aggregates.ts';
import type { Edge } from '../../../context.ts';
import type { UserPrincipal } from '../../../identity/principals.ts';
import type { LiveChatStatus } from '../shapes.ts';

export interface SessionChange {
  readonly status?: LiveChatStatus;
  readonly priority?: Priority;
  readonly department?: string;
  readonly tags?: readonly string[];
}

type Asked = Parameters<Edge['desk']['ask']>[2];

/** Carries out a change; stops at the first refusal. What is wrong with the request itself is found before anything is done. */
export async function changeSession(
  edge: Edge,
  by: UserPrincipal,
  sessionId: string,
  change: SessionChange,
): Promise<Done<Conversation> | Refusal> {
  const { desk, directory } = edge;
  const found = await desk.find(by, sessionId);
  if (isRefusal(found)) return found;
  const departments = directory.workspace(by.workspace)?.settings.departments ?? [];
  if (change.department !== undefined && !departments.includes(change.department))
    return refuse('department-unknown');
  if (found.state.status === 'archived' && change.status !== undefined && change.status !== 'archived')
    return refuse('conversation-archived');

  const steps: Asked[] = [];
  if (change.priority) steps.push({ type: 'SetPriority', data: { priority: change.priority } });
  if (change.department) steps.push({ type: 'SetDepartment', data: { department: change.department } });
  if (change.tags) steps.push({ type: 'SetTags', data: { tags: [...change.tags] } });
  steps.push(...statusSteps(found.state, change.status, String(by.user.number)));
  let last: Done<Conversation> = {
    version: found.version,
    position: 0,
    repeated: false,
    unchanged: true,
    events: [],
    state: found.state,
  };
  for (const step of steps) {
    const done = await desk.ask(by, sessionId, step);
    if (isRefusal(done)) return done;
    last = done;
  }
  return last;
}

function statusSteps(now: Conversation, wanted: LiveChatStatus | undefined, caller: string): Asked[] {
  const reopen: Asked[] = now.status === 'closed' ? [{ type: 'ReopenConversation', data: {} }] : [];
  switch (wanted) {
    case undefined:
      return [];
    case 'active':
      // Reopening assigns the caller already.
      if (reopen.length > 0 || now.status === 'open') return reopen;
      return [{ type: 'AssignAgent', data: { agent: caller } }];
    case 'pending':
      return [...reopen, { type: 'QueueConversation', data: {} }];
    case 'closed':
      return [{ type: 'CloseConversation', data: {} }];
    case 'archived':
      return [
        ...(now.status === 'closed' || now.status === 'archived'
          ? []
          : [{ type: 'CloseConversation', data: {} } as const]),
        { type: 'ArchiveConversation', data: {} },
      ];
  }
}
