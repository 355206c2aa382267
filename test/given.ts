// How a decider is specified: given what has happened, when this is asked, then that happens (or is refused, or nothing does).
import { expect } from 'vitest';
import { type Decider, type Decision, isRefusal, type Placed } from '../domain/decider.ts';

/** The first fact's moment; each later one comes a minute after the one before, unless it says `at` itself. */
export const NOON = '2026-03-02T12:00:00.000Z';
const MINUTE = 60_000;

/** A moment so many milliseconds after another one, ISO 8601. */
export const later = (moment: string, ms: number): string => new Date(Date.parse(moment) + ms).toISOString();

/** A fact as a specification writes it; version, position and, where it says none, time are added. */
export type Told<Fact> = Fact & { readonly at?: string };

/** What the state then is; `expected` names what matters of it. */
export interface Leaving<State> {
  leaving(expected: Partial<State>): void;
}

/** What followed from a command. */
export interface Followed<State, Fact> extends Leaving<State> {
  /** Exactly these facts, in this order. */
  then(...facts: readonly Fact[]): Leaving<State>;
  /** `by`: the name of who stands in the way. */
  thenRefused(reason: string, by?: string): void;
  /** Accepted, and all was as asked already. */
  thenNothing(): void;
}

export interface Given<State, Command, Fact> {
  /** Asks at `at`, by default a minute after the last fact. */
  when(command: Command, at?: string): Followed<State, Fact>;
  /** The state that the facts add up to; `expected` names what matters of it. */
  is(expected: Partial<State>): void;
  readonly state: State;
}

/**
 * Specifies a decider. Everything it is handed is frozen and every decision is made twice, so that
 * each specification also shows that the decider is pure.
 */
export function given<State, Command, Fact extends object>(
  decider: Decider<State, Command, Fact>,
  ...facts: readonly Told<Fact>[]
): Given<State, Command, Fact> {
  const told = fold(decider, frozen(decider.initial), 0, NOON, facts);
  return {
    state: told.state,
    is: (expected) => expect(told.state).toMatchObject(expected as object),
    when(command, at = later(told.at, MINUTE)) {
      const asked = frozen({ ...command, at });
      const decision = decider.decide(asked, told.state);
      expect(decider.decide(asked, told.state), 'the same decision when asked again').toEqual(decision);
      return followed(decision, (news) => {
        const placed = news.map((fact) => ({ ...fact, at }));
        return fold(decider, told.state, told.version, at, placed).state;
      });
    },
  };
}

function followed<State, Fact>(
  decision: Decision<Fact>,
  foldIn: (news: readonly Fact[]) => State,
): Followed<State, Fact> {
  const leaving = (expected: Partial<State>): void => {
    if (isRefusal(decision)) throw new Error(`was refused: ${decision.refused}`);
    expect(foldIn(decision)).toMatchObject(expected as object);
  };
  return {
    leaving,
    // biome-ignore lint/suspicious/noThenProperty: the sentence wants the word; what it returns is no thenable, so a test may return it
    then(...facts) {
      expect(decision).toEqual(facts);
      return { leaving };
    },
    thenRefused: (reason, by) =>
      expect(decision).toEqual(by === undefined ? { refused: reason } : { refused: reason, by }),
    thenNothing: () => expect(decision).toEqual([]),
  };
}

function fold<State, Command, Fact extends object>(
  decider: Decider<State, Command, Fact>,
  from: State,
  versionBefore: number,
  start: string,
  facts: readonly Told<Fact>[],
): { state: State; version: number; at: string } {
  let state = from;
  let version = versionBefore;
  let at = start;
  for (const [index, fact] of facts.entries()) {
    version += 1;
    at = fact.at ?? (index === 0 ? start : later(at, MINUTE));
    const place: Placed = { version, position: version * 65_536, at };
    state = frozen(decider.evolve(state, frozen({ ...fact, ...place })));
  }
  return { state, version, at };
}

/** Freezes a value through and through, so that whoever changes it throws. */
export function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner);
  }
  return value;
}
