// What the support document's sockets are sent: its events for a room, whoever brought them about and in whichever dialect.
import type { ConversationEvent } from '../../../../domain/conversation/events.ts';
import { factOf } from '../../../../domain/log/commit.ts';
import type { Audience } from '../../../chat/audience.ts';
import type { Presence, Typing } from '../../../chat/signals.ts';
import type { Edge } from '../../../context.ts';
import { absoluteLinks } from '../../../out/files.ts';
import type { Channel } from '../../../socket/channel.ts';
import { spellEvent } from '../frames.ts';
import { messageShape, type Party } from '../shapes.ts';

/** Who a program with the API key is called, since it is nobody in particular. */
const PROGRAM = 'system';

export class SupportChannels {
  /** For the users of sessions, and for agents and programs: they hear the same, each as their audience may. */
  readonly user: Channel;
  readonly agent: Channel;
  /** By session that somebody here listens to: what its visitor is called, and how many listen. */
  readonly #heard = new Map<string, { userId: string; listeners: number }>();

  constructor(edge: Edge) {
    this.user = this.#channel(edge, 'visitor');
    this.agent = this.#channel(edge, 'agent');
  }

  /** Somebody begins to listen to a session whose visitor is called that. */
  begin(sessionId: string, userId: string): void {
    const known = this.#heard.get(sessionId);
    this.#heard.set(sessionId, { userId, listeners: (known?.listeners ?? 0) + 1 });
  }

  end(sessionId: string): void {
    const known = this.#heard.get(sessionId);
    if (known && --known.listeners === 0) this.#heard.delete(sessionId);
  }

  #channel(edge: Edge, audience: Audience): Channel {
    const links = absoluteLinks(edge.files, edge.settings.publicUrl);
    return {
      audience,
      event: ({ address, event }) => {
        const fact = factOf<ConversationEvent>(event);
        const sessionId = address.id;
        const ended = (reason: string | undefined) =>
          spellEvent('session_ended', { sessionId, endedAt: event.at, reason: reason ?? null });
        switch (fact.type) {
          case 'MessagePosted':
            return spellEvent('new_message', messageShape(event, sessionId, this.#userId(sessionId), links));
          case 'ConversationClosed':
            return ended(fact.data.reason);
          case 'ConversationErased':
            return ended(fact.data.reason || undefined);
          case 'VisitorIdentified':
            this.#rename(sessionId, fact.data.visitor.id);
            return undefined;
          case 'ConversationStarted':
          case 'AttachmentAdded':
          case 'MessagesRead':
          case 'AgentAssigned':
          case 'AgentJoined':
          case 'ConversationTransferred':
          case 'ConversationQueued':
          case 'HumanRequested':
          case 'ConversationReturnedToAi':
          case 'ConversationReopened':
          case 'NoteAdded':
          case 'TagsSet':
          case 'PrioritySet':
          case 'DepartmentSet':
          case 'ConversationRated':
          case 'ConversationArchived':
            return undefined;
        }
      },
      typing: (address, typing) =>
        spellEvent('user_typing', { ...this.#who(address.id, typing), isTyping: typing.isTyping }),
      presence: (address, presence) =>
        spellEvent(presence.here ? 'user_joined' : 'user_left', {
          ...this.#who(address.id, presence),
          timestamp: new Date(edge.now()).toISOString(),
        }),
    };
  }

  #who(
    sessionId: string,
    { from, id }: Typing | Presence,
  ): { sessionId: string; userId: string; userType: Party } {
    if (from === 'visitor') return { sessionId, userId: this.#userId(sessionId), userType: 'user' };
    if (from === 'ai') return { sessionId, userId: 'ai', userType: 'agent' };
    return id === undefined
      ? { sessionId, userId: PROGRAM, userType: 'system' }
      : { sessionId, userId: id, userType: 'agent' };
  }

  #userId(sessionId: string): string {
    return this.#heard.get(sessionId)?.userId ?? sessionId;
  }

  #rename(sessionId: string, userId: string | undefined): void {
    const known = this.#heard.get(sessionId);
    if (known && userId !== undefined) known.userId = userId;
  }
}
