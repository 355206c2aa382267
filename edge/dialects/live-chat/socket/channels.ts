// What the live-chat document's sockets are sent: exactly the types that it lists for each side.
import { initial } from '../../../../domain/conversation/conversation.ts';
import type { ConversationEvent } from '../../../../domain/conversation/events.ts';
import { evolve } from '../../../../domain/conversation/evolve.ts';
import type { AgentRef } from '../../../../domain/conversation/values.ts';
import { isRefusal } from '../../../../domain/decider.ts';
import { factOf, type StoredCommit } from '../../../../domain/log/commit.ts';
import type { Address } from '../../../../domain/log/subjects.ts';
import type { Edge } from '../../../context.ts';
import { absoluteLinks } from '../../../out/files.ts';
import type { Channel } from '../../../socket/channel.ts';
import { assignedShape, type LiveChatStatus, messageShape, sessionShape } from '../shapes.ts';

export interface LiveChatChannels {
  /** The guest of a session. */
  readonly user: Channel;
  /** Every session of a workspace, as an admin's socket hears it unasked. */
  readonly admin: Channel;
  /** What subscribing to one session adds. */
  readonly subscribed: Channel;
}

export function liveChatChannels(edge: Edge): LiveChatChannels {
  const links = absoluteLinks(edge.files, edge.settings.publicUrl);

  return {
    user: {
      audience: 'visitor',
      event({ address, event }) {
        const sessionId = address.id;
        const status = (now: LiveChatStatus) => spell('session_status_changed', { sessionId, status: now });
        const assigned = (agent: AgentRef) =>
          spell('agent_assigned', { sessionId, agent: { _id: agent.id, name: agent.name } });
        const fact = factOf<ConversationEvent>(event);
        switch (fact.type) {
          case 'MessagePosted':
            return fact.data.author.kind === 'visitor'
              ? undefined
              : spell('agent_message', { sessionId, message: messageShape(event, sessionId, links) });
          case 'AgentAssigned':
            return [assigned(fact.data.agent), status('active')];
          case 'ConversationTransferred':
            return fact.data.from ? assigned(fact.data.to) : [assigned(fact.data.to), status('active')];
          case 'ConversationQueued':
          case 'ConversationReturnedToAi':
          case 'ConversationReopened':
            return status('pending');
          case 'ConversationClosed':
          case 'ConversationErased':
            return status('closed');
          case 'ConversationArchived':
            return status('archived');
          case 'MessagesRead':
            return fact.data.by === 'agent' ? receipt(edge, address, fact.data.upTo, 'agent') : undefined;
          case 'ConversationStarted':
          case 'VisitorIdentified':
          case 'AttachmentAdded':
          case 'AgentJoined':
          case 'HumanRequested':
          case 'NoteAdded':
          case 'TagsSet':
          case 'PrioritySet':
          case 'DepartmentSet':
          case 'ConversationRated':
            return undefined;
        }
      },
      typing: (address, { from, isTyping }) =>
        from === 'visitor' ? undefined : spell('agent_typing', { sessionId: address.id, isTyping }),
    },
    admin: {
      audience: 'agent',
      event({ address, event, commit }) {
        const fact = factOf<ConversationEvent>(event);
        if (fact.type === 'ConversationStarted')
          return spell('new_session', { session: newSession(edge, address, commit) });
        if (fact.type === 'MessagePosted' && fact.data.author.kind === 'visitor')
          return spell('user_message', {
            sessionId: address.id,
            message: messageShape(event, address.id, links),
          });
        return undefined;
      },
      typing: () => undefined,
    },
    subscribed: {
      audience: 'agent',
      event({ address, event }) {
        const fact = factOf<ConversationEvent>(event);
        return fact.type === 'MessagesRead' && fact.data.by === 'visitor'
          ? receipt(edge, address, fact.data.upTo, 'user')
          : undefined;
      },
      typing: (address, { from, isTyping }) =>
        from === 'visitor' ? spell('user_typing', { sessionId: address.id, isTyping }) : undefined,
    },
  };
}

/** A frame of the document: its type beside its data. */
export function spell(type: string, data: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ type, ...data });
}

function newSession(edge: Edge, address: Address, commit: StoredCommit): Record<string, unknown> {
  const state = commit
    .events()
    .reduce((folded, event) => evolve(folded, factOf<ConversationEvent>(event)), initial);
  const assigned = assignedShape(state.owner, address.workspace, edge.directory, true);
  return sessionShape(address.id, state, 'agent', assigned);
}

/** The document names a message where the log names a version: the newest message of the other side up to it. */
async function receipt(
  edge: Edge,
  address: Address,
  upTo: number,
  readBy: 'user' | 'agent',
): Promise<string | undefined> {
  const history = await edge.desk.history({ kind: 'api', workspace: address.workspace }, address.id);
  if (isRefusal(history)) return undefined;
  const read = history.events.findLast((event) => {
    const fact = factOf<ConversationEvent>(event);
    if (event.version > upTo || fact.type !== 'MessagePosted') return false;
    return (fact.data.author.kind === 'visitor') === (readBy === 'agent');
  });
  return read && spell('read_receipt', { sessionId: address.id, messageId: String(read.position), readBy });
}
