// Who has which conversation of a workspace, as one aggregate: a place is taken here before an agent owns anything, so no two are given the same and nobody more than they take.
import { z } from 'zod';
import type { Actor } from '../actor.ts';
import { type Decider, type Decision, type Placed, refuse } from '../decider.ts';

const key = z.string().min(1).max(128);

export const routingEvent = z.discriminatedUnion('type', [
  /** One of the agent's places was taken for the conversation, as it was at the version `asOf`. */
  z.object({
    type: z.literal('AgentReserved'),
    data: z.object({
      conversation: key,
      agent: key,
      asOf: z.number().int().nonnegative(),
      /** Whether the agent was connected: then losing every connection gives the conversation back. */
      attended: z.boolean(),
      /** More than the agent takes: an admin wanted it so, or it was found to be so already. */
      overCapacity: z.literal(true).optional(),
    }),
  }),
  z.object({ type: z.literal('AgentReleased'), data: z.object({ conversation: key, agent: key }) }),
]);
export type RoutingEvent = z.infer<typeof routingEvent>;
type Reserved = Extract<RoutingEvent, { type: 'AgentReserved' }>['data'];

export type RoutingRequest =
  /** Takes a place at the agent; moves it there from whoever has it, unless `onlyIfFree`. */
  | {
      readonly type: 'ReserveAgent';
      readonly data: {
        readonly conversation: string;
        readonly agent: string;
        readonly asOf: number;
        readonly attended: boolean;
        /** Conversations that the agent takes at once. */
        readonly capacity: number;
        readonly mayExceed: boolean;
        readonly onlyIfFree: boolean;
      };
    }
  /** What the conversation itself says at that version holds; null: no agent has it. */
  | {
      readonly type: 'SettleConversation';
      readonly data: {
        readonly conversation: string;
        readonly owner: string | null;
        readonly asOf: number;
        /** Who had it last, and the version at which it became theirs; null: nobody ever had. */
        readonly had: { readonly agent: string; readonly since: number } | null;
        readonly attended: boolean;
        readonly capacity: number;
        /** Also for a place that the conversation has not followed yet: whoever took it has failed. */
        readonly final: boolean;
      };
    };

export type RoutingRefusal = 'at-capacity' | 'already-assigned';

export interface Place {
  readonly asOf: number;
  readonly attended: boolean;
  readonly overCapacity: boolean;
}

export interface Desk {
  /** By conversation. */
  readonly places: Readonly<Record<string, Place>>;
  /** ISO 8601: when one was last taken. */
  readonly lastAt: string;
}

export interface Routing {
  /** By the agent's public number; who never had a conversation is not among them. */
  readonly desks: Readonly<Record<string, Desk>>;
}

const initial: Routing = { desks: {} };

/** How many conversations an agent has, with those that are just being given. */
export function loadOf(routing: Routing, agent: string): number {
  return Object.keys(routing.desks[agent]?.places ?? {}).length;
}

/** Who has a place taken for the conversation. */
export function holderOf(
  routing: Routing,
  conversation: string,
): { readonly agent: string; readonly place: Place } | undefined {
  for (const [agent, { places }] of Object.entries(routing.desks)) {
    const place = Object.hasOwn(places, conversation) ? places[conversation] : undefined;
    if (place) return { agent, place };
  }
  return undefined;
}

/** Whether the conversation was the agent's at some time after the place was taken. */
export function hasFollowed(
  { agent, place }: { readonly agent: string; readonly place: Place },
  had: { readonly agent: string; readonly since: number } | null,
): boolean {
  return had?.agent === agent && had.since > place.asOf;
}

function decide(
  command: RoutingRequest & { readonly actor: Actor; readonly at: string },
  now: Routing,
): Decision<RoutingEvent> {
  const { conversation, asOf, attended, capacity } = command.data;
  const held = holderOf(now, conversation);
  const release: RoutingEvent[] = held
    ? [{ type: 'AgentReleased', data: { conversation, agent: held.agent } }]
    : [];

  if (command.type === 'ReserveAgent') {
    const { agent, mayExceed, onlyIfFree } = command.data;
    if (held?.agent === agent) return again({ ...command.data, ...held.place }, { asOf, attended });
    if (held && onlyIfFree) return refuse('already-assigned');
    const over = loadOf(now, agent) >= capacity;
    if (over && !mayExceed) return refuse('at-capacity');
    return [...release, reserved({ conversation, agent, asOf, attended }, over)];
  }
  const { owner, had, final } = command.data;
  if (held?.agent === (owner ?? undefined)) return [];
  // A place that its conversation has not followed yet is another's business: whoever took it is about to say so.
  if (held && !(final ? held.place.asOf <= asOf : hasFollowed(held, had))) return [];
  if (owner === null) return release;
  // What an agent has already is followed from the beginning.
  const place = { conversation, agent: owner, asOf: had?.agent === owner ? had.since - 1 : asOf, attended };
  return [...release, reserved(place, loadOf(now, owner) >= capacity)];
}

/** The agent's place once more, where more is known of it by now. */
function again(
  { conversation, agent, asOf, attended, overCapacity }: Place & Pick<Reserved, 'conversation' | 'agent'>,
  news: Pick<Place, 'asOf' | 'attended'>,
): RoutingEvent[] {
  if (news.asOf <= asOf && (attended || !news.attended)) return [];
  const place = { asOf: Math.max(asOf, news.asOf), attended: attended || news.attended };
  return [reserved({ conversation, agent, ...place }, overCapacity)];
}

function reserved(data: Omit<Reserved, 'overCapacity'>, over: boolean): RoutingEvent {
  return { type: 'AgentReserved', data: over ? { ...data, overCapacity: true } : data };
}

function evolve(state: Routing, { type, data, at }: RoutingEvent & Placed): Routing {
  const { conversation, agent } = data;
  const desk = state.desks[agent] ?? { places: {}, lastAt: '' };
  switch (type) {
    case 'AgentReserved': {
      const { asOf, attended, overCapacity = false } = data;
      const places = { ...desk.places, [conversation]: { asOf, attended, overCapacity } };
      // One that is taken anew is no news of the agent.
      const lastAt = Object.hasOwn(desk.places, conversation) ? desk.lastAt : at;
      return { desks: { ...state.desks, [agent]: { places, lastAt } } };
    }
    case 'AgentReleased': {
      const { [conversation]: _gone, ...places } = desk.places;
      return { desks: { ...state.desks, [agent]: { ...desk, places } } };
    }
  }
}

export const routing: Decider<Routing, RoutingRequest & { readonly actor: Actor }, RoutingEvent> = {
  initial,
  decide,
  evolve,
  // Two commits for each conversation, for years.
  forgets: true,
};
