// What became of a webhook's messages, without their bodies: so that nothing settled is sent again and nothing owed is lost.
import { z } from 'zod';
import type { Actor } from '../actor.ts';
import type { Decider, Decision, Placed } from '../decider.ts';
import { type Heads, heads } from './webhook.ts';

/** Messages that one webhook may owe at once; past it, the rest is read from the log later. */
export const MOST_OWED = 500;

/** The position of a MessagePosted. */
const position = z.number().int().positive();
const attempts = z.number().int().positive();
/** What went wrong, in one sentence for its admin: never an answer's body. */
const problem = z.string().max(300);
/** What the address answered; left out where it did not. */
const status = z.number().int().optional();

const outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('delivered'), position, attempts, status: z.number().int() }),
  z.object({ kind: z.literal('failed'), position, attempts, status, problem }),
  z.object({ kind: z.literal('given-up'), position, attempts, status, problem }),
  /** Never to be sent: erased meanwhile, or from before the webhook was switched on again. */
  z.object({ kind: z.literal('dropped'), position }),
]);
export type Outcome = z.infer<typeof outcome>;

export const deliveriesEvent = z.discriminatedUnion('type', [
  /** The CHAT streams were looked through up to `upTo`; of what is due there, all is settled but these and those known before. */
  z.object({
    type: z.literal('DeliveriesOwed'),
    data: z.object({ upTo: heads, positions: z.array(position).max(MOST_OWED) }),
  }),
  z.object({
    type: z.literal('MessagesDelivered'),
    data: z.object({
      messages: z.array(z.object({ position, attempts, status: z.number().int() })).max(MOST_OWED),
    }),
  }),
  z.object({ type: z.literal('DeliveryFailed'), data: z.object({ position, attempts, status, problem }) }),
  /** Tried for as long as anything is. */
  z.object({ type: z.literal('DeliveryGivenUp'), data: z.object({ position, attempts, status, problem }) }),
  z.object({
    type: z.literal('DeliveriesDropped'),
    data: z.object({ positions: z.array(position).max(MOST_OWED) }),
  }),
]);
export type DeliveriesEvent = z.infer<typeof deliveriesEvent>;

export type DeliveriesRequest = {
  readonly type: 'RecordDeliveries';
  readonly data: {
    /** What had been looked through when the writer last read or wrote this record. */
    readonly known: Heads;
    readonly upTo: Heads;
    /** Taken up since the last record and not settled. */
    readonly owed: readonly number[];
    readonly outcomes: readonly Outcome[];
  };
};

/** A message that is still to be delivered. */
export interface Owed {
  readonly attempts: number;
  /** When it first failed, ISO 8601; undefined where it was not tried yet, as far as is known. */
  readonly since?: string;
}

export interface Deliveries {
  readonly upTo: Heads;
  /** By position. */
  readonly owed: Readonly<Record<number, Owed>>;
  readonly delivered: number;
  readonly givenUp: number;
  /** What came of the last try. */
  readonly last?: {
    readonly at: string;
    readonly ok: boolean;
    readonly status?: number;
    readonly problem?: string;
  };
}

const initial: Deliveries = { upTo: {}, owed: {}, delivered: 0, givenUp: 0 };

function decide({ data }: DeliveriesRequest, now: Deliveries): Decision<DeliveriesEvent> {
  const facts: DeliveriesEvent[] = [];
  // Somebody else looked further: a writer that was held up for long. What it owes is the other's now, and
  // of what it tells only that counts which nobody has settled meanwhile.
  const outdated = Object.entries(now.upTo).some(([stream, at]) => at > (data.known[stream] ?? 0));
  if (outdated) return factsOf(data.outcomes.filter(({ position: which }) => now.owed[which] !== undefined));
  const upTo = Object.fromEntries(
    Object.entries(data.upTo).filter(([stream, sequence]) => sequence > (now.upTo[stream] ?? 0)),
  );
  const positions = data.owed.filter((each) => now.owed[each] === undefined);
  if (positions.length > 0 || Object.keys(upTo).length > 0)
    facts.push({ type: 'DeliveriesOwed', data: { upTo, positions } });
  return [...facts, ...factsOf(data.outcomes)];
}

function factsOf(outcomes: readonly Outcome[]): DeliveriesEvent[] {
  const facts: DeliveriesEvent[] = [];
  const messages = outcomes.flatMap((each) => {
    if (each.kind !== 'delivered') return [];
    return [{ position: each.position, attempts: each.attempts, status: each.status }];
  });
  if (messages.length > 0) facts.push({ type: 'MessagesDelivered', data: { messages } });
  for (const each of outcomes) {
    if (each.kind !== 'failed' && each.kind !== 'given-up') continue;
    const { kind, ...rest } = each;
    facts.push({ type: kind === 'failed' ? 'DeliveryFailed' : 'DeliveryGivenUp', data: rest });
  }
  const dropped = outcomes.flatMap((each) => (each.kind === 'dropped' ? [each.position] : []));
  if (dropped.length > 0) facts.push({ type: 'DeliveriesDropped', data: { positions: dropped } });
  return facts;
}

function evolve(state: Deliveries, event: DeliveriesEvent & Placed): Deliveries {
  const { at } = event;
  switch (event.type) {
    case 'DeliveriesOwed': {
      const owed: Record<number, Owed> = { ...state.owed };
      for (const each of event.data.positions) owed[each] = { attempts: 0 };
      return { ...state, upTo: { ...state.upTo, ...event.data.upTo }, owed };
    }
    case 'MessagesDelivered': {
      const { messages } = event.data;
      const owed = without(
        state.owed,
        messages.map((each) => each.position),
      );
      const last = { at, ok: true, status: messages.at(-1)?.status };
      return { ...state, owed, last, delivered: state.delivered + messages.length };
    }
    case 'DeliveryFailed': {
      const { position: which, attempts: tries, status: answered, problem: what } = event.data;
      const since = state.owed[which]?.since ?? at;
      return {
        ...state,
        owed: { ...state.owed, [which]: { attempts: tries, since } },
        last: { at, ok: false, status: answered, problem: what },
      };
    }
    case 'DeliveryGivenUp': {
      const { position: which, status: answered, problem: what } = event.data;
      return {
        ...state,
        owed: without(state.owed, [which]),
        last: { at, ok: false, status: answered, problem: what },
        givenUp: state.givenUp + 1,
      };
    }
    case 'DeliveriesDropped':
      return { ...state, owed: without(state.owed, event.data.positions) };
  }
}

function without(owed: Deliveries['owed'], positions: readonly number[]): Deliveries['owed'] {
  const left: Record<number, Owed> = { ...owed };
  for (const each of positions) delete left[each];
  return left;
}

export const deliveries: Decider<Deliveries, DeliveriesRequest & { readonly actor: Actor }, DeliveriesEvent> =
  { initial, decide, evolve };
