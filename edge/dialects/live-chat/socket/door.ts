// The live-chat document's socket, /ws/live-chat: guests by session, admins by token; a translation of the same stream.
import { conversationId } from '../../../../domain/ids.ts';
import { placeOf } from '../../../../domain/log/position.ts';
import { CLOSE } from '../../../../domain/wire.ts';
import { sayIssue } from '../../../sentences.ts';
import type { Door } from '../../../socket/door.ts';
import { admit, admitVisitor, type Floor, orComeAgain, passOnTyping } from '../../../socket/floor.ts';
import type { Arrival, Peer } from '../../../socket/peer.ts';
import { type LiveChatFrame, liveChatFrame } from '../frames.ts';
import { type LiveChatChannels, liveChatChannels, spell } from './channels.ts';

/** A close reason has room for 123 bytes; a bad frame's is plain ASCII. */
const REASON_LENGTH = 120;

/** Sessions that one admin's socket may subscribe to, and silence. */
const MAX_SUBSCRIBED = 500;
const MAX_SILENCED = 10_000;

export class LiveChatDoor implements Door {
  readonly path = '/ws/live-chat';
  readonly #floor: Floor;
  readonly #channels: LiveChatChannels;

  constructor(floor: Floor) {
    this.#floor = floor;
    this.#channels = liveChatChannels(floor.edge);
  }

  opened(peer: Peer, { query, bearer }: Arrival): void {
    const token = query.get('token') ?? bearer;
    const sessionId = query.get('sessionId');
    if (query.get('admin') === 'true')
      this.#enqueue(peer, () => this.#admitAdmin(peer, token, query.get('userId')));
    else if (sessionId === null) peer.end(CLOSE.notAuthenticated, 'sessionId or admin=true is needed');
    else if (!conversationId.safeParse(sessionId).success)
      peer.end(CLOSE.noSuchConversation, 'that is no id of a session');
    else this.#enqueue(peer, () => this.#admitUser(peer, sessionId, query.get('visitorToken') ?? undefined));
  }

  heard(peer: Peer, text: string): void {
    const read = readFrame(text);
    if ('wrong' in read) peer.end(CLOSE.badFrame, read.wrong);
    else if (read.type !== 'ping') {
      this.#floor.rooms.active(peer);
      this.#enqueue(peer, () => this.#carryOut(peer, read));
    }
  }

  heartbeat(): undefined {
    // The document has none; uWS pings all the same.
  }

  #enqueue(peer: Peer, job: () => Promise<void>): void {
    this.#floor.sockets.enqueue(peer, () => orComeAgain(this.#floor, peer, job));
  }

  async #admitUser(peer: Peer, sessionId: string, visitorToken: string | undefined): Promise<void> {
    const { hub, edge } = this.#floor;
    const visitor = await admitVisitor(this.#floor, peer, 'live-chat-user', sessionId, visitorToken);
    if (!visitor) return;
    const address = edge.storage.log.subjects.conversation(visitor.workspace, sessionId);
    const member = hub.join(peer, address, this.#channels.user, false);
    peer.heard = member;
    // This dialect cannot resume: whoever is told that it is connected hears everything from then on.
    await member.followed.opening;
    this.#greet(peer);
  }

  async #admitAdmin(peer: Peer, token: string | undefined, userId: string | null): Promise<void> {
    const { edge, rooms } = this.#floor;
    const principal = token === undefined ? undefined : await edge.principals.user(token);
    if (!peer.ws) return;
    if (token === undefined || !principal) {
      peer.end(CLOSE.notAuthenticated, 'an agent token is needed');
      return;
    }
    if (userId !== null && userId !== String(principal.user.number)) {
      peer.end(CLOSE.notAllowed, 'the token is of another user');
      return;
    }
    admit(this.#floor, peer, principal, 'live-chat-admin', token);
    peer.heard = new Map();
    const room = rooms.get(principal.workspace);
    room?.overhearers.add({ peer, channel: this.#channels.admin });
    if (room) await rooms.settle(room);
    this.#greet(peer);
  }

  #greet(peer: Peer): void {
    peer.send(spell('connection_established', { timestamp: new Date(this.#floor.edge.now()).toISOString() }));
  }

  async #carryOut(peer: Peer, asked: Exclude<LiveChatFrame, { type: 'ping' }>): Promise<void> {
    const { principal } = peer;
    if (!principal) return;
    const own = principal.kind === 'visitor' ? principal.conversation : undefined;
    const sessionId = asked.sessionId ?? own;
    // The document's frames have no answers: what names no session of this socket's is passed over.
    if (sessionId === undefined || (own !== undefined && sessionId !== own)) return;
    const workspace = await this.#floor.edge.desk.locate(sessionId);
    if (workspace !== principal.workspace || !peer.ws) return;
    switch (asked.type) {
      case 'typing':
        passOnTyping(this.#floor, peer, sessionId, asked.isTyping);
        break;
      case 'read_receipt':
        await this.#markRead(peer, sessionId, asked.messageId);
        break;
      case 'subscribe_session':
        this.#subscribe(peer, sessionId);
        break;
      case 'unsubscribe_session':
        this.#silence(peer, sessionId);
    }
  }

  /** A message's id is its position: the commit there knows the version. Any other id is no message's. */
  async #markRead(peer: Peer, sessionId: string, messageId: string): Promise<void> {
    const { edge, sockets } = this.#floor;
    const { principal } = peer;
    if (!principal || !sockets.mayCommand(peer) || !/^\d{1,16}$/.test(messageId)) return;
    const address = edge.storage.log.subjects.conversation(principal.workspace, sessionId);
    const { family, shard, sequence, index } = placeOf(Number(messageId));
    if (family !== 'chat' || shard !== address.shard) return;
    const commit = await edge.storage.log.at(address.stream, sequence);
    if (commit?.address.subject !== address.subject || index >= commit.commit.events.length) return;
    await edge.desk.ask(principal, sessionId, {
      type: 'MarkRead',
      data: { upTo: commit.commit.version + index },
    });
  }

  #subscribe(peer: Peer, sessionId: string): void {
    const { heard, principal } = peer;
    if (!(heard instanceof Map) || !principal) {
      peer.end(CLOSE.notAllowed, 'only admins subscribe');
      return;
    }
    peer.notes?.delete(sessionId);
    if (heard.has(sessionId) || heard.size >= MAX_SUBSCRIBED) return;
    const address = this.#floor.edge.storage.log.subjects.conversation(principal.workspace, sessionId);
    heard.set(sessionId, this.#floor.hub.join(peer, address, this.#channels.subscribed, false));
  }

  #silence(peer: Peer, sessionId: string): void {
    const { heard } = peer;
    if (!(heard instanceof Map)) return;
    peer.notes ??= new Set();
    if (peer.notes.size < MAX_SILENCED) peer.notes.add(sessionId);
    const member = heard.get(sessionId);
    if (member) this.#floor.hub.leave(member);
    heard.delete(sessionId);
  }
}

/** The frame, or what is wrong with it, short enough for a close reason. */
function readFrame(text: string): LiveChatFrame | { readonly wrong: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { wrong: 'a frame must be JSON' };
  }
  const { data, error } = liveChatFrame.safeParse(json, { error: sayIssue });
  if (data) return data;
  const [problem] = error.issues;
  const field = problem?.path.join('.') || 'a frame';
  return { wrong: `${field} ${problem?.message ?? 'is not valid'}`.slice(0, REASON_LENGTH) };
}
