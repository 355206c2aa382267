// Notes what a customer's sockets were sent as read, in a dialect that has no word for it: once the line has shown that it was alive after.
import { LogUnreachable } from '../../../../domain/log/log-unreachable.ts';
import type { Address } from '../../../../domain/log/subjects.ts';
import type { Floor } from '../../../socket/floor.ts';
import { Peer } from '../../../socket/peer.ts';

/** Milliseconds between two looks, and so between two marks of one conversation at least. */
const EVERY = 1_000;

interface Sent {
  readonly address: Address;
  /** Version of the newest message that was sent and not asked about yet; 0: none. */
  newest: number;
  /** Version up to which a sign of life is waited for, and the second since which; 0: none. */
  asked: number;
  since: number;
}

/**
 * What goes into a line that is dead already was not read: so a mark waits until one of the customer's
 * sockets answered a ping that was sent after the message. Without an answer the next connection is sent it again.
 */
export class WidgetReceipts {
  readonly #floor: Floor;
  readonly #sent = new Map<string, Sent>();
  readonly #timer;

  constructor(floor: Floor) {
    this.#floor = floor;
    this.#timer = setInterval(() => this.#look(), EVERY).unref();
  }

  /** A message is on its way to the sockets that hear that conversation through the customers' channel. */
  sent(address: Address, version: number): void {
    const sent = this.#sent.get(address.id) ?? { address, newest: 0, asked: 0, since: 0 };
    sent.newest = Math.max(sent.newest, version);
    this.#sent.set(address.id, sent);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#sent.clear();
  }

  #look(): void {
    const seconds = Math.floor(performance.now() / 1_000);
    for (const [conversation, sent] of this.#sent) {
      const peers = this.#peersOf(conversation);
      const alive = peers.find((peer) => sent.asked > 0 && peer.heardAt > sent.since);
      if (alive) {
        void this.#mark(alive, conversation, sent.asked);
        sent.asked = 0;
      }
      if (sent.asked === 0) {
        sent.asked = sent.newest;
        sent.newest = 0;
        sent.since = seconds;
      }
      // Nothing more to tell, or nobody any more who could have read it.
      if (sent.asked === 0 || peers.length === 0) this.#sent.delete(conversation);
      else for (const peer of peers) peer.ws?.ping();
    }
  }

  #peersOf(conversation: string): Peer[] {
    const members = this.#floor.hub.follow.get(conversation)?.members ?? [];
    return members.flatMap(({ peer }) =>
      peer instanceof Peer && peer.kind === 'widget-visitor' ? [peer] : [],
    );
  }

  async #mark(peer: Peer, conversation: string, upTo: number): Promise<void> {
    const { edge, onFault } = this.#floor;
    if (!peer.principal) return;
    try {
      // A refusal means that there is nothing to be marked any more.
      await edge.desk.ask(peer.principal, conversation, { type: 'MarkRead', data: { upTo } });
    } catch (fault) {
      if (!(fault instanceof LogUnreachable)) onFault(fault);
    }
  }
}
