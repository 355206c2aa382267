// Registering, signing in, making agents: what happens to accounts, whichever dialect asks.
import { createHash } from 'node:crypto';
import { system } from '../../domain/actor.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/decider.ts';
import { base32 } from '../../domain/ids.ts';
import type { Aggregates } from '../../domain/log/aggregates.ts';
import type { KeyValue } from '../../domain/log/log.ts';
import type { Subjects } from '../../domain/log/subjects.ts';
import type { User, UserEvent, UserRequest } from '../../domain/workspace/user.ts';
import {
  settingsDefaults,
  type UserProfile,
  type WidgetConfig,
  type WorkspaceSettings,
  widgetDefaults,
} from '../../domain/workspace/values.ts';
import type { Widget, WidgetEvent, WidgetRequest } from '../../domain/workspace/widget.ts';
import type { Workspace, WorkspaceEvent, WorkspaceRequest } from '../../domain/workspace/workspace.ts';
import type { Directory, KnownUser, KnownWidget } from './directory.ts';
import type { Passwords } from './passwords.ts';
import { type ApiPrincipal, actorOf, type UserPrincipal } from './principals.ts';
import { equal, type Tokens } from './tokens.ts';

export interface WorkspaceAggregates {
  readonly users: Aggregates<User, UserRequest, UserEvent>;
  readonly widgets: Aggregates<Widget, WidgetRequest, WidgetEvent>;
  readonly settings: Aggregates<Workspace, WorkspaceRequest, WorkspaceEvent>;
}

export interface AccountsParts {
  readonly aggregates: WorkspaceAggregates;
  readonly subjects: Subjects;
  readonly directory: Directory;
  readonly passwords: Passwords;
  readonly tokens: Tokens;
  readonly reservations: KeyValue;
  /** `bytes` random ones. */
  readonly random: (bytes: number) => Uint8Array;
  /** A new UUIDv7. */
  readonly newCommand: () => string;
  /** Whether strangers may register workspaces of their own. */
  readonly signup: 'open' | 'closed';
  /** Needed to register the installation's first user, where set (production). */
  readonly setUpCode?: string;
}

export type NewUser = Omit<UserProfile, 'role' | 'departments' | 'skills'> &
  Partial<Pick<UserProfile, 'departments' | 'skills'>> & { readonly password: string };

/** A position that tells where a write went, for `X-Event-Sequence`. */
export interface Written {
  readonly position: number;
}

export class Accounts {
  readonly #parts: AccountsParts;

  constructor(parts: AccountsParts) {
    this.#parts = parts;
  }

  /** Makes a user with a workspace of their own and its default widget. The installation's first user becomes `super_admin`. */
  async register(
    person: NewUser,
    business: string,
    setUpCode?: string,
  ): Promise<({ user: KnownUser; token: string } & Written) | Refusal> {
    const { directory, signup } = this.#parts;
    const first = directory.countUsers() === 0;
    if (!first && signup === 'closed') return refuse('signup-closed');
    if (first && this.#parts.setUpCode !== undefined && !equal(setUpCode ?? '', this.#parts.setUpCode))
      return refuse('set-up-code-required');
    return this.#found(person, business, first);
  }

  /** The same for the installation itself at start (ADMIN_EMAIL, the demo): no set-up code, sign-up may be closed. */
  async found(
    person: NewUser,
    business: string,
  ): Promise<({ user: KnownUser; token: string } & Written) | Refusal> {
    return this.#found(person, business, this.#parts.directory.countUsers() === 0);
  }

  /** Makes a user in an existing workspace. */
  async add(
    workspace: string,
    person: NewUser,
    role: UserProfile['role'],
    by?: UserPrincipal | ApiPrincipal,
  ): Promise<({ user: KnownUser } & Written) | Refusal> {
    const id = this.#newId();
    const { password, ...profile } = person;
    const reserved = await this.#reserve(person.email, workspace, id);
    if (!reserved) return refuse('user-exists');
    await this.#parts.passwords.set(workspace, id, password);
    const { aggregates, subjects, newCommand } = this.#parts;
    const outcome = await aggregates.users.handle(subjects.aggregate(workspace, 'user', id), {
      type: 'RegisterUser',
      data: { ...profile, departments: profile.departments ?? [], skills: profile.skills ?? [], role },
      actor: by ? actorOf(by) : system,
      command: newCommand(),
    });
    if (isRefusal(outcome)) return outcome;
    const made = this.#parts.directory.user(workspace, outcome.state.number);
    if (!made) throw new Error('a user was registered but is not in the directory');
    return { user: made, position: outcome.position };
  }

  /** A token for the right e-mail and password. */
  async signIn(email: string, password: string): Promise<{ user: KnownUser; token: string } | Refusal> {
    const known = this.#parts.directory.userByEmail(email);
    if (!(await this.#parts.passwords.matches(known, password)) || !known) return refuse('wrong-password');
    return { user: known, token: await this.tokenFor(known) };
  }

  tokenFor(known: KnownUser): Promise<string> {
    return this.#parts.tokens.sign({
      kind: 'user',
      sub: String(known.number),
      ws: known.workspace,
      tv: known.tokenVersion,
    });
  }

  /** Ends every token of the user, and with them their sockets. */
  signOut(of: UserPrincipal): Promise<Written | Refusal> {
    return this.#user(of.user, of, { type: 'RevokeTokens', data: { reason: 'sign-out' } });
  }

  /** Sets a new password and ends every token given out before. */
  async changePassword(of: KnownUser, password: string, by: UserPrincipal): Promise<Written | Refusal> {
    await this.#parts.passwords.set(of.workspace, of.id, password);
    return this.#user(of, by, { type: 'RevokeTokens', data: { reason: 'password-changed' } });
  }

  /** Changes profile or role. Refused where it would leave the workspace without an admin. */
  async change(
    of: KnownUser,
    change: { profile?: Partial<Omit<UserProfile, 'role' | 'email'>>; role?: UserProfile['role'] },
    by: UserPrincipal,
  ): Promise<Written | Refusal> {
    let written: Written | Refusal = { position: of.number };
    if (change.role && change.role !== of.profile.role) {
      if (change.role === 'support' && this.#isLastAdmin(of)) return refuse('last-admin');
      written = await this.#user(of, by, { type: 'ChangeUserRole', data: { role: change.role } });
      if (isRefusal(written)) return written;
    }
    if (change.profile && Object.keys(change.profile).length > 0)
      written = await this.#user(of, by, { type: 'ChangeUserProfile', data: change.profile });
    return written;
  }

  /** Whether a user takes new conversations from now on. */
  setAvailability(of: KnownUser, accepting: boolean, by: UserPrincipal): Promise<Written | Refusal> {
    return this.#user(of, by, { type: 'SetAvailability', data: { accepting } });
  }

  /** Removes a user: their tokens end, their name stays in what they wrote. */
  async remove(of: KnownUser, by: UserPrincipal): Promise<Written | Refusal> {
    if (this.#isLastAdmin(of)) return refuse('last-admin');
    const written = await this.#user(of, by, { type: 'RemoveUser', data: {} });
    if (!isRefusal(written)) await this.#parts.reservations.delete(emailKey(of.profile.email));
    return written;
  }

  /** Makes a widget with a fresh site key. */
  async addWidget(
    workspace: string,
    config: Partial<WidgetConfig> & Pick<WidgetConfig, 'businessName'>,
    by?: UserPrincipal,
  ): Promise<({ widget: KnownWidget } & Written) | Refusal> {
    const { aggregates, subjects, newCommand, random, directory } = this.#parts;
    const key = `widget-${base32(random(10))}`;
    const outcome = await aggregates.widgets.handle(subjects.aggregate(workspace, 'widget', this.#newId()), {
      type: 'CreateWidget',
      data: { siteKey: key, config: { ...widgetDefaults, ...config } },
      actor: by ? actorOf(by) : system,
      command: newCommand(),
    });
    if (isRefusal(outcome)) return outcome;
    const made = directory.widget(key);
    if (!made) throw new Error('a widget was made but is not in the directory');
    return { widget: made, position: outcome.position };
  }

  /** Changes a widget's configuration; what is left out stays. */
  async changeWidget(
    of: KnownWidget,
    change: Partial<WidgetConfig>,
    by: UserPrincipal,
  ): Promise<Written | Refusal> {
    return this.#widget(of, by, { type: 'ChangeWidget', data: change });
  }

  /** Deletes a widget. Refused for a workspace's last one: chats must come from somewhere. */
  async removeWidget(of: KnownWidget, by: UserPrincipal): Promise<Written | Refusal> {
    if (this.#parts.directory.widgets(of.workspace).length <= 1) return refuse('last-widget');
    return this.#widget(of, by, { type: 'DeleteWidget', data: {} });
  }

  /** Changes the settings of the caller's workspace; what is left out stays. */
  async changeSettings(change: Partial<WorkspaceSettings>, by: UserPrincipal): Promise<Written | Refusal> {
    const { aggregates, subjects, newCommand } = this.#parts;
    const outcome = await aggregates.settings.handle(subjects.aggregate(by.workspace, 'settings', 'main'), {
      type: 'ChangeSettings',
      data: change,
      actor: actorOf(by),
      command: newCommand(),
    });
    return isRefusal(outcome) ? outcome : { position: outcome.position };
  }

  async #widget(of: KnownWidget, by: UserPrincipal, request: WidgetRequest): Promise<Written | Refusal> {
    const { aggregates, subjects, newCommand } = this.#parts;
    const outcome = await aggregates.widgets.handle(subjects.aggregate(of.workspace, 'widget', of.id), {
      ...request,
      actor: actorOf(by),
      command: newCommand(),
    });
    return isRefusal(outcome) ? outcome : { position: outcome.position };
  }

  async #found(
    person: NewUser,
    business: string,
    first: boolean,
  ): Promise<({ user: KnownUser; token: string } & Written) | Refusal> {
    const { aggregates, subjects, newCommand, random } = this.#parts;
    if (this.#parts.directory.userByEmail(person.email)) return refuse('user-exists');
    const workspace = `w${base32(random(8)).slice(0, 12)}`;
    const created = await aggregates.settings.handle(subjects.aggregate(workspace, 'settings', 'main'), {
      type: 'CreateWorkspace',
      data: { ...settingsDefaults, name: business },
      actor: system,
      command: newCommand(),
    });
    if (isRefusal(created)) return created;
    const widget = await this.addWidget(workspace, { businessName: business });
    if (isRefusal(widget)) return widget;
    // The user comes last: whoever can sign in finds a workspace that is whole, whenever this process dies.
    const made = await this.add(workspace, person, first ? 'super_admin' : 'admin');
    if (isRefusal(made)) return made;
    return { user: made.user, token: await this.tokenFor(made.user), position: made.position };
  }

  async #user(of: KnownUser, by: UserPrincipal, request: UserRequest): Promise<Written | Refusal> {
    const { aggregates, subjects, newCommand } = this.#parts;
    const outcome = await aggregates.users.handle(subjects.aggregate(of.workspace, 'user', of.id), {
      ...request,
      actor: actorOf(by),
      command: newCommand(),
    });
    return isRefusal(outcome) ? outcome : { position: outcome.position };
  }

  #isLastAdmin(of: KnownUser): boolean {
    const admins = this.#parts.directory
      .users(of.workspace)
      .filter((known) => known.profile.role !== 'support');
    return admins.length === 1 && admins[0]?.number === of.number;
  }

  /** Takes an e-mail address for a user; a reservation whose user was never registered is taken over. */
  async #reserve(email: string, workspace: string, user: string): Promise<boolean> {
    const key = emailKey(email);
    const value = Buffer.from(JSON.stringify({ workspace, user, at: Date.now() }));
    if (await this.#parts.reservations.create(key, value)) return true;
    if (this.#parts.directory.userByEmail(email)) return false;
    const entry = await this.#parts.reservations.get(key);
    if (!entry) return this.#parts.reservations.create(key, value);
    const { at } = JSON.parse(Buffer.from(entry.value).toString()) as { at: number };
    return Date.now() - at > 60_000 && this.#parts.reservations.update(key, value, entry.revision);
  }

  #newId(): string {
    return base32(this.#parts.random(10));
  }
}

function emailKey(email: string): string {
  return `email.${createHash('sha256').update(email.toLowerCase()).digest('hex')}`;
}
