// What can be asked of the queue: who waits for an agent, how busy the agents are, and how long waits have been.
import type { Priority } from '../../domain/conversation/values.ts';
import { tablesOf } from '../projection.ts';
import type { Generations } from '../running/generations.ts';
import type { Runner } from '../sql.ts';

/** Most urgent first, as `inQueueOrder` has it. */
const RANKS: readonly Priority[] = ['urgent', 'high', 'medium', 'low'];

const rank = (sql: Runner) => sql`array_position(${RANKS}::text[], i.priority)`;

/** A conversation that waits for an agent. */
export interface QueuedRow {
  readonly conversation: string;
  /** The version as of which this is said. */
  readonly version: number;
  /** The widget's id. */
  readonly widget: string;
  readonly visitorName: string | undefined;
  /** ISO 8601. */
  readonly queuedAt: string;
  /** A human was asked for. */
  readonly escalated: boolean;
  readonly priority: Priority;
  readonly department: string;
}

export interface QueueNow {
  /** In the order in which they are taken: more urgent first, then longest waiting; `most` at most. */
  readonly rows: readonly QueuedRow[];
  /** All who wait, by the widget's id, beyond `most` too. */
  readonly waiting: ReadonlyMap<string, number>;
  /** Open conversations of each agent who has any, by public number. */
  readonly open: ReadonlyMap<string, number>;
}

/** The queue of a workspace at this moment. */
export async function findQueue(
  sql: Runner,
  generations: Generations,
  { workspace, most }: { readonly workspace: string; readonly most: number },
): Promise<QueueNow> {
  const t = tablesOf(await generations.serving('inbox'));
  const [rows, agents] = await Promise.all([
    sql<{
      conversation: string;
      version: number;
      widget: string;
      name: string | null;
      queued: string;
      escalated: boolean;
      priority: Priority;
      department: string;
    }>`
      select i.conversation, i.version, i.state->>'widget' as widget, i.state->'visitor'->>'name' as name, i.state->>'queuedAt' as queued,
             (i.state->>'humanRequested')::boolean as escalated, i.priority, i.department
        from ${sql(t('inbox'))} i where i.workspace = ${workspace} and i.queued_at is not null
       order by ${rank(sql)}, i.queued_at, i.conversation limit ${most}`,
    sql<{ agent: string; n: number }>`
      select i.agent, sum(i.conversations)::float8 as n from ${sql(t('inbox_counts'))} i
       where i.workspace = ${workspace} and i.status = 'open' and i.agent <> '' group by i.agent`,
  ]);
  const waiting = new Map<string, number>();
  if (rows.length < most) {
    for (const { widget } of rows) waiting.set(widget, (waiting.get(widget) ?? 0) + 1);
  } else {
    const counts = await sql<{ widget: string; n: number }>`
      select i.state->>'widget' as widget, count(*)::float8 as n
        from ${sql(t('inbox'))} i where i.workspace = ${workspace} and i.queued_at is not null group by 1`;
    for (const { widget, n } of counts) waiting.set(widget, n);
  }
  return {
    rows: rows.map(({ conversation, version, widget, name, queued, escalated, priority, department }) => ({
      conversation,
      version,
      widget,
      visitorName: name ?? undefined,
      queuedAt: queued,
      escalated,
      priority,
      department,
    })),
    waiting,
    open: new Map(agents.map(({ agent, n }) => [agent, n])),
  };
}

/** How many other conversations of the workspace, or of one department, come before one that waits since `queuedAt` (ISO 8601). */
export async function countBefore(
  sql: Runner,
  generations: Generations,
  {
    workspace,
    conversation,
    queuedAt,
    priority,
    department,
  }: {
    readonly workspace: string;
    readonly conversation: string;
    readonly queuedAt: string;
    readonly priority: Priority;
    /** Undefined: all of them. */
    readonly department: string | undefined;
  },
): Promise<number> {
  const t = tablesOf(await generations.serving('inbox'));
  const since = new Date(queuedAt);
  const [row] = await sql<{ n: number }>`
    select count(*)::float8 as n from ${sql(t('inbox'))} i
     where i.workspace = ${workspace} and i.conversation <> ${conversation}
       and i.queued_at is not null
       and (${rank(sql)}, i.queued_at, i.conversation) < (array_position(${RANKS}::text[], ${priority}), ${since}, ${conversation} collate "C")
       ${department === undefined ? sql`` : sql`and i.department = ${department}`}`;
  return row?.n ?? 0;
}

/** The waits that ended by being taken within the last hour and the last 24 (the domain's wait.ts says what a wait is). */
export interface Waits {
  /** Of all widgets. */
  readonly takenInHour: number;
  readonly takenInDay: number;
  /** Mean over the last 24 hours, in ms, by the widget's id; and over all of them. Null, or no entry: none ended. */
  readonly averageMs: number | null;
  readonly averageMsOf: ReadonlyMap<string, number>;
}

/** `now`: ISO 8601. */
export async function findWaits(
  sql: Runner,
  generations: Generations,
  { workspace, now }: { readonly workspace: string; readonly now: string },
): Promise<Waits> {
  const t = tablesOf(await generations.serving('analytics'));
  const hourAgo = new Date(Date.parse(now) - HOUR);
  const dayAgo = new Date(Date.parse(now) - 24 * HOUR);
  const rows = await sql<{ widget: string; day: number; hour: number; waited: number }>`
    select f.widget, count(*)::float8 as day, (count(*) filter (where f.taken_at > ${hourAgo}))::float8 as hour, sum(f.waited_ms)::float8 as waited
      from ${sql(t('conversation_facts'))} f where f.workspace = ${workspace} and f.taken_at is not null and f.taken_at > ${dayAgo}
     group by f.widget`;
  const sum = (key: 'day' | 'hour' | 'waited') => rows.reduce((total, row) => total + row[key], 0);
  const takenInDay = sum('day');
  return {
    takenInHour: sum('hour'),
    takenInDay,
    averageMs: takenInDay > 0 ? sum('waited') / takenInDay : null,
    averageMsOf: new Map(rows.map(({ widget, day, waited }) => [widget, waited / day])),
  };
}

const HOUR = 3_600_000;
