// The customer's socket of the widget document (seed 004), /ws/{sessionId}: a session that may only begin with its first message.
import { z } from 'zod';
import { LIMITS } from '../../../../domain/conversation/values.ts';
import { isRefusal } from '../../../../domain/decider.ts';
import { conversationId } from '../../../../domain/ids.ts';
import { type Address, signalAmong } from '../../../../domain/log/subjects.ts';
import { CLOSE } from '../../../../domain/wire.ts';
import type { KnownWidget } from '../../../identity/directory.ts';
import { mayEmbed } from '../../../identity/embedding.ts';
import type { VisitorPrincipal } from '../../../identity/principals.ts';
import { REQUESTS, RequestLimit } from '../../../identity/request-limit.ts';
import { explain } from '../../../refusals.ts';
import type { Door } from '../../../socket/door.ts';
import { admit, type Floor, mayComeFrom, orComeAgain, passOnTyping } from '../../../socket/floor.ts';
import { goLive } from '../../../socket/go-live.ts';
import type { Page } from '../../../socket/hearer.ts';
import type { Arrival, Peer } from '../../../socket/peer.ts';
import { networkOf } from '../../../visitors/addresses.ts';
import type { Arrived } from '../../../visitors/visitors.ts';
import { readFrame, spell, type WidgetCustomerFrame, widgetCustomerFrame } from '../frames.ts';
import { unreadByCustomer, type WidgetChannels } from './channels.ts';
import { repeatableCommand } from './repeats.ts';

/** Unread messages that a customer who comes back is sent. */
const MOST_UNREAD = 50;

/** What edges tell each other of a session that has begun. */
const begun = z.object({ conversation: conversationId });

/** Which session a socket wants into, and with what. */
interface Claim {
  readonly sessionId: string;
  readonly visitorToken: string | undefined;
  readonly page: Page;
}

/** The claim of a socket whose session nobody has started yet, and what it is started with. */
interface Early extends Claim {
  readonly visitor: Arrived;
}

type Message = Extract<WidgetCustomerFrame, { type: 'message' }>;

export interface WidgetCustomerParts {
  readonly floor: Floor;
  readonly channels: WidgetChannels;
}

export class WidgetCustomerDoor implements Door {
  readonly path = '/ws/:sessionId';
  readonly #floor: Floor;
  readonly #parts: WidgetCustomerParts;
  readonly #early = new Map<Peer, Early>();
  /** The same by session. */
  readonly #bySession = new Map<string, Set<Peer>>();
  /** Those who are about to look again. */
  readonly #looking = new WeakSet<Peer>();
  /** Counts with HTTP's, on all edges: a session begun is a request. */
  readonly #limit: RequestLimit;
  readonly #subscription;
  #notices = 0;

  constructor(parts: WidgetCustomerParts) {
    const { edge } = parts.floor;
    this.#parts = parts;
    this.#floor = parts.floor;
    this.#limit = new RequestLimit(edge.now, edge.storage.signals);
    const { signals } = edge.storage;
    // Whoever else waited for a session is let in once it is there, whichever door and edge it was started at.
    edge.conversations.onStored(({ address, commit }) => {
      this.#lookAgain(address.id);
      if (commit.events.some(({ type }) => type === 'ConversationStarted'))
        signals.publish(signalAmong('begun'), { conversation: address.id });
    });
    this.#subscription = signals.subscribe(signalAmong('begun'), (payload) => {
      const { data } = begun.safeParse(payload);
      if (data) this.#lookAgain(data.conversation);
    });
  }

  opened(peer: Peer, { query, parameter, page, visitor }: Arrival): void {
    if (!conversationId.safeParse(parameter).success) {
      peer.end(CLOSE.noSuchConversation, 'that is no id of a session');
      return;
    }
    const claim = { sessionId: parameter, visitorToken: query.get('visitorToken') ?? undefined, page };
    // Before it is looked for: whoever starts it meanwhile is heard of.
    this.#early.set(peer, { ...claim, visitor });
    const others = this.#bySession.get(parameter) ?? new Set();
    this.#bySession.set(parameter, others.add(peer));
    this.#enqueue(peer, async () => {
      if (!(await this.#enter(peer, claim)) && peer.open) this.#floor.sockets.known(peer, 'widget-visitor');
    });
  }

  heard(peer: Peer, text: string): void {
    const frame = readFrame(widgetCustomerFrame, text);
    if (!frame) peer.end(CLOSE.badFrame, 'not a frame that is known here');
    else this.#enqueue(peer, () => this.#carryOut(peer, frame));
  }

  closed(peer: Peer): void {
    this.#noLongerEarly(peer);
  }

  heartbeat(peer: Peer): undefined {
    // The document has none; but what another edge has started, and of which word was lost, is found now.
    if (this.#early.has(peer)) this.#enqueue(peer, () => this.#retry(peer));
  }

  close(): void {
    this.#subscription.close();
    this.#limit.close();
  }

  #lookAgain(sessionId: string): void {
    for (const peer of this.#bySession.get(sessionId) ?? []) {
      if (this.#looking.has(peer)) continue;
      this.#looking.add(peer);
      this.#enqueue(peer, () => this.#retry(peer));
    }
  }

  #enqueue(peer: Peer, job: () => Promise<void>): void {
    this.#floor.sockets.enqueue(peer, () => orComeAgain(this.#floor, peer, job));
  }

  async #retry(peer: Peer): Promise<void> {
    this.#looking.delete(peer);
    const early = this.#early.get(peer);
    if (early) await this.#enter(peer, early);
  }

  #noLongerEarly(peer: Peer): void {
    const early = this.#early.get(peer);
    if (!early) return;
    this.#early.delete(peer);
    const others = this.#bySession.get(early.sessionId);
    others?.delete(peer);
    if (others?.size === 0) this.#bySession.delete(early.sessionId);
  }

  /** Lets a socket into its session. False where nobody has started it, or where it was not let in and is closed. */
  async #enter(peer: Peer, { sessionId, visitorToken, page }: Claim): Promise<boolean> {
    const { principals, desk, storage } = this.#floor.edge;
    const claimed =
      visitorToken === undefined ? undefined : await principals.visitor(visitorToken, sessionId);
    if (visitorToken !== undefined && !claimed) {
      peer.end(CLOSE.notAuthenticated, 'the visitor token is not valid here');
      return false;
    }
    const visitor = await desk.visitor(sessionId, claimed);
    if (isRefusal(visitor)) {
      if (visitor.refused === 'visitor-token-required')
        peer.end(CLOSE.notAuthenticated, explain(visitor.refused).message);
      return false;
    }
    // A token outlives what it was for.
    const found = await desk.find(visitor, sessionId);
    if (isRefusal(found)) return false;
    if (!(await mayComeFrom(this.#floor, page, visitor))) {
      peer.end(CLOSE.notAllowed, explain('origin-not-allowed').message);
      return false;
    }
    if (!peer.open) return false;
    this.#noLongerEarly(peer);
    admit(this.#floor, peer, visitor, 'widget-visitor', visitorToken);
    await this.#greet(peer, visitor, storage.log.subjects.conversation(visitor.workspace, sessionId));
    return true;
  }

  /** What it missed, its place in the queue, and then everything live. */
  async #greet(peer: Peer, visitor: VisitorPrincipal, address: Address): Promise<void> {
    const { customer } = this.#parts.channels;
    const member = this.#floor.hub.join(peer, address, customer, true);
    peer.heard = member;
    await goLive(this.#floor, member, visitor, (events) => {
      for (const event of unreadByCustomer(events, MOST_UNREAD)) {
        const frame = customer.event({ address, event });
        if (frame !== undefined) peer.send(frame);
      }
    });
    // What the customer says must not wait for the lists.
    if (peer.open) void this.#floor.places.follow(member);
  }

  async #carryOut(peer: Peer, frame: WidgetCustomerFrame): Promise<void> {
    const { principal } = peer;
    const early = this.#early.get(peer);
    const own = principal?.kind === 'visitor' ? principal.conversation : early?.sessionId;
    if (own === undefined || !peer.open) return;
    if (frame.sessionId !== undefined && frame.sessionId !== own) {
      peer.end(CLOSE.badFrame, 'sessionId is not that of this connection');
      return;
    }
    if (frame.type === 'typing') {
      // Nobody hears it in a session that has not begun.
      if (principal) passOnTyping(this.#floor, peer, own, frame.isTyping);
      return;
    }
    if (!this.#floor.sockets.mayCommand(peer)) this.#notice(peer, 'too-many-messages');
    else if (frame.message.length > LIMITS.text) this.#notice(peer, 'message-too-long');
    else if (frame.message.trim() === '') this.#notice(peer, 'message-empty');
    else if (!early || (await this.#begin(peer, early, frame))) await this.#post(peer, own, frame);
  }

  /** Starts the session with its first message; true once the socket is in it. */
  async #begin(peer: Peer, early: Early, { siteKey }: Message): Promise<boolean> {
    const { desk, directory, settings } = this.#floor.edge;
    // Somebody else may have started it since it was looked for.
    if (await this.#enter(peer, early)) return true;
    if (!peer.open) return false;
    const widget = siteKey === undefined ? defaultWidget(this.#floor) : directory.widget(siteKey);
    if (!widget) {
      if (siteKey === undefined) peer.end(CLOSE.draining, explain('no-workspace').message);
      else peer.end(CLOSE.noSuchConversation, `Widget not found for site key: ${printable(siteKey)}`);
      return false;
    }
    if (!mayEmbed(settings, widget, early.page.origin, early.page.host)) {
      peer.end(CLOSE.notAllowed, explain('origin-not-allowed').message);
      return false;
    }
    if (widget.config.requireVisitorToken) {
      peer.end(CLOSE.notAuthenticated, 'This widget needs a visitor token; start the session over HTTP');
      return false;
    }
    if (!this.#mayBegin(early)) {
      this.#notice(peer, 'too-many-messages');
      return false;
    }
    const { sessionId } = early;
    const origin = this.#floor.edge.visitors.origin(early.visitor, 'widget');
    const opened = await desk.start({ widget, id: sessionId, visitor: {}, origin });
    if (isRefusal(opened) && opened.refused !== 'conversation-exists') {
      if (opened.refused === 'widget-inactive') peer.end(CLOSE.notAllowed, explain(opened.refused).message);
      else this.#notice(peer, opened.refused);
      return false;
    }
    // Begun by this socket, or a moment before by another tab: either way it is there now.
    if (await this.#enter(peer, early)) return true;
    // Left is an id that was somebody's once: what was there is erased, and nobody may have it again.
    peer.end(CLOSE.noSuchConversation, 'no such session; choose another id');
    return false;
  }

  #mayBegin({ visitor }: Early): boolean {
    const { settings } = this.#floor.edge;
    if (settings.rateLimits === 'off' || settings.environment === 'development') return true;
    return this.#limit.take(`address ${networkOf(visitor.ip)}`, REQUESTS.address).allowed;
  }

  async #post(peer: Peer, sessionId: string, { message: text, timestamp }: Message): Promise<void> {
    const { desk, tokens, now } = this.#floor.edge;
    if (!peer.principal) return;
    const command = repeatableCommand(tokens, { sessionId, by: 'customer', text, timestamp }, now());
    const posted = await desk.ask(peer.principal, sessionId, {
      type: 'PostMessage',
      data: { text },
      command,
    });
    if (isRefusal(posted)) this.#notice(peer, posted.refused);
  }

  /** Why a message was not posted, as a message: any client of the document shows it. */
  #notice(peer: Peer, reason: string): void {
    peer.send(
      spell({
        type: 'message',
        id: `notice_${++this.#notices}`,
        message: explain(reason).message,
        timestamp: new Date(this.#floor.edge.now()).toISOString(),
        metadata: { agentName: 'System', isAI: false, isError: true },
      }),
    );
  }
}

function defaultWidget({ edge: { directory } }: Floor): KnownWidget | undefined {
  const workspace = directory.defaultWorkspace();
  return workspace && directory.defaultWidget(workspace.id);
}

/** As much of it as fits into the sentence of a close, which has 123 bytes. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 80);
}
