// What the audit goes through: the log's facts of conversations and of agents' switches, with the sockets that the bench itself opened and closed.
import type { AvailabilityFact, ConversationFact } from '../systems/log-facts.ts';
import type { Moment } from './audit.ts';
import type { Presence } from './team.ts';

/** Where a conversation belongs for which no department was named. */
const USUAL = 'general';

/** In order of time, as far as it is known. Presence is nothing that the log keeps. */
export function momentsOf(
  facts: readonly ConversationFact[],
  availabilities: readonly AvailabilityFact[],
  presences: readonly Presence[],
): Moment[] {
  return [...conversationMoments(facts), ...agentMoments(availabilities, presences)];
}

function conversationMoments(facts: readonly ConversationFact[]): Moment[] {
  const departments = new Map<string, string>();
  return facts.flatMap(({ conversation, fact }): Moment[] => {
    const at = Date.parse(fact.at);
    const waits = (): Moment[] => {
      const department = departments.get(conversation) ?? USUAL;
      return [{ at, kind: 'waits', conversation, department }];
    };
    switch (fact.type) {
      case 'ConversationStarted':
        departments.set(conversation, fact.data.department);
        return fact.data.ai ? [] : waits();
      case 'ConversationQueued':
        if (fact.data.department !== undefined) departments.set(conversation, fact.data.department);
        return waits();
      case 'DepartmentSet':
        departments.set(conversation, fact.data.department);
        return [];
      case 'HumanRequested':
        return waits();
      case 'ConversationReopened':
        return waits();
      case 'AgentAssigned':
        return [{ at, kind: 'given', conversation, agent: fact.data.agent.id, transferred: false }];
      case 'ConversationTransferred':
        return [{ at, kind: 'given', conversation, agent: fact.data.to.id, transferred: true }];
      case 'ConversationClosed':
      case 'ConversationReturnedToAi':
      case 'ConversationErased':
        return [{ at, kind: 'ended', conversation }];
      default:
        return [];
    }
  });
}

/** Whoever is connected and accepts is available; everybody accepts at first. */
function agentMoments(availabilities: readonly AvailabilityFact[], presences: readonly Presence[]): Moment[] {
  const now = new Map<string, { online: boolean; accepting: boolean }>();
  return [...availabilities, ...presences]
    .toSorted((one, other) => one.at - other.at)
    .map(({ at, agent, ...change }) => {
      const state = { online: false, accepting: true, ...now.get(agent), ...change };
      now.set(agent, state);
      return { at, kind: 'agent', agent, available: state.online && state.accepting };
    });
}
