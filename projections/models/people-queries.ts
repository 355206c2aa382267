// What can be asked about workspaces, users and widgets.

import type { User } from '../../domain/workspace/user.ts';
import type { Role, UserProfile, WidgetConfig, WorkspaceSettings } from '../../domain/workspace/values.ts';
import type { Widget } from '../../domain/workspace/widget.ts';
import type { Workspace } from '../../domain/workspace/workspace.ts';
import { tablesOf } from '../projection.ts';
import type { Generations } from '../running/generations.ts';
import type { Runner } from '../sql.ts';
import { type Page, windowOf } from './paging.ts';

export interface UserRow {
  readonly workspace: string;
  /** Internal id, as actors and owners name it. */
  readonly id: string;
  /** The id the outside knows. */
  readonly number: number;
  readonly profile: UserProfile;
  readonly removed: boolean;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface WidgetRow {
  readonly workspace: string;
  readonly id: string;
  readonly number: number;
  readonly siteKey: string;
  readonly config: WidgetConfig;
  readonly createdAt: string;
}

export interface WorkspaceRow {
  readonly workspace: string;
  readonly number: number;
  readonly settings: WorkspaceSettings;
}

/** A workspace's users who were not removed, the first first. */
export async function findUsers(
  sql: Runner,
  generations: Generations,
  { workspace, role, ...page }: { readonly workspace: string; readonly role?: Role } & Page,
): Promise<{ rows: UserRow[]; total: number }> {
  const t = tablesOf(await generations.serving('people'));
  const { limit, offset } = windowOf(page);
  const where = sql`where workspace = ${workspace} and state->>'status' = 'active' ${role ? sql`and state->'profile'->>'role' = ${role}` : sql``}`;
  const [counted, rows] = await Promise.all([
    sql<{ n: number }>`select count(*)::float8 as n from ${sql(t('users'))} ${where}`,
    sql<
      Stored<User>
    >`select workspace, id, state from ${sql(t('users'))} ${where} order by number limit ${limit} offset ${offset}`,
  ]);
  return { rows: rows.flatMap(userRow), total: counted[0]?.n ?? 0 };
}

/** Users by internal id, removed ones too, so that old conversations keep their names. At most 200 ids. */
export async function findUsersById(
  sql: Runner,
  generations: Generations,
  { workspace, ids }: { readonly workspace: string; readonly ids: readonly string[] },
): Promise<Map<string, UserRow>> {
  const t = tablesOf(await generations.serving('people'));
  const asked = [...new Set(ids)].slice(0, 200);
  if (asked.length === 0) return new Map();
  const rows = await sql<
    Stored<User>
  >`select workspace, id, state from ${sql(t('users'))} where workspace = ${workspace} and id = any(${asked})`;
  return new Map(rows.flatMap(userRow).map((row) => [row.id, row]));
}

/** A workspace's widgets that were not deleted, the first (the default one) first. */
export async function findWidgets(
  sql: Runner,
  generations: Generations,
  { workspace, ...page }: { readonly workspace: string } & Page,
): Promise<{ rows: WidgetRow[]; total: number }> {
  const t = tablesOf(await generations.serving('people'));
  const { limit, offset } = windowOf(page);
  const where = sql`where workspace = ${workspace} and state->>'status' = 'live'`;
  const [counted, rows] = await Promise.all([
    sql<{ n: number }>`select count(*)::float8 as n from ${sql(t('widgets'))} ${where}`,
    sql<
      Stored<Widget>
    >`select workspace, id, state from ${sql(t('widgets'))} ${where} order by number limit ${limit} offset ${offset}`,
  ]);
  return { rows: rows.flatMap(widgetRow), total: counted[0]?.n ?? 0 };
}

/** All workspaces of the installation, the first (the default one) first. */
export async function findWorkspaces(
  sql: Runner,
  generations: Generations,
  page: Page = {},
): Promise<{ rows: WorkspaceRow[]; total: number }> {
  const t = tablesOf(await generations.serving('people'));
  const { limit, offset } = windowOf(page);
  const [counted, rows] = await Promise.all([
    sql<{ n: number }>`select count(*)::float8 as n from ${sql(t('workspaces'))}`,
    sql<
      Stored<Workspace>
    >`select workspace, id, state from ${sql(t('workspaces'))} order by number limit ${limit} offset ${offset}`,
  ]);
  return { rows: rows.flatMap(workspaceRow), total: counted[0]?.n ?? 0 };
}

interface Stored<State> {
  readonly workspace: string;
  readonly id: string;
  readonly state: State;
}

function userRow({ workspace, id, state }: Stored<User>): UserRow[] {
  const { number, profile, status, createdAt, updatedAt } = state;
  return profile
    ? [{ workspace, id, number, profile, removed: status === 'removed', createdAt, updatedAt }]
    : [];
}

function widgetRow({
  workspace,
  id,
  state: { number, siteKey, config, createdAt },
}: Stored<Widget>): WidgetRow[] {
  return config ? [{ workspace, id, number, siteKey, config, createdAt }] : [];
}

function workspaceRow({ workspace, state: { number, settings } }: Stored<Workspace>): WorkspaceRow[] {
  return settings ? [{ workspace, number, settings }] : [];
}
