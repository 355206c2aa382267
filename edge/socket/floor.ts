// What every door of the sockets stands on: the edge's parts, who is here, and how somebody is let in.
import { decodeJwt } from 'jose';
import { LogUnreachable } from '../../domain/log/log-unreachable.ts';
import { CLOSE } from '../../domain/wire.ts';
import { sayTyping, type Typing } from '../chat/signals.ts';
import type { Edge } from '../context.ts';
import { type KnownWidget, nameOf } from '../identity/directory.ts';
import { mayEmbed } from '../identity/embedding.ts';
import type { Principal, UserPrincipal, VisitorPrincipal } from '../identity/principals.ts';
import type { SocketKind } from './counters.ts';
import type { Hearer, Page } from './hearer.ts';
import type { Hub } from './hub.ts';
import type { QueuePlaces } from './queue-places.ts';
import type { QueueWatch } from './queue-watch.ts';
import type { Rooms } from './rooms.ts';
import type { Sockets } from './sockets.ts';

export interface Floor {
  readonly edge: Edge;
  readonly hub: Hub;
  readonly rooms: Rooms;
  readonly sockets: Sockets;
  readonly queueWatch: QueueWatch;
  readonly places: QueuePlaces;
  readonly onFault: (fault: unknown) => void;
}

/** Lets a socket in as that principal. `token`: what it proved itself with; its end is the socket's. */
export function admit(
  floor: Floor,
  peer: Hearer,
  principal: Principal,
  kind: SocketKind,
  token: string | undefined,
): void {
  peer.principal = principal;
  peer.expires = token === undefined ? 0 : (decodeJwt(token).exp ?? 0);
  floor.sockets.known(peer, kind);
  floor.rooms.enter(peer, principal.workspace);
}

/**
 * The visitor that a socket claims to be; undefined where it is not let in: then it is closed already.
 * A token that is sent must be good; without one the conversation's id is enough unless its widget says otherwise.
 */
export async function admitVisitor(
  floor: Floor,
  peer: Hearer,
  kind: SocketKind,
  conversation: string,
  token: string | undefined,
): Promise<VisitorPrincipal | undefined> {
  const { principals, desk } = floor.edge;
  const claimed = token === undefined ? undefined : await principals.visitor(token, conversation);
  if (token !== undefined && !claimed) {
    peer.end(CLOSE.notAuthenticated, 'the visitor token is not valid here');
    return undefined;
  }
  const visitor = await desk.visitor(conversation, claimed);
  if ('refused' in visitor) {
    if (visitor.refused === 'conversation-not-found')
      peer.end(CLOSE.noSuchConversation, 'no such conversation');
    else peer.end(CLOSE.notAuthenticated, 'this conversation needs its visitor token');
    return undefined;
  }
  if (!(await mayComeFrom(floor, peer.page, visitor))) {
    peer.end(CLOSE.notAllowed, 'this site may not use this widget');
    return undefined;
  }
  if (!peer.open) return undefined;
  admit(floor, peer, visitor, kind, token);
  return visitor;
}

/** Whether the page that opened the socket may use the conversation's widget, as over HTTP. */
export async function mayComeFrom(
  { edge }: Floor,
  page: Page | undefined,
  { workspace, conversation }: VisitorPrincipal,
): Promise<boolean> {
  const { settings, directory, conversations, storage } = edge;
  const may = (widget: KnownWidget) => mayEmbed(settings, widget, page?.origin, page?.host);
  // Which widget it was is looked for only where that matters: most businesses never name their pages.
  if (page?.origin === undefined || [...directory.everWidgets(workspace)].every(may)) return true;
  const address = storage.log.subjects.conversation(workspace, conversation);
  const { state } = await conversations.load(address, { confirm: false });
  const widget = directory.everWidget(workspace, state.widget);
  return !widget || may(widget);
}

/** Milliseconds between two words of typing that are passed on. */
const TYPING_EVERY = 500;

/** Who somebody is to the others of a conversation. */
export function whoOf({ principal }: Hearer): Pick<Typing, 'from' | 'id' | 'name'> {
  return principal?.kind === 'user'
    ? { from: 'agent', id: String(principal.user.number), name: nameOf(principal.user) }
    : { from: principal?.kind === 'api' ? 'agent' : 'visitor' };
}

/** Tells the others of a conversation, which the caller may speak in, that this socket's person types. */
export function passOnTyping(floor: Floor, peer: Hearer, conversation: string, isTyping: boolean): void {
  if (peer.principal) passOnTypingIn(floor, peer, peer.principal.workspace, conversation, { isTyping });
}

/** The same for a socket that says itself in which workspace. `socket`: what it knows itself by (`notes`). */
export function passOnTypingIn(
  { edge }: Floor,
  peer: Hearer,
  workspace: string,
  conversation: string,
  { isTyping, socket }: Pick<Typing, 'isTyping' | 'socket'>,
): void {
  const now = performance.now();
  if (isTyping && now - peer.typedAt < TYPING_EVERY) return;
  peer.typedAt = isTyping ? now : 0;
  sayTyping(edge.storage.signals, workspace, conversation, { ...whoOf(peer), isTyping, socket });
}

/** Work that concerns a socket and may find the log away: then the socket is asked to come again. */
export async function orComeAgain(floor: Floor, peer: Hearer, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (fault) {
    if (!(fault instanceof LogUnreachable)) floor.onFault(fault);
    peer.end(CLOSE.draining, 'cannot be served right now: connect again');
  }
}

/** Ends or renews what agents' sockets rest on, whenever their user changed. */
export function watchUsers(floor: Floor): () => void {
  const { directory, principals, now } = floor.edge;
  const check = (peer: Hearer) => {
    const { principal } = peer;
    if (principal?.kind !== 'user') return;
    const known = directory.anyUser(principal.user.number);
    if (!known || !principals.stillHolds(principal))
      return peer.end(CLOSE.notAuthenticated, 'signed out, or no longer allowed');
    if (known !== principal.user) peer.principal = { ...principal, user: known };
  };
  const stop = directory.onChange(({ kind, workspace }) => {
    const room = kind === 'user' ? floor.rooms.get(workspace) : undefined;
    if (room) for (const peer of [...room.agents.keys()]) check(peer);
  });
  let looking = false;
  /** Of those whose token was given for an API token: whether that is the same still. */
  const checkKeys = async (keyed: readonly [Hearer, UserPrincipal][]) => {
    looking = true;
    try {
      for (const [peer, principal] of keyed)
        if (!(await principals.keyHolds(principal)))
          peer.end(CLOSE.notAuthenticated, 'the API key was replaced');
    } catch (fault) {
      // While the log is away no key can be looked up; the next look does it.
      if (!(fault instanceof LogUnreachable)) floor.onFault(fault);
    } finally {
      looking = false;
    }
  };
  const timer = setInterval(() => {
    const seconds = now() / 1_000;
    const keyed: [Hearer, UserPrincipal][] = [];
    for (const room of floor.rooms.all())
      for (const peer of [...room.agents.keys()])
        if (peer.expires > 0 && seconds >= peer.expires)
          peer.end(CLOSE.notAuthenticated, 'the token has expired');
        else if (peer.principal?.kind === 'user' && peer.principal.key !== undefined)
          keyed.push([peer, peer.principal]);
    if (keyed.length > 0 && !looking) void checkKeys(keyed);
  }, 2_000);
  return () => {
    stop();
    clearInterval(timer);
  };
}
