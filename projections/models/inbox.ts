// The list of conversations: one row each, exactly what `evolve` says of it, with kept counts for filters.
import { type Conversation, initial } from '../../domain/conversation/conversation.ts';
import { evolve } from '../../domain/conversation/evolve.ts';
import type { Model, Projection, Tables, Transaction } from '../projection.ts';
import { Remembered } from '../remembered.ts';
import { asJson } from '../rows.ts';
import type { Batch } from '../running/batch.ts';
import type { History, PlacedConversationEvent } from '../running/histories.ts';
import { createInbox, indexInbox } from '../tables/inbox.ts';
import { searchable } from './searchable.ts';

/** The fold without attachments: their keys belong to the log alone. */
export type InboxState = Omit<Conversation, 'attachments'>;

interface Row {
  readonly version: number;
  readonly state: InboxState;
}

interface Change {
  readonly history: History<PlacedConversationEvent>;
  readonly before: Row | undefined;
  /** Undefined: the conversation is gone. */
  readonly after: Row | undefined;
}

export const inbox: Projection = {
  name: 'inbox',
  version: 7,
  family: 'chat',
  tables: ['inbox', 'inbox_search', 'inbox_counts'],
  create: createInbox,
  indexes: indexInbox,
  open: (tables, stream) => new InboxModel(tables, stream.shard),
};

class InboxModel implements Model {
  readonly #tables: Tables;
  readonly #shard: number;
  readonly #rows = new Remembered<Row>();

  constructor(tables: Tables, shard: number) {
    this.#tables = tables;
    this.#shard = shard;
  }

  async apply(tx: Transaction, batch: Batch): Promise<void> {
    const histories = batch.conversations;
    const stored = await this.#load(tx, histories);
    const changes = histories.map((history): Change => {
      const before = this.#rows.get(history.key) ?? stored.get(history.key);
      return { history, before, after: fold(history, before) };
    });
    await this.#write(tx, changes);
    await this.#writeSearch(tx, changes);
    await this.#count(tx, changes);
    for (const { history, after } of changes) {
      if (after) this.#rows.set(history.key, after);
      else this.#rows.delete(history.key);
    }
  }

  forget(): void {
    this.#rows.clear();
  }

  async #load(
    tx: Transaction,
    histories: readonly History<PlacedConversationEvent>[],
  ): Promise<Map<string, Row>> {
    const wanted = histories.filter(({ key, first }) => first > 1 && !this.#rows.get(key));
    if (wanted.length === 0) return new Map();
    const rows = await tx.unsafe<{ key: string; version: number; state: InboxState }>(
      `select w.key, i.version, i.state
         from json_to_recordset($1::text::json) as w(key text, workspace text, id text)
         join ${this.#tables('inbox')} i on i.workspace = w.workspace collate "C" and i.conversation = w.id collate "C"`,
      [asJson(wanted.map(({ key, workspace, id }) => ({ key, workspace, id })))],
    );
    return new Map(rows.map(({ key, version, state }) => [key, { version, state }]));
  }

  async #write(tx: Transaction, changes: readonly Change[]): Promise<void> {
    const table = this.#tables('inbox');
    const rows = changes.flatMap(({ history: { workspace, id }, after }) => {
      if (!after) return [];
      const { state, version } = after;
      return [
        {
          workspace,
          conversation: id,
          version,
          queued_at: queuedAt(state),
          updated_at: state.updatedAt,
          state,
          ...filters(state),
        },
      ];
    });
    if (rows.length > 0) {
      await tx.unsafe(
        `insert into ${table} (workspace, conversation, stream, version, status, department, priority, owner, agent, queued_at, updated_at, state)
         select workspace, conversation, ${this.#shard}, version, status, department, priority, owner, agent, queued_at, updated_at, state
           from json_to_recordset($1::text::json) as r(workspace text, conversation text, version integer, status text,
                department text, priority text, owner text, agent text, queued_at timestamptz,
                updated_at timestamptz, state jsonb)
         on conflict (workspace, conversation) do update set
           version = excluded.version, status = excluded.status, department = excluded.department, priority = excluded.priority,
           owner = excluded.owner, agent = excluded.agent, queued_at = excluded.queued_at, updated_at = excluded.updated_at,
           state = excluded.state`,
        [asJson(rows)],
      );
    }
    const gone = changes
      .filter(({ after }) => !after)
      .map(({ history: { workspace, id } }) => ({ workspace, id }));
    if (gone.length === 0) return;
    for (const name of ['inbox', 'inbox_search']) {
      await tx.unsafe(
        `delete from ${this.#tables(name)} d using json_to_recordset($1::text::json) as r(workspace text, id text)
          where d.workspace = r.workspace collate "C" and d.conversation = r.id collate "C"`,
        [asJson(gone)],
      );
    }
  }

  async #writeSearch(tx: Transaction, changes: readonly Change[]): Promise<void> {
    const rows = changes.flatMap(({ history: { workspace, id }, before, after }) => {
      if (!after) return [];
      const row = {
        workspace,
        conversation: id,
        search: searchText(id, after.state),
        ...filters(after.state),
      };
      return before && sameSearch(id, before.state, row) ? [] : [row];
    });
    if (rows.length === 0) return;
    await tx.unsafe(
      `insert into ${this.#tables('inbox_search')} (workspace, conversation, stream, status, department, priority, owner, agent, search)
       select workspace, conversation, ${this.#shard}, status, department, priority, owner, agent, search
         from json_to_recordset($1::text::json) as r(workspace text, conversation text, status text, department text, priority text, owner text,
              agent text, search text)
       on conflict (workspace, conversation) do update set status = excluded.status, department = excluded.department,
         priority = excluded.priority, owner = excluded.owner, agent = excluded.agent, search = excluded.search`,
      [asJson(rows)],
    );
  }

  async #count(tx: Transaction, changes: readonly Change[]): Promise<void> {
    const sums = new Map<string, { workspace: string; conversations: number } & Filters>();
    const add = (workspace: string, state: InboxState, conversations: number) => {
      const row = { workspace, ...filters(state) };
      const key = JSON.stringify(Object.values(row));
      const sum = sums.get(key);
      if (sum) sum.conversations += conversations;
      else sums.set(key, { ...row, agent: row.agent ?? '', conversations });
    };
    for (const { history, before, after } of changes) {
      if (before) add(history.workspace, before.state, -1);
      if (after) add(history.workspace, after.state, 1);
    }
    const rows = [...sums].filter(([, sum]) => sum.conversations !== 0);
    if (rows.length === 0) return;
    rows.sort(([a], [b]) => (a < b ? -1 : 1));
    const table = this.#tables('inbox_counts');
    await tx.unsafe(
      `insert into ${table} as c (workspace, stream, status, department, priority, owner, agent, conversations)
       select workspace, ${this.#shard}, status, department, priority, owner, agent, conversations
         from json_to_recordset($1::text::json) as r(workspace text, status text, department text, priority text, owner text, agent text, conversations integer)
       on conflict (workspace, stream, status, department, priority, owner, agent)
       do update set conversations = c.conversations + excluded.conversations`,
      [asJson(rows.map(([, row]) => row))],
    );
    if (rows.some(([, row]) => row.conversations < 0)) {
      await tx.unsafe(
        `delete from ${table} where stream = ${this.#shard} and conversations = 0 and workspace = any($1)`,
        [[...new Set(rows.map(([, row]) => row.workspace))]],
      );
    }
  }
}

interface Filters {
  readonly status: string;
  readonly department: string;
  readonly priority: string;
  readonly owner: string;
  readonly agent: string | null;
}

function filters({ status, department, priority, owner }: InboxState): Filters {
  return {
    status,
    department,
    priority,
    owner: owner.kind,
    agent: owner.kind === 'agent' ? owner.agent.id : null,
  };
}

/** Since when it waits for an agent; null where it does not, or the AI speaks. */
function queuedAt({ status, owner, queuedAt }: InboxState): string | null {
  return status === 'queued' && owner.kind === 'nobody' ? (queuedAt ?? null) : null;
}

function fold(history: History<PlacedConversationEvent>, before: Row | undefined): Row | undefined {
  // A generation from before an upgrade is fed until the new one serves: its rows lack what folds have learned since.
  let state: Conversation = before ? { ...initial, ...before.state, attachments: {} } : initial;
  for (const event of history.events) {
    // Without its beginning a conversation is one whose erasure is on its way through the log: nothing of it is shown.
    if (
      state.status === 'none' &&
      event.type !== 'ConversationStarted' &&
      event.type !== 'ConversationErased'
    )
      continue;
    state = evolve(state, event);
  }
  if (state.status === 'none' || state.status === 'erased') return undefined;
  const { attachments: _keys, ...kept } = state;
  return { version: history.last, state: kept };
}

function searchText(id: string, { visitor }: InboxState): string {
  return searchable([id, visitor.name ?? '', visitor.email ?? ''].join('\n'));
}

function sameSearch(id: string, before: InboxState, row: Filters & { readonly search: string }): boolean {
  const { status, department, priority, owner, agent } = filters(before);
  const same =
    status === row.status &&
    department === row.department &&
    priority === row.priority &&
    owner === row.owner &&
    agent === row.agent;
  return same && searchText(id, before) === row.search;
}
