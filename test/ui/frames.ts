// Histories of a conversation as the wire tells them, for tests of what a browser makes of them.
import fc from 'fast-check';
import type { WireEvent } from '../../domain/wire.ts';

type Happened = Pick<WireEvent, 'type' | 'actor' | 'data'>;

const visitor = { kind: 'visitor' } as const;
const agent = { kind: 'agent', id: '7' } as const;
const jane = { id: '7', name: 'Jane' };

export const started: Happened = {
  type: 'ConversationStarted',
  actor: visitor,
  data: {
    widget: 'widget-abcdefghijkl',
    visitor: { name: 'Ann' },
    origin: {},
    department: 'general',
    priority: 'medium',
    ai: false,
  },
};
export const said = (text: string): Happened => ({
  type: 'MessagePosted',
  actor: visitor,
  data: { text, attachments: [], author: { kind: 'visitor' } },
});
export const answered = (text: string): Happened => ({
  type: 'MessagePosted',
  actor: agent,
  data: { text, attachments: [], author: { kind: 'agent', ...jane } },
});
export const assigned: Happened = { type: 'AgentAssigned', actor: agent, data: { agent: jane } };
export const closed: Happened = { type: 'ConversationClosed', actor: agent, data: { by: 'agent' } };
export const readByAgent = (upTo: number): Happened => ({
  type: 'MessagesRead',
  actor: agent,
  data: { by: 'agent', upTo },
});

/**
 * Puts events in their places. `hidden`: versions that this audience may not see, so that `previous` skips them;
 * every visible event carries a command id made of its version.
 */
export function placed(events: readonly Happened[], hidden: ReadonlySet<number> = new Set()): WireEvent[] {
  let previous = 0;
  const seen: WireEvent[] = [];
  events.forEach((event, index) => {
    const version = index + 1;
    if (hidden.has(version)) return;
    seen.push({
      ...event,
      conversation: 'c1',
      version,
      previous,
      sequence: version * 65_536,
      at: new Date(1_800_000_000_000 + version * 1_000).toISOString(),
      command: `command-${version}`,
    });
    previous = version;
  });
  return seen;
}

/** Any history that begins with its start; some versions hidden from the audience. */
export const histories: fc.Arbitrary<WireEvent[]> = fc
  .record({
    rest: fc.array(
      fc.oneof(
        fc.string({ maxLength: 20 }).map(said),
        fc.string({ maxLength: 20 }).map(answered),
        fc.constant(assigned),
        fc.constant(closed),
        fc.nat(20).map((upTo) => readByAgent(upTo + 1)),
        fc.constant<Happened>({ type: 'ConversationReopened', actor: visitor, data: { by: 'visitor' } }),
        fc.constant<Happened>({ type: 'TagsSet', actor: agent, data: { tags: ['a', 'b'] } }),
        fc.constant<Happened>({ type: 'SomethingOfTomorrow', actor: agent, data: {} }),
      ),
      { maxLength: 25 },
    ),
    hidden: fc.uniqueArray(fc.integer({ min: 2, max: 26 }), { maxLength: 8 }),
  })
  .map(({ rest, hidden }) => placed([started, ...rest], new Set(hidden)));
