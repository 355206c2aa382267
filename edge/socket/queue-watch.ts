// Notices that a workspace's queue is another one, at whichever edge that came about, and has those look who tell of it.
import { z } from 'zod';
import type { StoredCommit } from '../../domain/log/commit.ts';
import { LogUnreachable } from '../../domain/log/log-unreachable.ts';
import { type Address, signalAmong } from '../../domain/log/subjects.ts';
import { ReadModelsDown } from '../../projections/read-models.ts';
import type { Edge } from '../context.ts';

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
  'PrioritySet',
  'DepartmentSet',
  'ConversationErased',
]);

/** What edges tell each other: from which commit on a workspace's queue is another one. */
const news = z.object({
  workspace: z.string().max(64),
  stream: z.string().max(40),
  sequence: z.number().int().positive(),
});

/** Milliseconds between two looks at one workspace. */
const TOGETHER = 1_000;
/** Estimates change with the time, and word of a change may be lost: so one looks without being told. */
const ANYWAY = 10_000;
/** Milliseconds that the lists may take to have what was told of. */
const LAG = 1_000;

interface Office {
  readonly looks: Set<() => Promise<void>>;
  /** What the lists must have before they are asked: the newest commit of each stream. */
  awaited: Map<string, number>;
  timer: ReturnType<typeof setTimeout> | undefined;
  running: boolean;
  again: boolean;
  /** Milliseconds since 1970. */
  lookedAt: number;
}

export class QueueWatch {
  readonly #edge: Edge;
  readonly #onFault: (fault: unknown) => void;
  readonly #offices = new Map<string, Office>();
  readonly #subscription;
  readonly #timer;
  #closed = false;

  constructor(edge: Edge, onFault: (fault: unknown) => void) {
    this.#edge = edge;
    this.#onFault = onFault;
    const streams = new Set(edge.storage.log.subjects.streams().map(({ name }) => name));
    this.#subscription = edge.storage.signals.subscribe(signalAmong('queued'), (payload) => {
      const { data } = news.safeParse(payload);
      const { workspace, stream, sequence } = data ?? {};
      if (workspace && stream && sequence && streams.has(stream))
        this.expect({ workspace, stream }, sequence);
    });
    edge.conversations.onStored((stored) => this.#stored(stored));
    this.#timer = setInterval(() => {
      for (const [workspace, office] of this.#offices) this.#soon(workspace, office);
    }, ANYWAY).unref();
  }

  /** `look` is called after each change of that workspace's queue, once the lists know of it; at most once a second. The answer ends it. */
  watch(workspace: string, look: () => Promise<void>): () => void {
    const office = this.#office(workspace);
    office.looks.add(look);
    return () => {
      office.looks.delete(look);
      if (office.looks.size > 0 || this.#offices.get(workspace) !== office) return;
      clearTimeout(office.timer);
      this.#offices.delete(workspace);
    };
  }

  /** Has those look who watch a workspace, once the lists know of that commit. */
  expect({ workspace, stream }: Pick<Address, 'workspace' | 'stream'>, sequence: number): void {
    const office = this.#offices.get(workspace);
    if (!office) return;
    office.awaited.set(stream, Math.max(sequence, office.awaited.get(stream) ?? 0));
    this.#soon(workspace, office);
  }

  /** Does what asks the lists or the log: while these are away there is nothing to tell, and false comes back. */
  async whileThere(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (fault) {
      if (!(fault instanceof ReadModelsDown || fault instanceof LogUnreachable)) this.#onFault(fault);
      return false;
    }
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
      looks: new Set(),
      awaited: new Map(),
      timer: undefined,
      running: false,
      again: false,
      lookedAt: 0,
    };
    this.#offices.set(workspace, office);
    return office;
  }

  #stored({ address, sequence, commit }: StoredCommit): void {
    if (this.#closed || !commit.events.some(({ type }) => CHANGES.has(type))) return;
    const { workspace, stream } = address;
    this.expect(address, sequence);
    this.#edge.storage.signals.publish(signalAmong('queued'), { workspace, stream, sequence });
  }

  #soon(workspace: string, office: Office): void {
    if (office.timer) return;
    if (office.running) {
      office.again = true;
      return;
    }
    const pause = office.lookedAt + TOGETHER - this.#edge.now();
    office.timer = setTimeout(
      () => {
        office.timer = undefined;
        void this.#look(workspace, office);
      },
      Math.min(TOGETHER, Math.max(0, pause)),
    );
  }

  async #look(workspace: string, office: Office): Promise<void> {
    office.running = true;
    office.lookedAt = this.#edge.now();
    const { awaited } = office;
    office.awaited = new Map();
    await this.whileThere(async () => {
      await Promise.all(
        [...awaited].map(([stream, sequence]) =>
          this.#edge.readModels.freshness.waitFor(['inbox'], { stream, sequence }, LAG),
        ),
      );
    });
    await Promise.all([...office.looks].map((look) => this.whileThere(look)));
    office.running = false;
    if (office.again && this.#offices.get(workspace) === office) this.#soon(workspace, office);
    office.again = false;
  }
}
