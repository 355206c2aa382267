// Tells the widget document's agents who waits, whenever that changes.

import type { Floor } from '../../../socket/floor.ts';
import type { Peer } from '../../../socket/peer.ts';
import type { QueueWatch } from '../../../socket/queue-watch.ts';
import { spell } from '../frames.ts';
import { type WaitingSession, waitingShape } from '../shapes.ts';

const MOST = 500;

interface Office {
  /** Agents' sockets, and what each was told last. */
  readonly agents: Map<Peer, string>;
  readonly stop: () => void;
}

export class WidgetQueue {
  readonly #floor: Floor;
  readonly #watch: QueueWatch;
  readonly #offices = new Map<string, Office>();

  constructor(floor: Floor) {
    this.#floor = floor;
    this.#watch = floor.queueWatch;
  }

  /** An agent's socket is to be told who waits, whenever that changes. */
  watch(peer: Peer, workspace: string): void {
    let office = this.#offices.get(workspace);
    if (!office) {
      const agents = new Map<Peer, string>();
      office = { agents, stop: this.#watch.watch(workspace, () => this.#look(workspace, agents)) };
      this.#offices.set(workspace, office);
    }
    office.agents.set(peer, '');
  }

  /** Tells an agent's socket who waits now. False where the lists are away. */
  tellWaiting(peer: Peer, workspace: string): Promise<boolean> {
    return this.#watch.whileThere(async () => {
      this.#tell(peer, this.#offices.get(workspace)?.agents, await this.#waiting(workspace));
    });
  }

  /** A socket is gone. */
  leave(peer: Peer, workspace: string): void {
    const office = this.#offices.get(workspace);
    office?.agents.delete(peer);
    if (office?.agents.size !== 0) return;
    office.stop();
    this.#offices.delete(workspace);
  }

  async #look(workspace: string, agents: Map<Peer, string>): Promise<void> {
    const waiting = await this.#waiting(workspace);
    const shown = keyOf(waiting);
    for (const [peer, told] of agents) if (told !== shown) this.#tell(peer, agents, waiting, shown);
  }

  async #waiting(workspace: string): Promise<WaitingSession[]> {
    const { queue, directory, now } = this.#floor.edge;
    const waiting = await queue.waiting(workspace, MOST);
    return waiting.map((one) => waitingShape(one, directory, now()));
  }

  #tell(
    peer: Peer,
    agents: Map<Peer, string> | undefined,
    sessions: WaitingSession[],
    shown = keyOf(sessions),
  ): void {
    if (agents?.has(peer)) agents.set(peer, shown);
    const timestamp = new Date(this.#floor.edge.now()).toISOString();
    peer.send(spell({ type: 'waiting_sessions', sessions, timestamp }));
  }
}

/** What of a list is worth telling anew: not that everybody has waited a minute longer. */
function keyOf(sessions: readonly WaitingSession[]): string {
  return JSON.stringify(sessions.map(({ waitingTime: _minutes, ...session }) => session));
}
