// What a caller's wish means as a command of the domain: names, rights and the workspace's settings filled in.
import type { ConversationRequest } from '../../domain/conversation/commands.ts';
import type { Conversation } from '../../domain/conversation/conversation.ts';
import type { AgentRef } from '../../domain/conversation/values.ts';
import { type Refusal, refuse } from '../../domain/decider.ts';
import { mayJoin } from '../../domain/policies/rights.ts';
import type { WireCommand } from '../../domain/wire.ts';
import type { WorkspaceSettings } from '../../domain/workspace/values.ts';
import { type Directory, nameOf } from '../identity/directory.ts';
import type { Principal } from '../identity/principals.ts';

/** A wish as the doors hand it on: a command without its conversation; where it has no id, one is made. */
export type Asked = WireCommand extends infer Command
  ? Command extends WireCommand
    ? Omit<Command, 'conversation' | 'command'> & {
        readonly command?: string;
        /** False: a message of the visitor does not reopen what has ended, whatever the widget allows (seed 002). */
        readonly mayReopen?: boolean;
      }
    : never
  : never;

export interface Asking {
  readonly directory: Directory;
  /** Who asks, as they are at this moment. */
  readonly principal: Principal;
  /** The conversation as it is in memory; may lag behind other processes' commits. */
  readonly stateOf: () => Promise<Conversation>;
}

/** The command, or why there is none: `workspace-not-found`, `agent-not-found`, `department-unknown`, `ai-switched-off`, `not-allowed`. */
export async function requestOf(asking: Asking, asked: Asked): Promise<ConversationRequest | Refusal> {
  const { directory, principal } = asking;
  const settings = directory.workspace(principal.workspace)?.settings;
  if (!settings) return refuse('workspace-not-found');
  switch (asked.type) {
    case 'PostMessage': {
      const { text, attachments = [] } = asked.data;
      const writer = await writerOf(asking, settings);
      const reopenDays = asked.mayReopen === false ? 0 : writer.reopenDays;
      return { type: 'PostMessage', data: { text, attachments, ...writer, reopenDays } };
    }
    case 'AssignAgent': {
      const agent = agentOf(asking, asked.data.agent);
      return agent ? { type: 'AssignAgent', data: { agent } } : refuse('agent-not-found');
    }
    case 'TransferConversation': {
      const to = agentOf(asking, asked.data.to);
      return to
        ? { type: 'TransferConversation', data: { to, reason: asked.data.reason ?? '' } }
        : refuse('agent-not-found');
    }
    case 'QueueConversation': {
      const { department, reason = '' } = asked.data;
      if (department !== undefined && !settings.departments.includes(department))
        return refuse('department-unknown');
      return { type: 'QueueConversation', data: { department, reason } };
    }
    case 'SetDepartment':
      return settings.departments.includes(asked.data.department)
        ? { type: 'SetDepartment', data: asked.data }
        : refuse('department-unknown');
    case 'AddNote':
    case 'SetReminder':
    case 'AcceptConversation':
    case 'ReopenConversation': {
      if (principal.kind !== 'user') return refuse('not-allowed');
      const agent = { id: String(principal.user.number), name: nameOf(principal.user) };
      if (asked.type === 'AddNote')
        return { type: 'AddNote', data: { text: asked.data.text, author: agent } };
      if (asked.type === 'SetReminder') {
        const { at, text = '' } = asked.data;
        return { type: 'SetReminder', data: { at, text, author: agent } };
      }
      return { type: asked.type, data: { agent } };
    }
    case 'RequestHuman':
    case 'EraseConversation':
      return { type: asked.type, data: { reason: asked.data.reason ?? '' } };
    case 'RateConversation':
      return {
        type: 'RateConversation',
        data: { score: asked.data.score, feedback: asked.data.feedback ?? '' },
      };
    case 'ReturnToAi': {
      const { widget } = await asking.stateOf();
      const off = directory.everWidget(principal.workspace, widget)?.config.aiEnabled === false;
      return off ? refuse('ai-switched-off') : { type: 'ReturnToAi', data: {} };
    }
    case 'MarkRead':
    case 'CloseConversation':
    case 'IdentifyVisitor':
    case 'SetTags':
    case 'SetPriority':
    case 'ClearReminder':
    case 'ArchiveConversation':
      return { type: asked.type, data: asked.data } as ConversationRequest; // The wire's shape of these is the domain's own.
  }
}

/** Under which name a message is written, and what its writer may do beside writing. */
async function writerOf(
  { directory, principal, stateOf }: Asking,
  settings: WorkspaceSettings,
): Promise<{ name: string | undefined; mayJoin: boolean; reopenDays: number }> {
  switch (principal.kind) {
    case 'user':
      return {
        name: nameOf(principal.user),
        mayJoin: mayJoin(principal.user.profile.role, settings),
        reopenDays: 0,
      };
    case 'api':
      return { name: settings.name, mayJoin: true, reopenDays: 0 };
    case 'visitor': {
      const { visitor, widget } = await stateOf();
      const reopenDays = directory.widgetById(widget)?.config.reopenDays ?? 0;
      return { name: visitor.name, mayJoin: false, reopenDays };
    }
  }
}

function agentOf({ directory, principal }: Asking, number: string): AgentRef | undefined {
  const known = directory.user(principal.workspace, number);
  return known && { id: String(known.number), name: nameOf(known) };
}
