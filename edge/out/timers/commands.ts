// A timer as a command: what it is about comes along, so that the decider can tell whether that still holds.
import type { ConversationRequest } from '../../../domain/conversation/commands.ts';
import type { Conversation } from '../../../domain/conversation/conversation.ts';
import type { Timer, TimerRules } from '../../../domain/policies/timers.ts';

/** The command for what is due in that state under those rules. Throws where the state has no such thing: the timer is not of it. */
export function timerCommand(
  { kind }: Timer,
  { silence, reminder }: Conversation,
  { idle, targets }: TimerRules,
): ConversationRequest {
  switch (kind) {
    case 'idle-warning':
    case 'idle-close': {
      if (!silence) throw new Error(`${kind} is due where nobody is silent`);
      const type = kind === 'idle-warning' ? 'WarnIdle' : 'CloseIdle';
      return { type, data: { unanswered: silence.version, idle } };
    }
    case 'first-response':
    case 'resolution':
      return { type: 'BreachTarget', data: { target: kind, targets } };
    case 'reminder':
      if (!reminder) throw new Error('a reminder is due where there is none');
      return { type: 'Remind', data: { at: reminder.at } };
  }
}
