// What a timer brings about: decided anew on the conversation as it is, so that one which fires early, late or twice changes nothing.
import { type Decision, refuse } from '../decider.ts';
import { idleCloseAt, idleWarningAt, reminderAt, targetAt } from '../policies/timers.ts';
import type { ConversationRequest } from './commands.ts';
import type { Conversation } from './conversation.ts';
import type { ConversationEvent } from './events.ts';
import { LIMITS } from './values.ts';

type Command<Type extends ConversationRequest['type']> = Extract<ConversationRequest, { type: Type }> & {
  readonly at: string;
};
type TimerCommand = Command<'WarnIdle' | 'CloseIdle' | 'BreachTarget' | 'Remind'>;

const DAY = 86_400_000;

/** What is due at the command's moment, by the conversation's own times; nothing where it is not due, or not any more. */
export function decideTimer(command: TimerCommand, now: Conversation): Decision<ConversationEvent> {
  const moment = Date.parse(command.at);
  const isDue = (at: number | undefined): at is number => at !== undefined && at <= moment;
  switch (command.type) {
    case 'WarnIdle': {
      const { unanswered, idle } = command.data;
      const { silence } = now;
      if (silence?.version !== unanswered || !isDue(idleWarningAt(now, idle))) return [];
      const closesAt = idleCloseAt({ ...now, silence: { ...silence, warnedAt: command.at } }, idle);
      const told = closesAt === undefined ? {} : { closesAt: new Date(closesAt).toISOString() };
      return [{ type: 'IdleWarned', data: { idleSince: silence.at, ...told } }];
    }
    case 'CloseIdle': {
      const { unanswered, idle } = command.data;
      if (now.silence?.version !== unanswered || !isDue(idleCloseAt(now, idle))) return [];
      return [{ type: 'ConversationClosed', data: { by: 'system', reason: 'idle' } }];
    }
    case 'BreachTarget': {
      const { target, targets } = command.data;
      const at = targetAt(now, targets, target);
      return isDue(at)
        ? [{ type: 'TargetBreached', data: { target, dueAt: new Date(at).toISOString() } }]
        : [];
    }
    case 'Remind': {
      const { reminder } = now;
      if (reminder?.at !== command.data.at || !isDue(reminderAt(now))) return [];
      return [{ type: 'ReminderDue', data: reminder }];
    }
  }
}

/** A reminder takes the place of the one before. */
export function setReminder(command: Command<'SetReminder'>, now: Conversation): Decision<ConversationEvent> {
  const { at, text, author } = command.data;
  const { reminder } = now;
  if (reminder?.at === at && reminder.text === text && reminder.author.id === author.id) return [];
  const ahead = Date.parse(at) - Date.parse(command.at);
  if (ahead <= 0 || ahead > LIMITS.reminderDays * DAY) return refuse('reminder-time');
  return [{ type: 'ReminderSet', data: { at, text, author } }];
}
