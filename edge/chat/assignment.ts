// Gives the conversations of the support dialect to agents by itself (seed 002: "max 2 users per agent"). The whole routing will take its place.
import { randomUUID } from 'node:crypto';
import type { Conversation } from '../../domain/conversation/conversation.ts';
import { isRefusal } from '../../domain/decider.ts';
import type { Done } from '../../domain/log/aggregates.ts';
import type { StoredCommit } from '../../domain/log/commit.ts';
import type { KeyValue, Log } from '../../domain/log/log.ts';
import { type ReadModels, ReadModelsDown } from '../../projections/read-models.ts';
import type { Directory, KnownUser } from '../identity/directory.ts';
import { AssignmentTurns } from './assignment-turns.ts';
import type { Conversations, Desk } from './desk.ts';
import type { Online } from './online.ts';

export interface AssignmentParts {
  readonly conversations: Pick<Conversations, 'onStored'>;
  readonly desk: Pick<Desk, 'give'>;
  readonly log: Pick<Log, 'head' | 'subjects'>;
  readonly directory: Directory;
  readonly online: Pick<Online, 'available' | 'onChange'>;
  readonly readModels: Pick<ReadModels, 'assignment' | 'freshness'>;
  readonly leases: KeyValue;
  readonly onFault: (fault: unknown) => void;
}

/** The dialect whose conversations are given out, as their origin has it. */
const CHANNEL = 'support';
/** What may leave an agent with room for another conversation, or a conversation without an agent. */
const FREES: ReadonlySet<string> = new Set([
  'ConversationClosed',
  'ConversationQueued',
  'ConversationReopened',
  'ConversationTransferred',
  'ConversationReturnedToAi',
  'ConversationErased',
  'HumanRequested',
]);
/** Waiting conversations looked at in one go, and new ones that wait for an answer at once. */
const MOST = 200;
/** Milliseconds: what happens within them is one occasion; a new conversation's answer waits so long; lists may lag so long. */
const TOGETHER = 50;
const ANSWER_WITHIN = 1_500;
const LAG_WITHIN = 1_000;
/** Milliseconds until it is tried again where something was in the way; and where nothing told that there is something to do. */
const AGAIN_AFTER = 2_000;
const LOOK_EVERY = 15_000;

interface Newcomer {
  readonly conversation: string;
  /** ISO 8601. */
  readonly queuedAt: string;
  readonly answer: (given: Done<Conversation> | undefined) => void;
}

interface Office {
  readonly newcomers: Map<string, Newcomer>;
  /** When each agent was last given one, by `performance.now()`. */
  readonly lastGiven: Map<number, number>;
  running: Promise<void> | undefined;
  again: boolean;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** An agent with room for more. */
interface Free {
  readonly user: KnownUser;
  load: number;
  readonly capacity: number;
}

/**
 * A conversation goes to the online agent, not away, who has the fewest open ones and room for another; of several,
 * to who was given none for longest. Nobody is free: it waits, and is given first once somebody is.
 */
export class Assignment {
  readonly #parts: AssignmentParts;
  readonly #turns: AssignmentTurns;
  readonly #offices = new Map<string, Office>();
  readonly #stop: (() => void)[];
  #closed = false;

  constructor(parts: AssignmentParts) {
    this.#parts = parts;
    this.#turns = new AssignmentTurns(parts.leases, randomUUID());
    // An edge that died between an end and what follows from it has left that to the others.
    const timer = setInterval(() => {
      for (const workspace of this.#offices.keys()) this.#soon(workspace);
    }, LOOK_EVERY).unref();
    this.#stop = [
      () => clearInterval(timer),
      parts.online.onChange((workspace) => this.#soon(workspace)),
      parts.directory.onChange(({ kind, workspace }) => {
        const concerns = kind === 'user' || kind === 'settings';
        if (concerns && this.#offices.has(workspace)) this.#soon(workspace);
      }),
    ];
    parts.conversations.onStored((stored) => this.#hear(stored));
  }

  /**
   * Gives a conversation that has just begun, as `begun` says, to an agent; undefined where none is free, or
   * known to be in time: then it waits.
   */
  given(
    workspace: string,
    conversation: string,
    begun: Done<Conversation>,
  ): Promise<Done<Conversation> | undefined> {
    const office = this.#office(workspace);
    const full = office.newcomers.size >= MOST;
    if (full || this.#closed || this.#parts.online.available(workspace).size === 0)
      return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const answer = (given: Done<Conversation> | undefined) => {
        clearTimeout(timer);
        office.newcomers.delete(conversation);
        resolve(given);
      };
      const timer = setTimeout(() => answer(undefined), ANSWER_WITHIN);
      office.newcomers.set(conversation, { conversation, queuedAt: begun.state.startedAt, answer });
      this.#run(workspace, office);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const stop of this.#stop) stop();
    for (const { newcomers, timer } of this.#offices.values()) {
      clearTimeout(timer);
      for (const { answer } of newcomers.values()) answer(undefined);
    }
    await Promise.all([...this.#offices.values()].map(({ running }) => running));
  }

  #hear(stored: StoredCommit): void {
    const { workspace } = stored.address;
    if (this.#closed || !stored.commit.events.some(({ type }) => FREES.has(type))) return;
    if (this.#parts.online.available(workspace).size > 0) this.#soon(workspace);
  }

  #office(workspace: string): Office {
    const known = this.#offices.get(workspace);
    if (known) return known;
    const office: Office = {
      newcomers: new Map(),
      lastGiven: new Map(),
      running: undefined,
      again: false,
      timer: undefined,
    };
    this.#offices.set(workspace, office);
    return office;
  }

  #soon(workspace: string, ms = TOGETHER): void {
    if (this.#closed) return;
    const office = this.#office(workspace);
    office.timer ??= setTimeout(() => {
      office.timer = undefined;
      this.#run(workspace, office);
    }, ms).unref();
  }

  /** One run at a time; what comes up during one is looked at by the next. */
  #run(workspace: string, office: Office): void {
    if (office.running) {
      office.again = true;
      return;
    }
    office.again = false;
    office.running = this.#giveOut(workspace, office)
      .catch((fault: unknown) => {
        // While the lists are away everybody waits; who is in the way otherwise is told to the log.
        if (!(fault instanceof ReadModelsDown) && !this.#closed) this.#parts.onFault(fault);
        return 'later' as const;
      })
      .then((ended) => {
        office.running = undefined;
        // Who came while it ran is looked at by the next run.
        if (ended === 'later' || !office.again)
          for (const { answer } of office.newcomers.values()) answer(undefined);
        if (this.#closed) return;
        if (ended === 'later') this.#soon(workspace, AGAIN_AFTER);
        else if (office.again) this.#run(workspace, office);
        else if (this.#parts.online.available(workspace).size === 0 && office.timer === undefined)
          this.#offices.delete(workspace);
      });
  }

  async #giveOut(workspace: string, office: Office): Promise<'done' | 'later'> {
    const { online } = this.#parts;
    if (online.available(workspace).size === 0) return 'done';
    if (!(await this.#isCurrent())) return 'later';
    // Mostly nobody waits: that costs one look, and no turn.
    if (office.newcomers.size === 0 && (await this.#find(workspace)).waiting.length === 0) return 'done';
    const turn = await this.#turns.take(workspace);
    if (!turn) return 'later';
    try {
      // What others gave in turns before this one, and who began to wait before those that the list shows.
      if (!(await this.#isCurrent())) return 'later';
      const { waiting, open } = await this.#find(workspace);
      const free = this.#freeAgents(workspace, open);
      for (const { conversation } of inOrder(waiting, office.newcomers)) {
        const agent = this.#choose(free, office);
        if (!agent || this.#closed) return 'done';
        if (!turn.holds()) return 'later';
        const given = await this.#assign(workspace, conversation, agent.user);
        if (!given) continue;
        agent.load++;
        office.lastGiven.set(agent.user.number, performance.now());
        office.newcomers.get(conversation)?.answer(given);
      }
      return waiting.length < MOST ? 'done' : 'later';
    } finally {
      await turn.end();
    }
  }

  #find(workspace: string) {
    return this.#parts.readModels.assignment.findAssignable({ workspace, channel: CHANNEL, most: MOST });
  }

  /** Whether the list knows of everything that the log has at this moment: only then is it counted, and in its order. */
  async #isCurrent(): Promise<boolean> {
    const { log, readModels } = this.#parts;
    const chats = log.subjects.streams().filter(({ family }) => family === 'chat');
    const known = await Promise.all(
      chats.map(async ({ name: stream }) => {
        const sequence = await log.head(stream);
        return readModels.freshness.waitFor(['inbox'], { stream, sequence }, LAG_WITHIN);
      }),
    );
    return known.every((each) => each === 'fresh');
  }

  #freeAgents(workspace: string, open: ReadonlyMap<string, number>): Free[] {
    const { directory, online } = this.#parts;
    const usual = directory.workspace(workspace)?.settings.maxChats ?? 0;
    return [...online.available(workspace)].flatMap((number) => {
      const user = directory.user(workspace, number);
      if (!user?.accepting) return [];
      return [{ user, load: open.get(String(number)) ?? 0, capacity: user.profile.maxChats ?? usual }];
    });
  }

  #choose(agents: readonly Free[], { lastGiven }: Office): Free | undefined {
    const given = ({ user }: Free) => lastGiven.get(user.number) ?? 0;
    return agents
      .filter(({ load, capacity }) => load < capacity)
      .sort((a, b) => a.load - b.load || given(a) - given(b) || a.user.number - b.user.number)[0];
  }

  /** Undefined where somebody else has it already, or it has ended: then there is nothing to do. */
  async #assign(
    workspace: string,
    conversation: string,
    to: KnownUser,
  ): Promise<Done<Conversation> | undefined> {
    const done = await this.#parts.desk.give(workspace, conversation, to);
    return isRefusal(done) || done.unchanged ? undefined : done;
  }
}

/** Longest waiting first; those that the list does not show yet among them. */
function inOrder(
  waiting: readonly { readonly conversation: string; readonly queuedAt: string }[],
  newcomers: ReadonlyMap<string, Newcomer>,
): readonly { readonly conversation: string; readonly queuedAt: string }[] {
  const listed = new Set(waiting.map(({ conversation }) => conversation));
  const unlisted = [...newcomers.values()].filter(({ conversation }) => !listed.has(conversation));
  return [...waiting, ...unlisted].sort((a, b) =>
    a.queuedAt < b.queuedAt ? -1 : a.queuedAt > b.queuedAt ? 1 : 0,
  );
}
