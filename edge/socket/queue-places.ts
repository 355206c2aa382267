// Tells visitors who wait their place in the queue: when they come, and whenever it changes.
import type { Queue, Standing } from '../chat/queue.ts';
import type { Hearer, Member } from './hearer.ts';
import type { Hub } from './hub.ts';
import type { QueueWatch } from './queue-watch.ts';

interface Office {
  /** Sockets of visitors, waiting or not. */
  readonly visitors: Set<Hearer>;
  /** Which place was told last, by conversation. */
  told: Map<string, string>;
  readonly stop: () => void;
}

export class QueuePlaces {
  readonly #queue: Queue;
  readonly #hub: Hub;
  readonly #watch: QueueWatch;
  readonly #offices = new Map<string, Office>();

  constructor(queue: Queue, hub: Hub, watch: QueueWatch) {
    this.#queue = queue;
    this.#hub = hub;
    this.#watch = watch;
  }

  /** A visitor's socket has come: it is told its place now, if it waits, and whenever that changes until it leaves. Never throws. */
  async follow({ peer, channel, followed: { address } }: Member): Promise<void> {
    const { workspace, id } = address;
    const office = this.#office(workspace);
    office.visitors.add(peer);
    await this.#watch.whileThere(async () => {
      const standing = await this.#queue.standing(workspace, id);
      if (!standing) return;
      const place = keyOf(standing);
      if (office.told.get(id) !== place) this.#tell(office, id, standing, place);
      else if (peer.open) {
        const frame = channel.place?.(address, standing);
        if (frame !== undefined) peer.send(frame);
      }
    });
  }

  /** A socket is gone, or was never here. */
  leave(peer: Hearer, workspace: string): void {
    const office = this.#offices.get(workspace);
    office?.visitors.delete(peer);
    if (office?.visitors.size !== 0) return;
    office.stop();
    this.#offices.delete(workspace);
  }

  #office(workspace: string): Office {
    const known = this.#offices.get(workspace);
    if (known) return known;
    const office: Office = {
      visitors: new Set(),
      told: new Map(),
      stop: this.#watch.watch(workspace, () => this.#look(workspace, office)),
    };
    this.#offices.set(workspace, office);
    return office;
  }

  async #look(workspace: string, office: Office): Promise<void> {
    const standings = await this.#queue.standings(workspace);
    const before = office.told;
    office.told = new Map();
    for (const [conversation, standing] of standings) {
      if (!this.#hub.follow.get(conversation)) continue;
      const place = keyOf(standing);
      if (before.get(conversation) === place) office.told.set(conversation, place);
      else this.#tell(office, conversation, standing, place);
    }
  }

  #tell(office: Office, conversation: string, standing: Standing, place: string): void {
    office.told.set(conversation, place);
    this.#hub.tellPlace(conversation, standing);
  }
}

const keyOf = ({ position, estimatedWait }: Standing): string => `${position} ${estimatedWait}`;
