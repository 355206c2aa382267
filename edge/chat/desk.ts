// The one place where a caller's wish is carried out: finds the conversation, checks the right, has it decided. Every dialect goes through here.
import type { Conversation } from '../../domain/conversation/conversation.ts';
import type { Origin, Priority, SealedAttachment, Visitor } from '../../domain/conversation/values.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/decider.ts';
import { mintConversationId } from '../../domain/ids.ts';
import type { Done, Outcome } from '../../domain/log/aggregates.ts';
import type { Histories, History } from '../../domain/log/histories.ts';
import type { Reservations } from '../../domain/log/reservations.ts';
import type { Address, Subjects } from '../../domain/log/subjects.ts';
import { aiBegins } from '../../domain/policies/ai.ts';
import { mayAsk } from '../../domain/policies/rights.ts';
import type { Directory, KnownWidget } from '../identity/directory.ts';
import { actorOf, type Principal, roleOf, type VisitorPrincipal } from '../identity/principals.ts';
import type { Tokens } from '../identity/tokens.ts';
import type { Conversations } from './conversations.ts';
import type { Erasures } from './erasures.ts';
import type { Ownership } from './ownership.ts';
import { type Asked, requestOf } from './requests.ts';
import { Takings } from './takings.ts';

export interface DeskParts {
  readonly conversations: Conversations;
  readonly histories: Histories;
  readonly subjects: Subjects;
  readonly reservations: Reservations;
  readonly directory: Directory;
  readonly tokens: Tokens;
  /** A new UUIDv7. */
  readonly newCommand: () => string;
  readonly random: (bytes: number) => Uint8Array;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly erasures: Erasures;
  readonly ownership: Pick<Ownership, 'take'>;
  /** Whether there is a model that can answer visitors. */
  readonly hasModel: boolean;
}

/** What a visitor starts a conversation with. */
export interface Opening {
  readonly widget: KnownWidget;
  /** An id that the client chose; else one is made. */
  readonly id?: string;
  /** The client's own command id, so that a repeat starts nothing anew. */
  readonly command?: string;
  readonly visitor: Visitor;
  readonly origin: Origin;
  readonly department?: string;
  readonly priority?: Priority;
  /** A system message to begin with. */
  readonly welcome?: string;
  /** Whether it goes to people at once, whatever the widget says of the AI. */
  readonly forPeople?: boolean;
}

export interface Opened {
  readonly conversation: string;
  readonly workspace: string;
  readonly visitorToken: string;
  readonly done: Done<Conversation>;
}

/** A conversation that a principal may see. */
export interface Found {
  readonly address: Address;
  readonly state: Conversation;
  readonly version: number;
  readonly sequence: number;
}

const LOCATIONS_KEPT = 50_000;

export class Desk {
  readonly #parts: DeskParts;
  readonly #takings: Takings;
  readonly #located = new Map<string, string>();

  constructor(parts: DeskParts) {
    this.#parts = parts;
    this.#takings = new Takings(parts);
  }

  /** Starts a conversation, or repeats the answer where the same command started it before. */
  async start(opening: Opening): Promise<Opened | Refusal> {
    const { conversations, subjects, reservations, directory, newCommand, now, tokens, random } = this.#parts;
    const { widget } = opening;
    if (!widget.config.isActive) return refuse('widget-inactive');
    const settings = directory.workspace(widget.workspace)?.settings;
    if (!settings) return refuse('workspace-not-found');
    if (opening.department !== undefined && !settings.departments.includes(opening.department))
      return refuse('department-unknown');

    // Made from the command where there is one: a repeat after a lost answer finds the same conversation.
    const made = () =>
      mintConversationId(
        widget.workspace,
        opening.command ? tokens.derive('conversation', `${widget.siteKey} ${opening.command}`) : random(16),
      );
    const id = opening.id ?? made();
    const reserved = await reservations.reserve(id, widget.workspace, now());
    if (reserved !== 'reserved') return refuse('conversation-exists');

    const done = await conversations.handle(subjects.conversation(widget.workspace, id), {
      type: 'StartConversation',
      data: {
        widget: widget.id,
        visitor: opening.visitor,
        origin: opening.origin,
        department: opening.department ?? settings.departments[0] ?? 'general',
        priority: opening.priority ?? 'medium',
        ai: !opening.forPeople && this.beginsWithAi(widget),
        welcome: opening.welcome,
      },
      actor: { kind: 'visitor' },
      command: opening.command ?? newCommand(),
    });
    if (isRefusal(done)) return done;
    const visitorToken = await tokens.sign({ kind: 'visitor', sub: id, ws: widget.workspace });
    return { conversation: id, workspace: widget.workspace, visitorToken, done };
  }

  /** Whether conversations of that widget begin with the AI. */
  beginsWithAi(widget: KnownWidget): boolean {
    const { directory, hasModel } = this.#parts;
    return aiBegins(widget.config, { hasModel, articles: directory.countArticles(widget.workspace) });
  }

  /** The workspace a conversation lies in; undefined where nobody ever reserved its id. Remembered, once begun it never changes. */
  async locate(conversation: string): Promise<string | undefined> {
    const known = this.#located.get(conversation);
    if (known) return known;
    const found = await this.#parts.reservations.find(conversation);
    if (found) {
      if (this.#located.size >= LOCATIONS_KEPT) this.#located.clear();
      this.#located.set(conversation, found);
    }
    return found;
  }

  /**
   * A visitor by what they hold: the visitor token where they sent one, else the conversation's id
   * alone, which is enough unless the widget says otherwise.
   */
  async visitor(
    conversation: string,
    claimed: VisitorPrincipal | undefined,
  ): Promise<VisitorPrincipal | Refusal> {
    const workspace = await this.locate(conversation);
    if (!workspace || (claimed && (claimed.conversation !== conversation || claimed.workspace !== workspace)))
      return refuse('conversation-not-found');
    if (claimed?.proven) return claimed;
    const { conversations, subjects, directory } = this.#parts;
    const address = subjects.conversation(workspace, conversation);
    const { state } = await conversations.load(address, { confirm: false });
    // A reservation without a commit may still pass to another workspace.
    if (state.status === 'none') this.#located.delete(conversation);
    if (state.status === 'none' || state.status === 'erased') return refuse('conversation-not-found');
    const widget = directory.everWidget(workspace, state.widget);
    if (widget?.config.requireVisitorToken) return refuse('visitor-token-required');
    return { kind: 'visitor', workspace, conversation, proven: false };
  }

  /** The conversation as it is now, if the principal may see it; else `conversation-not-found`, whether or not it exists. */
  async find(principal: Principal, conversation: string): Promise<Found | Refusal> {
    const address = await this.#addressFor(principal, conversation);
    if (!address) return refuse('conversation-not-found');
    const loaded = await this.#parts.conversations.load(address);
    if (loaded.state.status === 'none' || loaded.state.status === 'erased')
      return refuse('conversation-not-found');
    return { address, state: loaded.state, version: loaded.version, sequence: loaded.sequence };
  }

  /** All events of a conversation that the principal may see (the caller shows them through audience.ts). */
  async history(
    principal: Principal,
    conversation: string,
  ): Promise<(History & { address: Address }) | Refusal> {
    const address = await this.#addressFor(principal, conversation);
    const history = address && (await this.#parts.histories.read(address));
    if (
      !address ||
      !history ||
      history.events.length === 0 ||
      history.events.at(-1)?.type === 'ConversationErased'
    )
      return refuse('conversation-not-found');
    return { ...history, address };
  }

  /** Carries out what a visitor, an agent or an API caller asks, with the rights they have at this moment. */
  async ask(principal: Principal, conversation: string, asked: Asked): Promise<Outcome<Conversation>> {
    const { conversations, directory, erasures, newCommand } = this.#parts;
    const address = await this.#addressFor(principal, conversation);
    if (!address) return refuse('conversation-not-found');
    const caller = this.#asNow(principal);
    if (!caller || !mayAsk(roleOf(caller), asked.type)) return refuse('not-allowed');
    const stateOf = async () => (await conversations.load(address, { confirm: false })).state;
    const request = await requestOf({ directory, principal: caller, stateOf }, asked);
    if (isRefusal(request)) return request;
    const envelope = { actor: actorOf(caller), command: asked.command ?? newCommand() };
    if (request.type === 'EraseConversation')
      return erasures.around(address, () => conversations.handle(address, { ...request, ...envelope }));
    return this.#takings.carryOut(address, caller, request, envelope);
  }

  /** Notes a stored file in the conversation; its id may then join a message. */
  async addFile(
    principal: Principal,
    conversation: string,
    attachment: SealedAttachment,
  ): Promise<Outcome<Conversation>> {
    const address = await this.#addressFor(principal, conversation);
    if (!address) return refuse('conversation-not-found');
    if (!this.#asNow(principal)) return refuse('not-allowed');
    return this.#parts.conversations.handle(address, {
      type: 'AddAttachment',
      data: { attachment },
      actor: actorOf(principal),
      command: this.#parts.newCommand(),
    });
  }

  /** The caller as they are now; undefined for a user whose tokens have ended since they were looked at: an upload takes its time. */
  #asNow(principal: Principal): Principal | undefined {
    if (principal.kind !== 'user') return principal;
    const user = this.#parts.directory.anyUser(principal.user.number);
    return user?.tokenVersion === principal.user.tokenVersion ? { ...principal, user } : undefined;
  }

  async #addressFor(principal: Principal, conversation: string): Promise<Address | undefined> {
    if (principal.kind === 'visitor' && principal.conversation !== conversation) return undefined;
    const workspace = await this.locate(conversation);
    return workspace === principal.workspace
      ? this.#parts.subjects.conversation(workspace, conversation)
      : undefined;
  }
}
