// Tells agents how they stand themselves: what they set in one tab holds in all, and that they are away they might not notice.
import type { ServerFrame } from '../../../../domain/wire.ts';
import type { Floor } from '../../../socket/floor.ts';
import type { Hearer } from '../../../socket/hearer.ts';

export class Themselves {
  readonly #floor: Floor;
  readonly #told = new WeakMap<Hearer, string>();
  readonly #stop: readonly (() => void)[];

  constructor(floor: Floor) {
    this.#floor = floor;
    const { directory, online } = floor.edge;
    this.#stop = [
      directory.onChange(({ kind, workspace }) => {
        if (kind === 'user') this.#look(workspace);
      }),
      online.onChange((workspace) => this.#look(workspace)),
    ];
  }

  /** Tells one who has just come, or whose standing may be another one. */
  tell(peer: Hearer): void {
    const { principal } = peer;
    if (principal?.kind !== 'user') return;
    const { directory, online } = this.#floor.edge;
    const { number } = principal.user;
    const { accepting } = directory.anyUser(number) ?? principal.user;
    const away = !online.available(principal.workspace).has(number);
    const frame = JSON.stringify({ me: { accepting, away } } satisfies ServerFrame);
    if (this.#told.get(peer) === frame) return;
    this.#told.set(peer, frame);
    peer.send(frame);
  }

  close(): void {
    for (const stop of this.#stop) stop();
  }

  #look(workspace: string): void {
    for (const peer of this.#floor.rooms.get(workspace)?.agents.keys() ?? [])
      if (this.#told.has(peer)) this.tell(peer);
  }
}
