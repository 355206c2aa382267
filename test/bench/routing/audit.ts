// Goes through what happened in order of time and finds every assignment that should not have been, and every one that came too late.

/** `at`: milliseconds since 1970. */
export type Moment = { readonly at: number } & (
  | { readonly kind: 'waits'; readonly conversation: string; readonly department: string }
  | {
      readonly kind: 'given';
      readonly conversation: string;
      readonly agent: string;
      readonly transferred: boolean;
    }
  /** It waits no more and is nobody's. */
  | { readonly kind: 'ended'; readonly conversation: string }
  /** Whether the agent is connected and takes new conversations. */
  | { readonly kind: 'agent'; readonly agent: string; readonly available: boolean }
);

export interface AuditedAgent {
  readonly id: string;
  readonly capacity: number;
  /** None: all of them. */
  readonly departments: readonly string[];
}

/** Why an assignment became possible when it did. */
export type Cause = 'came' | 'ended' | 'agent';

export interface Decision {
  /** Milliseconds since it was possible. */
  readonly ms: number;
  /** A visitor began to wait, a chat ended, an agent became available. */
  readonly cause: Cause;
}

export interface Findings {
  readonly assignments: number;
  /** Conversations given to somebody while somebody else had them. */
  readonly double: readonly string[];
  /** Conversations by which an agent had more than they take. */
  readonly overCapacity: readonly string[];
  /** Conversations given to an agent who had been away, or had not accepted, for longer than `SLACK`. */
  readonly toAbsent: readonly string[];
  /** Conversations given to an agent of other departments. */
  readonly misfit: readonly string[];
  /** Conversations given to an agent while a fitting one with fewer had been there for longer than `SLACK`: for how long, in ms. */
  readonly unequal: ReadonlyMap<string, number>;
  /** Conversations that waited for over a second while one and the same fitting agent was free, and how long, in ms. */
  readonly idle: ReadonlyMap<string, number>;
  readonly decisions: readonly Decision[];
  /** Largest difference in load between agents who fit the same, while none ended and none was away. */
  readonly spread: number;
  readonly mostWaiting: number;
  /** Share of the measured time in which somebody waited. */
  readonly queued: number;
}

/** Milliseconds in which who decides may not know yet what has just changed. */
export const SLACK = 50;
const PATIENCE = 1_000;

interface Seat extends AuditedAgent {
  readonly has: Set<string>;
  available: boolean;
  /** When it last became available or not. */
  changedAt: number;
  /** Since when it has room and is available, and by what; undefined: it is not. */
  free: { readonly since: number; readonly cause: Cause } | undefined;
  /** Whenever its load or availability changed. */
  readonly changes: number[];
}

interface Waiter {
  readonly since: number;
  readonly department: string;
}

interface Suspicion {
  readonly conversation: string;
  readonly at: number;
  readonly others: readonly Seat[];
}

/** Milliseconds since 1970. */
export interface Stretch {
  /** Decisions and the queue are measured from here on; faults count from the beginning. */
  readonly from?: number;
  /** What is later is not looked at. */
  readonly until?: number;
}

/** `moments` in any order, those of one conversation in theirs. Everybody is away at first. */
export function audit(
  moments: readonly Moment[],
  agents: readonly AuditedAgent[],
  { from = 0, until = Number.POSITIVE_INFINITY }: Stretch = {},
): Findings {
  const sweep = new Sweep(agents, from);
  const sorted = moments.filter(({ at }) => at <= until).toSorted(inOrder);
  for (const [index, moment] of sorted.entries()) sweep.take(moment, sorted[index + 1]?.at ?? moment.at);
  return sweep.findings(Number.isFinite(until) ? until : (sorted.at(-1)?.at ?? 0));
}

/** At one millisecond: what gives room goes before what takes it. */
const RANK = { ended: 0, agent: 1, waits: 2, given: 3 } as const;
const inOrder = (one: Moment, other: Moment): number =>
  one.at - other.at || RANK[one.kind] - RANK[other.kind];

class Sweep {
  readonly #seats: Map<string, Seat>;
  readonly #groups: Seat[][];
  readonly #waiting = new Map<string, Waiter>();
  readonly #owners = new Map<string, Seat>();
  readonly #suspicions: Suspicion[] = [];
  readonly #idle = new Map<string, number>();
  readonly #decisions: Decision[] = [];
  readonly #double: string[] = [];
  readonly #overCapacity: string[] = [];
  readonly #toAbsent: string[] = [];
  readonly #misfit: string[] = [];
  readonly #from: number;
  #assignments = 0;
  #spread = 0;
  #even = true;
  #mostWaiting = 0;
  #queuedMs = 0;
  #began: number | undefined;
  #last = 0;

  constructor(agents: readonly AuditedAgent[], from: number) {
    this.#from = from;
    const seats = agents.map(
      (agent): Seat => ({
        ...agent,
        has: new Set(),
        available: false,
        changedAt: 0,
        free: undefined,
        changes: [],
      }),
    );
    this.#seats = new Map(seats.map((seat) => [seat.id, seat]));
    const groups = new Map<string, Seat[]>();
    for (const seat of seats) {
      const key = `${seat.capacity} ${seat.departments.toSorted().join()}`;
      groups.set(key, [...(groups.get(key) ?? []), seat]);
    }
    this.#groups = [...groups.values()];
  }

  take(moment: Moment, next: number): void {
    const { at } = moment;
    this.#began ??= Math.max(at, this.#from);
    this.#pass(at);
    switch (moment.kind) {
      case 'waits':
        this.#leave(moment.conversation, at);
        this.#waiting.set(moment.conversation, { since: at, department: moment.department });
        this.#mostWaiting = Math.max(this.#mostWaiting, this.#waiting.size);
        break;
      case 'given':
        this.#give(moment);
        break;
      case 'ended':
        this.#even = false;
        this.#stopWaiting(moment.conversation, at);
        this.#leave(moment.conversation, at);
        break;
      case 'agent': {
        const seat = this.#seats.get(moment.agent);
        if (!seat || seat.available === moment.available) break;
        if (!moment.available && this.#assignments > 0) this.#even = false;
        seat.available = moment.available;
        seat.changedAt = at;
        this.#changed(seat, at, 'agent');
      }
    }
    // What is decided at the same time may be stored in another order.
    if (this.#even && next - at > SLACK) this.#measureSpread();
  }

  findings(until: number): Findings {
    this.#pass(until);
    for (const conversation of [...this.#waiting.keys()]) this.#stopWaiting(conversation, until);
    const unequal = this.#suspicions.flatMap(({ conversation, at, others }) => {
      const settled = others.filter(({ changes }) => !changes.some((one) => Math.abs(one - at) <= SLACK));
      const since = settled.map(({ changes }) => at - (changes.findLast((one) => one <= at) ?? 0));
      return since.length === 0 ? [] : [[conversation, Math.max(...since)] as const];
    });
    return {
      assignments: this.#assignments,
      double: this.#double,
      overCapacity: this.#overCapacity,
      toAbsent: this.#toAbsent,
      misfit: this.#misfit,
      unequal: new Map(unequal),
      idle: new Map([...this.#idle].filter(([, ms]) => ms > PATIENCE)),
      decisions: this.#decisions,
      spread: this.#spread,
      mostWaiting: this.#mostWaiting,
      queued: this.#queuedMs / Math.max(1, until - (this.#began ?? until)),
    };
  }

  #pass(at: number): void {
    if (this.#waiting.size > 0) this.#queuedMs += Math.max(0, at - Math.max(this.#last, this.#from));
    this.#last = at;
  }

  #give({ at, conversation, agent, transferred }: Extract<Moment, { kind: 'given' }>): void {
    const seat = this.#seats.get(agent);
    const owner = this.#owners.get(conversation);
    this.#assignments += 1;
    if (transferred || (owner && owner !== seat)) this.#double.push(conversation);
    const waiter = this.#waiting.get(conversation);
    if (waiter && seat) {
      const free = this.#freeFor(waiter);
      const [first] = free.toSorted((one, other) => one.free.since - other.free.since);
      if (first && at >= this.#from) {
        const later = waiter.since >= first.free.since;
        const ms = at - (later ? waiter.since : first.free.since);
        this.#decisions.push({ ms, cause: later ? 'came' : first.free.cause });
      }
      const others = free.filter(({ has }) => has.size < seat.has.size);
      if (!fits(seat, waiter)) this.#misfit.push(conversation);
      if (others.length > 0) this.#suspicions.push({ conversation, at, others });
      if (!seat.available && at - seat.changedAt > SLACK) this.#toAbsent.push(conversation);
    }
    this.#stopWaiting(conversation, at);
    this.#leave(conversation, at);
    if (!seat) return;
    seat.has.add(conversation);
    this.#owners.set(conversation, seat);
    if (seat.has.size > seat.capacity) this.#overCapacity.push(conversation);
    this.#changed(seat, at, 'ended');
  }

  #leave(conversation: string, at: number): void {
    const owner = this.#owners.get(conversation);
    if (!owner) return;
    this.#owners.delete(conversation);
    owner.has.delete(conversation);
    this.#changed(owner, at, 'ended');
  }

  #changed(seat: Seat, at: number, cause: Cause): void {
    seat.changes.push(at);
    const isFree = seat.available && seat.has.size < seat.capacity;
    if (isFree) seat.free ??= { since: at, cause };
    else if (seat.free) {
      for (const [conversation, waiter] of this.#waiting) this.#stoodBeside(conversation, waiter, seat, at);
      seat.free = undefined;
    }
  }

  #stopWaiting(conversation: string, at: number): void {
    const waiter = this.#waiting.get(conversation);
    if (!waiter) return;
    for (const seat of this.#freeFor(waiter)) this.#stoodBeside(conversation, waiter, seat, at);
    this.#waiting.delete(conversation);
  }

  #stoodBeside(conversation: string, waiter: Waiter, seat: Seat, at: number): void {
    if (!seat.free || !fits(seat, waiter)) return;
    const ms = at - Math.max(waiter.since, seat.free.since);
    if (ms > (this.#idle.get(conversation) ?? 0)) this.#idle.set(conversation, ms);
  }

  #freeFor(waiter: Waiter): (Seat & { free: NonNullable<Seat['free']> })[] {
    return [...this.#seats.values()].filter(
      (seat): seat is Seat & { free: NonNullable<Seat['free']> } =>
        seat.free !== undefined && fits(seat, waiter),
    );
  }

  #measureSpread(): void {
    for (const group of this.#groups) {
      const loads = group.filter(({ available }) => available).map(({ has }) => has.size);
      if (loads.length > 1) this.#spread = Math.max(this.#spread, Math.max(...loads) - Math.min(...loads));
    }
  }
}

/** Written anew here: an audit that asks the policy itself finds nothing. */
function fits({ departments }: AuditedAgent, { department }: Waiter): boolean {
  return departments.length === 0 || departments.includes(department);
}
