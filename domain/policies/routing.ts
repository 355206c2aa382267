// To whom a waiting conversation goes. Pure: given who is there and who waits, who is given to whom.
import type { Priority } from '../conversation/values.ts';

/** An agent who is there and takes conversations. */
export interface RoutableAgent {
  /** The public number. */
  readonly id: string;
  /** Conversations the agent has, and takes at once. */
  readonly load: number;
  readonly capacity: number;
  /** Departments the agent works for; none named: all of them. */
  readonly departments: readonly string[];
  readonly skills: readonly string[];
  /** ISO 8601: when last given one; empty: never. */
  readonly lastAt: string;
}

export interface WaitingConversation {
  readonly conversation: string;
  /** ISO 8601: since when, its place in the queue. */
  readonly since: string;
  readonly priority: Priority;
  /** Whose agents may take it: its own department's and those that stand in for it. */
  readonly departments: readonly string[];
  /** What the agent must know. */
  readonly skills: readonly string[];
  /** The agent it goes to if there is room: the visitor's last one. */
  readonly preferred?: string | undefined;
  /** The agent who put it back into the queue. */
  readonly notTo?: string | undefined;
}

export interface Assignment {
  readonly conversation: string;
  readonly agent: string;
}

const RANK: Readonly<Record<Priority, number>> = { urgent: 0, high: 1, medium: 2, low: 3 };

/** The order of the queue: more urgent first, then who has waited longer, then by id. */
export function inQueueOrder(
  one: Pick<WaitingConversation, 'conversation' | 'since' | 'priority'>,
  other: Pick<WaitingConversation, 'conversation' | 'since' | 'priority'>,
): number {
  if (one.priority !== other.priority) return RANK[one.priority] - RANK[other.priority];
  if (one.since !== other.since) return one.since < other.since ? -1 : 1;
  return one.conversation < other.conversation ? -1 : one.conversation > other.conversation ? 1 : 0;
}

/** Whether the agent may take the conversation at all, whatever they have. */
export function fits(
  agent: Pick<RoutableAgent, 'id' | 'departments' | 'skills'>,
  waiting: Pick<WaitingConversation, 'departments' | 'skills' | 'notTo'>,
): boolean {
  const works =
    agent.departments.length === 0 || agent.departments.some((d) => waiting.departments.includes(d));
  // Where all are closed nobody works, whatever they work for.
  if (waiting.departments.length === 0 || !works || agent.id === waiting.notTo) return false;
  return waiting.skills.every((skill) => agent.skills.includes(skill));
}

/**
 * Gives conversations, in the order of the queue, each to a fitting agent with room: to the preferred one, else to
 * who has the fewest; of these to who was given none for longest; of these to the lowest number. Whom nobody
 * fits keeps waiting and holds up no other. `most`: assignments in one go.
 */
export function assignments(
  agents: readonly RoutableAgent[],
  waiting: readonly WaitingConversation[],
  most = Number.POSITIVE_INFINITY,
): Assignment[] {
  const free = agents.filter(({ load, capacity }) => load < capacity).map((agent) => ({ ...agent, turn: 0 }));
  const given: Assignment[] = [];
  let turn = 0;
  for (const each of waiting.toSorted(inQueueOrder)) {
    if (free.length === 0 || given.length >= most) break;
    const fitting = free.filter((agent) => fits(agent, each));
    const preferred = fitting.find(({ id }) => id === each.preferred);
    const chosen = preferred ?? fitting.toSorted(leastBusy)[0];
    if (!chosen) continue;
    given.push({ conversation: each.conversation, agent: chosen.id });
    chosen.load++;
    chosen.turn = ++turn;
    if (chosen.load >= chosen.capacity) free.splice(free.indexOf(chosen), 1);
  }
  return given;
}

interface Candidate {
  readonly id: string;
  load: number;
  readonly lastAt: string;
  /** When in this very round one was last given: later than all before it. */
  turn: number;
}

function leastBusy(one: Candidate, other: Candidate): number {
  if (one.load !== other.load) return one.load - other.load;
  if (one.turn !== other.turn) return one.turn - other.turn;
  if (one.lastAt !== other.lastAt) return one.lastAt < other.lastAt ? -1 : 1;
  return Number(one.id) - Number(other.id);
}
