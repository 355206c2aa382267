// Which agents are online: those with a socket at any edge; and which of them are away. Edges tell all processes, at once by signals and for good by leases.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { KeyValue, Signals } from '../../domain/log/log.ts';
import { signalAmong } from '../../domain/log/subjects.ts';
import type { Directory } from '../identity/directory.ts';
import { type Connected, ConnectedAgents } from './connected-agents.ts';
import { type PresenceWord, type Present, presenceWord, presentOf, SILENT_AFTER, told } from './presence.ts';
import { PresenceLeases } from './presence-leases.ts';

export interface OnlineParts {
  readonly signals: Signals;
  readonly leases: KeyValue;
  readonly directory: Pick<Directory, 'workspace'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly onFault: (fault: unknown) => void;
}

/** Milliseconds between two words of an edge that nothing changed at, two readings of the leases, and two looks at who is away. */
const TELL_EVERY = 5_000;
const READ_EVERY = 10_000;
const LOOK_EVERY = 1_000;
/** Milliseconds within which changes are told together. */
const TOGETHER = 50;
/** Edges that are believed. */
const MAX_EDGES = 1_000;

/** `hello`: of a new process, which wants to know of the others. */
const signal = presenceWord.extend({ hello: z.boolean() });

interface Heard {
  /** By `performance.now()`. */
  readonly at: number;
  readonly word: number;
  readonly present: Present;
}

const NOBODY: Present = new Map();

export class Online {
  /** Settles once it is known what all edges said before this process began; never rejects. */
  readonly ready: Promise<void>;
  readonly #parts: OnlineParts;
  readonly #edge = randomUUID();
  readonly #here: ConnectedAgents;
  readonly #others = new Map<string, Heard>();
  readonly #listeners = new Set<(workspace: string) => void>();
  readonly #leases: PresenceLeases;
  readonly #subscription;
  readonly #timers: readonly ReturnType<typeof setInterval>[];
  #telling: ReturnType<typeof setTimeout> | undefined;
  #words = 0;
  #toldAt = Number.NEGATIVE_INFINITY;
  /** From its first socket on: a process that never has one, such as a worker, has nothing to tell. */
  #tells = false;

  constructor(parts: OnlineParts) {
    this.#parts = parts;
    const { signals, directory } = parts;
    this.#here = new ConnectedAgents({
      awayAfter: (workspace) => directory.workspace(workspace)?.settings.awayAfterMinutes ?? null,
      onChange: (workspace) => {
        this.#announce(workspace);
        this.#tellSoon();
      },
    });
    this.#leases = new PresenceLeases({ ...parts, edge: this.#edge, onWord: (word) => this.#take(word) });
    this.#subscription = signals.subscribe(signalAmong('present'), (payload) => this.#hear(payload));
    this.#timers = [
      setInterval(() => void this.#leases.read(), READ_EVERY).unref(),
      setInterval(() => this.#tell(), TELL_EVERY).unref(),
      setInterval(() => {
        this.#here.look();
        this.#forgetSilent();
      }, LOOK_EVERY).unref(),
    ];
    this.#say(true);
    this.ready = this.#leases.read();
  }

  /** Public numbers of the agents of a workspace who have a socket anywhere. */
  agents(workspace: string): ReadonlySet<number> {
    return new Set(this.#of(workspace).map(([number]) => number));
  }

  /** Those of them who are not away: who have shown activity on some socket within the workspace's `awayAfterMinutes`. */
  available(workspace: string): ReadonlySet<number> {
    return new Set(this.#of(workspace).flatMap(([number, state]) => (state === 'active' ? [number] : [])));
  }

  /** A socket of that agent was opened here. */
  came(workspace: string, number: number): Connected {
    this.#tells = true;
    return this.#here.came(workspace, number);
  }

  /** Hears in which workspaces somebody came, went, is away or is back, here or elsewhere; the answer ends that. */
  onChange(listener: (workspace: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Says that nobody is here any more, and hears nothing further. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    clearTimeout(this.#telling);
    this.#here.clear();
    if (this.#tells) this.#say(false);
    this.#subscription.close();
    await this.#leases.close();
  }

  #of(workspace: string): readonly (readonly [number, 'active' | 'away'])[] {
    const elsewhere = [...this.#others.values()].flatMap(({ present }) => [
      ...(present.get(workspace) ?? []),
    ]);
    return [...this.#here.of(workspace), ...elsewhere];
  }

  #announce(workspace: string): void {
    for (const listener of this.#listeners) listener(workspace);
  }

  #tellSoon(): void {
    // The first change is told at once: somebody may wait for whoever came.
    const since = performance.now() - this.#toldAt;
    this.#telling ??= setTimeout(
      () => {
        this.#telling = undefined;
        this.#tell();
      },
      Math.max(0, TOGETHER - since),
    ).unref();
  }

  #tell(): void {
    if (!this.#tells) return;
    this.#toldAt = performance.now();
    this.#leases.say(this.#say(false));
  }

  #say(hello: boolean): PresenceWord {
    const workspaces = told(this.#here.present);
    const word = { edge: this.#edge, word: ++this.#words, at: this.#parts.now(), workspaces };
    this.#parts.signals.publish(signalAmong('present'), { ...word, hello } satisfies z.infer<typeof signal>);
    return word;
  }

  #hear(payload: unknown): void {
    const { data } = signal.safeParse(payload);
    if (!data || data.edge === this.#edge) return;
    if (data.hello) this.#tellSoon();
    this.#take(data);
  }

  #take(said: PresenceWord): void {
    const { edge, word } = said;
    const before = this.#others.get(edge);
    if (before && word < before.word) return;
    if (!before && this.#others.size >= MAX_EDGES) return;
    const present = presentOf(said);
    this.#others.set(edge, { at: performance.now(), word, present });
    this.#announceChanges(before?.present ?? NOBODY, present);
  }

  /** An edge that was killed says nothing any more: its agents are gone with it. */
  #forgetSilent(): void {
    for (const [edge, { at, present }] of this.#others) {
      if (performance.now() - at < SILENT_AFTER) continue;
      this.#others.delete(edge);
      this.#announceChanges(present, NOBODY);
    }
  }

  #announceChanges(before: Present, after: Present): void {
    for (const workspace of new Set([...before.keys(), ...after.keys()])) {
      const was = before.get(workspace);
      const is = after.get(workspace);
      const same =
        was?.size === is?.size && [...(was ?? [])].every(([number, state]) => is?.get(number) === state);
      if (!same) this.#announce(workspace);
    }
  }
}
