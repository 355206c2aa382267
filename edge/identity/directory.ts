// Every workspace, user, widget and webhook of the installation as this process knows them, and which articles there are: a live fold of the WORKSPACE stream.
import type { Decider, Placed } from '../../domain/decider.ts';
import { factOf, type StoredCommit } from '../../domain/log/commit.ts';
import type { Log } from '../../domain/log/log.ts';
import type { ArticleEvent } from '../../domain/workspace/article.ts';
import { type User, user } from '../../domain/workspace/user.ts';
import type { UserProfile, WidgetConfig, WorkspaceSettings } from '../../domain/workspace/values.ts';
import { type Webhook, webhook } from '../../domain/workspace/webhook.ts';
import { type Widget, widget } from '../../domain/workspace/widget.ts';
import { type Workspace, workspace } from '../../domain/workspace/workspace.ts';

export interface KnownWorkspace {
  readonly id: string;
  readonly number: number;
  readonly settings: WorkspaceSettings;
}

export interface KnownUser {
  /** The aggregate's id, for subjects and keys. */
  readonly id: string;
  readonly workspace: string;
  /** The id that the outside knows. */
  readonly number: number;
  readonly profile: UserProfile;
  /** Whether they take new conversations. */
  readonly accepting: boolean;
  readonly tokenVersion: number;
  readonly createdAt: string;
}

/** The name under which a user writes. */
export function nameOf(known: KnownUser): string {
  return known.profile.fullName || known.profile.username;
}

export interface KnownWidget {
  readonly id: string;
  readonly workspace: string;
  readonly number: number;
  readonly siteKey: string;
  readonly config: WidgetConfig;
  readonly createdAt: string;
}

export interface KnownWebhook extends Webhook {
  readonly id: string;
  readonly workspace: string;
}

/** What changed: the user whose tokens or role may be worth less now, say. */
export interface Change {
  readonly kind: string;
  readonly workspace: string;
  readonly id: string;
}

interface Entry {
  state: unknown;
  version: number;
}

/** What is kept of an article: whether there is one, and its number. What it says is the read models' to keep. */
interface Shelved {
  readonly live: boolean;
  readonly number: number;
}

const shelf = {
  initial: { live: false, number: 0 },
  evolve(state: Shelved, event: ArticleEvent & Placed): Shelved {
    switch (event.type) {
      case 'ArticleCreated':
        return { live: true, number: event.position };
      case 'ArticleChanged':
        return state;
      case 'ArticleDeleted':
        return { ...state, live: false };
    }
  },
};

// Each kind's own state and facts meet only each other, which no one type can say of all five: so `never`.
const DECIDERS: Readonly<Record<string, Pick<Decider<never, never, never>, 'initial' | 'evolve'>>> = {
  settings: workspace,
  user,
  widget,
  webhook,
  article: shelf,
} as never;

/** Look-ups are synchronous and current to within the log's latency (milliseconds); own writes are visible at once. */
export class Directory {
  readonly #entries = new Map<string, Entry>();
  readonly #workspaces = new Map<string, KnownWorkspace>();
  readonly #users = new Map<number, KnownUser>();
  readonly #emails = new Map<string, KnownUser>();
  readonly #widgets = new Map<string, KnownWidget>();
  readonly #widgetIds = new Map<string, KnownWidget>();
  /** Deleted ones too, by workspace and id. */
  readonly #everWidgets = new Map<string, Map<string, KnownWidget>>();
  readonly #webhooks = new Map<string, KnownWebhook>();
  /** Numbers of the articles that are there, by workspace. */
  readonly #articles = new Map<string, Set<number>>();
  readonly #members = new Map<string, { users: Set<number>; widgets: Set<string> }>();
  readonly #waiting = new Set<() => void>();
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #stop = new AbortController();
  #sequence = 0;
  #following: Promise<void> | undefined;

  /** Reads the whole stream, then follows it. Resolves once caught up; `onFault` hears why following ended, should it end. */
  static async open(log: Log, onFault: (fault: unknown) => void): Promise<Directory> {
    const directory = new Directory();
    const head = await log.head('WORKSPACE');
    await new Promise<void>((resolve, reject) => {
      if (head === 0) resolve();
      directory.#following = directory.#follow(log, head, resolve).catch((fault: unknown) => {
        reject(fault);
        if (!directory.#stop.signal.aborted) onFault(fault);
      });
    });
    return directory;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#following;
  }

  /** Takes in a commit of this process's own, ahead of the stream. */
  observe(stored: StoredCommit): void {
    this.#apply(stored);
  }

  /** Whether the directory has that commit of the WORKSPACE stream, now or within `ms` milliseconds. */
  reach(sequence: number, ms: number): Promise<boolean> {
    if (this.#sequence >= sequence) return Promise.resolve(true);
    return new Promise((resolve) => {
      const end = (reached: boolean) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(reached);
      };
      const look = () => this.#sequence >= sequence && end(true);
      const timer = setTimeout(() => end(false), ms);
      this.#waiting.add(look);
    });
  }

  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  workspace(id: string): KnownWorkspace | undefined {
    return this.#workspaces.get(id);
  }

  workspaces(): KnownWorkspace[] {
    return [...this.#workspaces.values()];
  }

  /** The first workspace made that has a user: dialects that name none act on it. */
  defaultWorkspace(): KnownWorkspace | undefined {
    let first: KnownWorkspace | undefined;
    for (const known of this.#workspaces.values()) {
      const inhabited = (this.#members.get(known.id)?.users.size ?? 0) > 0;
      if (inhabited && (!first || known.number < first.number)) first = known;
    }
    return first;
  }

  /** An active user by public number, of that workspace alone. */
  user(workspaceId: string, number: number | string): KnownUser | undefined {
    const known = this.#users.get(Number(number));
    return known?.workspace === workspaceId ? known : undefined;
  }

  /** An active user by public number, of any workspace: for tokens, which carry their workspace themselves. */
  anyUser(number: number): KnownUser | undefined {
    return this.#users.get(number);
  }

  userByEmail(email: string): KnownUser | undefined {
    return this.#emails.get(email.toLowerCase());
  }

  users(workspaceId: string): KnownUser[] {
    const numbers = this.#members.get(workspaceId)?.users ?? [];
    return [...numbers].flatMap((number) => this.#users.get(number) ?? []);
  }

  /** How many users there are in all: none means that the next one is the first. */
  countUsers(): number {
    return this.#users.size;
  }

  widget(siteKey: string): KnownWidget | undefined {
    return this.#widgets.get(siteKey);
  }

  /** A widget by its aggregate's id, as conversations name it. */
  widgetById(id: string): KnownWidget | undefined {
    return this.#widgetIds.get(id);
  }

  /**
   * A widget by its aggregate's id, as it was last where it is deleted: what it demanded of its visitors and
   * their pages still holds for the conversations that it began.
   */
  everWidget(workspaceId: string, id: string): KnownWidget | undefined {
    return this.#everWidgets.get(workspaceId)?.get(id);
  }

  /** Every widget that the workspace has or had. */
  everWidgets(workspaceId: string): Iterable<KnownWidget> {
    return this.#everWidgets.get(workspaceId)?.values() ?? [];
  }

  widgets(workspaceId: string): KnownWidget[] {
    const keys = this.#members.get(workspaceId)?.widgets ?? [];
    return [...keys].flatMap((key) => this.#widgets.get(key) ?? []);
  }

  /** The workspace's oldest widget, active before inactive: used where a dialect names none. */
  defaultWidget(workspaceId: string): KnownWidget | undefined {
    const all = this.widgets(workspaceId).sort((a, b) => a.number - b.number);
    return all.find((known) => known.config.isActive) ?? all[0];
  }

  /** A workspace's webhook; undefined where none was ever set. */
  webhook(workspaceId: string, id: string): KnownWebhook | undefined {
    return this.#webhooks.get(`${workspaceId} ${id}`);
  }

  /** Those that are switched on. */
  enabledWebhooks(): KnownWebhook[] {
    return [...this.#webhooks.values()].filter((known) => known.enabled);
  }

  /** How many articles the workspace has: none means that nothing can be answered from its knowledge. */
  countArticles(workspaceId: string): number {
    return this.#articles.get(workspaceId)?.size ?? 0;
  }

  /** Whether the workspace has that article now. Read models learn of a deletion later. */
  hasArticle(workspaceId: string, number: number): boolean {
    return this.#articles.get(workspaceId)?.has(number) ?? false;
  }

  async #follow(log: Log, head: number, caughtUp: () => void): Promise<void> {
    for await (const batch of log.readStream('WORKSPACE', 0, { follow: true, signal: this.#stop.signal })) {
      for (const stored of batch) {
        this.#apply(stored);
        this.#sequence = stored.sequence;
        for (const wake of this.#waiting) wake();
        if (stored.sequence >= head) caughtUp();
      }
    }
  }

  #apply(stored: StoredCommit): void {
    const { address } = stored;
    const decider = DECIDERS[address.kind];
    if (!decider) return;
    const entry = this.#entries.get(address.subject) ?? { state: decider.initial, version: 0 };
    if (stored.commit.version !== entry.version + 1) return;
    const before = entry.state;
    for (const event of stored.events())
      entry.state = decider.evolve(entry.state as never, factOf<never>(event));
    entry.version = stored.lastVersion;
    this.#entries.set(address.subject, entry);
    if (address.kind === 'article')
      this.#shelve(address.workspace, before as Shelved, entry.state as Shelved);
    else this.#index(address.kind, address.workspace, address.id, entry.state);
    for (const listener of this.#listeners)
      listener({ kind: address.kind, workspace: address.workspace, id: address.id });
  }

  #shelve(workspaceId: string, before: Shelved, { live, number }: Shelved): void {
    const numbers = this.#articles.get(workspaceId) ?? new Set<number>();
    numbers.delete(before.number);
    if (live) this.#articles.set(workspaceId, numbers.add(number));
    else if (numbers.size === 0) this.#articles.delete(workspaceId);
  }

  #index(kind: string, workspaceId: string, id: string, state: unknown): void {
    const members = this.#members.get(workspaceId) ?? {
      users: new Set<number>(),
      widgets: new Set<string>(),
    };
    this.#members.set(workspaceId, members);
    if (kind === 'settings') {
      const { number, settings } = state as Workspace;
      if (settings) this.#workspaces.set(workspaceId, { id: workspaceId, number, settings });
    } else if (kind === 'user') {
      const { status, number, profile, accepting, tokenVersion, createdAt } = state as User;
      const before = this.#users.get(number);
      if (before) this.#emails.delete(before.profile.email.toLowerCase());
      this.#users.delete(number);
      members.users.delete(number);
      if (status !== 'active' || !profile) return;
      const known: KnownUser = {
        id,
        workspace: workspaceId,
        number,
        profile,
        accepting,
        tokenVersion,
        createdAt,
      };
      this.#users.set(number, known);
      this.#emails.set(profile.email.toLowerCase(), known);
      members.users.add(number);
    } else if (kind === 'webhook') {
      this.#webhooks.set(`${workspaceId} ${id}`, { ...(state as Webhook), id, workspace: workspaceId });
    } else if (kind === 'widget') {
      const { status, number, siteKey, config, createdAt } = state as Widget;
      this.#widgets.delete(siteKey);
      this.#widgetIds.delete(id);
      members.widgets.delete(siteKey);
      if (status === 'none' || !config) return;
      const known: KnownWidget = { id, workspace: workspaceId, number, siteKey, config, createdAt };
      const ever = this.#everWidgets.get(workspaceId) ?? new Map<string, KnownWidget>();
      this.#everWidgets.set(workspaceId, ever.set(id, known));
      if (status === 'deleted') return;
      this.#widgets.set(siteKey, known);
      this.#widgetIds.set(id, known);
      members.widgets.add(siteKey);
    }
  }
}
