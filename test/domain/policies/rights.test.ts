// Who may ask for what: every command that a socket can carry, for every role.
import { describe, expect, test } from 'vitest';
import { isAdmin, mayAsk, mayJoin } from '../../../domain/policies/rights.ts';
import { type WireCommand, wireCommand } from '../../../domain/wire.ts';
import { role } from '../../../domain/workspace/values.ts';

type Type = WireCommand['type'];
type Asker = Parameters<typeof mayAsk>[0];

const everyone: readonly Asker[] = ['visitor', ...role.options];
const staff: readonly Asker[] = ['support', 'admin', 'super_admin'];
const admins: readonly Asker[] = ['admin', 'super_admin'];

/** A new command does not compile until somebody has said here who may send it. */
const expected: Readonly<Record<Type, readonly Asker[]>> = {
  PostMessage: everyone,
  MarkRead: everyone,
  CloseConversation: everyone,
  RateConversation: ['visitor'],
  IdentifyVisitor: ['visitor'],
  RequestHuman: ['visitor'],
  AssignAgent: staff,
  AcceptConversation: staff,
  TransferConversation: staff,
  QueueConversation: staff,
  ReturnToAi: staff,
  AddNote: staff,
  SetTags: staff,
  SetPriority: staff,
  SetDepartment: staff,
  SetReminder: staff,
  ClearReminder: staff,
  ReopenConversation: staff,
  ArchiveConversation: staff,
  EraseConversation: admins,
};

describe('the right to ask', () => {
  test('is said here of every command of the wire', () => {
    const types = wireCommand.options.map((option) => option.shape.type.value);
    expect(Object.keys(expected).sort()).toEqual([...types].sort());
  });
  test.each(Object.entries(expected))('%s belongs to %j and to nobody else', (type, who) => {
    expect(everyone.filter((asker) => mayAsk(asker, type as Type)).sort()).toEqual([...who].sort());
  });
});

describe('writing where another agent is the owner', () => {
  test('is an admin’s right in any workspace', () => {
    for (const agentsMayJoin of [true, false])
      expect([mayJoin('admin', { agentsMayJoin }), mayJoin('super_admin', { agentsMayJoin })]).toEqual([
        true,
        true,
      ]);
  });
  test('is an agent’s right where the workspace lets agents join', () => {
    expect(mayJoin('support', { agentsMayJoin: true })).toBe(true);
    expect(mayJoin('support', { agentsMayJoin: false })).toBe(false);
  });
});

test('admins of either kind run the workspace, agents do not', () => {
  expect(role.options.filter(isAdmin).sort()).toEqual([...admins].sort());
});
