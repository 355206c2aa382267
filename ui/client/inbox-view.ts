// The list of conversations that an agent looks at: one filter, pages read over HTTP, kept fresh by the socket's deltas.
import type { ConversationSummary } from '../../domain/wire.ts';
import type { InboxFilter } from './api.ts';

/** How many rows a console keeps; more are a filter's or a search's business. */
export const MOST_ROWS = 500;

/** Whether a conversation belongs under this filter; `undefined`: only the server can say (text search). */
export function matches(row: ConversationSummary, filter: InboxFilter): boolean | undefined {
  if (filter.status && row.status !== filter.status) return false;
  if (filter.department && row.department !== filter.department) return false;
  if (filter.priority && row.priority !== filter.priority) return false;
  if (filter.assigned) {
    const owner = row.owner.kind === 'agent' ? row.owner.id : 'unassigned';
    if (owner !== filter.assigned) return false;
  }
  return filter.search ? undefined : true;
}

/** Rows after a delta: newest change first, nothing twice, an older version never over a newer. */
export function withChanges(
  rows: readonly ConversationSummary[],
  filter: InboxFilter,
  delta: { readonly changed: readonly ConversationSummary[]; readonly gone: readonly string[] },
): readonly ConversationSummary[] {
  const byId = new Map(rows.map((row) => [row.conversation, row]));
  for (const id of delta.gone) byId.delete(id);
  for (const row of delta.changed) {
    const known = byId.get(row.conversation);
    if (known && known.version > row.version) continue;
    const fits = matches(row, filter) ?? known !== undefined;
    if (fits) byId.set(row.conversation, row);
    else byId.delete(row.conversation);
  }
  return sorted([...byId.values()]);
}

/** Rows of a further page, added to those that are there. */
export function withPage(
  rows: readonly ConversationSummary[],
  page: readonly ConversationSummary[],
): readonly ConversationSummary[] {
  const byId = new Map(rows.map((row) => [row.conversation, row]));
  for (const row of page) {
    const known = byId.get(row.conversation);
    if (!known || known.version < row.version) byId.set(row.conversation, row);
  }
  return sorted([...byId.values()]);
}

function sorted(rows: ConversationSummary[]): readonly ConversationSummary[] {
  rows.sort((left, right) =>
    left.updatedAt === right.updatedAt
      ? right.number - left.number
      : left.updatedAt < right.updatedAt
        ? 1
        : -1,
  );
  return rows.slice(0, MOST_ROWS);
}
