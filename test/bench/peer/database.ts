// The peer's tables and its prepared statements: what the documents' data models imply, indexed as a careful team would.
import pg from 'pg';

const TABLES = `
create table if not exists sessions (
  session_id varchar(64) primary key,
  user_name text,
  user_email text,
  user_metadata jsonb,
  status text not null default 'waiting' check (status in ('waiting', 'active', 'ended')),
  priority text not null default 'medium',
  department text not null default 'general',
  agent_id bigint,
  message_count integer not null default 0,
  unread_count integer not null default 0,
  last_message_content text,
  last_message_type text,
  last_message_at timestamptz,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  updated_at timestamptz not null default now()
) with (fillfactor = 70);
create index if not exists sessions_by_status on sessions (status, started_at desc);
create index if not exists sessions_by_agent on sessions (agent_id) where status = 'active';
create index if not exists sessions_by_email on sessions (user_email);
create table if not exists messages (
  id bigint generated always as identity primary key,
  session_id varchar(64) not null references sessions,
  sender_type text not null check (sender_type in ('user', 'agent', 'system')),
  sender_id text not null,
  content text not null,
  is_read boolean not null default false,
  created_at timestamptz not null default now()
);
create index if not exists messages_by_session on messages (session_id, id);
`;

export interface StoredMessage {
  readonly id: string;
  readonly created_at: Date;
}

export interface Session {
  readonly session_id: string;
  readonly status: string;
  readonly agent_id: string | null;
}

/** The peer's database: a pool, and each statement prepared once per connection by its name. */
export class PeerDatabase {
  readonly #pool: pg.Pool;

  constructor(url: string) {
    this.#pool = new pg.Pool({ connectionString: url, max: 20 });
  }

  async prepare(): Promise<void> {
    await this.#pool.query(TABLES);
  }

  async createSession(id: string, name: string, email: string): Promise<void> {
    const text =
      "insert into sessions (session_id, user_name, user_email, status) values ($1, $2, $3, 'waiting')";
    await this.#pool.query({ name: 'create-session', text, values: [id, name, email] });
  }

  async assign(id: string, agent: number): Promise<void> {
    const text =
      "update sessions set agent_id = $2, status = 'active', updated_at = now() where session_id = $1";
    await this.#pool.query({ name: 'assign', text, values: [id, agent] });
  }

  async findSession(id: string): Promise<Session | undefined> {
    const text = 'select session_id, status, agent_id from sessions where session_id = $1';
    const { rows } = await this.#pool.query<Session>({ name: 'find-session', text, values: [id] });
    return rows[0];
  }

  async insertMessage(
    session: string,
    senderType: string,
    senderId: string,
    content: string,
  ): Promise<StoredMessage> {
    const text =
      'insert into messages (session_id, sender_type, sender_id, content) values ($1, $2, $3, $4) returning id, created_at';
    const values = [session, senderType, senderId, content];
    const { rows } = await this.#pool.query<StoredMessage>({ name: 'insert-message', text, values });
    const [stored] = rows;
    if (!stored) throw new Error('an insert returned no row');
    return stored;
  }

  /** Counters and last message; no indexed column changes, so that Postgres can update in place (HOT). */
  async touchSession(session: string, senderType: string, content: string, at: Date): Promise<void> {
    const text = `update sessions set message_count = message_count + 1,
        unread_count = unread_count + (case when $2 = 'user' then 1 else 0 end),
        last_message_content = $3, last_message_type = $2, last_message_at = $4, updated_at = $4
      where session_id = $1`;
    await this.#pool.query({ name: 'touch-session', text, values: [session, senderType, content, at] });
  }

  async listMessages(session: string, limit: number): Promise<unknown[]> {
    const text =
      'select id, sender_type, sender_id, content, is_read, created_at from messages where session_id = $1 order by id limit $2';
    const { rows } = await this.#pool.query({ name: 'list-messages', text, values: [session, limit] });
    return rows;
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}
