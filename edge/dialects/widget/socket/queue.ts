// Tells the widget document's sockets of the queue whenever it changes: customers their place, agents who waits.
import { z } from 'zod';
import type { StoredCommit } from '../../../../domain/log/commit.ts';
import { LogUnreachable } from '../../../../domain/log/log-unreachable.ts';
import { signalAmong } from '../../../../domain/log/subjects.ts';
import { ReadModelsDown } from '../../../../projections/read-models.ts';
import type { Standing } from '../../../chat/queue.ts';
import type { Floor } from '../../../socket/floor.ts';
import type { Peer } from '../../../socket/peer.ts';
import { spell } from '../frames.ts';
import { type WaitingSession, waitingShape } from '../shapes.ts';

/** What moves somebody into the queue, out of it, or within it. */
const CHANGES: ReadonlySet<string> = new Set([
  'ConversationStarted',
  'VisitorIdentified',
  'AgentAssigned',
  'ConversationTransferred',
  'ConversationQueued',
  'HumanRequested',
  'ConversationReturnedToAi',
  'ConversationClosed',
  'ConversationReopened',
  'ConversationArchived',
  'ConversationErased',
]);

/** What edges tell each other: from which commit on a workspace's queue is another one. */
const news = z.object({
  workspace: z.string().max(64),
  stream: z.string().max(40),
  sequence: z.number().int().positive(),
});

/** Milliseconds between two pushes of one workspace. */
const TOGETHER = 1_000;
/** Estimates change with the time, and word of a change may be lost: so one looks without being told. */
const ANYWAY = 10_000;
/** Milliseconds that the lists may take to have what was told of. */
const LAG = 1_000;
const MOST = 500;

interface Office {
  /** Customers' sockets by conversation, and which place each was told last; empty while it does not wait. */
  readonly customers: Map<string, Map<Peer, string>>;
  /** Agents' sockets, and what each was told last. */
  readonly agents: Map<Peer, string>;
  /** What the lists must have before they are asked: the newest commit of each stream. */
  awaited: Map<string, number>;
  timer: ReturnType<typeof setTimeout> | undefined;
  running: boolean;
  again: boolean;
  /** Milliseconds since 1970. */
  pushedAt: number;
}

export class WidgetQueue {
  readonly #floor: Floor;
  readonly #offices = new Map<string, Office>();
  readonly #subscription;
  readonly #timer;
  #closed = false;

  constructor(floor: Floor) {
    this.#floor = floor;
    const { storage, conversations } = floor.edge;
    this.#subscription = storage.signals.subscribe(signalAmong('queued'), (payload) => {
      const { data } = news.safeParse(payload);
      if (data) this.#changed(data.workspace, data.stream, data.sequence);
    });
    conversations.onStored((stored) => this.#stored(stored));
    this.#timer = setInterval(() => {
      for (const [workspace, office] of this.#offices) this.#soon(workspace, office);
    }, ANYWAY).unref();
  }

  /** A customer's socket is to be told of its place: now, if it waits, and whenever that changes. Never throws. */
  async follow(peer: Peer, workspace: string, conversation: string): Promise<void> {
    const office = this.#office(workspace);
    const peers = office.customers.get(conversation) ?? new Map<Peer, string>();
    office.customers.set(conversation, peers.set(peer, ''));
    try {
      const standing = await this.#floor.edge.queue.standing(workspace, conversation);
      if (peers.has(peer)) this.#tellPlace(peer, peers, standing);
    } catch (fault) {
      this.#away(fault);
    }
  }

  /** An agent's socket is to be told who waits, whenever that changes. */
  watch(peer: Peer, workspace: string): void {
    this.#office(workspace).agents.set(peer, '');
  }

  /** Tells an agent's socket who waits now. False where the lists are away. */
  async tellWaiting(peer: Peer, workspace: string): Promise<boolean> {
    try {
      this.#tellAgent(peer, this.#offices.get(workspace), await this.#waiting(workspace));
      return true;
    } catch (fault) {
      this.#away(fault);
      return false;
    }
  }

  /** A socket is gone. */
  leave(peer: Peer, workspace: string, conversation?: string): void {
    const office = this.#offices.get(workspace);
    if (!office) return;
    office.agents.delete(peer);
    const peers = conversation === undefined ? undefined : office.customers.get(conversation);
    peers?.delete(peer);
    if (conversation !== undefined && peers?.size === 0) office.customers.delete(conversation);
    if (office.customers.size > 0 || office.agents.size > 0) return;
    clearTimeout(office.timer);
    this.#offices.delete(workspace);
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#subscription.close();
    for (const { timer } of this.#offices.values()) clearTimeout(timer);
    this.#offices.clear();
  }

  #office(workspace: string): Office {
    const known = this.#offices.get(workspace);
    if (known) return known;
    const office: Office = {
      customers: new Map(),
      agents: new Map(),
      awaited: new Map(),
      timer: undefined,
      running: false,
      again: false,
      pushedAt: 0,
    };
    this.#offices.set(workspace, office);
    return office;
  }

  #stored({ address, sequence, commit }: StoredCommit): void {
    if (this.#closed || !commit.events.some(({ type }) => CHANGES.has(type))) return;
    const { workspace, stream } = address;
    this.#changed(workspace, stream, sequence);
    this.#floor.edge.storage.signals.publish(signalAmong('queued'), { workspace, stream, sequence });
  }

  #changed(workspace: string, stream: string, sequence: number): void {
    const office = this.#offices.get(workspace);
    if (!office || !this.#floor.edge.storage.log.subjects.streams().some(({ name }) => name === stream))
      return;
    office.awaited.set(stream, Math.max(sequence, office.awaited.get(stream) ?? 0));
    this.#soon(workspace, office);
  }

  #soon(workspace: string, office: Office): void {
    if (office.timer) return;
    if (office.running) {
      office.again = true;
      return;
    }
    const pause = office.pushedAt + TOGETHER - this.#floor.edge.now();
    office.timer = setTimeout(
      () => {
        office.timer = undefined;
        void this.#push(workspace, office);
      },
      Math.min(TOGETHER, Math.max(0, pause)),
    );
  }

  async #push(workspace: string, office: Office): Promise<void> {
    office.running = true;
    office.pushedAt = this.#floor.edge.now();
    try {
      const { awaited } = office;
      office.awaited = new Map();
      const { queue, readModels } = this.#floor.edge;
      await Promise.all(
        [...awaited].map(([stream, sequence]) =>
          readModels.freshness.waitFor(['inbox'], { stream, sequence }, LAG),
        ),
      );
      if (office.customers.size > 0) {
        const standings = await queue.standings(workspace);
        for (const [conversation, peers] of office.customers)
          for (const peer of peers.keys()) this.#tellPlace(peer, peers, standings.get(conversation));
      }
      if (office.agents.size > 0) {
        const waiting = await this.#waiting(workspace);
        const shown = keyOf(waiting);
        for (const [peer, told] of office.agents)
          if (told !== shown) this.#tellAgent(peer, office, waiting, shown);
      }
    } catch (fault) {
      this.#away(fault);
    } finally {
      office.running = false;
      if (office.again && this.#offices.get(workspace) === office) this.#soon(workspace, office);
      office.again = false;
    }
  }

  async #waiting(workspace: string): Promise<WaitingSession[]> {
    const { queue, directory, now } = this.#floor.edge;
    const waiting = await queue.waiting(workspace, MOST);
    return waiting.map((one) => waitingShape(one, directory, now()));
  }

  #tellAgent(
    peer: Peer,
    office: Office | undefined,
    sessions: WaitingSession[],
    shown = keyOf(sessions),
  ): void {
    if (office?.agents.has(peer)) office.agents.set(peer, shown);
    peer.send(spell({ type: 'waiting_sessions', sessions, timestamp: this.#time() }));
  }

  #tellPlace(peer: Peer, peers: Map<Peer, string>, standing: Standing | undefined): void {
    const place = standing ? `${standing.position} ${standing.estimatedWait}` : '';
    if (peers.get(peer) === place) return;
    peers.set(peer, place);
    if (standing) peer.send(spell({ type: 'queue_update', ...standing, timestamp: this.#time() }));
  }

  #time(): string {
    return new Date(this.#floor.edge.now()).toISOString();
  }

  /** While the lists or the log are away there is nothing to tell; it is looked again anyway. */
  #away(fault: unknown): void {
    if (!(fault instanceof ReadModelsDown || fault instanceof LogUnreachable)) this.#floor.onFault(fault);
  }
}

/** What of a list is worth telling anew: not that everybody has waited a minute longer. */
function keyOf(sessions: readonly WaitingSession[]): string {
  return JSON.stringify(sessions.map(({ waitingTime: _minutes, ...session }) => session));
}
