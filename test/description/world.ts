// A business as the documents' examples take it for granted: its people, widgets and sessions, made anew for each example.
import { v7 } from 'uuid';
import { isRefusal, type Refusal } from '../../domain/decider.ts';
import type { Asked } from '../../edge/chat/requests.ts';
import type { KnownUser, KnownWidget } from '../../edge/identity/directory.ts';
import type { Principal, UserPrincipal } from '../../edge/identity/principals.ts';
import { caughtUp, type Door, type Servers } from '../edge/http/door.ts';

export interface Person {
  readonly email: string;
  readonly password: string;
}

/** A session in which the visitor has asked for something. */
export interface Session {
  readonly id: string;
  readonly visitorToken: string;
  readonly guest: Principal;
}

export function granted<Given extends object>(given: Given | Refusal): Given {
  if (isRefusal(given)) throw new Error(given.refused);
  return given as Given;
}

export class World {
  readonly servers: Servers;
  readonly door: Door;
  readonly workspace: string;
  /** The people of the documents: who may sign in with which password. */
  static readonly ADMIN: Person = { email: 'admin@example.com', password: 'secure_password' };
  static readonly AGENT: Person = { email: 'agent@example.com', password: 'agent_password' };
  #count = 0;
  readonly #admin: number;
  /** Jane Smith and Bob Wilson. */
  readonly jane: number;
  readonly bob: number;

  private constructor(
    servers: Servers,
    door: Door,
    made: { workspace: string; admin: number; jane: number; bob: number },
  ) {
    this.servers = servers;
    this.door = door;
    this.workspace = made.workspace;
    this.#admin = made.admin;
    this.jane = made.jane;
    this.bob = made.bob;
  }

  static async begin(servers: Servers, door: Door): Promise<World> {
    const { accounts, apiTokens } = door.parts;
    const founded = granted(
      await accounts.found({ username: 'admin_user', fullName: 'Ada Admin', ...World.ADMIN }, 'My Company'),
    );
    const { workspace, number: admin } = founded.user;
    const add = async (person: Person, fullName: string) =>
      granted(
        await accounts.add(
          workspace,
          { username: fullName, fullName, maxChats: 1_000, ...person },
          'support',
        ),
      ).user.number;
    const jane = await add({ email: 'jane@company.com', password: 'jane_password' }, 'Jane Smith');
    const bob = await add({ email: 'bob@company.com', password: 'bob_password' }, 'Bob Wilson');
    await add(World.AGENT, 'Support Agent');
    await apiTokens.rotate(workspace);
    return new World(servers, door, { workspace, admin, jane, bob });
  }

  /** Another number each time. */
  next(): number {
    return ++this.#count;
  }

  /** The admin as of now: their tokens end when they sign out, and the next example has new ones. */
  get admin(): KnownUser {
    return this.user(this.#admin);
  }

  /** The workspace's token as of now: an example may have rotated it. */
  async apiToken(): Promise<string> {
    const shown = await this.door.parts.apiTokens.show(this.workspace);
    if (shown?.token === undefined) throw new Error('the workspace has no API token');
    return shown.token;
  }

  user(number: number): KnownUser {
    const known = this.door.parts.directory.anyUser(number);
    if (!known) throw new Error(`nobody has the number ${number}`);
    return known;
  }

  tokenOf(known: KnownUser): Promise<string> {
    return this.door.parts.accounts.tokenFor(known);
  }

  as(number: number): UserPrincipal {
    return { kind: 'user', workspace: this.workspace, user: this.user(number) };
  }

  get adminPrincipal(): UserPrincipal {
    return this.as(this.#admin);
  }

  async newAgent(): Promise<KnownUser> {
    const n = this.next();
    const person = { username: `agent${n}`, fullName: `Agent ${n}`, email: `agent${n}@example.com` };
    const made = await this.door.parts.accounts.add(
      this.workspace,
      { ...person, maxChats: 1_000, password: World.ADMIN.password },
      'support',
    );
    return granted(made).user;
  }

  async newWidget(): Promise<KnownWidget> {
    const made = await this.door.parts.accounts.addWidget(
      this.workspace,
      { businessName: `Business ${this.next()}` },
      this.as(this.#admin),
    );
    return granted(made).widget;
  }

  /** A new session under `id` or one of its own, waiting for an agent. */
  async session(widget: KnownWidget, id = `session-${this.next()}`): Promise<Session> {
    const { desk } = this.door.parts;
    const opened = granted(
      await desk.start({
        widget,
        id,
        visitor: { name: 'John Doe', email: 'john@example.com', phone: '+1234567890' },
        origin: {
          ip: '192.168.1.1',
          userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/120.0',
          pageUrl: 'https://example.com/pricing',
          channel: 'test',
        },
        welcome: 'Welcome!',
      }),
    );
    const guest = granted(await desk.visitor(id, undefined));
    const session = { id, visitorToken: opened.visitorToken, guest };
    await this.tell(session, guest, {
      type: 'PostMessage',
      data: { text: 'I would like a refund', attachments: [] },
    });
    return session;
  }

  async tell(session: Session, by: Principal, asked: Asked): Promise<void> {
    granted(await this.door.parts.desk.ask(by, session.id, asked));
  }

  /** A new article of the knowledge base. */
  async article(): Promise<number> {
    const text = { title: 'Returns', content: 'You may send an order back within 30 days.' };
    return granted(await this.door.parts.articles.create(text, this.adminPrincipal)).article.number;
  }

  /** Until lists show all of it. */
  async settled(): Promise<void> {
    await caughtUp(this.servers);
  }

  newCommand(): string {
    return v7();
  }
}
