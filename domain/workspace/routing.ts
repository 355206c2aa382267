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
        readonly attended: boolean;
        readonly capacity: number;
        /** Also for a place that was taken as of that very version, and whose conversation did not follow. */
        readonly final: boolean;
      };
    };

export type RoutingRefusal = 'at-capacity' | 'already-assigned';

export interface Place {
  readonly asOf: number;
  readonly attended: boolean;
  /** ISO 8601: since when. */
  readonly at: string;
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

function decide(
  command: RoutingRequest & { readonly actor: Actor; readonly at: string },
  now: Routing,
): Decision<RoutingEvent> {
  const { conversation, asOf, attended, capacity } = command.data;
  const held = holderOf(now, conversation);
  const release: RoutingEvent[] = held
    ? [{ type: 'AgentReleased', data: { conversation, agent: held.agent } }]
    : [];
  const reserve = (agent: string): RoutingEvent => {
    const over = held?.agent !== agent && loadOf(now, agent) >= capacity;
    const data = { conversation, agent, asOf, attended };
    return { type: 'AgentReserved', data: over ? { ...data, overCapacity: true } : data };
  };

  if (command.type === 'ReserveAgent') {
    const { agent, mayExceed, onlyIfFree } = command.data;
    if (held?.agent === agent) return held.place.asOf >= asOf ? [] : [reserve(agent)];
    if (held && onlyIfFree) return refuse('already-assigned');
    if (loadOf(now, agent) >= capacity && !mayExceed) return refuse('at-capacity');
    return [...release, reserve(agent)];
  }
  const { owner, final } = command.data;
  if (held?.agent === (owner ?? undefined)) return [];
  // A place taken as of that version or a later one knows more than whoever settles.
  if (held && (final ? held.place.asOf > asOf : held.place.asOf >= asOf)) return [];
  return owner === null ? release : [...release, reserve(owner)];
}

function evolve(state: Routing, { type, data, at }: RoutingEvent & Placed): Routing {
  const { conversation, agent } = data;
  const desk = state.desks[agent] ?? { places: {}, lastAt: '' };
  switch (type) {
    case 'AgentReserved': {
      const { asOf, attended } = data;
      const places = { ...desk.places, [conversation]: { asOf, attended, at } };
      return { desks: { ...state.desks, [agent]: { places, lastAt: at } } };
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
