// Everything that chance decides in a simulation of a support team, out of one seed: who comes when, for how long, and which agents are away meanwhile.
import { Randomness } from '../../../cmd/load/randomness.ts';

export interface PlanOptions {
  readonly seed: number;
  readonly agents: number;
  /** Conversations that each of them takes at once. */
  readonly capacity: number;
  readonly visitorsAnHour: number;
  /** So many times faster: visitors come as much oftener, and their chats last as much shorter. */
  readonly speed: number;
  readonly seconds: number;
}

export interface Visit {
  /** Milliseconds since the beginning of its part. */
  readonly at: number;
  /** Undefined: the widget's usual one. */
  readonly department: string | undefined;
  /** Milliseconds from its assignment until the agent ends it. */
  readonly lasts: number;
}

export interface Absence {
  /** Which agent, from 0. */
  readonly agent: number;
  /** `away`: without a socket. `busy`: connected, and takes no new conversations. */
  readonly kind: 'away' | 'busy';
  /** Milliseconds since the team was full. */
  readonly from: number;
  readonly to: number;
}

export interface Plan {
  /** Departments of each agent; none: all of them. */
  readonly agents: readonly { readonly departments: readonly string[] }[];
  /** Who comes before the simulation begins, so that it begins with a busy team; none of theirs ends before. */
  readonly fill: readonly Visit[];
  readonly visits: readonly Visit[];
  readonly absences: readonly Absence[];
  /** Mean of what a chat lasts, in seconds. */
  readonly meanSeconds: number;
}

/** Share of all places that are taken while nobody is away. */
const LOAD = 0.95;
/** The first ones come so many a second. */
const FILL_RATE = 40;
/** Departments with agents of their own: their share of the agents, and of the visitors. */
const DEPARTMENTS = [
  { name: 'sales', ofAgents: 0.1, ofVisitors: 0.12 },
  { name: 'billing', ofAgents: 0.1, ofVisitors: 0.12 },
] as const;
/** Shares of the agents who are away for a while, for a moment, or take nothing new for a while. */
const AWAY = { long: 0.08, brief: 0.08, busy: 0.14 } as const;

/** The same options give the same plan. */
export function planOf(options: PlanOptions): Plan {
  const { seed, agents, capacity, visitorsAnHour, speed, seconds } = options;
  const chance = new Randomness(seed);
  const perSecond = (visitorsAnHour * speed) / 3_600;
  const meanSeconds = (LOAD * agents * capacity) / perSecond;
  const visit = (at: number): Visit => ({
    at,
    department: departmentOf(chance.next()),
    lasts: chance.wait(meanSeconds * 1_000),
  });
  const fill = Array.from({ length: Math.round(LOAD * agents * capacity) }, (_, index) =>
    visit((index * 1_000) / FILL_RATE),
  );
  const visits: Visit[] = [];
  for (let at = chance.wait(1_000 / perSecond); at < seconds * 1_000; at += chance.wait(1_000 / perSecond))
    visits.push(visit(at));
  return {
    agents: Array.from({ length: agents }, (_, index) => ({ departments: departmentsOf(index / agents) })),
    fill,
    visits,
    absences: absencesOf(chance, agents, seconds * 1_000),
    meanSeconds,
  };
}

function departmentOf(share: number): string | undefined {
  let left = share;
  for (const { name, ofVisitors } of DEPARTMENTS) if ((left -= ofVisitors) < 0) return name;
  return undefined;
}

function departmentsOf(share: number): string[] {
  let left = share;
  for (const { name, ofAgents } of DEPARTMENTS) if ((left -= ofAgents) < 0) return [name];
  return [];
}

/** In the middle of it, so that a queue grows and is given away again. */
function absencesOf(chance: Randomness, agents: number, whole: number): Absence[] {
  const absences: Absence[] = [];
  for (let agent = 0; agent < agents; agent++) {
    const fate = chance.next();
    const from = whole * (0.2 + 0.3 * chance.next());
    const long = from + whole * (0.15 + 0.2 * chance.next());
    const brief = from + 1_000 + 3_000 * chance.next();
    if (fate < AWAY.long) absences.push({ agent, kind: 'away', from, to: long });
    else if (fate < AWAY.long + AWAY.brief) absences.push({ agent, kind: 'away', from, to: brief });
    else if (fate < AWAY.long + AWAY.brief + AWAY.busy)
      absences.push({ agent, kind: 'busy', from, to: long });
  }
  return absences;
}
