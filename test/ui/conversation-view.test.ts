// What a browser shows is the same whatever the network does to the frames.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { WireEvent } from '../../domain/wire.ts';
import {
  type ConversationView,
  emptyView,
  fold,
  newestFromOther,
  restore,
  unreadFor,
} from '../../ui/client/conversation-view.ts';
import { answered, assigned, closed, histories, placed, readByAgent, said, started } from './frames.ts';

const inOrder = (events: readonly WireEvent[]): ConversationView =>
  events.reduce((view, event) => fold(view, event).view, emptyView('c1'));

describe('the fold of wire events', () => {
  test('an event seen before changes nothing', () => {
    const events = placed([started, said('hello')]);
    const view = inOrder(events);
    for (const event of events) expect(fold(view, event)).toEqual({ view, outcome: 'duplicate' });
  });

  test('an event that does not follow directly is a gap and is not shown', () => {
    const [first, , third] = placed([started, said('one'), said('two')]);
    if (!first || !third) throw new Error('three events were made');
    const view = inOrder([first]);
    expect(fold(view, third)).toEqual({ view, outcome: 'gap' });
  });

  test('versions that this audience may not see are no gap', () => {
    const view = inOrder(placed([started, said('one'), assigned, answered('two')], new Set([3])));
    expect(view.version).toBe(4);
    expect(view.lines.map((line) => line.kind)).toEqual(['message', 'message']);
  });

  test('any order and any repetition of frames gives the same view, or asks for a resume that gives it', () => {
    fc.assert(
      fc.property(
        histories.chain((events) =>
          fc.tuple(fc.constant(events), fc.array(fc.nat(Math.max(0, events.length - 1)), { maxLength: 60 })),
        ),
        ([events, arrivals]) => {
          let view = emptyView('c1');
          for (const index of arrivals) {
            const event = events[index];
            if (!event) continue;
            const folded = fold(view, event);
            view = folded.view;
            // What the server does on a resume: everything after the version we have, in order.
            if (folded.outcome === 'gap')
              view = events
                .filter((each) => each.version > view.version && each.version <= event.version)
                .reduce((now, each) => fold(now, each).view, view);
          }
          expect(view).toEqual(inOrder(events.filter((event) => event.version <= view.version)));
          const caughtUp = events
            .filter((event) => event.version > view.version)
            .reduce((now, event) => fold(now, event).view, view);
          expect(caughtUp).toEqual(inOrder(events));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('status, owner and read marks are what the events say', () => {
    const view = inOrder(
      placed([started, said('hello'), assigned, answered('good day'), readByAgent(2), closed]),
    );
    expect(view.status).toBe('closed');
    expect(view.owner).toEqual({ kind: 'agent', agent: { id: '7', name: 'Jane' } });
    expect(view.readBy).toEqual({ visitor: 0, agent: 2 });
    expect(view.visitor).toEqual({ name: 'Ann' });
  });

  test('unread are the other side’s messages after the last that was read, and never one’s own', () => {
    const view = inOrder(
      placed([started, said('one'), said('two'), readByAgent(2), answered('three'), said('four')]),
    );
    expect(unreadFor(view, 'agent')).toBe(2);
    expect(unreadFor(view, 'visitor')).toBe(1);
    expect(newestFromOther(view, 'agent')).toBe(6);
    expect(newestFromOther(view, 'visitor')).toBe(5);
  });
});

describe('what is due', () => {
  const system = { kind: 'system' } as const;
  const happened = (type: string, data: object, actor: WireEvent['actor'] = system) => ({
    type,
    actor,
    data: { ...data },
  });
  const author = { id: '7', name: 'Jane' };
  const last = (...events: Parameters<typeof placed>[0]) =>
    inOrder(placed([started, answered('yes?'), ...events])).lines.at(-1);

  test('a visitor reads that the chat will end, and only where it will', () => {
    const [, message] = placed([started, answered('yes?')]);
    const idleSince = new Date(Date.parse(message?.at ?? '') - 9 * 60_000).toISOString();
    const text = (data: object) => last(happened('IdleWarned', { idleSince, ...data }));
    expect(text({ closesAt: idleSince })).toMatchObject({
      kind: 'happening',
      text: expect.stringMatching(/^No answer for \d+ minutes; this chat will be closed soon$/),
    });
    expect(text({})).toMatchObject({ text: expect.stringMatching(/^No answer for \d+ minutes$/) });
  });

  test('an agent reads which promise was broken and since when', () =>
    expect(
      last(happened('TargetBreached', { target: 'first-response', dueAt: '2026-03-02T12:05:00.000Z' })),
    ).toMatchObject({
      text: 'The first response was due',
      when: '2026-03-02T12:05:00.000Z',
      pressing: true,
    }));

  test('a reminder stands until it is due or cleared', () => {
    const at = '2026-03-03T09:00:00.000Z';
    const set = happened('ReminderSet', { at, text: 'call back', author }, { kind: 'agent', id: '7' });
    const due = happened('ReminderDue', { at, text: 'call back', author });
    const view = (...events: Parameters<typeof placed>[0]) => inOrder(placed([started, ...events]));
    expect(view(set).reminder).toEqual({ at, text: 'call back' });
    expect(view(set).lines.at(-1)).toMatchObject({
      text: 'Reminder set by Jane',
      when: at,
      about: 'call back',
    });
    expect(view(set, closed).reminder).toBeDefined();
    expect(view(set, due).reminder).toBeUndefined();
    expect(view(set, due).lines.at(-1)).toMatchObject({
      text: 'The reminder of Jane is due',
      about: 'call back',
      pressing: true,
    });
    expect(view(set, happened('ReminderCleared', {})).reminder).toBeUndefined();
  });
});

describe('a snapshot', () => {
  test('of an erased conversation leaves nothing to read', () => {
    const view = restore({ conversation: 'c1', version: 9, erased: true, events: [] });
    expect(view).toMatchObject({ status: 'erased', version: 9, lines: [], visitor: {} });
  });

  test('shows the newest events, and goes on live from its version', () => {
    const events = placed([started, said('one'), said('two'), answered('three'), said('four')]);
    const view = restore({ conversation: 'c1', version: 4, erased: false, events: events.slice(2, 4) });
    expect(view.shortened).toBe(true);
    expect(view.lines).toHaveLength(2);
    const next = events[4];
    if (!next) throw new Error('five events were made');
    expect(fold(view, next).outcome).toBe('applied');
  });
});
