// What may happen to a workspace, its users and its widgets.
import { describe, expect, test } from 'vitest';
import { system } from '../../domain/actor.ts';
import { type UserEvent, type UserRequest, user, userEvent } from '../../domain/workspace/user.ts';
import {
  settingsDefaults,
  type UserProfile,
  type WidgetConfig,
  type WorkspaceSettings,
  widgetDefaults,
} from '../../domain/workspace/values.ts';
import { type WidgetEvent, type WidgetRequest, widget, widgetEvent } from '../../domain/workspace/widget.ts';
import {
  type SettingsChange,
  type WorkspaceRequest,
  workspace,
  workspaceEvent,
} from '../../domain/workspace/workspace.ts';
import { given, later, NOON } from '../given.ts';

describe('a user', () => {
  const profile: UserProfile = {
    username: 'jane',
    email: 'jane@example.com',
    fullName: 'Jane Doe',
    role: 'support',
    skills: [],
    departments: ['sales'],
  };
  const registered: UserEvent = { type: 'UserRegistered', data: profile };
  const removed: UserEvent = { type: 'UserRemoved', data: {} };
  const ask = (request: UserRequest) => ({ ...request, actor: system });
  const register = ask({ type: 'RegisterUser', data: profile });
  const change = ask({ type: 'ChangeUserProfile', data: { fullName: 'Jane Roe' } });
  const promote = ask({ type: 'ChangeUserRole', data: { role: 'admin' } });
  const signOut = ask({ type: 'RevokeTokens', data: { reason: 'sign-out' } });
  const remove = ask({ type: 'RemoveUser', data: {} });

  test('is registered once, and known outside by the position of that', () =>
    given(user).when(register).then(registered));
  test('has a first token version and a number', () =>
    given(user, registered).is({ status: 'active', tokenVersion: 1, number: 65_536, createdAt: NOON }));
  test('is not registered twice', () => given(user, registered).when(register).thenRefused('user-exists'));
  test('who was removed is not registered again under the same id', () =>
    given(user, registered, removed).when(register).thenRefused('user-exists'));
  test('changes what is named and keeps the rest', () =>
    given(user, registered)
      .when(change)
      .then({ type: 'UserProfileChanged', data: { fullName: 'Jane Roe' } })
      .leaving({ profile: { ...profile, fullName: 'Jane Roe' }, updatedAt: later(NOON, 60_000) }));
  test('loses nothing to a field that is there but undefined', () =>
    given(user, registered, { type: 'UserProfileChanged', data: { fullName: undefined, maxChats: 3 } }).is({
      profile: { ...profile, maxChats: 3 },
    }));
  test('keeps departments that a stored change does not name, when it is read back', () =>
    expect(userEvent.parse({ type: 'UserProfileChanged', data: { fullName: 'Jane Roe' } })).toEqual({
      type: 'UserProfileChanged',
      data: { fullName: 'Jane Roe' },
    }));
  test('takes conversations from the beginning, no more once they say so, and again', () => {
    const pause = ask({ type: 'SetAvailability', data: { accepting: false } });
    const goOn = ask({ type: 'SetAvailability', data: { accepting: true } });
    const paused: UserEvent = { type: 'UserAvailabilityChanged', data: { accepting: false } };
    given(user, registered).is({ accepting: true });
    given(user, registered).when(goOn).thenNothing();
    given(user, registered).when(pause).then(paused).leaving({ accepting: false, tokenVersion: 1 });
    given(user, registered, paused)
      .when(goOn)
      .then({ type: 'UserAvailabilityChanged', data: { accepting: true } });
    given(user, registered, removed).when(pause).thenRefused('user-not-found');
  });
  test('with a new role needs new tokens', () =>
    given(user, registered)
      .when(promote)
      .then(
        { type: 'UserRoleChanged', data: { role: 'admin' } },
        { type: 'UserTokensRevoked', data: { reason: 'role-changed' } },
      )
      .leaving({ profile: { ...profile, role: 'admin' }, tokenVersion: 2 }));
  test('with the same role keeps the tokens', () =>
    given(user, registered)
      .when(ask({ type: 'ChangeUserRole', data: { role: 'support' } }))
      .thenNothing());
  for (const reason of ['sign-out', 'password-changed'] as const)
    test(`needs new tokens after ${reason}`, () =>
      given(user, registered)
        .when(ask({ type: 'RevokeTokens', data: { reason } }))
        .then({ type: 'UserTokensRevoked', data: { reason } })
        .leaving({ tokenVersion: 2 }));
  test('once removed has no token that counts', () =>
    given(user, registered).when(remove).then(removed).leaving({ status: 'removed', tokenVersion: 2 }));
  test('removed twice is removed once', () => given(user, registered, removed).when(remove).thenNothing());
  for (const command of [change, promote, signOut]) {
    test(`who never was is not found by ${command.type}`, () =>
      given(user).when(command).thenRefused('user-not-found'));
    test(`who was removed is not found by ${command.type}`, () =>
      given(user, registered, removed).when(command).thenRefused('user-not-found'));
  }
  test('who never was cannot be removed', () => given(user).when(remove).thenRefused('user-not-found'));
});

describe('a widget', () => {
  const config: WidgetConfig = { ...widgetDefaults, businessName: 'Shop' };
  const siteKey = 'widget-abcdefghijkl';
  const created = { type: 'WidgetCreated' as const, data: { siteKey, config } };
  const deleted = { type: 'WidgetDeleted' as const, data: {} };
  const ask = (request: WidgetRequest) => ({ ...request, actor: system });
  const create = ask({ type: 'CreateWidget', data: created.data });
  const change = ask({ type: 'ChangeWidget', data: { primaryColor: '#ff0000' } });
  const remove = ask({ type: 'DeleteWidget', data: {} });

  test('is made with its key and configuration', () =>
    given(widget).when(create).then(created).leaving({ status: 'live', siteKey, config }));
  test('of before there was an AI has it as if nobody had said anything of it', () => {
    const { aiEnabled: _enabled, ai: _ai, ...old } = config;
    const siteKey = 'widget-aaaaaaaaaaaa';
    const before: WidgetEvent = { type: 'WidgetCreated', data: { siteKey, config: old } };
    expect(widgetEvent.parse(before)).toEqual(before);
    given(widget, before).is({ config });
  });
  test('is not made twice', () => given(widget, created).when(create).thenRefused('widget-exists'));
  test('changes what is named and keeps the rest', () =>
    given(widget, created)
      .when(change)
      .then({ type: 'WidgetChanged', data: { primaryColor: '#ff0000' } })
      .leaving({ config: { ...config, primaryColor: '#ff0000' }, siteKey }));
  test('loses nothing to a field that is there but undefined', () =>
    given(widget, created, { type: 'WidgetChanged', data: { businessName: undefined } }).is({ config }));
  test('is read back without a field being filled in', () =>
    expect(widgetEvent.parse({ type: 'WidgetChanged', data: { isActive: false } }).data).toEqual({
      isActive: false,
    }));
  test('is deleted, and its key stays taken', () =>
    given(widget, created).when(remove).then(deleted).leaving({ status: 'deleted', siteKey }));
  test('deleted twice is deleted once', () => given(widget, created, deleted).when(remove).thenNothing());
  test('once deleted is neither changed nor made again', () => {
    given(widget, created, deleted).when(change).thenRefused('widget-not-found');
    given(widget, created, deleted).when(create).thenRefused('widget-exists');
  });
  test('that never was is neither changed nor deleted', () => {
    given(widget).when(change).thenRefused('widget-not-found');
    given(widget).when(remove).thenRefused('widget-not-found');
  });
});

describe('a workspace', () => {
  const settings: WorkspaceSettings = { ...settingsDefaults, name: 'Shop' };
  const created = { type: 'WorkspaceCreated' as const, data: settings };
  const ask = (request: WorkspaceRequest) => ({ ...request, actor: system });
  const create = ask({ type: 'CreateWorkspace', data: settings });
  const change = ask({ type: 'ChangeSettings', data: { maxChats: 5 } });

  test('is made once', () => {
    given(workspace).when(create).then(created).leaving({ status: 'live', settings });
    given(workspace, created).when(create).thenRefused('workspace-exists');
  });
  test('changes what is named and keeps the rest', () =>
    given(workspace, created)
      .when(change)
      .then({ type: 'WorkspaceSettingsChanged', data: { maxChats: 5 } })
      .leaving({ settings: { ...settings, maxChats: 5 } }));
  test('loses nothing to a field that is there but undefined', () =>
    given(workspace, created, { type: 'WorkspaceSettingsChanged', data: { departments: undefined } }).is({
      settings,
    }));
  test('that was made before there were timers has none', () => {
    const { idle: _idle, targets: _targets, ...before } = settings;
    const old = workspaceEvent.parse({ type: 'WorkspaceCreated', data: before });
    given(workspace, old).is({ settings });
    expect(old.data).not.toHaveProperty('idle');
  });
  test('warns before it closes, or does not warn', () => {
    const idle = (warnAfterMinutes: number | null, closeAfterMinutes: number | null) =>
      ask({ type: 'ChangeSettings', data: { idle: { warnAfterMinutes, closeAfterMinutes } } });
    given(workspace, created).when(idle(10, 10)).thenRefused('idle-order');
    for (const [warn, close] of [
      [10, 11],
      [null, 1],
      [10, null],
    ] as const)
      given(workspace, created)
        .when(idle(warn, close))
        .leaving({ settings: { ...settings, idle: { warnAfterMinutes: warn, closeAfterMinutes: close } } });
  });
  test('is read back without a field being filled in', () =>
    expect(workspaceEvent.parse({ type: 'WorkspaceSettingsChanged', data: {} }).data).toEqual({}));
  test('that never was has no settings to change', () =>
    given(workspace).when(change).thenRefused('workspace-not-found'));
  test('that was made before there were hours is always open, and nobody in it is away', () => {
    const { hours: _hours, awayAfterMinutes: _away, ...old } = settings;
    expect(workspaceEvent.parse({ type: 'WorkspaceCreated', data: old }).data).toEqual(old);
    given(workspace, { type: 'WorkspaceCreated', data: old }).is({ settings });
  });
  test('has hours for its own departments alone, however the two are changed', () => {
    const hours = (overflow: string | null) => ({
      sales: { timeZone: 'UTC', weekly: {}, overflow, overflowAfterSeconds: null },
    });
    const to = (data: SettingsChange) => ask({ type: 'ChangeSettings', data });
    const open = { type: 'WorkspaceSettingsChanged' as const, data: { hours: hours('support') } };
    given(workspace, created).when(to(open.data)).then(open);
    given(workspace, created)
      .when(to({ hours: hours('cooking') }))
      .thenRefused('hours-department-unknown');
    given(workspace, created, open)
      .when(to({ departments: ['sales'] }))
      .thenRefused('hours-department-unknown');
    const both = { departments: ['sales'], hours: hours(null) };
    given(workspace, created, open).when(to(both)).then({ type: 'WorkspaceSettingsChanged', data: both });
  });
});
