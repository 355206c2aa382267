// The support document's events (seed 002) over Socket.IO: a translation of the same stream as every other socket's.
import { decodeJwt } from 'jose';
import type { Socket } from 'socket.io';
import type { z } from 'zod';
import { isRefusal, type Refusal, refuse } from '../../../../domain/decider.ts';
import { LogUnreachable } from '../../../../domain/log/log-unreachable.ts';
import { CLOSE } from '../../../../domain/wire.ts';
import type { Found } from '../../../chat/desk.ts';
import { sayPresence } from '../../../chat/signals.ts';
import type { Principal } from '../../../identity/principals.ts';
import { mayBeSigned } from '../../../identity/tokens.ts';
import { absoluteLinks } from '../../../out/files.ts';
import { explain } from '../../../refusals.ts';
import { sayIssue } from '../../../sentences.ts';
import { admit, type Floor, mayComeFrom, passOnTypingIn, whoOf } from '../../../socket/floor.ts';
import type { SocketIoServer } from '../../../socket/socket-io/socket-io.ts';
import { type SupportAnswer, type SupportClientEvent, spellEvent, supportClientEvents } from '../frames.ts';
import { NOT_LET_IN } from '../not-let-in.ts';
import { messageShape, sessionShape, userIdOf } from '../shapes.ts';
import { SupportAdmission } from './admission.ts';
import { SupportChannels } from './channels.ts';
import { type Carrier, SupportPeer } from './peer.ts';

/** Sessions that one socket may be in: a person's own, or those of an agent or a program. */
const MAX_JOINED = { user: 20, agent: 500 } as const;
/** Milliseconds between two looks at tokens that may have ended. */
const LOOK_EVERY = 2_000;

type Said<Event extends SupportClientEvent> = z.infer<(typeof supportClientEvents)[Event]>;
type Answer = (answer: SupportAnswer) => void;

export class SupportDoor {
  readonly #floor: Floor;
  readonly #channels: SupportChannels;
  readonly #admission: SupportAdmission;
  readonly #peers = new Map<Carrier, SupportPeer>();
  readonly #timer: ReturnType<typeof setInterval>;
  #looking = false;

  constructor(floor: Floor, io: SocketIoServer) {
    this.#floor = floor;
    this.#channels = new SupportChannels(floor.edge);
    this.#admission = new SupportAdmission(floor.edge);
    io.engine.on('connection', (carrier: Carrier) => this.#guard(() => this.#arrived(carrier)));
    io.use((socket, next) => {
      this.#letIn(socket)
        .then((refused) => next(refused === undefined ? undefined : new Error(refused)))
        .catch((fault: unknown) => {
          if (!(fault instanceof LogUnreachable)) floor.onFault(fault);
          next(new Error(explain('unavailable').message));
        });
    });
    io.on('connection', (socket) => this.#guard(() => this.#opened(socket)));
    this.#timer = setInterval(() => void this.#lookAtTokens(), LOOK_EVERY);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#admission.close();
  }

  #arrived(carrier: Carrier): void {
    const { sockets } = this.#floor;
    const peer = new SupportPeer(carrier);
    this.#peers.set(carrier, peer);
    sockets.arrived(peer);
    carrier.on('packet', ({ data }: { data?: unknown }) =>
      this.#guard(() => {
        // No event here carries bytes; the library would keep them until all that were announced have come.
        if (sockets.mayHear(peer) && data !== undefined && typeof data !== 'string')
          peer.end(CLOSE.badFrame, 'events carry no bytes');
      }),
    );
    carrier.once('close', () => this.#guard(() => this.#gone(carrier, peer)));
  }

  /** Why a client is not let in; undefined where it is: who it is, is noted on its peer then. */
  async #letIn(socket: Socket): Promise<string | undefined> {
    const peer = this.#peers.get(socket.conn);
    // One connection is one client: who has said who they are, or is just saying so, does not become somebody else.
    if (!peer || peer.asking || peer.token !== undefined) return NOT_LET_IN.invalid;
    peer.asking = true;
    try {
      const admitted = await this.#admission.admit(socket);
      if (typeof admitted === 'string') return admitted;
      const { caller, token, visitorToken } = admitted;
      peer.token = token;
      if (caller.kind === 'guest') peer.guest = caller;
      else peer.principal = caller;
      peer.visitorToken = visitorToken;
      return undefined;
    } finally {
      peer.asking = false;
    }
  }

  #opened(socket: Socket): void {
    const { sockets, rooms, edge } = this.#floor;
    const peer = this.#peers.get(socket.conn);
    const { principal, guest, token, page } = peer ?? {};
    if (!peer || !token || !(principal ?? guest)) {
      socket.disconnect(true);
      return;
    }
    peer.socket = socket;
    peer.notes = new Set([socket.id]);
    const signed = mayBeSigned(token) ? token : undefined;
    if (principal?.kind === 'user' && !edge.principals.stillHolds(principal)) {
      peer.end(CLOSE.notAuthenticated, NOT_LET_IN.invalid);
      return;
    }
    if (principal) admit(this.#floor, peer, principal, 'support-agent', signed);
    else if (guest) {
      peer.expires = signed === undefined ? 0 : (decodeJwt(signed).exp ?? 0);
      sockets.known(peer, 'support-user');
      rooms.enter(peer, guest.workspace);
    }
    // A user's sessions may be of widgets that name their pages: the page is looked at with each of them.
    peer.page = page;
    // Everything a client says comes through here, and goes no further: no listener of the library ever hears it.
    socket.use((said) => this.#guard(() => this.#heard(peer, said)));
    // There is but one namespace: who leaves it has nothing more to hear on this connection.
    socket.once('disconnect', () => socket.conn.close());
    socket.on('error', () => {
      // Not this protocol: the library ends the connection.
    });
  }

  #gone(carrier: Carrier, peer: SupportPeer): void {
    const { sockets, rooms } = this.#floor;
    this.#peers.delete(carrier);
    peer.jobs = undefined;
    for (const sessionId of peer.heard?.keys() ?? []) {
      this.#sayPresence(peer, sessionId, false);
      this.#channels.end(sessionId);
    }
    const letIn = peer.kind !== 'unknown';
    if (!letIn) peer.principal = undefined;
    sockets.gone(peer);
    if (letIn && peer.guest) rooms.leave(peer, peer.guest.workspace);
  }

  #heard(peer: SupportPeer, said: readonly unknown[]): void {
    if (!peer.open) return;
    const [event] = said;
    const last = said.at(-1);
    // The library puts it there where the client wants an answer; nothing that a client sends is a function.
    const answer = typeof last === 'function' ? (last as Answer) : undefined;
    const payload = answer && said.length === 2 ? undefined : said[1];
    if (typeof event !== 'string' || !isClientEvent(event)) {
      this.#answer(peer, answer, refuse('event-unknown'));
      return;
    }
    const read = supportClientEvents[event].safeParse(payload ?? {}, { error: sayIssue });
    if (!read.success) {
      this.#answer(peer, answer, sentenceOf(read.error));
      return;
    }
    const { data } = read;
    this.#floor.rooms.active(peer);
    this.#floor.sockets.enqueue(peer, () =>
      this.#serve(peer, answer, () => this.#carryOut(peer, event, data)),
    );
  }

  async #serve(
    peer: SupportPeer,
    answer: Answer | undefined,
    work: () => Promise<SupportAnswer | Refusal>,
  ): Promise<void> {
    try {
      this.#answer(peer, answer, await work());
    } catch (fault) {
      if (!(fault instanceof LogUnreachable)) this.#floor.onFault(fault);
      this.#answer(peer, answer, refuse('unavailable'));
    }
  }

  #answer(peer: SupportPeer, answer: Answer | undefined, what: SupportAnswer | Refusal | string): void {
    const told: SupportAnswer =
      typeof what === 'string'
        ? { success: false, message: what }
        : isRefusal(what)
          ? { success: false, message: explain(what).message }
          : what;
    if (answer) {
      if (peer.open) answer(told);
    } else if (!told.success) peer.send(spellEvent('error', told));
  }

  async #carryOut(
    peer: SupportPeer,
    event: SupportClientEvent,
    said: Said<SupportClientEvent>,
  ): Promise<SupportAnswer | Refusal> {
    const { sessionId } = said;
    switch (event) {
      case 'join_session':
        return this.#join(peer, said);
      case 'leave_session':
        this.#leave(peer, sessionId);
        return { success: true, sessionId };
      case 'send_message':
        // Read by the schema of this very event.
        return this.#send(peer, said as Said<'send_message'>);
      case 'typing_start':
      case 'typing_stop':
        return this.#type(peer, said, event === 'typing_start');
    }
  }

  async #join(peer: SupportPeer, said: Said<'join_session'>): Promise<SupportAnswer | Refusal> {
    const { hub, edge } = this.#floor;
    const { sessionId } = said;
    const before = await this.#find(peer, said);
    if (isRefusal(before)) return before;
    const { heard } = peer;
    if (!peer.open || !heard) return refuse('conversation-not-found');
    if (!heard.has(sessionId)) {
      const channel = peer.guest ? this.#channels.user : this.#channels.agent;
      if (heard.size >= (peer.guest ? MAX_JOINED.user : MAX_JOINED.agent))
        return refuse('too-many-conversations');
      this.#channels.begin(sessionId, userIdOf(sessionId, before.state));
      heard.set(sessionId, hub.join(peer, before.address, channel, false));
      this.#sayPresence(peer, sessionId, true);
    }
    // Whoever is told that they have joined hears everything from then on.
    await heard.get(sessionId)?.followed.opening;
    const found = await edge.desk.find(before.as, sessionId);
    if (isRefusal(found)) {
      this.#leave(peer, sessionId);
      return found;
    }
    const session = sessionShape(sessionId, found.state);
    peer.send(spellEvent('session_joined', { sessionId, session }));
    return { success: true, sessionId, session };
  }

  #leave(peer: SupportPeer, sessionId: string): void {
    const member = peer.heard?.get(sessionId);
    if (!member) return;
    peer.heard?.delete(sessionId);
    this.#floor.hub.leave(member);
    this.#channels.end(sessionId);
    this.#sayPresence(peer, sessionId, false);
  }

  async #send(peer: SupportPeer, said: Said<'send_message'>): Promise<SupportAnswer | Refusal> {
    const { edge, sockets } = this.#floor;
    const { sessionId, message, messageId } = said;
    if (!sockets.mayCommand(peer)) return refuse('too-many-messages');
    const as = await this.#as(peer, said);
    if (isRefusal(as)) return as;
    const posted = await edge.desk.ask(as, sessionId, {
      type: 'PostMessage',
      data: { text: message },
      command: messageId,
      mayReopen: false,
    });
    if (isRefusal(posted)) return posted;
    const known = posted.repeated ? await edge.desk.history(as, sessionId) : posted;
    if (isRefusal(known)) return known;
    const event = known.events.find(
      ({ type, command }) => type === 'MessagePosted' && (!posted.repeated || command === messageId),
    );
    if (!event) return refuse('message-id-taken');
    const links = absoluteLinks(edge.files, edge.settings.publicUrl);
    const userId = userIdOf(sessionId, posted.state);
    return { success: true, sessionId, message: messageShape(event, sessionId, userId, links) };
  }

  async #type(
    peer: SupportPeer,
    said: Said<'typing_start'>,
    isTyping: boolean,
  ): Promise<SupportAnswer | Refusal> {
    const { sessionId } = said;
    const workspace = workspaceOf(peer);
    if (!peer.heard?.has(sessionId)) {
      const found = await this.#find(peer, said);
      if (isRefusal(found)) return found;
    }
    const [socket] = peer.notes ?? [];
    if (workspace) passOnTypingIn(this.#floor, peer, workspace, sessionId, { isTyping, socket });
    return { success: true, sessionId };
  }

  /** As whom a client acts in a session, and the session. */
  async #find(peer: SupportPeer, said: Said<'join_session'>): Promise<(Found & { as: Principal }) | Refusal> {
    const as = await this.#as(peer, said);
    if (isRefusal(as)) return as;
    const found = await this.#floor.edge.desk.find(as, said.sessionId);
    return isRefusal(found) ? found : { ...found, as };
  }

  /** Themselves; a user: whoever knows the session's id, in the workspace of their token. */
  async #as(
    peer: SupportPeer,
    { sessionId, visitorToken }: Said<'join_session'>,
  ): Promise<Principal | Refusal> {
    const { principals, desk } = this.#floor.edge;
    const { principal, guest } = peer;
    if (principal) return principal;
    if (!guest) return refuse('not-allowed');
    const token = visitorToken ?? peer.visitorToken;
    const claimed = token === undefined ? undefined : await principals.visitor(token, sessionId);
    // What was said of this very session must hold; the handshake's token may be another session's.
    if (visitorToken !== undefined && !claimed) return refuse('visitor-token-invalid');
    const visitor = await desk.visitor(sessionId, claimed);
    if (isRefusal(visitor)) return visitor;
    if (visitor.workspace !== guest.workspace) return refuse('conversation-not-found');
    return (await mayComeFrom(this.#floor, peer.page, visitor)) ? visitor : refuse('origin-not-allowed');
  }

  #sayPresence(peer: SupportPeer, sessionId: string, here: boolean): void {
    const workspace = workspaceOf(peer);
    const [socket] = peer.notes ?? [];
    if (workspace === undefined || socket === undefined) return;
    const { signals } = this.#floor.edge.storage;
    sayPresence(signals, workspace, sessionId, { ...whoOf(peer), here, socket });
  }

  /** Ends the sockets of users and programs whose tokens have ended; agents' are looked after with all others. */
  async #lookAtTokens(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    const { edge, onFault } = this.#floor;
    try {
      const seconds = edge.now() / 1_000;
      for (const peer of [...this.#peers.values()]) {
        if (peer.expires > 0 && seconds >= peer.expires)
          peer.end(CLOSE.notAuthenticated, 'the token has expired');
        else if (peer.kind !== 'unknown' && peer.principal?.kind === 'api' && peer.token) {
          const caller = await edge.principals.bearer(peer.token);
          if (caller?.kind !== 'api') peer.end(CLOSE.notAuthenticated, NOT_LET_IN.invalid);
        }
      }
    } catch (fault) {
      // While the log is away no token can be looked up; the next look does it.
      if (!(fault instanceof LogUnreachable)) onFault(fault);
    } finally {
      this.#looking = false;
    }
  }

  /** What is thrown at the library's own events would end the process. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (fault) {
      this.#floor.onFault(fault);
    }
  }
}

function workspaceOf({ principal, guest }: SupportPeer): string | undefined {
  return principal?.workspace ?? guest?.workspace;
}

function isClientEvent(event: string): event is SupportClientEvent {
  return Object.hasOwn(supportClientEvents, event);
}

function sentenceOf(error: z.ZodError): string {
  const [issue] = error.issues;
  if (!issue) return explain('frame-invalid').message;
  const field = issue.path.join('.');
  return issue.message.startsWith(field) && field !== ''
    ? issue.message
    : `${field === '' ? 'The payload' : field} ${issue.message}`;
}
