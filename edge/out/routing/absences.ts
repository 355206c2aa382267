// Agents who had a connection and have none any more: for how long, and since when that counts as gone.
import type { Routing } from '../../../domain/workspace/routing.ts';
import type { Online } from '../../chat/online.ts';
import type { Directory } from '../../identity/directory.ts';

export interface AbsencesParts {
  readonly online: Pick<Online, 'agents'>;
  readonly directory: Pick<Directory, 'user'>;
  /** Milliseconds that an agent may be without a connection before their conversations go back. */
  readonly grace: number;
}

export class Absences {
  readonly #parts: AbsencesParts;
  /** Since when, by `performance.now()`, by workspace and agent. */
  readonly #since = new Map<string, number>();

  constructor(parts: AbsencesParts) {
    this.#parts = parts;
  }

  /**
   * Who of those that have conversations is gone, and the milliseconds until the next of them may be. Who was
   * given theirs and never was connected since (over HTTP alone) is not missed; who is no user any more is gone at once.
   */
  of(workspace: string, { desks }: Routing): { readonly gone: string[]; readonly next: number | undefined } {
    const { online, directory, grace } = this.#parts;
    const there = online.agents(workspace);
    const gone: string[] = [];
    let next: number | undefined;
    for (const [agent, { places }] of Object.entries(desks)) {
      const key = `${workspace} ${agent}`;
      const held = Object.values(places);
      const known = directory.user(workspace, agent) !== undefined;
      const here = known && there.has(Number(agent));
      const missed = held.length > 0 && (!known || held.some(({ attended }) => attended));
      if (!missed || here) {
        this.#since.delete(key);
        continue;
      }
      const since = this.#since.get(key) ?? performance.now();
      this.#since.set(key, since);
      const left = known ? grace - (performance.now() - since) : 0;
      if (left <= 0) gone.push(agent);
      else next = Math.min(next ?? left, left);
    }
    return { gone, next };
  }
}
