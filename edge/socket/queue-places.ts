// Tells visitors who wait their place in the queue: when they come, and whenever it changes.
import type { Address } from '../../domain/log/subjects.ts';
import type { Place, Queue, Standing } from '../chat/queue.ts';
import type { Followed } from './followed.ts';
import type { Hearer, Member } from './hearer.ts';
import type { Hub } from './hub.ts';
import type { QueueWatch } from './queue-watch.ts';

/** When the department of a conversation is served again; undefined: it is now. */
export type Closure = (address: Address) => Promise<string | null | undefined>;

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
  readonly #closure: Closure;
  readonly #offices = new Map<string, Office>();

  constructor(queue: Queue, hub: Hub, watch: QueueWatch, closure: Closure) {
    this.#closure = closure;
    this.#queue = queue;
    this.#hub = hub;
    this.#watch = watch;
  }

  /**
   * A visitor's socket has come: it is told its place now, if the lists have it waiting, and whenever that changes
   * until it leaves. Costs one look for all who come together, and reads nothing of the conversation. Never throws.
   */
  async follow({ peer, channel, followed }: Member): Promise<void> {
    const { address } = followed;
    const { workspace, id } = address;
    const office = this.#office(workspace);
    office.visitors.add(peer);
    await this.#watch.whileThere(async () => {
      await followed.opening;
      const placed = (await this.#queue.standings(workspace)).get(id);
      const place = placed && (await this.#placeOf(address, placed.standing));
      // It does not wait, or the lists do not know yet what its visitor knows: the next look does.
      if (!placed || !place || placed.version < followed.version)
        this.#watch.expect(address, followed.sequence);
      else if (office.told.get(id) !== keyOf(place)) this.#tell(office, followed, place);
      else if (peer.open) {
        const frame = channel.place?.(address, place);
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
    for (const [conversation, { standing, version }] of standings) {
      const followed = this.#hub.follow.get(conversation);
      if (!followed) continue;
      const place = await this.#placeOf(followed.address, standing);
      const told = before.get(conversation);
      if (told === keyOf(place)) office.told.set(conversation, told);
      // Its visitor was told of something newer, which may have been that it waits no more.
      else if (version < followed.version) this.#watch.expect(followed.address, followed.sequence);
      else this.#tell(office, followed, place);
    }
  }

  #tell(office: Office, { address }: Followed<Member>, place: Place): void {
    office.told.set(address.id, keyOf(place));
    this.#hub.tellPlace(address.id, place);
  }

  /** Where nobody is there, an estimate from the hours in which somebody was says nothing. */
  async #placeOf(address: Address, standing: Standing): Promise<Place> {
    const opensAt = await this.#closure(address);
    return opensAt === undefined ? standing : { ...standing, estimatedWait: null, opensAt };
  }
}

const keyOf = ({ position, estimatedWait, opensAt }: Place): string =>
  `${position} ${estimatedWait} ${opensAt}`;
