// A workspace itself: one business, its name and settings.
import { z } from 'zod';
import type { Actor } from '../actor.ts';
import { type Decider, type Decision, type Placed, refuse } from '../decider.ts';
import { warnsInTime } from '../policies/timers.ts';
import { stated } from '../stated.ts';
import { departmentsOf } from './opening-hours.ts';
import { settingsDefaults, type WorkspaceSettings, workspaceSettings } from './values.ts';

/** Every field may be left out, and what is left out stays. */
export const settingsChange = workspaceSettings.partial();
export type SettingsChange = z.infer<typeof settingsChange>;

export const workspaceEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('WorkspaceCreated'),
    data: workspaceSettings.partial({
      aiDailyTokens: true,
      stickyAgent: true,
      idle: true,
      targets: true,
      hours: true,
      awayAfterMinutes: true,
    }),
  }),
  z.object({ type: z.literal('WorkspaceSettingsChanged'), data: settingsChange }),
]);
export type WorkspaceEvent = z.infer<typeof workspaceEvent>;

export type WorkspaceRequest =
  | { readonly type: 'CreateWorkspace'; readonly data: WorkspaceSettings }
  | { readonly type: 'ChangeSettings'; readonly data: SettingsChange };

export interface Workspace {
  readonly status: 'none' | 'live';
  /** The position of WorkspaceCreated; the lowest one is the default workspace. */
  readonly number: number;
  readonly settings?: WorkspaceSettings;
}

const initial: Workspace = { status: 'none', number: 0 };

function decide(
  command: WorkspaceRequest & { readonly actor: Actor; readonly at: string },
  now: Workspace,
): Decision<WorkspaceEvent> {
  switch (command.type) {
    case 'CreateWorkspace':
      return now.status === 'none'
        ? [{ type: 'WorkspaceCreated', data: command.data }]
        : refuse('workspace-exists');
    case 'ChangeSettings':
      if (now.status !== 'live' || !now.settings) return refuse('workspace-not-found');
      if (command.data.idle && !warnsInTime(command.data.idle)) return refuse('idle-order');
      return namesOwnDepartments({ ...now.settings, ...stated(command.data) })
        ? [{ type: 'WorkspaceSettingsChanged', data: command.data }]
        : refuse('hours-department-unknown');
  }
}

function namesOwnDepartments({ departments, hours }: WorkspaceSettings): boolean {
  return departmentsOf(hours).every((name) => departments.includes(name));
}

function evolve(state: Workspace, event: WorkspaceEvent & Placed): Workspace {
  switch (event.type) {
    case 'WorkspaceCreated':
      return { status: 'live', number: event.position, settings: { ...settingsDefaults, ...event.data } };
    case 'WorkspaceSettingsChanged':
      return { ...state, settings: state.settings && { ...state.settings, ...stated(event.data) } };
  }
}

export const workspace: Decider<Workspace, WorkspaceRequest & { readonly actor: Actor }, WorkspaceEvent> = {
  initial,
  decide,
  evolve,
};
