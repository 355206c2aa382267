// An agent's desk without any picture: the connection, the list under a filter, and the conversation that is open.
import type { ConversationSummary, ServerFrame } from '../../domain/wire.ts';
import { type AgentRow, type Api, ApiRefusal, type InboxFilter, type InboxStatus } from '../client/api.ts';
import { Connection, ConnectionLost, type ConnectionState } from '../client/connection.ts';
import { deliverTo } from '../client/deliver.ts';
import { withChanges, withPage } from '../client/inbox-view.ts';
import { Listeners } from '../client/listeners.ts';
import { LiveConversation } from '../client/live-conversation.ts';
import { Outbox } from '../client/outbox.ts';
import { openOutboxStore } from '../client/outbox-store.ts';
import type { Session } from '../client/session.ts';
import { Activity } from './activity.ts';

const PAGE = 50;
/** Counts are asked for again this long after a change, in ms: one question for many changes. */
const COUNTS_AFTER = 700;

export class Desk {
  readonly onChange = new Listeners();
  /** The session is over; said once, with the reason. */
  readonly onSignedOut = new Listeners<string>();
  readonly session: Session;
  readonly api: Api;
  rows: readonly ConversationSummary[] = [];
  counts: Readonly<Record<InboxStatus, number>> = { queued: 0, open: 0, closed: 0, archived: 0 };
  agents: readonly AgentRow[] = [];
  /** The workspace's departments; none until they are read. */
  departments: readonly string[] = [];
  filter: InboxFilter = { status: 'queued' };
  more = false;
  loading = false;
  /** Whether this agent takes new conversations; undefined: not known yet. */
  accepting: boolean | undefined;
  /** Whether this agent has done nothing for so long that they get no new conversations. */
  away = false;
  /** What went wrong with the last thing asked, in one sentence. */
  problem = '';
  live: LiveConversation | undefined;
  readonly #connection: Connection;
  readonly #activity = new Activity(() => this.#connection.active());
  readonly #outboxes = new Map<string, Outbox>();
  readonly #store = openOutboxStore();
  #pages = 0;
  #asking = 0;
  #counting: ReturnType<typeof setTimeout> | undefined;

  constructor(api: Api, session: Session) {
    this.api = api;
    this.session = session;
    this.#connection = new Connection({ url: api.socketUrl, auth: () => ({ token: session.token }) });
    this.#connection.onState.add((state) => this.#stateChanged(state));
    this.#connection.onFrame.add((frame) => this.#hear(frame));
  }

  get connection(): ConnectionState {
    return this.#connection.state;
  }

  /** This agent's id, as the list and the commands know it. */
  get me(): string {
    return String(this.session.account.id);
  }

  async begin(): Promise<void> {
    this.#connection.open();
    // What an earlier page of this agent wrote and could not send goes now.
    for (const box of await this.#store.boxes(this.#box(''))) this.#outbox(box.slice(this.#box('').length));
  }

  /** Shows another part of the list. */
  async look(filter: InboxFilter): Promise<void> {
    this.filter = filter;
    this.rows = [];
    await this.#load(1);
  }

  loadMore(): Promise<void> {
    return this.#load(this.#pages + 1);
  }

  /** Reads a page; the first replaces what is shown, a further one is added. */
  async #load(number: number): Promise<void> {
    const asking = ++this.#asking;
    const { filter } = this;
    this.loading = true;
    this.onChange.say();
    await this.#guard(async () => {
      const page = await this.api.inbox(filter, number, PAGE);
      if (asking !== this.#asking) return;
      this.#pages = page.page;
      this.more = page.page < page.pages;
      this.counts = page.counts;
      this.rows = withPage(number === 1 ? [] : this.rows, page.conversations);
    });
    if (asking === this.#asking) this.loading = false;
    this.onChange.say();
  }

  /** Opens a conversation; undefined: none. */
  open(conversation: string | undefined): void {
    if (this.live?.view.conversation === conversation) return;
    this.#leave();
    this.problem = '';
    if (conversation) {
      this.live = new LiveConversation({
        connection: this.#connection,
        conversation,
        side: 'agent',
        outbox: this.#outbox(conversation),
      });
      this.live.onChange.add(() => this.onChange.say());
      // Who there is to hand over to.
      void this.#readAgents();
    }
    this.onChange.say();
  }

  retryNow(): void {
    this.#connection.retryNow();
  }

  /** Sends a command for the open conversation; what the server has against it is shown. */
  async tell(...[type, data]: Parameters<LiveConversation['command']>): Promise<void> {
    const { live } = this;
    if (!live) return;
    try {
      const answer = await live.command(type, data);
      this.problem = 'refused' in answer ? answer.message : '';
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error;
      this.problem = 'There is no connection right now; nothing was changed.';
    }
    this.onChange.say();
  }

  async signOut(): Promise<void> {
    // The token dies on the server too; where that cannot be reached it dies with its tab.
    await this.api.signOut().catch(() => undefined);
    this.close();
    this.onSignedOut.say('');
  }

  close(): void {
    clearTimeout(this.#counting);
    this.#activity.close();
    this.live?.close();
    this.live = undefined;
    for (const outbox of this.#outboxes.values()) outbox.close();
    this.#connection.close();
  }

  #stateChanged(state: ConnectionState): void {
    if (state.kind === 'online') {
      void this.#connection.ask({ watch: true }).catch((error: unknown) => {
        if (!(error instanceof ConnectionLost)) throw error;
      });
      for (const outbox of this.#outboxes.values()) outbox.wake();
      void this.#reload();
    }
    if (state.kind === 'ended' && (state.code === 4401 || state.code === 4403)) {
      this.close();
      this.onSignedOut.say('Your session has ended. Please sign in again.');
    }
    this.onChange.say();
  }

  /** After a gap the deltas are no longer the whole truth: read the list anew, who is there, and what there is to choose from. */
  async #reload(): Promise<void> {
    await Promise.all([this.#load(1), this.#readAgents(), this.#readDepartments()]);
  }

  async #readDepartments(): Promise<void> {
    await this.#guard(async () => {
      this.departments = (await this.api.settings()).departments;
    });
    this.onChange.say();
  }

  async #readAgents(): Promise<void> {
    await this.#guard(async () => {
      this.agents = await this.api.agents();
    });
    this.onChange.say();
  }

  /** Takes new conversations from now on, or no more: in every tab and on every device. */
  async accept(accepting: boolean): Promise<void> {
    this.accepting = accepting;
    this.onChange.say();
    await this.#guard(async () => {
      this.accepting = await this.api.setAvailability(accepting);
      this.problem = '';
    });
    this.onChange.say();
  }

  #hear(frame: ServerFrame): void {
    if ('me' in frame) {
      this.accepting = frame.me.accepting;
      this.away = frame.me.away;
      if (this.away) this.#activity.expectNow();
      this.onChange.say();
    }
    if (!('inbox' in frame)) return;
    this.rows = withChanges(this.rows, this.filter, frame.inbox);
    this.#counting ??= setTimeout(() => {
      this.#counting = undefined;
      void this.#count();
    }, COUNTS_AFTER);
    this.onChange.say();
  }

  /** Lets go of the open conversation; its outbox stays only while something waits in it. */
  #leave(): void {
    const left = this.live?.view.conversation ?? '';
    this.live?.close();
    this.live = undefined;
    const outbox = this.#outboxes.get(left);
    if (!outbox || outbox.waiting.some((message) => message.state !== 'sent')) return;
    outbox.close();
    this.#outboxes.delete(left);
  }

  async #count(): Promise<void> {
    const { filter } = this;
    await this.#guard(async () => {
      const page = await this.api.inbox(filter, 1, PAGE);
      if (filter !== this.filter) return;
      this.counts = page.counts;
      // A text search is the server's to judge: take its first page as it is now.
      this.rows = withPage(filter.search ? [] : this.rows, page.conversations);
    });
    this.onChange.say();
  }

  async #guard(ask: () => Promise<void>): Promise<void> {
    try {
      await ask();
    } catch (error) {
      if (error instanceof ApiRefusal && error.status === 401) {
        this.close();
        this.onSignedOut.say('Your session has ended. Please sign in again.');
        return;
      }
      this.problem = error instanceof Error ? error.message : String(error);
    }
  }

  #outbox(conversation: string): Outbox {
    const known = this.#outboxes.get(conversation);
    if (known) return known;
    const right = { token: this.session.token };
    const outbox = new Outbox({
      box: this.#box(conversation),
      store: this.#store,
      deliver: deliverTo(this.api, this.#connection, async () => ({ conversation, right })),
    });
    this.#outboxes.set(conversation, outbox);
    void outbox.start();
    return outbox;
  }

  #box(conversation: string): string {
    return `agent:${this.me}:${conversation}`;
  }
}
