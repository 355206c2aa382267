// Which wishes make somebody a conversation's owner, and that these go through the routing first.
import type { Actor } from '../../domain/actor.ts';
import type { ConversationRequest } from '../../domain/conversation/commands.ts';
import type { Conversation } from '../../domain/conversation/conversation.ts';
import { isRefusal } from '../../domain/decider.ts';
import type { Outcome } from '../../domain/log/aggregates.ts';
import type { Address } from '../../domain/log/subjects.ts';
import { isAdmin } from '../../domain/policies/rights.ts';
import type { Directory, KnownUser } from '../identity/directory.ts';
import { type Principal, roleOf, type UserPrincipal } from '../identity/principals.ts';
import type { Conversations } from './conversations.ts';
import { type Ownership, ownerOf, type Taking } from './ownership.ts';

export interface TakingsParts {
  readonly conversations: Conversations;
  readonly directory: Directory;
  readonly ownership: Pick<Ownership, 'take'>;
}

type Posting = Extract<ConversationRequest, { type: 'PostMessage' }>;

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
  carryOut(
    address: Address,
    caller: Principal,
    request: ConversationRequest,
    envelope: Envelope,
  ): Promise<Outcome<Conversation>> {
    if (request.type === 'PostMessage' && caller.kind === 'user')
      return this.#post(address, caller, request, envelope);
    const agent = this.#newOwner(address.workspace, request);
    const ask = { ...request, ...envelope };
    if (!agent) return this.#parts.conversations.handle(address, ask);
    const onlyIfFree = request.type === 'AcceptConversation';
    return this.#take(address, { agent, onlyIfFree, mayExceed: mayExceed(caller) }, ask);
  }

  /** Mostly whoever writes has the conversation: only where nobody has, or it has ended, a place is needed. */
  async #post(
    address: Address,
    caller: UserPrincipal,
    request: Posting,
    envelope: Envelope,
  ): Promise<Outcome<Conversation>> {
    const as = (place: Posting['data']['place']) => ({
      ...request,
      data: { ...request.data, place },
      ...envelope,
    });
    const { conversations } = this.#parts;
    const posted = await conversations.handle(address, as('needed'));
    if (!isRefusal(posted) || posted.refused !== 'place-needed') return posted;
    const taking = { agent: caller.user, onlyIfFree: true, mayExceed: mayExceed(caller) };
    const done = await this.#take(address, taking, as('taken'));
    if (!isRefusal(done)) return done;
    // Somebody else was faster: what is written joins theirs, where that is allowed. Who has no room lends a hand all the same.
    if (done.refused === 'already-assigned') return conversations.handle(address, as('needed'));
    return done.refused === 'at-capacity' ? conversations.handle(address, as('none')) : done;
  }

  async #take(
    address: Address,
    taking: Omit<Taking, 'asOf'>,
    ask: ConversationRequest & Envelope,
  ): Promise<Outcome<Conversation>> {
    const { conversations, ownership } = this.#parts;
    const { state, version } = await conversations.load(address);
    // What has ended or never was refuses by itself.
    if (!mayBeTaken(state, ask)) return conversations.handle(address, ask);
    // What the agent has already has a place from when it became theirs.
    const has = ownerOf(state) === String(taking.agent.number);
    const asOf = has && state.lastAgent ? state.lastAgent.since - 1 : version;
    return ownership.take(address, { ...taking, asOf }, (overCapacity) =>
      conversations.handle(address, marked(ask, overCapacity)),
    );
  }

  #newOwner(workspace: string, request: ConversationRequest): KnownUser | undefined {
    const { directory } = this.#parts;
    switch (request.type) {
      case 'AssignAgent':
      case 'AcceptConversation':
      case 'ReopenConversation':
        return directory.user(workspace, request.data.agent.id);
      case 'TransferConversation':
        return directory.user(workspace, request.data.to.id);
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

function marked<Ask extends ConversationRequest>(ask: Ask, overCapacity: boolean): Ask {
  return overCapacity ? { ...ask, data: { ...ask.data, overCapacity } } : ask;
}
