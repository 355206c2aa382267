// Who has written, by e-mail address: changes only when a conversation starts, its visitor says who they are, or it is erased.
import type { Visitor } from '../../domain/conversation/values.ts';
import type { Model, Projection, Tables, Transaction } from '../projection.ts';
import { asJson, storable } from '../rows.ts';
import type { Batch } from '../running/batch.ts';
import type { History, PlacedConversationEvent } from '../running/histories.ts';
import { createCustomers, indexCustomers } from '../tables/customers.ts';

interface Row {
  readonly startedAt: string;
  readonly email: string | null;
  readonly name: string | null;
  readonly phone: string | null;
}

interface Change {
  readonly history: History<PlacedConversationEvent>;
  readonly before: Row | undefined;
  readonly after: Row | undefined;
}

export const customers: Projection = {
  name: 'customers',
  version: 1,
  family: 'chat',
  tables: ['customer_conversations', 'customers'],
  create: createCustomers,
  indexes: indexCustomers,
  open: (tables, stream) => new CustomersModel(tables, stream.shard),
};

const TELLING = new Set<string>(['ConversationStarted', 'VisitorIdentified', 'ConversationErased']);

class CustomersModel implements Model {
  readonly #tables: Tables;
  readonly #shard: number;

  constructor(tables: Tables, shard: number) {
    this.#tables = tables;
    this.#shard = shard;
  }

  async apply(tx: Transaction, batch: Batch): Promise<void> {
    const histories = batch.conversations.filter(({ events }) =>
      events.some(({ type }) => TELLING.has(type)),
    );
    if (histories.length === 0) return;
    const stored = await this.#load(tx, histories);
    const changes = histories.map((history): Change => {
      const before = stored.get(history.key);
      return { history, before, after: fold(before, history.events) };
    });
    await this.#write(tx, changes);
    await this.#count(tx, changes);
  }

  /** Remembers nothing: a conversation comes by here once or twice. */
  forget(): void {}

  async #load(
    tx: Transaction,
    histories: readonly History<PlacedConversationEvent>[],
  ): Promise<Map<string, Row>> {
    const wanted = histories
      .filter(({ first }) => first > 1)
      .map(({ key, workspace, id }) => ({ key, workspace, id }));
    if (wanted.length === 0) return new Map();
    const rows = await tx.unsafe<{
      key: string;
      started_at: Date;
      email: string | null;
      name: string | null;
      phone: string | null;
    }>(
      `select w.key, c.started_at, c.email, c.name, c.phone
         from json_to_recordset($1::text::json) as w(key text, workspace text, id text)
         join ${this.#tables('customer_conversations')} c on c.workspace = w.workspace collate "C" and c.conversation = w.id collate "C"`,
      [asJson(wanted)],
    );
    return new Map(
      rows.map(({ key, started_at, ...row }) => [key, { ...row, startedAt: started_at.toISOString() }]),
    );
  }

  async #write(tx: Transaction, changes: readonly Change[]): Promise<void> {
    const table = this.#tables('customer_conversations');
    const rows = changes.flatMap(({ history: { workspace, id }, after }) =>
      after
        ? [
            {
              workspace,
              conversation: id,
              started_at: after.startedAt,
              email: after.email,
              name: after.name,
              phone: after.phone,
            },
          ]
        : [],
    );
    if (rows.length > 0) {
      await tx.unsafe(
        `insert into ${table} (workspace, conversation, stream, started_at, email, name, phone)
         select workspace, conversation, ${this.#shard}, started_at, email, name, phone
           from json_to_recordset($1::text::json) as r(workspace text, conversation text, started_at timestamptz, email text, name text, phone text)
         on conflict (workspace, conversation) do update set email = excluded.email, name = excluded.name, phone = excluded.phone`,
        [asJson(rows)],
      );
    }
    const gone = changes.flatMap(({ history: { workspace, id }, before, after }) =>
      before && !after ? [{ workspace, id }] : [],
    );
    if (gone.length === 0) return;
    await tx.unsafe(
      `delete from ${table} d using json_to_recordset($1::text::json) as r(workspace text, id text)
        where d.workspace = r.workspace collate "C" and d.conversation = r.id collate "C"`,
      [asJson(gone)],
    );
  }

  async #count(tx: Transaction, changes: readonly Change[]): Promise<void> {
    const sums = new Map<string, { workspace: string; email: string; conversations: number }>();
    const add = (workspace: string, email: string | null | undefined, conversations: number) => {
      if (!email) return;
      const sum = sums.get(`${workspace} ${email}`);
      if (sum) sum.conversations += conversations;
      else sums.set(`${workspace} ${email}`, { workspace, email, conversations });
    };
    for (const { history, before, after } of changes) {
      add(history.workspace, before?.email, -1);
      add(history.workspace, after?.email, 1);
    }
    const rows = [...sums]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([, sum]) => (sum.conversations === 0 ? [] : [sum]));
    if (rows.length === 0) return;
    const table = this.#tables('customers');
    await tx.unsafe(
      `insert into ${table} as c (workspace, email, stream, conversations)
       select workspace, email, ${this.#shard}, conversations
         from json_to_recordset($1::text::json) as r(workspace text, email text, conversations integer)
       on conflict (workspace, email, stream) do update set conversations = c.conversations + excluded.conversations`,
      [asJson(rows)],
    );
    const fewer = rows.filter(({ conversations }) => conversations < 0);
    if (fewer.length === 0) return;
    await tx.unsafe(
      `delete from ${table} c using json_to_recordset($1::text::json) as r(workspace text, email text)
        where c.workspace = r.workspace collate "C" and c.email = r.email collate "C" and c.stream = ${this.#shard} and c.conversations = 0`,
      [asJson(fewer)],
    );
  }
}

/** How an e-mail address is compared: case does not matter. */
export function sameEmail(email: string): string {
  return storable(email).trim().toLowerCase();
}

function fold(before: Row | undefined, events: readonly PlacedConversationEvent[]): Row | undefined {
  let row = before;
  for (const event of events) {
    if (event.type === 'ConversationStarted')
      row = identified({ startedAt: event.at, email: null, name: null, phone: null }, event.data.visitor);
    else if (event.type === 'VisitorIdentified') row = row && identified(row, event.data.visitor);
    else if (event.type === 'ConversationErased') row = undefined;
  }
  return row;
}

function identified(row: Row, { email, name, phone }: Visitor): Row {
  return {
    ...row,
    email: email ? sameEmail(email) : row.email,
    name: name ?? row.name,
    phone: phone ?? row.phone,
  };
}
