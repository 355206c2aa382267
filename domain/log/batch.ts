// What goes into one commit: commands decided in order, each on what the one before it brought about, until the commit is full.
import type { Actor } from '../actor.ts';
import { type Decider, isRefusal, type Placed, type Refusal } from '../decider.ts';
import { encodeEvent, MAX_COMMIT_BYTES, type RecordedEvent, type StoredEvent, weigh } from './commit.ts';
import type { FoldCache } from './fold-cache.ts';
import type { Effect, Folded } from './folded.ts';
import { MAX_EVENTS, positionOf } from './position.ts';
import type { Address } from './subjects.ts';

/** A request with its id, who asks, and what led to it. */
export type Ask<Request> = Request & {
  readonly actor: Actor;
  readonly command: string;
  readonly cause?: string;
};

/** What became of a command that was not refused. */
export interface Done<State> extends Effect {
  /** True where the command had been carried out before: this answer repeats the first. */
  readonly repeated: boolean;
  /** True where all was as asked already, so that nothing was stored. */
  readonly unchanged: boolean;
  readonly events: readonly RecordedEvent[];
  /** The state right after this command, as far as it is known. */
  readonly state: State;
}

/** Beside the decider's own reasons: `busy` (nothing was done, try later), `unavailable` (done or not; the same command again is safe). */
export type Outcome<State> = Done<State> | Refusal;

/** A command in its aggregate's queue. */
export interface Waiting<State, Request> {
  readonly ask: Ask<Request>;
  readonly arrived: number;
  resolve(outcome: Outcome<State>): void;
  reject(fault: unknown): void;
}

/** What was decided for one commit, and what it was decided on. */
export interface Batch<State, Request> {
  /** The commands, each with its number of events. */
  readonly taken: readonly { readonly waiting: Waiting<State, Request>; readonly count: number }[];
  readonly events: readonly StoredEvent[];
  /** The same, spelled. */
  readonly spelled: readonly string[];
  readonly at: string;
  readonly base: { readonly state: State; readonly version: number; readonly sequence: number };
}

/** What deciding needs. */
export interface Deciding<State, Request, Fact> {
  readonly decider: Decider<State, Request & { readonly actor: Actor }, Fact>;
  readonly cache: FoldCache<State, Request & { readonly actor: Actor }, Fact>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Counts arrivals: a confirmation is as good as the last arrival before it. */
  readonly arrivals: () => number;
}

/** Bytes of a commit beside its events. */
const ENVELOPE = 1_024;

/** Decides what waits, in order, until a commit is full; answers what needs no commit. Undefined where nothing is to be stored. */
export async function decideBatch<
  State,
  Request,
  Fact extends { readonly type: string; readonly data: unknown },
>(
  { decider, cache, now, arrivals }: Deciding<State, Request, Fact>,
  address: Address,
  lane: Waiting<State, Request>[],
  folded: Folded<State>,
): Promise<Batch<State, Request> | undefined> {
  // A clock that jumped back does not turn the history round.
  const time = () => new Date(Math.max(now(), folded.at === '' ? 0 : Date.parse(folded.at))).toISOString();
  let at = time();
  const taken: { waiting: Waiting<State, Request>; count: number }[] = [];
  const stored: StoredEvent[] = [];
  const spelled: string[] = [];
  const inBatch = new Set<string>();
  let bytes = 0;
  // Reads may move the fold on while this waits: what was decided stands on this base alone.
  let base = { state: folded.state, version: folded.version, sequence: folded.sequence };
  let { state, version } = base;
  // After each wait, before anything is taken: a fold that was confirmed meanwhile is not decided on as it was before.
  const rebase = () => {
    base = { state: folded.state, version: folded.version, sequence: folded.sequence };
    ({ state, version } = base);
    at = time();
  };

  // What is taken leaves the queue only with the whole batch: a fault on the way must find it there.
  for (let next = lane[0]; next; next = lane[taken.length]) {
    const { ask } = next;
    // A repeat of a command that is in this very commit waits for it, and is then found in the state.
    if (inBatch.has(ask.command)) break;
    const forgotten = !folded.effectOf(ask.command) && folded.mayHaveForgotten(ask.command);
    // What is taken already must not wait for, or be lost to, a long look through the history.
    if (forgotten && taken.length > 0) break;
    const known = forgotten ? await cache.lookUp(address, ask.command, folded) : folded.effectOf(ask.command);
    if (forgotten) rebase();
    if (known) {
      lane.splice(taken.length, 1);
      next.resolve({ ...known, repeated: true, unchanged: false, events: [], state: folded.state });
      continue;
    }
    const decision = decider.decide({ ...ask, at }, state);
    if (isRefusal(decision) || decision.length === 0) {
      // What a stale state turns down might be allowed: it is confirmed against the head first, or by the append before it.
      if (taken.length > 0) break;
      if (folded.confirmed < next.arrived) {
        await cache.refresh(address, folded, arrivals());
        rebase();
        continue;
      }
      lane.shift();
      next.resolve(
        isRefusal(decision)
          ? decision
          : { ...headOf(address, folded), repeated: false, unchanged: true, events: [], state },
      );
      continue;
    }
    const alone = decider.alone !== undefined && decision.some(decider.alone);
    if (alone && taken.length > 0) break;
    const events = decision.map(
      (fact): StoredEvent => ({
        type: fact.type,
        data: fact.data,
        actor: ask.actor,
        command: ask.command,
        cause: ask.cause,
      }),
    );
    const lines = events.map(encodeEvent);
    const weight = lines.reduce((sum, line) => sum + weigh(line), 0);
    if (
      taken.length > 0 &&
      (spelled.length + lines.length > MAX_EVENTS || bytes + weight > MAX_COMMIT_BYTES - ENVELOPE)
    )
      break;
    for (const [index, fact] of decision.entries()) {
      // The position is not known before the append; nothing that is decided may depend on it.
      state = decider.evolve(state, {
        ...fact,
        actor: ask.actor,
        version: version + index + 1,
        position: 0,
        at,
      } as Fact & Placed);
    }
    taken.push({ waiting: next, count: lines.length });
    inBatch.add(ask.command);
    stored.push(...events);
    spelled.push(...lines);
    version += lines.length;
    bytes += weight;
    if (alone) break;
  }
  lane.splice(0, taken.length);
  return taken.length > 0 ? { taken, events: stored, spelled, at, base } : undefined;
}

function headOf(address: Address, folded: Folded<unknown>): Effect {
  const position = folded.sequence === 0 ? 0 : positionOf(address, folded.sequence, 0);
  return { version: folded.version, position };
}
