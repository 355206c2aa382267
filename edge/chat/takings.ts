// Which wishes make somebody a conversation's owner, and that these go through the routing first.
import type { Actor } from '../../domain/actor.ts';
import type { ConversationRequest } from '../../domain/conversation/commands.ts';
import type { Conversation } from '../../domain/conversation/conversation.ts';
import { isRefusal } from '../../domain/decider.ts';
import type { Outcome } from '../../domain/log/aggregates.ts';
import type { Address } from '../../domain/log/subjects.ts';
import { isAdmin } from '../../domain/policies/rights.ts';
import type { Directory, KnownUser } from '../identity/directory.ts';
import { type Principal, roleOf } from '../identity/principals.ts';
import type { Conversations } from './desk.ts';
import { type Ownership, ownerOf } from './ownership.ts';

export interface TakingsParts {
  readonly conversations: Conversations;
  readonly directory: Directory;
  readonly ownership: Pick<Ownership, 'take'>;
}

interface Envelope {
  readonly actor: Actor;
  readonly command: string;
}

export class Takings {
  readonly #parts: TakingsParts;

  constructor(parts: TakingsParts) {
    this.#parts = parts;
  }

  /** Has a request decided; one that would make an agent the owner only once a place was taken for it. */
  async carryOut(
    address: Address,
    caller: Principal,
    request: ConversationRequest,
    envelope: Envelope,
  ): Promise<Outcome<Conversation>> {
    const { conversations, ownership } = this.#parts;
    const byAgent = request.type === 'PostMessage' && caller.kind === 'user';
    const ask = byAgent
      ? { ...request, data: { ...request.data, mayTake: false }, ...envelope }
      : { ...request, ...envelope };
    const plainly = () => conversations.handle(address, ask);
    if (byAgent) {
      const posted = await plainly();
      // Only who writes where nobody has it, or it has ended, needs a place: mostly that is its owner.
      if (!isRefusal(posted) || posted.refused !== 'place-needed') return posted;
    }
    const agent = this.#newOwner(address.workspace, caller, request);
    if (!agent) return plainly();
    const { state, version } = await conversations.load(address);
    // What has ended or never was refuses by itself, and what the agent has already is repeated by itself.
    if (!mayBeTaken(state, request) || ownerOf(state) === String(agent.number)) return plainly();
    const taking = {
      agent,
      // Whoever takes one from the queue for themselves takes no more than they take, whoever they are.
      mayExceed: request.type !== 'AcceptConversation' && mayExceed(caller),
      onlyIfFree: request.type === 'AcceptConversation' || byAgent,
      asOf: version,
    };
    const done = await ownership.take(address, taking, (overCapacity) =>
      conversations.handle(address, withPlace(ask, overCapacity)),
    );
    // Somebody else was faster: what is written joins theirs, where that is allowed.
    return byAgent && isRefusal(done) && done.refused === 'already-assigned' ? plainly() : done;
  }

  #newOwner(workspace: string, caller: Principal, request: ConversationRequest): KnownUser | undefined {
    const { directory } = this.#parts;
    switch (request.type) {
      case 'AssignAgent':
      case 'AcceptConversation':
      case 'ReopenConversation':
        return directory.user(workspace, request.data.agent.id);
      case 'TransferConversation':
        return directory.user(workspace, request.data.to.id);
      case 'PostMessage':
        return caller.kind === 'user' ? caller.user : undefined;
      default:
        return undefined;
    }
  }
}

function mayBeTaken({ status }: Conversation, { type }: ConversationRequest): boolean {
  return status === 'closed' ? REOPENS.has(type) : status === 'queued' || status === 'open';
}

/** What brings back a conversation that has ended. */
const REOPENS: ReadonlySet<ConversationRequest['type']> = new Set(['ReopenConversation', 'PostMessage']);

function mayExceed(caller: Principal): boolean {
  const role = roleOf(caller);
  return role !== 'visitor' && isAdmin(role);
}

function withPlace<Ask extends ConversationRequest>(ask: Ask, overCapacity: boolean): Ask {
  return { ...ask, data: { ...ask.data, mayTake: true, overCapacity } };
}
