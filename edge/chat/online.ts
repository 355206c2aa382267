// Which agents are online: those with a socket at any edge. Edges tell each other; nothing is stored.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Signals } from '../../domain/log/log.ts';
import { signalAmong } from '../../domain/log/subjects.ts';

/** Milliseconds between two words of an edge that nothing changed at, and after which a silent edge counts as gone. */
const TELL_EVERY = 5_000;
const SILENT_AFTER = 15_000;
/** Milliseconds within which changes are told together. */
const TOGETHER = 50;
/** Agents of one edge, and edges, that are believed. */
const MAX_AGENTS = 20_000;
const MAX_EDGES = 1_000;

/** `[workspace, agent's public number]` of everybody with a socket at that edge. `hello`: a new edge, which wants to know of the others. */
const told = z.object({
  edge: z.string().max(64),
  hello: z.boolean(),
  agents: z.array(z.tuple([z.string().max(64), z.number().int()])).max(MAX_AGENTS),
});

interface Heard {
  /** By `performance.now()`. */
  readonly at: number;
  readonly agents: ReadonlyMap<string, ReadonlySet<number>>;
}

export class Online {
  readonly #signals: Signals;
  readonly #edge = randomUUID();
  /** Sockets of each agent here, by workspace. */
  readonly #here = new Map<string, Map<number, number>>();
  readonly #others = new Map<string, Heard>();
  readonly #listeners = new Set<(workspace: string) => void>();
  readonly #subscription;
  readonly #timer;
  #telling: ReturnType<typeof setTimeout> | undefined;

  constructor(signals: Signals) {
    this.#signals = signals;
    this.#subscription = signals.subscribe(signalAmong('present'), (payload) => this.#hear(payload));
    this.#timer = setInterval(() => {
      this.#forgetSilent();
      this.#tell(false);
    }, TELL_EVERY).unref();
    this.#tell(true);
  }

  /** Public numbers of the agents of a workspace who have a socket anywhere. */
  agents(workspace: string): ReadonlySet<number> {
    const all = new Set(this.#here.get(workspace)?.keys());
    for (const { agents } of this.#others.values())
      for (const number of agents.get(workspace) ?? []) all.add(number);
    return all;
  }

  /** A socket of that agent was opened here; the answer takes it back. */
  came(workspace: string, number: number): () => void {
    const sockets = this.#here.get(workspace) ?? new Map<number, number>();
    this.#here.set(workspace, sockets);
    const before = sockets.get(number) ?? 0;
    sockets.set(number, before + 1);
    if (before === 0) this.#changed(workspace);
    let gone = false;
    return () => {
      if (gone) return;
      gone = true;
      const left = (sockets.get(number) ?? 1) - 1;
      if (left > 0) {
        sockets.set(number, left);
        return;
      }
      sockets.delete(number);
      if (sockets.size === 0) this.#here.delete(workspace);
      this.#changed(workspace);
    };
  }

  /** Hears in which workspaces somebody came or went, here or elsewhere. */
  onChange(listener: (workspace: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#telling);
    this.#here.clear();
    this.#tell(false);
    this.#subscription.close();
  }

  #changed(workspace: string): void {
    for (const listener of this.#listeners) listener(workspace);
    this.#tellSoon(false);
  }

  #tellSoon(hello: boolean): void {
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      this.#tell(hello);
    }, TOGETHER).unref();
  }

  #tell(hello: boolean): void {
    const agents = [...this.#here].flatMap(([workspace, sockets]) =>
      [...sockets.keys()].map((number): [string, number] => [workspace, number]),
    );
    this.#signals.publish(signalAmong('present'), {
      edge: this.#edge,
      hello,
      agents: agents.slice(0, MAX_AGENTS),
    });
  }

  #hear(payload: unknown): void {
    const { data } = told.safeParse(payload);
    if (!data || data.edge === this.#edge) return;
    if (data.hello) this.#tellSoon(false);
    const before = this.#others.get(data.edge)?.agents ?? new Map<string, ReadonlySet<number>>();
    const agents = new Map<string, Set<number>>();
    for (const [workspace, number] of data.agents) {
      const numbers = agents.get(workspace) ?? new Set();
      agents.set(workspace, numbers.add(number));
    }
    if (agents.size === 0) this.#others.delete(data.edge);
    else if (this.#others.size < MAX_EDGES || this.#others.has(data.edge))
      this.#others.set(data.edge, { at: performance.now(), agents });
    this.#announce(before, agents);
  }

  /** An edge that was killed says nothing any more: its agents are gone with it. */
  #forgetSilent(): void {
    for (const [edge, { at, agents }] of this.#others) {
      if (performance.now() - at < SILENT_AFTER) continue;
      this.#others.delete(edge);
      this.#announce(agents, new Map());
    }
  }

  #announce(before: Heard['agents'], after: Heard['agents']): void {
    for (const workspace of new Set([...before.keys(), ...after.keys()])) {
      const was = before.get(workspace);
      const is = after.get(workspace);
      const same = was?.size === is?.size && [...(was ?? [])].every((number) => is?.has(number));
      if (!same) for (const listener of this.#listeners) listener(workspace);
    }
  }
}
