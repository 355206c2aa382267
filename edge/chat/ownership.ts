// Nobody owns a conversation for whom no place was taken first: the workspace's routing is asked, then the conversation, and both are kept in agreement.
import { system } from '../../domain/actor.ts';
import type { Conversation } from '../../domain/conversation/conversation.ts';
import type { ConversationEventType } from '../../domain/conversation/events.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/decider.ts';
import type { Aggregates, Outcome } from '../../domain/log/aggregates.ts';
import type { StoredCommit } from '../../domain/log/commit.ts';
import { LogUnreachable } from '../../domain/log/log-unreachable.ts';
import type { Address, Subjects } from '../../domain/log/subjects.ts';
import {
  holderOf,
  type Routing,
  type RoutingEvent,
  type RoutingRequest,
} from '../../domain/workspace/routing.ts';
import { type Directory, type KnownUser, nameOf } from '../identity/directory.ts';
import type { Conversations } from './conversations.ts';
import type { Online } from './online.ts';
import { capacityOf } from './roster.ts';

export type RoutingAggregates = Aggregates<Routing, RoutingRequest, RoutingEvent>;

export interface OwnershipParts {
  readonly routing: RoutingAggregates;
  readonly conversations: Conversations;
  readonly subjects: Subjects;
  readonly directory: Directory;
  readonly online: Pick<Online, 'agents'>;
  /** A new UUIDv7. */
  readonly newCommand: () => string;
  /** Hears of what could not be settled and is left to the worker. */
  readonly onFault: (fault: unknown) => void;
}

/** How an agent is to become the owner. */
export interface Taking {
  readonly agent: KnownUser;
  /** Whether who wants it so may give the agent more than they take. */
  readonly mayExceed: boolean;
  /** Refused where another agent has it. */
  readonly onlyIfFree: boolean;
  /** Version of the conversation as of which this is wanted. */
  readonly asOf: number;
}

/** After which somebody else, or nobody, may have the conversation. */
const CHANGES_OWNER: ReadonlySet<string> = new Set([
  'AgentAssigned',
  'ConversationTransferred',
  'ConversationQueued',
  'ConversationReturnedToAi',
  'ConversationClosed',
  'ConversationReopened',
  'ConversationErased',
] satisfies ConversationEventType[]);

export class Ownership {
  readonly #parts: OwnershipParts;

  constructor(parts: OwnershipParts) {
    this.#parts = parts;
    parts.conversations.onStored((stored, state) => this.#follow(stored, state));
  }

  /**
   * Takes a place at the agent and then does `carryOut`, which makes the agent the owner; `overCapacity` says
   * whether that is more than they take. Refuses with `at-capacity` or `already-assigned`, naming who; where
   * the conversation refuses, the place is free again.
   */
  async take(
    address: Address,
    taking: Taking,
    carryOut: (overCapacity: boolean) => Promise<Outcome<Conversation>>,
  ): Promise<Outcome<Conversation>> {
    const reserved = await this.reserve(address, taking);
    if (isRefusal(reserved)) return reserved;
    const done = await carryOut(reserved.overCapacity);
    // Where nobody knows whether it was carried out, the worker finds out.
    const unknown = isRefusal(done) && done.refused === 'unavailable';
    // Two who hand it over at once may be carried out in the other order than their places were taken in.
    if (
      !unknown &&
      (isRefusal(done) || done.repeated || done.unchanged || !this.#agrees(address, done.state))
    )
      await this.settle(address, true).catch((fault: unknown) => this.#leave(fault));
    return done;
  }

  /** The place alone. */
  async reserve(address: Address, taking: Taking): Promise<{ readonly overCapacity: boolean } | Refusal> {
    const first = await this.#reserve(address, taking);
    if (!isRefusal(first)) return first;
    // What ended or was put back a moment ago elsewhere may not be settled yet: nobody is refused for that.
    if (first.refused === 'already-assigned') await this.settle(address);
    else if (first.refused === 'at-capacity')
      await this.#settleAll(address.workspace, String(taking.agent.number));
    else return first;
    const second = await this.#reserve(address, taking);
    if (!isRefusal(second)) return second;
    if (second.refused === 'already-assigned') return this.#named(address, second);
    return second.refused === 'at-capacity' ? refuse('at-capacity', nameOf(taking.agent)) : second;
  }

  /**
   * Brings the routing into agreement with what the conversation itself says now. `final`: also where a place
   * was taken that the conversation has not followed, since whoever took it has failed.
   */
  async settle(address: Address, final = false): Promise<void> {
    const { state, version } = await this.#parts.conversations.load(address);
    await this.#settle(address, version, state, final);
  }

  /**
   * The same where it was heard how the conversation is: costs nothing where the routing agrees with that. Where
   * it does not, the conversation itself is asked, since what was heard may be old. False: that could not be
   * done now.
   */
  async agree(address: Address, state: Conversation): Promise<boolean> {
    if (this.#agrees(address, state)) return true;
    const now = await this.#parts.conversations.load(address);
    return this.#settle(address, now.version, now.state, false);
  }

  #agrees(address: Address, state: Conversation): boolean {
    const held = this.#parts.routing.peek(this.#parts.subjects.routing(address.workspace));
    return held !== undefined && holderOf(held.state, address.id)?.agent === ownerOf(state);
  }

  async #reserve(
    address: Address,
    { agent, mayExceed, onlyIfFree, asOf }: Taking,
  ): Promise<{ readonly overCapacity: boolean } | Refusal> {
    const { routing, subjects, directory, newCommand } = this.#parts;
    const id = String(agent.number);
    const done = await routing.handle(subjects.routing(address.workspace), {
      type: 'ReserveAgent',
      data: {
        conversation: address.id,
        agent: id,
        asOf,
        attended: this.#isThere(address.workspace, id),
        capacity: capacityOf(directory, agent),
        mayExceed,
        onlyIfFree,
      },
      actor: system,
      command: newCommand(),
    });
    if (isRefusal(done)) return done;
    return { overCapacity: holderOf(done.state, address.id)?.place.overCapacity ?? false };
  }

  /** Notes of an agent who has a place that they are connected by now: from then on they are missed. */
  async attend(address: Address, agent: string, asOf: number): Promise<void> {
    const { routing, subjects, newCommand } = this.#parts;
    const data = { conversation: address.id, agent, asOf, attended: true, capacity: 0 };
    await routing.handle(subjects.routing(address.workspace), {
      type: 'ReserveAgent',
      // Refused where the place is gone meanwhile.
      data: { ...data, mayExceed: false, onlyIfFree: true },
      actor: system,
      command: newCommand(),
    });
  }

  /** Every event that changes who has a conversation is followed at once by the process that stored it. */
  #follow({ address, commit, lastVersion }: StoredCommit, state: Conversation): void {
    if (!commit.events.some(({ type }) => CHANGES_OWNER.has(type))) return;
    if (this.#agrees(address, state)) return;
    this.#settle(address, lastVersion, state, false).catch((fault: unknown) => this.#leave(fault));
  }

  /** The worker looks again. */
  #leave(fault: unknown): void {
    if (!(fault instanceof LogUnreachable)) this.#parts.onFault(fault);
  }

  /** False where the routing had no time for it. */
  async #settle(address: Address, asOf: number, state: Conversation, final: boolean): Promise<boolean> {
    const { routing, subjects, directory, newCommand } = this.#parts;
    const owner = ownerOf(state);
    const user = owner === undefined ? undefined : directory.user(address.workspace, owner);
    const done = await routing.handle(subjects.routing(address.workspace), {
      type: 'SettleConversation',
      data: {
        conversation: address.id,
        owner: owner ?? null,
        asOf,
        had: state.lastAgent ? { agent: state.lastAgent.id, since: state.lastAgent.since } : null,
        attended: owner !== undefined && this.#isThere(address.workspace, owner),
        capacity: user ? capacityOf(directory, user) : 0,
        // What was erased is taken by nobody any more, and says of nobody that they had it.
        final: final || state.status === 'erased',
      },
      actor: system,
      command: newCommand(),
    });
    return !isRefusal(done);
  }

  /** Looks whether an agent has what the routing believes. */
  async #settleAll(workspace: string, agent: string): Promise<void> {
    const { routing, subjects, conversations } = this.#parts;
    const { state } = await routing.load(subjects.routing(workspace));
    const settle = async (conversation: string) => {
      const address = subjects.conversation(workspace, conversation);
      const found = await conversations.load(address);
      if (ownerOf(found.state) !== agent) await this.#settle(address, found.version, found.state, false);
    };
    await Promise.all(Object.keys(state.desks[agent]?.places ?? {}).map(settle));
  }

  async #named(address: Address, refusal: Refusal): Promise<Refusal> {
    const { routing, subjects, directory } = this.#parts;
    const { state } = await routing.load(subjects.routing(address.workspace), { confirm: false });
    const holder = holderOf(state, address.id);
    const user = holder && directory.user(address.workspace, holder.agent);
    return user ? refuse(refusal.refused, nameOf(user)) : refusal;
  }

  #isThere(workspace: string, agent: string): boolean {
    return this.#parts.online.agents(workspace).has(Number(agent));
  }
}

/** The agent (public number) who has the conversation; undefined: nobody, or it has ended. */
export function ownerOf({ status, owner }: Conversation): string | undefined {
  return status === 'open' && owner.kind === 'agent' ? owner.agent.id : undefined;
}
