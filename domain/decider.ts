// What a decider is: three pure functions that say what may happen and what then is true. Everything that decides in Natter has this shape.

/** Why a command was turned down: a kebab-case word that callers translate into their own dialect. */
export interface Refusal {
  readonly refused: string;
  /** Whose doing it is, by the name that people see, where one person stands in the way. */
  readonly by?: string;
}

/** The facts a command brings about (none, when all is already as asked), or why it may not. */
export type Decision<Fact> = readonly Fact[] | Refusal;

/** Turns a command down. The reason is a value, never thrown. `by`: the name of who stands in the way. */
export function refuse<Reason extends string>(
  reason: Reason,
  by?: string,
): { readonly refused: Reason; readonly by?: string | undefined } {
  return by ? { refused: reason, by } : { refused: reason };
}

/** Tells a refusal from anything else that was decided or answered. */
export function isRefusal(value: object): value is Refusal {
  return 'refused' in value;
}

/** Where a fact stands in its aggregate's history. */
export interface Placed {
  /** 1, 2, 3 … per aggregate, without gaps. */
  readonly version: number;
  /** The event's place in the installation (see log/position.ts). */
  readonly position: number;
  /** ISO 8601, UTC; never goes back within an aggregate. */
  readonly at: string;
}

/**
 * Three pure functions. `decide` sees the command with the moment it is decided at; `evolve` sees
 * each fact with its place. Neither reads a clock, throws for a refusal, or changes its arguments.
 */
export interface Decider<State, Command, Fact> {
  readonly initial: State;
  decide(command: Command & { readonly at: string }, state: State): Decision<Fact>;
  evolve(state: State, fact: Fact & Placed): State;
  /** Facts that nothing may share a commit with, such as an erasure, which leaves only its own. None where left out. */
  readonly alone?: (fact: Fact) => boolean;
  /**
   * Whether its commands are made by ourselves and never sent again once others have followed: then only the newest
   * are remembered, and a long history costs no memory. False where left out: a client may repeat what is days old.
   */
  readonly forgets?: boolean;
}
