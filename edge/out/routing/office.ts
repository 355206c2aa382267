// One workspace's routing: gives who waits to who is free, takes back from who has gone, and keeps places and conversations in agreement.
import { system } from '../../../domain/actor.ts';
import type { Conversation } from '../../../domain/conversation/conversation.ts';
import { isRefusal } from '../../../domain/decider.ts';
import { LogUnreachable } from '../../../domain/log/log-unreachable.ts';
import type { Address, Subjects } from '../../../domain/log/subjects.ts';
import { type Assignment, assignments, inQueueOrder } from '../../../domain/policies/routing.ts';
import { Slots } from '../../../domain/slots.ts';
import { holderOf, type Place, type Routing } from '../../../domain/workspace/routing.ts';
import type { Conversations } from '../../chat/conversations.ts';
import type { Online } from '../../chat/online.ts';
import { type Ownership, ownerOf, type RoutingAggregates } from '../../chat/ownership.ts';
import { rosterOf } from '../../chat/roster.ts';
import { type Directory, nameOf } from '../../identity/directory.ts';
import { isLive, type LiveConversation } from '../live/live-conversations.ts';
import type { Absences } from './absences.ts';
import type { LastAgents } from './last-agents.ts';
import { isRouted, nextServingOf, skillsOf, waitingOf, waits } from './waiting.ts';

export interface OfficeParts {
  readonly workspace: string;
  readonly routing: RoutingAggregates;
  readonly ownership: Ownership;
  readonly conversations: Conversations;
  readonly subjects: Subjects;
  readonly directory: Directory;
  readonly online: Pick<Online, 'agents' | 'available'>;
  readonly lastAgents: LastAgents;
  readonly absences: Absences;
  /** A new UUIDv7. */
  readonly newCommand: () => string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly onFault: (fault: unknown) => void;
}

/** Conversations given in one go. */
const MOST = 200;
/** Conversations compared with the routing at once: more commands than it lets wait would be turned away. */
const AT_ONCE = 200;
/** Milliseconds after which one looks in any case: no timer runs for weeks. */
const FAR = 3_600_000;
/** Milliseconds until what failed is tried again. */
const RETRY = 1_000;
/** Milliseconds until a place whose conversation has not followed is looked at again, and after which whoever took it counts as dead. */
const UNDECIDED = 250;
const FOLLOWS_WITHIN = 3_000;

export class Office {
  readonly #parts: OfficeParts;
  /** All that have not ended, with the AI's among them. */
  readonly #known = new Map<string, LiveConversation>();
  readonly #waiting = new Map<string, LiveConversation>();
  readonly #open = new Map<string, LiveConversation>();
  /** Conversations that began, changed hands or ended since the last look at the routing. */
  readonly #changed = new Map<string, LiveConversation>();
  /** Places that their conversations had not followed at the audit before, by conversation: as of when, and since when by `performance.now()`. */
  #unfollowed = new Map<string, { readonly asOf: number; readonly since: number }>();
  readonly #slots = new Slots(AT_ONCE);
  #running: Promise<void> | undefined;
  #again = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(parts: OfficeParts) {
    this.#parts = parts;
  }

  /** Takes in how a conversation is now. */
  hear(live: LiveConversation): void {
    const { id } = live.address;
    const { state } = live;
    const before = this.#known.get(id)?.state;
    this.#known.delete(id);
    this.#waiting.delete(id);
    this.#open.delete(id);
    if (waits(state)) this.#waiting.set(id, live);
    else if (ownerOf(state) !== undefined) this.#open.set(id, live);
    if (isLive(state)) this.#known.set(id, live);
    else this.#parts.lastAgents.forget(id);
    if (before && !concerns(before, state)) return;
    this.#changed.set(id, live);
    this.look();
  }

  /** Looks at once who can be given what; one look at a time, and what comes up meanwhile is for the next. */
  look(): void {
    if (this.#closed) return;
    if (this.#running) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#again = false;
    this.#running = this.#run()
      .catch((fault: unknown) => {
        if (!(fault instanceof LogUnreachable)) this.#parts.onFault(fault);
        return RETRY;
      })
      .then((later) => {
        this.#running = undefined;
        if (this.#again) this.look();
        else if (later !== undefined) this.#lookIn(later);
      });
  }

  /** Compares every place with its conversation: what was lost on the way is made up for. */
  async audit(): Promise<void> {
    const { routing, subjects, workspace } = this.#parts;
    const { state } = await routing.load(subjects.routing(workspace));
    const held = new Set<string>();
    const before = this.#unfollowed;
    this.#unfollowed = new Map();
    for (const [agent, { places }] of Object.entries(state.desks)) {
      for (const [id, place] of Object.entries(places)) {
        held.add(id);
        const open = this.#open.get(id);
        if (open && ownerOf(open.state) === agent) continue;
        const seen = before.get(id);
        const since = seen?.asOf === place.asOf ? seen.since : performance.now();
        if (performance.now() - since < FOLLOWS_WITHIN) this.#unfollowed.set(id, { asOf: place.asOf, since });
        else await this.#repair(subjects.conversation(workspace, id), agent, place);
      }
    }
    for (const [id, live] of this.#open) if (!held.has(id)) this.#changed.set(id, live);
    this.look();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #lookIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.look(), ms).unref();
  }

  /** The milliseconds until the next look, where one is due without anything happening. */
  async #run(): Promise<number | undefined> {
    // What came in the same breath is looked at together.
    await new Promise((resolve) => setImmediate(resolve));
    const { routing, subjects, workspace } = this.#parts;
    const address = subjects.routing(workspace);
    await routing.load(address);
    // Who has more than the routing knows would be given too many.
    if (!(await this.#agree())) return RETRY;
    const current = () => routing.peek(address)?.state ?? { desks: {} };
    const next = await this.#takeBack(current());
    return soonest(next, await this.#giveOut(current()));
  }

  /** Whether the routing now agrees with all that was heard; what it does not agree with yet stays among the changed. */
  async #agree(): Promise<boolean> {
    const changed = [...this.#changed];
    await Promise.all(changed.map(([id, live]) => this.#slots.run(() => this.#agreeOn(id, live))));
    return changed.every(([id, live]) => this.#changed.get(id) !== live);
  }

  async #agreeOn(id: string, live: LiveConversation): Promise<void> {
    try {
      if (!(await this.#parts.ownership.agree(live.address, live.state))) return;
    } catch (fault) {
      if (fault instanceof LogUnreachable) throw fault;
      // One that cannot be read holds up no other; the audit comes back to it.
      this.#parts.onFault(fault);
    }
    if (this.#changed.get(id) === live) this.#changed.delete(id);
  }

  /** Conversations of agents who have gone wait again, at their place. */
  async #takeBack(routing: Routing): Promise<number | undefined> {
    const { absences, conversations, subjects, workspace, newCommand } = this.#parts;
    const { gone, next } = absences.of(workspace, routing);
    await this.#attend(routing);
    const left = gone.flatMap((agent) =>
      Object.keys(routing.desks[agent]?.places ?? {}).map((id) => ({ agent, id })),
    );
    const done = await Promise.all(
      left.map(({ agent, id }) =>
        this.#slots.run(() =>
          conversations.handle(subjects.conversation(workspace, id), {
            type: 'QueueConversation',
            data: { reason: '', left: agent },
            actor: system,
            command: newCommand(),
          }),
        ),
      ),
    );
    return done.some(isRefusal) ? soonest(next, RETRY) : next;
  }

  /** Who was given something before they were connected, and is now, is missed from here on like everybody. */
  async #attend(routing: Routing): Promise<void> {
    const { online, ownership, subjects, workspace } = this.#parts;
    const here = online.agents(workspace);
    const arrived = Object.entries(routing.desks).flatMap(([agent, { places }]) =>
      here.has(Number(agent))
        ? Object.entries(places).flatMap(([id, { attended, asOf }]) =>
            attended ? [] : [{ agent, id, asOf }],
          )
        : [],
    );
    await Promise.all(
      arrived.map(({ agent, id, asOf }) =>
        this.#slots.run(() => ownership.attend(subjects.conversation(workspace, id), agent, asOf)),
      ),
    );
  }

  /** The milliseconds until there may be more to give without anything happening: a department opens, or another stands in for it. */
  async #giveOut(routing: Routing): Promise<number | undefined> {
    const { directory, workspace, lastAgents, now } = this.#parts;
    const settings = directory.workspace(workspace)?.settings;
    if (this.#waiting.size === 0 || !settings) return undefined;
    const undecided = this.#isUndecided(routing) ? UNDECIDED : undefined;
    const roster = rosterOf(this.#parts, workspace, routing);
    if (!roster.some(({ load, capacity }) => load < capacity)) return undecided;
    const held = new Set(Object.values(routing.desks).flatMap(({ places }) => Object.keys(places)));
    const skills = skillsOf(directory, workspace);
    const at = now();
    let change = undecided;
    const waiting = [...this.#waiting.values()]
      .filter(({ address, state }) => !held.has(address.id) && isRouted(state, settings))
      .flatMap((live) => {
        const preferred = settings.stickyAgent ? lastAgents.of(live) : null;
        const next = nextServingOf(live, settings, at);
        change = soonest(change, next, FAR);
        return preferred === 'looking'
          ? []
          : [waitingOf(live, { directory, settings, skills, at }, preferred ?? undefined)];
      });
    const given = assignments(roster, waiting.toSorted(inQueueOrder), MOST);
    const done = await Promise.all(given.map((each) => this.#give(each)));
    if (given.length === MOST || done.includes('again')) return 0;
    return done.includes('failed') ? soonest(change, RETRY) : change;
  }

  /** Whether a place is taken whose conversation has not followed yet: it may be given back, and no conversation tells of that. */
  #isUndecided({ desks }: Routing): boolean {
    return Object.entries(desks).some(([agent, { places }]) =>
      Object.keys(places).some((id) => {
        const open = this.#open.get(id);
        return !open || ownerOf(open.state) !== agent;
      }),
    );
  }

  /** `again`: the agent had no room any more, and the conversation still waits. `failed`: it could not be given now. */
  async #give({ conversation, agent }: Assignment): Promise<'done' | 'again' | 'failed'> {
    const { ownership, conversations, directory, workspace, newCommand } = this.#parts;
    const live = this.#waiting.get(conversation);
    const user = directory.user(workspace, agent);
    if (!live || !user) return 'done';
    const taking = { agent: user, mayExceed: false, onlyIfFree: true, asOf: live.version };
    const outcome = await ownership.take(live.address, taking, () =>
      conversations.handle(live.address, {
        type: 'AcceptConversation',
        data: { agent: { id: agent, name: nameOf(user) } },
        actor: system,
        command: newCommand(),
      }),
    );
    if (!isRefusal(outcome)) return 'done';
    return outcome.refused === 'at-capacity' ? 'again' : 'failed';
  }

  /** A place whose conversation did not follow: whoever took it died in between. What they were about to do is done. */
  async #repair(address: Address, agent: string, { asOf, overCapacity }: Place): Promise<void> {
    const { conversations, ownership, directory, routing, subjects, workspace, newCommand } = this.#parts;
    const { state, version } = await conversations.load(address);
    const user = directory.user(workspace, agent);
    // Whoever was slow may have given it back since.
    const now = holderOf((await routing.load(subjects.routing(workspace))).state, address.id);
    if (now?.agent !== agent || now.place.asOf !== asOf) return;
    if (user && version === asOf && isLive(state) && ownerOf(state) !== agent)
      await conversations.handle(address, {
        type: 'AssignAgent',
        data: { agent: { id: agent, name: nameOf(user) }, overCapacity },
        actor: system,
        command: newCommand(),
      });
    await ownership.settle(address, true);
  }
}

function soonest(...all: readonly (number | undefined)[]): number | undefined {
  const known = all.filter((ms) => ms !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}

/** Whether what routing looks at has changed. The fold keeps what stays the same as it is. */
function concerns(before: Conversation, now: Conversation): boolean {
  return (
    before.status !== now.status ||
    before.owner !== now.owner ||
    before.queuedAt !== now.queuedAt ||
    before.department !== now.department ||
    before.priority !== now.priority ||
    before.tags !== now.tags
  );
}
