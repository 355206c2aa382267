// Who is here: which sockets hear which conversation, and how a stored event reaches them, spelled once for all of a kind.
import type { StoredCommit } from '../../domain/log/commit.ts';
import type { Address } from '../../domain/log/subjects.ts';
import { sees } from '../chat/audience.ts';
import type { Place } from '../chat/queue.ts';
import type { AiText, Presence, Typing } from '../chat/signals.ts';
import type { Channel, Frames, Told } from './channel.ts';
import { Follow, type FollowParts } from './follow.ts';
import type { Followed } from './followed.ts';
import type { Hearer, Member } from './hearer.ts';

export type HubParts = Omit<FollowParts<Member>, 'passOn'>;

export class Hub {
  readonly follow: Follow<Member>;
  readonly #onFault: (fault: unknown) => void;

  constructor(parts: HubParts) {
    this.#onFault = parts.onFault;
    this.follow = new Follow<Member>({
      ...parts,
      passOn: (followed, stored) => this.#passOn(followed, stored),
    });
  }

  /** Lets a socket hear a conversation; `replaying`: not before the caller says so. Await `followed.opening` for heads. */
  join(peer: Hearer, address: Address, channel: Channel, replaying: boolean): Member {
    const followed = this.follow.follow(address);
    const member: Member = { peer, followed, channel, replaying };
    followed.members.push(member);
    return member;
  }

  leave(member: Member): void {
    const { followed } = member;
    const index = followed.members.indexOf(member);
    if (index < 0) return;
    // Order within a conversation does not matter: the last takes the place.
    const last = followed.members.pop();
    if (last && last !== member) followed.members[index] = last;
    if (followed.members.length === 0) this.follow.unfollow(followed);
  }

  /** Takes a socket out of everything it hears. */
  leaveAll(peer: Hearer): void {
    const { heard } = peer;
    peer.heard = undefined;
    if (!heard) return;
    if (heard instanceof Map) for (const member of heard.values()) this.leave(member);
    else this.leave(heard);
  }

  /** Tells those who hear a conversation that somebody types: the other side, and the other agents. */
  tellTyping(conversation: string, typing: Typing): void {
    const followed = this.follow.get(conversation);
    if (!followed) return;
    const side = typing.from === 'visitor' ? 'visitor' : 'agent';
    const spelled = new Map<Channel, string | undefined>();
    for (const { peer, channel } of followed.members) {
      if (channel.audience === side && (side === 'visitor' || isSelf(peer, typing))) continue;
      if (typing.socket !== undefined && peer.notes?.has(typing.socket)) continue;
      if (!spelled.has(channel)) spelled.set(channel, channel.typing(followed.address, typing));
      const frame = spelled.get(channel);
      if (frame !== undefined) peer.send(frame);
    }
  }

  /** Tells those whose dialect has a word for it that somebody came or went. */
  tellPresence(conversation: string, presence: Presence): void {
    const followed = this.follow.get(conversation);
    if (!followed) return;
    for (const { peer, channel } of followed.members) {
      const frame = channel.presence?.(followed.address, presence);
      if (frame !== undefined && !peer.notes?.has(presence.socket)) peer.send(frame);
    }
  }

  /** Tells everybody whose dialect has a word for it what the AI is writing. */
  tellAiText(conversation: string, written: AiText): void {
    const followed = this.follow.get(conversation);
    if (!followed) return;
    const spelled = new Map<Channel, string | undefined>();
    for (const { peer, channel } of followed.members) {
      if (!spelled.has(channel)) spelled.set(channel, channel.aiText?.(followed.address, written));
      const frame = spelled.get(channel);
      if (frame !== undefined) peer.send(frame);
    }
  }

  /** Tells the visitor's sockets, where their dialect has a word for it, the place in the queue. */
  tellPlace(conversation: string, place: Place): void {
    const followed = this.follow.get(conversation);
    if (!followed) return;
    for (const { peer, channel } of followed.members) {
      const frame = channel.audience === 'visitor' ? channel.place?.(followed.address, place) : undefined;
      if (frame !== undefined) peer.send(frame);
    }
  }

  /** Spells an event for each of these channels once, and gives it to whoever is of them. */
  spread<Listener extends { readonly peer: Hearer }>(
    hearers: Iterable<Listener>,
    channelOf: (hearer: Listener) => Channel | undefined,
    told: (channel: Channel) => Told,
  ): void {
    let last: Channel | undefined;
    let frames: Frames | Promise<Frames>;
    let others: Map<Channel, Frames | Promise<Frames>> | undefined;
    for (const hearer of hearers) {
      const channel = channelOf(hearer);
      if (!channel) continue;
      if (channel !== last) {
        // Most conversations are heard through one channel or two: the map is for those with more.
        if (last) {
          others ??= new Map();
          others.set(last, frames);
        }
        frames = others?.has(channel) ? others.get(channel) : this.#spell(channel, told(channel));
        last = channel;
      }
      if (frames instanceof Promise) frames.then((late) => give(hearer.peer, late)).catch(this.#onFault);
      else give(hearer.peer, frames);
    }
  }

  close(): void {
    this.follow.close();
  }

  #passOn(followed: Followed<Member>, stored: StoredCommit): void {
    const { address, heads } = followed;
    for (const event of stored.events()) {
      this.spread(
        followed.members,
        (member) => (member.replaying ? undefined : member.channel),
        (channel) => ({ address, event, previous: heads[channel.audience], commit: stored }),
      );
      if (sees('visitor', event.type)) heads.visitor = event.version;
      if (sees('agent', event.type)) heads.agent = event.version;
    }
  }

  #spell(channel: Channel, told: Told): Frames | Promise<Frames> {
    try {
      return channel.event(told);
    } catch (fault) {
      // One dialect's fault is not the others': they are told, and its sockets find the gap.
      this.#onFault(fault);
      return undefined;
    }
  }
}

function isSelf(peer: Hearer, typing: Typing): boolean {
  return peer.principal?.kind === 'user' && String(peer.principal.user.number) === typing.id;
}

function give(peer: Hearer, frames: Frames): void {
  if (typeof frames === 'string') peer.send(frames);
  else if (frames) for (const frame of frames) peer.send(frame);
}
