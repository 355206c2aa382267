// Which sessions an agent has, as they change at any edge: an agent's sockets hear the customers of these, and of no others.
import type { ConversationEvent } from '../../../../domain/conversation/events.ts';
import { factOf, type RecordedEvent } from '../../../../domain/log/commit.ts';
import { LogUnreachable } from '../../../../domain/log/log-unreachable.ts';
import type { Address } from '../../../../domain/log/subjects.ts';
import { ReadModelsDown } from '../../../../projections/read-models.ts';
import type { UserPrincipal } from '../../../identity/principals.ts';
import type { Channel } from '../../../socket/channel.ts';
import { type Floor, orComeAgain } from '../../../socket/floor.ts';
import { goLive } from '../../../socket/go-live.ts';
import type { Member } from '../../../socket/hearer.ts';
import type { Peer } from '../../../socket/peer.ts';
import type { WidgetChannel } from './channels.ts';

/** Sessions one agent's socket hears at once. */
const MAX_HEARD = 500;
/** Milliseconds that the lists may take to have what was stored before a socket came. */
const LAG = 1_000;
/** Milliseconds that a socket waits for the lists before it goes on without. */
const PATIENCE = 2_000;

export class WidgetOwned {
  readonly #floor: Floor;
  readonly #agent: WidgetChannel;
  /** Agents' sockets by workspace and the agent's public number. */
  readonly #sockets = new Map<string, Map<string, Set<Peer>>>();
  readonly #looking = new Set<Peer>();
  /** Up to which version it was known whose a session is when it began to be heard live. */
  readonly #since = new WeakMap<Member, number>();
  /** Hears every session of a workspace, tells its sockets nothing of them, and notes whose they are. */
  readonly #overhears: Channel;

  /** `agent`: what the agent of a session is sent of it. */
  constructor(floor: Floor, agent: WidgetChannel) {
    this.#floor = floor;
    this.#agent = agent;
    this.#overhears = {
      audience: 'agent',
      event: ({ address, event }) => {
        this.#note(address, event);
        return undefined;
      },
      typing: () => undefined,
    };
  }

  /** Settles once the socket hears all sessions that the agent has, and every change of that. */
  async enter(peer: Peer, { workspace, user }: UserPrincipal): Promise<void> {
    const agents = this.#sockets.get(workspace) ?? new Map<string, Set<Peer>>();
    this.#sockets.set(workspace, agents);
    const number = String(user.number);
    const peers = agents.get(number) ?? new Set();
    agents.set(number, peers.add(peer));
    const { rooms } = this.#floor;
    const room = rooms.get(workspace);
    room?.overhearers.add({ peer, channel: this.#overhears });
    if (room) await rooms.settle(room);
    let entering = true;
    const looked = this.#look(peer, true, (job) => (entering ? job() : this.#enqueue(peer, job)));
    await Promise.race([looked, new Promise((resolve) => setTimeout(resolve, PATIENCE).unref())]);
    entering = false;
  }

  /** Looks again which sessions the agent has; nothing that the socket asks waits for that. Never throws. */
  look(peer: Peer): Promise<void> {
    return this.#look(peer, false, (job) => this.#enqueue(peer, job));
  }

  /** The socket's part in a session, from which on it hears nothing until it is brought live; undefined where it hears too many. */
  join(peer: Peer, address: Address): Member | undefined {
    const { heard } = peer;
    if (!(heard instanceof Map)) return undefined;
    const known = heard.get(address.id);
    if (known) {
      known.replaying = true;
      return known;
    }
    if (heard.size >= MAX_HEARD) return undefined;
    const member = this.#floor.hub.join(peer, address, this.#agent, true);
    heard.set(address.id, member);
    return member;
  }

  /** The socket hears that session live from now on. */
  began(member: Member): void {
    this.#since.set(member, member.followed.version);
  }

  /** A socket is gone. */
  leave(peer: Peer): void {
    for (const [workspace, agents] of this.#sockets) {
      for (const [number, peers] of agents) {
        peers.delete(peer);
        if (peers.size === 0) agents.delete(number);
      }
      if (agents.size === 0) this.#sockets.delete(workspace);
    }
  }

  async #look(peer: Peer, wait: boolean, run: (job: () => Promise<void>) => unknown): Promise<void> {
    const { principal } = peer;
    if (principal?.kind !== 'user' || this.#looking.has(peer)) return;
    const { readModels, storage } = this.#floor.edge;
    const { workspace, user } = principal;
    this.#looking.add(peer);
    try {
      if (wait) await this.#listsReady();
      const assigned = String(user.number);
      const { rows } = await readModels.inbox.findInbox({
        workspace,
        assigned,
        status: 'open',
        limit: MAX_HEARD,
      });
      const news = rows.filter(
        ({ conversation }) => peer.heard instanceof Map && !peer.heard.has(conversation),
      );
      await Promise.all(
        news.map(({ conversation }) => {
          const address = storage.log.subjects.conversation(workspace, conversation);
          return run(() => this.#settle(peer, address, false));
        }),
      );
    } catch (fault) {
      // Without lists the sessions are found when they are next looked for; what changes meanwhile is heard.
      if (!(fault instanceof ReadModelsDown || fault instanceof LogUnreachable)) this.#floor.onFault(fault);
    } finally {
      this.#looking.delete(peer);
    }
  }

  async #listsReady(): Promise<void> {
    const { storage, readModels } = this.#floor.edge;
    const chats = storage.log.subjects.streams().filter(({ family }) => family === 'chat');
    await Promise.all(
      chats.map(async ({ name }) => {
        const sequence = await storage.log.head(name);
        if (sequence > 0) await readModels.freshness.waitFor(['inbox'], { stream: name, sequence }, LAG);
      }),
    );
  }

  /** Lets the socket hear a session where the agent has it, and not where it is another's: as the log has it now. */
  async #settle(peer: Peer, address: Address, taken: boolean): Promise<void> {
    const { principal } = peer;
    if (principal?.kind !== 'user') return;
    const { owner } = (await this.#floor.edge.conversations.load(address)).state;
    const own = owner.kind === 'agent' && owner.agent.id === String(principal.user.number);
    if (own) await this.#hear(peer, address, taken);
    else this.#forget(peer, address.id);
  }

  /** Lets the socket hear a session live: from now on, or, where it was `taken` just now, from that moment on. */
  async #hear(peer: Peer, address: Address, taken: boolean): Promise<void> {
    const { heard, principal } = peer;
    if (!(heard instanceof Map) || !principal || heard.has(address.id)) return;
    const member = this.join(peer, address);
    if (!member) return;
    if (!taken) {
      await member.followed.opening;
      member.replaying = false;
      this.began(member);
      return;
    }
    const there = await goLive(this.#floor, member, principal, (events) => {
      this.began(member);
      const since = events.findLast((event) => ownerAfter(event) !== undefined)?.version ?? 0;
      for (const event of events) {
        const frame = event.version > since ? this.#agent.event({ address, event }) : undefined;
        if (frame !== undefined) peer.send(frame);
      }
    });
    if (!there) this.#forget(peer, address.id);
  }

  #forget(peer: Peer, conversation: string): void {
    const { heard } = peer;
    const member = heard instanceof Map ? heard.get(conversation) : undefined;
    if (!member || !(heard instanceof Map)) return;
    this.#floor.hub.leave(member);
    heard.delete(conversation);
  }

  /** A session has another owner, or none: the sockets that concerns look whose it is, since word of it may come twice or late. */
  #note(address: Address, event: RecordedEvent): void {
    const owner = ownerAfter(event);
    if (owner === undefined) return;
    for (const [number, peers] of this.#sockets.get(address.workspace) ?? [])
      for (const peer of peers) {
        const member = peer.heard instanceof Map ? peer.heard.get(address.id) : undefined;
        // Old news: it was known already when the socket began to hear the session.
        if (member && event.version <= (this.#since.get(member) ?? 0)) continue;
        // What is said after it is no longer this agent's business.
        if (member && number !== owner) this.#forget(peer, address.id);
        // Who has something to do yet may be about to hear it.
        if (number === owner || member || peer.jobs)
          this.#enqueue(peer, () => this.#settle(peer, address, true));
      }
  }

  #enqueue(peer: Peer, job: () => Promise<void>): void {
    this.#floor.sockets.enqueue(peer, () => orComeAgain(this.#floor, peer, job));
  }
}

/** Whose a session is after that event: an agent's number, `nobody`, or undefined where it changes nothing. */
function ownerAfter(event: RecordedEvent): string | undefined {
  const fact = factOf<ConversationEvent>(event);
  switch (fact.type) {
    case 'AgentAssigned':
      return fact.data.agent.id;
    case 'ConversationTransferred':
      return fact.data.to.id;
    case 'ConversationQueued':
    case 'HumanRequested':
    case 'ConversationReturnedToAi':
    case 'ConversationReopened':
    case 'ConversationArchived':
    case 'ConversationErased':
      return 'nobody';
    case 'ConversationStarted':
    case 'VisitorIdentified':
    case 'AttachmentAdded':
    case 'MessagePosted':
    case 'MessagesRead':
    case 'AgentJoined':
    case 'NoteAdded':
    case 'TagsSet':
    case 'PrioritySet':
    case 'DepartmentSet':
    case 'ConversationClosed':
    case 'ConversationRated':
      return undefined;
  }
}
