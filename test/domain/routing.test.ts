// The routing aggregate: one place for each conversation, taken before anybody owns it, and never more than an agent takes.
import fc from 'fast-check';
import { v7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import type { Actor } from '../../domain/actor.ts';
import { isRefusal } from '../../domain/decider.ts';
import { Aggregates } from '../../domain/log/aggregates.ts';
import { memoryStorage } from '../../domain/log/memory.ts';
import { Snapshots } from '../../domain/log/snapshots.ts';
import {
  holderOf,
  loadOf,
  type Routing,
  type RoutingEvent,
  type RoutingRequest,
  routing,
} from '../../domain/workspace/routing.ts';
import { given, NOON } from '../given.ts';

type Command = RoutingRequest & { readonly actor: Actor };
const system: Actor = { kind: 'system' };
const reserve = (
  conversation: string,
  agent: string,
  more: Partial<Extract<RoutingRequest, { type: 'ReserveAgent' }>['data']> = {},
): Command => ({
  type: 'ReserveAgent',
  data: {
    conversation,
    agent,
    asOf: 3,
    attended: true,
    capacity: 2,
    mayExceed: false,
    onlyIfFree: true,
    ...more,
  },
  actor: system,
});
const settle = (
  conversation: string,
  owner: string | null,
  more: Partial<Extract<RoutingRequest, { type: 'SettleConversation' }>['data']> = {},
): Command => ({
  type: 'SettleConversation',
  data: { conversation, owner, asOf: 5, had: null, attended: true, capacity: 2, final: false, ...more },
  actor: system,
});
const reserved = (conversation: string, agent: string, asOf = 3, over = false): RoutingEvent => ({
  type: 'AgentReserved',
  data: { conversation, agent, asOf, attended: true, ...(over ? { overCapacity: true } : {}) },
});
const released = (conversation: string, agent: string): RoutingEvent => ({
  type: 'AgentReleased',
  data: { conversation, agent },
});
const full = [reserved('a', 'jane'), reserved('b', 'jane')];

describe('a place is taken', () => {
  test('for who has room', () => given(routing).when(reserve('a', 'jane')).then(reserved('a', 'jane')));
  test('once, however often it is asked', () =>
    given(routing, reserved('a', 'jane')).when(reserve('a', 'jane')).thenNothing());
  test('anew where more is known of the conversation by now', () =>
    given(routing, reserved('a', 'jane'))
      .when(reserve('a', 'jane', { asOf: 9 }))
      .then(reserved('a', 'jane', 9)));
  test('not where another agent has it', () =>
    given(routing, reserved('a', 'jane')).when(reserve('a', 'omar')).thenRefused('already-assigned'));
  test('from another agent, where that is wanted', () =>
    given(routing, reserved('a', 'jane'))
      .when(reserve('a', 'omar', { onlyIfFree: false }))
      .then(released('a', 'jane'), reserved('a', 'omar')));
  test('not beyond what an agent takes', () =>
    given(routing, ...full)
      .when(reserve('c', 'jane'))
      .thenRefused('at-capacity'));
  test('beyond it by an admin, and marked', () =>
    given(routing, ...full)
      .when(reserve('c', 'jane', { mayExceed: true }))
      .then(reserved('c', 'jane', 3, true)));
});

describe('a place follows its conversation', () => {
  const had = (agent: string, since: number) => ({ had: { agent, since } });
  test('it is free once the conversation was the agent’s and is so no more', () =>
    given(routing, reserved('a', 'jane', 3))
      .when(settle('a', null, had('jane', 4)))
      .then(released('a', 'jane')));
  test('whatever happens before the conversation has followed changes nothing: somebody is about to take it', () => {
    given(routing, reserved('a', 'jane', 3))
      .when(settle('a', null, { asOf: 9 }))
      .thenNothing();
    given(routing, reserved('a', 'omar', 3))
      .when(settle('a', null, { asOf: 9, ...had('jane', 2) }))
      .thenNothing();
  });
  test('what is told late of the time before it was taken anew changes nothing', () =>
    given(routing, reserved('a', 'jane', 3), reserved('a', 'jane', 9))
      .when(settle('a', null, { asOf: 9, ...had('jane', 4) }))
      .thenNothing());
  test('it is free as well where the one who took it has failed, but not as of later than that is known', () => {
    given(routing, reserved('a', 'jane', 5))
      .when(settle('a', null, { asOf: 5, final: true }))
      .then(released('a', 'jane'));
    given(routing, reserved('a', 'jane', 5))
      .when(settle('a', null, { asOf: 4, final: true }))
      .thenNothing();
  });
  test('it goes along where the conversation went to another after all', () =>
    given(routing, reserved('a', 'jane'))
      .when(settle('a', 'omar', { final: true, ...had('omar', 5) }))
      .then(released('a', 'jane'), reserved('a', 'omar', 4)));
  test('what an agent has already counts, is followed from the beginning, and is marked where it is too much', () => {
    given(routing)
      .when(settle('a', 'jane', { asOf: 9, ...had('jane', 5) }))
      .then(reserved('a', 'jane', 4));
    given(routing, ...full)
      .when(settle('c', 'jane', { asOf: 9, ...had('jane', 5) }))
      .then(reserved('c', 'jane', 4, true));
  });
  test('an agent who is connected by now is so from then on, and it is no new conversation of theirs', () =>
    given(routing, {
      type: 'AgentReserved',
      data: { conversation: 'a', agent: 'jane', asOf: 3, attended: false },
    })
      .when(reserve('a', 'jane', { capacity: 0 }))
      .then(reserved('a', 'jane'))
      .leaving({
        desks: { jane: { places: { a: { asOf: 3, attended: true, overCapacity: false } }, lastAt: NOON } },
      }));
  test('where both agree nothing happens', () => {
    given(routing, reserved('a', 'jane')).when(settle('a', 'jane')).thenNothing();
    given(routing).when(settle('a', null)).thenNothing();
  });
  test('it remembers when an agent was last given one', () =>
    given(routing, reserved('a', 'jane'), released('a', 'jane')).is({
      desks: { jane: { places: {}, lastAt: NOON } },
    }));
});

const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const people = fc.constantFrom('jane', 'omar', 'lin');
const anyCommand = fc.oneof(
  fc
    .record({
      conversation: ids,
      agent: people,
      asOf: fc.nat(6),
      mayExceed: fc.boolean(),
      onlyIfFree: fc.boolean(),
    })
    .map(({ conversation, agent, ...more }) => reserve(conversation, agent, more)),
  fc
    .record({
      conversation: ids,
      owner: fc.option(people),
      asOf: fc.nat(6),
      had: fc.option(fc.record({ agent: people, since: fc.integer({ min: 1, max: 6 }) })),
      final: fc.boolean(),
    })
    .map(({ conversation, owner, ...more }) => settle(conversation, owner, more)),
);

test('whatever is asked in whatever order: one place for each conversation, and more than they take only where it is marked', () =>
  fc.assert(
    fc.property(fc.array(anyCommand, { maxLength: 60 }), (commands) => {
      let state: Routing = routing.initial;
      let version = 0;
      for (const command of commands) {
        const decision = routing.decide({ ...command, at: NOON }, state);
        if (isRefusal(decision)) continue;
        for (const event of decision) {
          const before = state;
          state = routing.evolve(state, { ...event, version: ++version, position: version, at: NOON });
          if (event.type !== 'AgentReserved') continue;
          const { agent, conversation, overCapacity } = event.data;
          const held = holderOf(before, conversation);
          const again = held?.agent === agent ? held.place : undefined;
          // One that is taken anew is no more than it was.
          expect(overCapacity === true).toBe(again ? again.overCapacity : loadOf(before, agent) >= 2);
          const forced = command.type === 'SettleConversation' || command.data.mayExceed;
          if (overCapacity && !again) expect(forced).toBe(true);
          expect(holderOf(state, conversation)?.agent).toBe(agent);
        }
        const held = Object.values(state.desks).flatMap(({ places }) => Object.keys(places));
        expect(new Set(held).size).toBe(held.length);
      }
    }),
  ));

test('a long history costs no memory: what was asked long ago is not asked again', async () => {
  const { log, snapshots } = memoryStorage();
  const kept = new Snapshots<Routing>(snapshots);
  const aggregates = new Aggregates<Routing, RoutingRequest, RoutingEvent>({
    log,
    decider: routing,
    snapshots: kept,
    now: () => Date.parse(NOON),
  });
  const address = log.subjects.routing('waaaaaaaaaaaa');
  for (let n = 0; n < 600; n++)
    await aggregates.handle(address, {
      ...(n % 2 === 0
        ? reserve('a', 'jane', { asOf: n })
        : settle('a', null, { asOf: n, had: { agent: 'jane', since: n } })),
      command: v7(),
    });
  expect((await aggregates.load(address)).version).toBe(600);
  expect(await kept.load(address)).toMatchObject({ version: 600, forgotten: [] });
});
