// The native socket, /ws/v1: our own frames in, desk and hub behind them.
import { isRefusal } from '../../../../domain/decider.ts';
import { LogUnreachable } from '../../../../domain/log/log-unreachable.ts';
import type { Address } from '../../../../domain/log/subjects.ts';
import {
  CLOSE,
  type ClientFrame,
  type ConversationSummary,
  type ServerFrame,
} from '../../../../domain/wire.ts';
import { type Audience, summaryFor } from '../../../chat/audience.ts';
import { explain } from '../../../refusals.ts';
import type { Channel } from '../../../socket/channel.ts';
import type { Door } from '../../../socket/door.ts';
import { admit, admitVisitor, type Floor, orComeAgain, passOnTyping } from '../../../socket/floor.ts';
import type { Member } from '../../../socket/hearer.ts';
import type { Arrival, Peer } from '../../../socket/peer.ts';
import { resume } from '../../../socket/resume.ts';
import { nativeChannel } from './channels.ts';
import { isActivity, readFrame } from './frames.ts';
import { Themselves } from './themselves.ts';

type Of<Key extends string> = Extract<ClientFrame, Record<Key, unknown>>;
type FrameId = Of<'command'>['id'];

/** Conversations one agent's socket may hear at once. */
const MAX_HEARD = 500;

export class NativeDoor implements Door {
  readonly path = '/ws/v1';
  readonly #floor: Floor;
  readonly #heartbeatSeconds: number;
  readonly #channels: Record<Audience, Channel>;
  readonly #themselves: Themselves;

  constructor(floor: Floor, heartbeatSeconds: number) {
    this.#floor = floor;
    this.#heartbeatSeconds = heartbeatSeconds;
    const { files } = floor.edge;
    this.#channels = { visitor: nativeChannel('visitor', files), agent: nativeChannel('agent', files) };
    this.#themselves = new Themselves(floor);
  }

  close(): void {
    this.#themselves.close();
  }

  opened(peer: Peer, { query, bearer }: Arrival): void {
    const auth = {
      token: query.get('token') ?? bearer,
      conversation: query.get('conversation') ?? undefined,
      visitorToken: query.get('visitorToken') ?? undefined,
    };
    // Without anything in the query the first frame says who it is.
    if (auth.token === undefined && auth.conversation === undefined) return;
    const read = readFrame(JSON.stringify({ id: 0, auth }));
    if (read.kind !== 'frame' || !('auth' in read.frame)) {
      peer.end(CLOSE.noSuchConversation, 'that is no id of a conversation');
      return;
    }
    const { auth: checked } = read.frame;
    this.#enqueue(peer, () => this.#authenticate(peer, undefined, checked));
  }

  heard(peer: Peer, text: string): void {
    const read = readFrame(text);
    if (read.kind === 'bad') {
      peer.end(CLOSE.badFrame, read.why);
      return;
    }
    if (read.kind === 'invalid') {
      this.#refuse(peer, read.id, 'frame-invalid', read.why);
      return;
    }
    const { frame } = read;
    if (isActivity(frame)) this.#floor.rooms.active(peer);
    if ('active' in frame) return;
    if ('ping' in frame) {
      peer.send(JSON.stringify({ pong: frame.ping } satisfies ServerFrame));
      return;
    }
    if ('signal' in frame) {
      this.#typing(peer, frame.signal);
      return;
    }
    if ('auth' in frame) {
      this.#enqueue(peer, () => this.#authenticate(peer, frame.id, frame.auth));
      return;
    }
    if (!peer.principal && !peer.jobs) {
      peer.end(CLOSE.notAuthenticated, 'say who you are first');
      return;
    }
    if ('command' in frame) {
      if (this.#floor.sockets.mayCommand(peer)) this.#enqueue(peer, () => this.#command(peer, frame));
      else this.#refuse(peer, frame.id, 'too-many-messages');
    } else if ('resume' in frame) {
      // A visitor hears one conversation: who asks for its history again and again is not reading it.
      if (peer.principal?.kind !== 'visitor' || this.#floor.sockets.mayCommand(peer))
        this.#enqueue(peer, () => this.#resume(peer, frame));
      else this.#refuse(peer, frame.id, 'too-many-messages');
    } else if ('leave' in frame) this.#enqueue(peer, async () => this.#leave(peer, frame));
    else this.#enqueue(peer, () => this.#watch(peer, frame));
  }

  heartbeat(peer: Peer, at: string): string | undefined {
    const { heard } = peer;
    if (!peer.principal) return undefined;
    const heads: Record<string, number> = {};
    const note = ({ followed, channel }: Member) => {
      if (!followed.opening) heads[followed.address.id] = followed.heads[channel.audience];
    };
    if (heard instanceof Map) for (const member of heard.values()) note(member);
    else if (heard) note(heard);
    return JSON.stringify({ heartbeat: { at, heads } } satisfies ServerFrame);
  }

  #enqueue(peer: Peer, job: () => Promise<void>): void {
    this.#floor.sockets.enqueue(peer, job);
  }

  #authenticate(peer: Peer, re: FrameId | undefined, auth: Of<'auth'>['auth']): Promise<void> {
    return orComeAgain(this.#floor, peer, async () => {
      if (peer.principal) {
        this.#refuse(peer, re ?? 0, 'already-authenticated');
        return;
      }
      if (auth.token !== undefined) await this.#admitAgent(peer, re, auth.token);
      else if (auth.conversation !== undefined)
        await this.#admitVisitor(peer, re, auth.conversation, auth.visitorToken);
      else peer.end(CLOSE.notAuthenticated, 'a token or a conversation is needed');
    });
  }

  async #admitAgent(peer: Peer, re: FrameId | undefined, token: string): Promise<void> {
    const principal = await this.#floor.edge.principals.user(token);
    if (!peer.ws) return;
    if (!principal) {
      peer.end(CLOSE.notAuthenticated, 'the token is not valid');
      return;
    }
    admit(this.#floor, peer, principal, 'native-agent', token);
    peer.heard = new Map();
    this.#send(peer, {
      re,
      welcome: {
        as: 'agent',
        id: String(principal.user.number),
        workspace: principal.workspace,
        heartbeatSeconds: this.#heartbeatSeconds,
      },
    });
    this.#themselves.tell(peer);
  }

  async #admitVisitor(
    peer: Peer,
    re: FrameId | undefined,
    conversation: string,
    token: string | undefined,
  ): Promise<void> {
    const visitor = await admitVisitor(this.#floor, peer, 'native-visitor', conversation, token);
    if (!visitor) return;
    const address = this.#address(visitor.workspace, conversation);
    const member = this.#floor.hub.join(peer, address, this.#channels.visitor, false);
    peer.heard = member;
    this.#send(peer, { re, welcome: { as: 'visitor', heartbeatSeconds: this.#heartbeatSeconds } });
    // What the visitor asks must not wait for the lists.
    void this.#floor.places.follow(member);
  }

  async #command(peer: Peer, { id, command }: Of<'command'>): Promise<void> {
    const { desk } = this.#floor.edge;
    if (!peer.principal) return;
    try {
      const outcome = await desk.ask(peer.principal, command.conversation, command);
      if (isRefusal(outcome)) this.#refuse(peer, id, outcome.refused, explain(outcome).message);
      else this.#send(peer, { re: id, ok: true, sequence: outcome.position, version: outcome.version });
    } catch (fault) {
      this.#fault(peer, id, fault);
    }
  }

  async #resume(peer: Peer, { id, resume: { conversation, after } }: Of<'resume'>): Promise<void> {
    const { edge, hub } = this.#floor;
    try {
      const member = await this.#member(peer, conversation);
      if (typeof member === 'string') {
        this.#refuse(peer, id, member);
        return;
      }
      if (!member) return;
      let answered = false;
      const parts = {
        log: edge.storage.log,
        follow: hub.follow,
        links: edge.files,
        summary: () => this.#summary(member),
      };
      const outcome = await resume(parts, member, after, (snapshot) => {
        this.#send(peer, { re: answered ? undefined : id, snapshot });
        answered = true;
      });
      if (outcome === 'conversation-not-found') {
        this.#forget(peer, member);
        this.#refuse(peer, id, outcome);
      } else if (!answered)
        this.#send(peer, { re: id, ok: true, version: member.followed.heads[member.channel.audience] });
    } catch (fault) {
      this.#fault(peer, id, fault);
    }
  }

  /** The peer's part in a conversation that it may hear; a reason where it may not; undefined where it is gone. */
  async #member(peer: Peer, conversation: string): Promise<Member | string | undefined> {
    const { principal, heard } = peer;
    if (!principal) return undefined;
    if (principal.kind === 'visitor')
      return principal.conversation === conversation && heard && !(heard instanceof Map)
        ? heard
        : 'conversation-not-found';
    if (!(heard instanceof Map)) return undefined;
    const known = heard.get(conversation);
    if (known) return known;
    const workspace = await this.#floor.edge.desk.locate(conversation);
    if (workspace !== principal.workspace) return 'conversation-not-found';
    if (heard.size >= MAX_HEARD) return 'too-many-conversations';
    if (!peer.ws) return undefined;
    const address = this.#address(workspace, conversation);
    const member = this.#floor.hub.join(peer, address, this.#channels.agent, true);
    heard.set(conversation, member);
    return member;
  }

  #forget(peer: Peer, member: Member): void {
    this.#floor.hub.leave(member);
    if (peer.heard instanceof Map) peer.heard.delete(member.followed.address.id);
  }

  #leave(peer: Peer, { id, leave: { conversation } }: Of<'leave'>): void {
    const { heard } = peer;
    if (!(heard instanceof Map)) {
      this.#refuse(peer, id, 'not-allowed');
      return;
    }
    const member = heard.get(conversation);
    if (member) this.#forget(peer, member);
    this.#send(peer, { re: id, ok: true });
  }

  async #watch(peer: Peer, { id, watch }: Of<'watch'>): Promise<void> {
    const { principal } = peer;
    const room = principal?.kind === 'user' ? this.#floor.rooms.get(principal.workspace) : undefined;
    if (!room) {
      this.#refuse(peer, id, 'not-allowed');
      return;
    }
    if (watch) room.watchers.add(peer);
    else room.watchers.delete(peer);
    await this.#floor.rooms.settle(room);
    this.#send(peer, { re: id, ok: true });
  }

  #typing(peer: Peer, { conversation, isTyping }: Of<'signal'>['signal']): void {
    const { heard } = peer;
    const member = heard instanceof Map ? heard.get(conversation) : heard;
    // Who does not hear a conversation has nothing to say in it either; what is not stored needs no answer.
    if (member?.followed.address.id === conversation) passOnTyping(this.#floor, peer, conversation, isTyping);
  }

  async #summary({ followed, channel }: Member): Promise<ConversationSummary | undefined> {
    const { conversations, directory } = this.#floor.edge;
    const { state, version } = await conversations.load(followed.address, { confirm: false });
    const siteKey = directory.widgetById(state.widget)?.siteKey ?? '';
    return summaryFor(channel.audience, followed.address.id, state, version, siteKey);
  }

  #address(workspace: string, conversation: string): Address {
    return this.#floor.edge.storage.log.subjects.conversation(workspace, conversation);
  }

  #fault(peer: Peer, re: FrameId, fault: unknown): void {
    if (fault instanceof LogUnreachable) {
      this.#refuse(peer, re, 'unavailable');
      return;
    }
    this.#floor.onFault(fault);
    this.#refuse(peer, re, 'fault', 'Internal server error');
  }

  #refuse(peer: Peer, re: FrameId, refused: string, message = explain(refused).message): void {
    this.#send(peer, { re, refused, message });
  }

  #send(peer: Peer, frame: ServerFrame): void {
    peer.send(JSON.stringify(frame));
  }
}
