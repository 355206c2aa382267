// How long a visitor waits: given what happened, since when they wait and how long they waited.
import { expect, test } from 'vitest';
import type { ConversationEvent } from '../../domain/conversation/events.ts';
import { neverWaited, waitAfter } from '../../domain/conversation/wait.ts';

const jane = { id: '7', name: 'Jane' };
const minute = (n: number) => new Date(Date.UTC(2026, 10, 1, 10, n)).toISOString();

const started = (ai: boolean): ConversationEvent => ({
  type: 'ConversationStarted',
  data: { widget: 'w', visitor: {}, origin: {}, department: 'general', priority: 'medium', ai },
});
const assigned: ConversationEvent = { type: 'AgentAssigned', data: { agent: jane } };
const transferred: ConversationEvent = { type: 'ConversationTransferred', data: { to: jane, reason: '' } };
const queued: ConversationEvent = { type: 'ConversationQueued', data: { reason: '' } };
const asked: ConversationEvent = { type: 'HumanRequested', data: { reason: '' } };
const toAi: ConversationEvent = { type: 'ConversationReturnedToAi', data: {} };
const closed: ConversationEvent = { type: 'ConversationClosed', data: { by: 'visitor' } };
const reopened = (by: 'visitor' | 'agent'): ConversationEvent => ({
  type: 'ConversationReopened',
  data: { by },
});
const said = (kind: 'visitor' | 'agent' | 'ai' | 'system'): ConversationEvent => ({
  type: 'MessagePosted',
  data: { text: 'x', attachments: [], author: { kind } },
});

/** What is true after these, one a minute. */
const after = (...events: ConversationEvent[]) =>
  events.map((event, n) => ({ ...event, at: minute(n) })).reduce(waitAfter, neverWaited);
const waiting = (since: number) => ({ ...neverWaited, waitingSince: minute(since) });
const taken = (at: number, minutes: number) => ({
  waitingSince: null,
  takenAt: minute(at),
  waitedMs: minutes * 60_000,
});

test('who is not with the AI waits from the start', () => {
  expect(after(started(false))).toEqual(waiting(0));
  expect(after(started(true))).toEqual(neverWaited);
});

test('an assignment, a transfer or an agent’s word ends a wait; nobody else’s does', () => {
  for (const end of [assigned, transferred, said('agent')])
    expect(after(started(false), said('visitor'), end)).toEqual(taken(2, 2));
  expect(after(started(false), said('ai'), said('system'), said('visitor'))).toEqual(waiting(0));
});

test('asking for a human begins a wait with the AI, and does not begin one anew', () => {
  expect(after(started(true), said('visitor'), asked)).toEqual(waiting(2));
  expect(after(started(false), said('visitor'), asked)).toEqual(waiting(0));
});

test('a wait that nobody ended by taking it is not measured', () => {
  expect(after(started(false), closed)).toEqual(neverWaited);
  expect(after(started(false), toAi)).toEqual(neverWaited);
  expect(after(started(false), toAi, assigned)).toEqual(neverWaited);
});

test('of several waits the latest measured one stands, also while the next is under way', () => {
  expect(after(started(false), assigned, queued)).toEqual({ ...taken(1, 1), waitingSince: minute(2) });
  expect(after(started(false), assigned, queued, said('visitor'), said('visitor'), assigned)).toEqual(
    taken(5, 3),
  );
});

test('who comes back waits again; whom an agent calls back does not', () => {
  expect(after(started(false), closed, reopened('visitor'))).toEqual(waiting(2));
  expect(after(started(false), closed, reopened('agent'), assigned)).toEqual(neverWaited);
});

test('clocks that disagree make no wait negative', () => {
  const late = { ...started(false), at: minute(5) };
  expect([late, { ...assigned, at: minute(3) }].reduce(waitAfter, neverWaited).waitedMs).toBe(0);
});
