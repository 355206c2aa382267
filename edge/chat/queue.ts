// The queue as every dialect tells of it: who waits for an agent, at which place, for how much longer, and who is there to take them.
import { LRUCache } from 'lru-cache';
import type { Subjects } from '../../domain/log/subjects.ts';
import { inQueueOrder } from '../../domain/policies/routing.ts';
import type { QueuedRow, QueueNow, ReadModels, Waits } from '../../projections/read-models.ts';
import type { Directory } from '../identity/directory.ts';
import type { Conversations } from './conversations.ts';
import type { Online } from './online.ts';
import { Rounds } from './rounds.ts';

/** A conversation that waits for an agent: queued, and nobody's. */
export interface Waiting {
  readonly conversation: string;
  /** The widget's id. */
  readonly widget: string;
  readonly visitorName: string | undefined;
  /** Since when, ISO 8601. */
  readonly queuedAt: string;
  /** A human was asked for. */
  readonly escalated: boolean;
}

/** Where a conversation stands in the queue. */
export interface Standing {
  /** From 1. */
  readonly position: number;
  /**
   * Whole minutes, at least 1: the position divided by how many conversations a minute were taken from the
   * whole queue within the last hour, or where none was, within the last 24. Null: none was, so nobody can know.
   */
  readonly estimatedWait: number | null;
}

/** What a visitor who waits is told. */
export interface Place extends Standing {
  /** Nobody is there to take it: until when, ISO 8601; null: that is not known. Left out: somebody is. */
  readonly opensAt?: string | null;
}

/** A place, and the version of the conversation as of which it is known: a newer one may have left the queue. */
export interface Placed {
  readonly standing: Standing;
  readonly version: number;
}

export interface QueueStats {
  readonly waiting: number;
  /** Agents online, not away and accepting who have fewer open conversations than they take at once. */
  readonly availableAgents: number;
  /** Mean of the waits that ended by being taken within the last 24 hours, in ms; null: none did. */
  readonly averageWaitMs: number | null;
}

export interface QueueParts {
  readonly readModels: Pick<ReadModels, 'queue'>;
  readonly directory: Pick<Directory, 'user' | 'users' | 'workspace'>;
  readonly online: Pick<Online, 'available'>;
  readonly conversations: Conversations;
  readonly subjects: Subjects;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Places that are told without counting anew; 10,000 by default. */
  readonly lookedAt?: number;
}

/** Milliseconds between two looks at one workspace's queue, however many ask. */
const LOOK_EVERY = 250;
/** How long measured waits count as news, in milliseconds. */
const WAITS_FOR = 2_000;
const LOOKED_AT = 10_000;
const WORKSPACES = 1_000;
const MINUTES = { hour: 60, day: 24 * 60 } as const;

/**
 * More urgent conversations are taken first, then those that came into the queue first: across the whole
 * workspace, or within a department once any agent works for some departments alone. All
 * methods throw ReadModelsDown while the read models are away; each answer is from a look that began after
 * it was asked for, so that who has waited for the inbox to have their write (`lists.ready`) finds it.
 */
export class Queue {
  readonly #parts: QueueParts;
  readonly #lookedAt: number;
  readonly #looks: Rounds<QueueNow>;
  readonly #waits = new LRUCache<string, Promise<Waits>>({ max: WORKSPACES, ttl: WAITS_FOR });

  constructor(parts: QueueParts) {
    this.#parts = parts;
    this.#lookedAt = parts.lookedAt ?? LOOKED_AT;
    this.#looks = new Rounds(
      (workspace) => parts.readModels.queue.findQueue({ workspace, most: this.#lookedAt }),
      LOOK_EVERY,
    );
  }

  /** Who waits for an agent, longest first; at most `most`. */
  async waiting(workspace: string, most = 500): Promise<readonly Waiting[]> {
    const { rows } = await this.#looks.ask(workspace);
    return rows.slice(0, most);
  }

  /**
   * A conversation's place; undefined where it does not wait for an agent (the AI speaks, an agent has it,
   * it has ended). Whether it waits is read from the log, so it has a place the moment it begins to wait.
   */
  async standing(workspace: string, conversation: string): Promise<Standing | undefined> {
    const { conversations, subjects, readModels } = this.#parts;
    const address = subjects.conversation(workspace, conversation);
    const { state } = await conversations.load(address, { confirm: false });
    const { status, owner, queuedAt, priority } = state;
    if (status !== 'queued' || owner.kind !== 'nobody' || queuedAt === undefined) return undefined;
    const [{ rows }, waits] = await Promise.all([this.#looks.ask(workspace), this.#waitsOf(workspace)]);
    const own = { conversation, queuedAt, priority };
    const department = this.#isShared(workspace) ? undefined : state.department;
    const last = rows.at(-1);
    const isRival = (row: QueuedRow) =>
      row.conversation !== conversation &&
      (department === undefined || row.department === department) &&
      isBefore(row, own);
    const before =
      rows.length < this.#lookedAt || (last && isBefore(own, last))
        ? rows.filter(isRival).length
        : await readModels.queue.countBefore({ workspace, conversation, queuedAt, priority, department });
    return standingAt(before + 1, waits);
  }

  /** The places of all who wait (the first `lookedAt`), at the cost of one look: for pushes to many sockets. */
  async standings(workspace: string): Promise<ReadonlyMap<string, Placed>> {
    const [{ rows }, waits] = await Promise.all([this.#looks.ask(workspace), this.#waitsOf(workspace)]);
    const shared = this.#isShared(workspace);
    const counts = new Map<string, number>();
    return new Map(
      rows.map(({ conversation, version, department }) => {
        const queue = shared ? '' : department;
        const position = (counts.get(queue) ?? 0) + 1;
        counts.set(queue, position);
        return [conversation, { standing: standingAt(position, waits), version }];
      }),
    );
  }

  /** Whether all departments share one queue: so it is while every agent works for all of them. */
  #isShared(workspace: string): boolean {
    return this.#parts.directory.users(workspace).every(({ profile }) => profile.departments.length === 0);
  }

  /** How the queue does: of one widget (by its id), or of all. Agents are the whole workspace's. */
  async stats(workspace: string, widget?: string): Promise<QueueStats> {
    const [look, waits] = await Promise.all([this.#looks.ask(workspace), this.#waitsOf(workspace)]);
    const waiting =
      widget === undefined
        ? [...look.waiting.values()].reduce((sum, n) => sum + n, 0)
        : (look.waiting.get(widget) ?? 0);
    const averageWaitMs = widget === undefined ? waits.averageMs : (waits.averageMsOf.get(widget) ?? null);
    return { waiting, availableAgents: this.#available(workspace, look), averageWaitMs };
  }

  #available(workspace: string, { open }: QueueNow): number {
    const { directory, online } = this.#parts;
    const usual = directory.workspace(workspace)?.settings.maxChats ?? 0;
    return [...online.available(workspace)].filter((number) => {
      const known = directory.user(workspace, number);
      return known?.accepting && (open.get(String(number)) ?? 0) < (known.profile.maxChats ?? usual);
    }).length;
  }

  #waitsOf(workspace: string): Promise<Waits> {
    const known = this.#waits.get(workspace);
    if (known) return known;
    const { readModels, now } = this.#parts;
    const waits = readModels.queue.findWaits({ workspace, now: new Date(now()).toISOString() });
    this.#waits.set(workspace, waits);
    // A fault is told to who asked, and to nobody after them.
    waits.catch(() => this.#waits.delete(workspace));
    return waits;
  }
}

function isBefore(
  one: Pick<QueuedRow, 'conversation' | 'queuedAt' | 'priority'>,
  other: typeof one,
): boolean {
  return inQueueOrder({ ...one, since: one.queuedAt }, { ...other, since: other.queuedAt }) < 0;
}

function standingAt(position: number, { takenInHour, takenInDay }: Waits): Standing {
  const perMinute = takenInHour > 0 ? takenInHour / MINUTES.hour : takenInDay / MINUTES.day;
  return { position, estimatedWait: perMinute > 0 ? Math.max(1, Math.ceil(position / perMinute)) : null };
}
