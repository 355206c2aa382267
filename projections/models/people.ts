// Workspaces, users and widgets as rows: names and settings that lists join when they are asked.
import { factOf, type RecordedEvent } from '../../domain/log/commit.ts';
import { type User, type UserEvent, user } from '../../domain/workspace/user.ts';
import { type Widget, type WidgetEvent, widget } from '../../domain/workspace/widget.ts';
import { type Workspace, type WorkspaceEvent, workspace } from '../../domain/workspace/workspace.ts';
import type { Model, Projection, Tables, Transaction } from '../projection.ts';
import { asJson } from '../rows.ts';
import type { Batch } from '../running/batch.ts';
import type { History } from '../running/histories.ts';
import { createPeople, indexPeople } from '../tables/people.ts';

export const people: Projection = {
  name: 'people',
  version: 2,
  family: 'workspace',
  tables: ['workspaces', 'users', 'widgets'],
  create: createPeople,
  indexes: indexPeople,
  open: (tables, stream) => new PeopleModel(tables, stream.shard),
};

interface Kind<State> {
  readonly table: string;
  /** The column beside number and state, and what goes in. */
  readonly extra: string | undefined;
  fold(state: State | undefined, event: RecordedEvent): State;
  row(state: State): Record<string, unknown>;
}

const users: Kind<User> = {
  table: 'users',
  extra: 'email',
  fold: (state, event) => user.evolve(state ?? user.initial, factOf<UserEvent>(event)),
  row: (state) => ({ number: state.number, email: state.profile?.email.toLowerCase() ?? '', state }),
};
const widgets: Kind<Widget> = {
  table: 'widgets',
  extra: 'site_key',
  fold: (state, event) => widget.evolve(state ?? widget.initial, factOf<WidgetEvent>(event)),
  row: (state) => ({ number: state.number, site_key: state.siteKey, state }),
};
const workspaces: Kind<Workspace> = {
  table: 'workspaces',
  extra: undefined,
  fold: (state, event) => workspace.evolve(state ?? workspace.initial, factOf<WorkspaceEvent>(event)),
  row: (state) => ({ number: state.number, state }),
};

class PeopleModel implements Model {
  readonly #tables: Tables;
  readonly #shard: number;

  constructor(tables: Tables, shard: number) {
    this.#tables = tables;
    this.#shard = shard;
  }

  async apply(tx: Transaction, batch: Batch): Promise<void> {
    const byKind = new Map<string, History<RecordedEvent>[]>();
    for (const history of batch.aggregates) {
      const those = byKind.get(history.kind);
      if (those) those.push(history);
      else byKind.set(history.kind, [history]);
    }
    for (const [kind, histories] of byKind) {
      if (kind === 'settings') await this.#write(tx, workspaces, histories);
      else if (kind === 'user') await this.#write(tx, users, histories);
      else if (kind === 'widget') await this.#write(tx, widgets, histories);
      // Other kinds of aggregates have read models of their own.
    }
  }

  /** Remembers nothing: people change rarely. */
  forget(): void {}

  async #write<State>(
    tx: Transaction,
    kind: Kind<State>,
    histories: readonly History<RecordedEvent>[],
  ): Promise<void> {
    const table = this.#tables(kind.table);
    const stored = await tx.unsafe<{ key: string; state: State }>(
      `select w.key, p.state from json_to_recordset($1::text::json) as w(key text, workspace text, id text)
         join ${table} p on p.workspace = w.workspace collate "C" and p.id = w.id collate "C"`,
      [asJson(histories.map(({ key, workspace, id }) => ({ key, workspace, id })))],
    );
    const before = new Map(stored.map(({ key, state }) => [key, state]));
    const rows = histories.map(({ key, workspace, id, events }) => {
      const state = events.reduce<State | undefined>((now, event) => kind.fold(now, event), before.get(key));
      return { workspace, id, ...(state === undefined ? {} : kind.row(state)) };
    });
    const extra = kind.extra === undefined ? '' : `${kind.extra}, `;
    await tx.unsafe(
      `insert into ${table} (workspace, id, stream, number, ${extra}state)
       select workspace, id, ${this.#shard}, number, ${extra}state
         from json_to_recordset($1::text::json) as r(workspace text, id text, number bigint, ${kind.extra === undefined ? '' : `${kind.extra} text, `}state jsonb)
       on conflict (workspace, id) do update set number = excluded.number, state = excluded.state`,
      [asJson(rows)],
    );
  }
}
