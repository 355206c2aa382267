// The agent's socket of the widget document (seed 004), /ws/agent/{agentId}: the queue, and the sessions that this agent has.
import type { ConversationEvent } from '../../../../domain/conversation/events.ts';
import { LIMITS } from '../../../../domain/conversation/values.ts';
import { isRefusal, type Refusal } from '../../../../domain/decider.ts';
import { factOf, type RecordedEvent } from '../../../../domain/log/commit.ts';
import { CLOSE } from '../../../../domain/wire.ts';
import type { UserPrincipal } from '../../../identity/principals.ts';
import type { Links } from '../../../out/files.ts';
import { explain } from '../../../refusals.ts';
import type { Door } from '../../../socket/door.ts';
import { admit, type Floor, orComeAgain, passOnTyping } from '../../../socket/floor.ts';
import { goLive } from '../../../socket/go-live.ts';
import type { Arrival, Peer } from '../../../socket/peer.ts';
import { readFrame, spell, type WidgetAgentFrame, widgetAgentFrame } from '../frames.ts';
import { messageShapes, NAMELESS, type WidgetMessage } from '../shapes.ts';
import type { WidgetOwned } from './owned.ts';
import type { WidgetQueue } from './queue.ts';
import { repeatableCommand } from './repeats.ts';

/** What an accepted session brings along of its messages: the newest, so many, and characters of them as JSON. */
const HISTORY = { messages: 1_000, characters: 200 * 1024 } as const;

export interface WidgetAgentParts {
  readonly floor: Floor;
  readonly owned: WidgetOwned;
  readonly queue: WidgetQueue;
  readonly links: Links;
}

type ChatFrame = Exclude<WidgetAgentFrame, { type: 'get_waiting_sessions' }>;

export class WidgetAgentDoor implements Door {
  readonly path = '/ws/agent/:agentId';
  readonly #floor: Floor;
  readonly #parts: WidgetAgentParts;

  constructor(parts: WidgetAgentParts) {
    this.#parts = parts;
    this.#floor = parts.floor;
  }

  opened(peer: Peer, { query, bearer, parameter }: Arrival): void {
    this.#enqueue(peer, () => this.#admit(peer, query.get('token') ?? bearer, parameter));
  }

  heard(peer: Peer, text: string): void {
    const frame = readFrame(widgetAgentFrame, text);
    if (!frame) {
      peer.end(CLOSE.badFrame, 'not a frame that is known here');
      return;
    }
    this.#floor.rooms.active(peer);
    this.#enqueue(peer, () => this.#carryOut(peer, frame));
  }

  closed(peer: Peer): void {
    const { principal } = peer;
    if (!principal) return;
    this.#parts.owned.leave(peer);
    this.#parts.queue.leave(peer, principal.workspace);
  }

  heartbeat(peer: Peer): undefined {
    // The document has none; but what the lists did not know when the socket came is found now.
    if (peer.principal?.kind === 'user') void this.#parts.owned.look(peer);
  }

  #enqueue(peer: Peer, job: () => Promise<void>): void {
    this.#floor.sockets.enqueue(peer, () => orComeAgain(this.#floor, peer, job));
  }

  async #admit(peer: Peer, token: string | undefined, agentId: string): Promise<void> {
    const { principals } = this.#floor.edge;
    const principal = token === undefined ? undefined : await principals.user(token);
    if (!peer.open) return;
    if (token === undefined || !principal) {
      peer.end(CLOSE.notAuthenticated, 'an agent token is needed');
      return;
    }
    if (agentId !== String(principal.user.number)) {
      peer.end(CLOSE.notAllowed, 'the token is of another agent');
      return;
    }
    admit(this.#floor, peer, principal, 'widget-agent', token);
    peer.heard = new Map();
    const { owned, queue } = this.#parts;
    await owned.enter(peer, principal);
    if (!peer.open) return;
    peer.send(
      spell({
        type: 'connection_status',
        status: 'connected',
        agentId: principal.user.number,
        timestamp: this.#time(),
      }),
    );
    queue.watch(peer, principal.workspace);
    await this.#tellWaiting(peer, principal);
  }

  async #carryOut(peer: Peer, frame: WidgetAgentFrame): Promise<void> {
    const { principal } = peer;
    if (principal?.kind !== 'user') return;
    if (frame.agentId !== undefined && String(frame.agentId) !== String(principal.user.number)) {
      peer.end(CLOSE.notAllowed, 'agentId is not that of this connection');
      return;
    }
    if (frame.type === 'get_waiting_sessions') await this.#tellWaiting(peer, principal);
    else if (frame.type === 'typing') await this.#typing(peer, principal, frame.sessionId, frame.isTyping);
    else if (this.#floor.sockets.mayCommand(peer)) await this.#ask(peer, principal, frame);
    else this.#refuse(peer, principal, 'too-many-messages', frame.sessionId);
  }

  async #ask(
    peer: Peer,
    principal: UserPrincipal,
    frame: Exclude<ChatFrame, { type: 'typing' }>,
  ): Promise<void> {
    const { desk, tokens, now } = this.#floor.edge;
    const { sessionId } = frame;
    switch (frame.type) {
      case 'accept_chat': {
        const taken = await desk.ask(principal, sessionId, { type: 'AcceptConversation', data: {} });
        if (!isRefusal(taken)) await this.#tellAccepted(peer, principal, sessionId);
        // Another agent was faster: what is left to take says it.
        else if (taken.refused === 'already-assigned') await this.#tellWaiting(peer, principal);
        else this.#refuse(peer, principal, taken, sessionId);
        return;
      }
      case 'send_message': {
        const { text, timestamp } = frame;
        if (text.length > LIMITS.text) {
          this.#refuse(peer, principal, 'message-too-long', sessionId);
          return;
        }
        const by = String(principal.user.number);
        const command = repeatableCommand(tokens, { sessionId, by, text, timestamp }, now());
        const posted = await desk.ask(principal, sessionId, { type: 'PostMessage', data: { text }, command });
        if (isRefusal(posted)) this.#refuse(peer, principal, posted, sessionId);
        return;
      }
      case 'return_to_ai': {
        const returned = await desk.ask(principal, sessionId, { type: 'ReturnToAi', data: {} });
        if (isRefusal(returned)) this.#refuse(peer, principal, returned, sessionId);
      }
    }
  }

  /** Hands over the session with its history, and everything after it live. */
  async #tellAccepted(peer: Peer, principal: UserPrincipal, sessionId: string): Promise<void> {
    const { desk, directory } = this.#floor.edge;
    const found = await desk.find(principal, sessionId);
    const member = isRefusal(found) ? undefined : this.#parts.owned.join(peer, found.address);
    if (isRefusal(found) || !member) {
      this.#refuse(peer, principal, isRefusal(found) ? found : 'too-many-conversations', sessionId);
      return;
    }
    const { visitor, widget } = found.state;
    const there = await goLive(this.#floor, member, principal, (events) => {
      this.#parts.owned.began(member);
      const { messages, all } = newest(messageShapes(events, sessionId, this.#parts.links), events);
      peer.send(
        spell({
          type: 'chat_accepted',
          sessionId,
          visitorName: visitor.name || NAMELESS,
          businessName: directory.widgetById(widget)?.config.businessName ?? '',
          messages,
          fullHistory: all,
          timestamp: this.#time(),
        }),
      );
    });
    if (!there) this.#refuse(peer, principal, 'conversation-not-found', sessionId);
  }

  async #typing(peer: Peer, principal: UserPrincipal, sessionId: string, isTyping: boolean): Promise<void> {
    const workspace = await this.#floor.edge.desk.locate(sessionId);
    if (workspace === principal.workspace) passOnTyping(this.#floor, peer, sessionId, isTyping);
    else this.#refuse(peer, principal, 'conversation-not-found', sessionId);
  }

  async #tellWaiting(peer: Peer, principal: UserPrincipal): Promise<void> {
    const told = await this.#parts.queue.tellWaiting(peer, principal.workspace);
    if (!told) this.#refuse(peer, principal, 'lists-away');
  }

  #refuse(peer: Peer, { user }: UserPrincipal, why: string | Refusal, sessionId?: string): void {
    const { message } = explain(why);
    peer.send(
      spell({
        type: 'connection_status',
        status: 'refused',
        agentId: user.number,
        sessionId,
        message,
        timestamp: this.#time(),
      }),
    );
  }

  #time(): string {
    return new Date(this.#floor.edge.now()).toISOString();
  }
}

/** The newest messages, as many as go into one frame; `all`: whether that is every one since the session began. */
function newest(
  messages: readonly WidgetMessage[],
  events: readonly RecordedEvent[],
): { messages: WidgetMessage[]; all: boolean } {
  const kept: WidgetMessage[] = [];
  let characters = 0;
  for (const message of messages.slice(-HISTORY.messages).reverse()) {
    characters += JSON.stringify(message).length;
    if (characters > HISTORY.characters) break;
    kept.unshift(message);
  }
  const posted = events.filter((event) => factOf<ConversationEvent>(event).type === 'MessagePosted').length;
  return { messages: kept, all: kept.length === posted };
}
