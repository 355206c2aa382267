// What is due in a conversation without anybody asking, and when: idle chats, promised times, reminders.
import { z } from 'zod';
import type { Conversation } from '../conversation/conversation.ts';
import { priority, type Target } from '../conversation/values.ts';

/** A month: what takes longer is no chat. */
const MOST_MINUTES = 43_200;
export const minutes = z.number().int().min(1).max(MOST_MINUTES).nullable();

/** Both count from the business's last message; null: never. */
export const idleRules = z.object({ warnAfterMinutes: minutes, closeAfterMinutes: minutes });
export type IdleRules = z.infer<typeof idleRules>;

/** What is promised for conversations of one priority; null: nothing. */
export const promised = z.object({ firstResponseMinutes: minutes, resolutionMinutes: minutes });

export const targets = z.partialRecord(priority, promised);
export type Targets = z.infer<typeof targets>;

export interface TimerRules {
  readonly idle: IdleRules;
  readonly targets: Targets;
}

/** Without these nothing is due but reminders. */
export const noTimers: TimerRules = {
  idle: { warnAfterMinutes: null, closeAfterMinutes: null },
  targets: {},
};

/** `at`: milliseconds since 1970. */
export interface Timer {
  readonly kind: 'idle-warning' | 'idle-close' | Target | 'reminder';
  readonly at: number;
}

/** Whether a visitor would be told before the end: a warning after it is none. */
export function warnsInTime({ warnAfterMinutes, closeAfterMinutes }: IdleRules): boolean {
  return warnAfterMinutes === null || closeAfterMinutes === null || warnAfterMinutes < closeAfterMinutes;
}

/** What is due first in the conversation as it is; undefined: nothing is, until something happens in it. */
export function nextTimer(now: Conversation, { idle, targets }: TimerRules): Timer | undefined {
  let first: Timer | undefined;
  const look = (kind: Timer['kind'], at: number | undefined) => {
    if (at !== undefined && (first === undefined || at < first.at)) first = { kind, at };
  };
  look('reminder', reminderAt(now));
  look('idle-warning', idleWarningAt(now, idle));
  look('idle-close', idleCloseAt(now, idle));
  look('first-response', targetAt(now, targets, 'first-response'));
  look('resolution', targetAt(now, targets, 'resolution'));
  return first;
}

/** When the visitor is told that the chat ends, in ms since 1970; undefined: not, or it was told already. */
export function idleWarningAt(now: Conversation, { warnAfterMinutes }: IdleRules): number | undefined {
  if (warnAfterMinutes === null || !visitorsTurn(now) || now.silence.warnedAt !== undefined) return undefined;
  return after(now.silence.at, warnAfterMinutes);
}

/**
 * When it is closed because the visitor is silent, in ms since 1970; undefined: it is not. Where there is a
 * warning, it comes first, and all of the time between the two is left after it: also where the warning was
 * late because nobody was there to give it, or a clock has jumped.
 */
export function idleCloseAt(now: Conversation, idle: IdleRules): number | undefined {
  const { warnAfterMinutes, closeAfterMinutes } = idle;
  if (closeAfterMinutes === null || !visitorsTurn(now)) return undefined;
  const { at, warnedAt } = now.silence;
  const earliest = after(at, closeAfterMinutes);
  if (warnAfterMinutes === null || !warnsInTime(idle)) return earliest;
  if (warnedAt === undefined) return undefined;
  return Math.max(earliest, after(warnedAt, closeAfterMinutes - warnAfterMinutes));
}

/** When that promise is broken, in ms since 1970; undefined: there is none, it was kept, or its breach was told. */
export function targetAt(now: Conversation, targets: Targets, target: Target): number | undefined {
  const { opening, status } = now;
  const promise = targets[now.priority];
  if (!promise || opening.breached.includes(target)) return undefined;
  if (status !== 'queued' && status !== 'open') return undefined;
  const from = target === 'resolution' ? opening.since : opening.answered ? undefined : opening.personSince;
  const within = target === 'resolution' ? promise.resolutionMinutes : promise.firstResponseMinutes;
  return from === undefined || within === null ? undefined : after(from, within);
}

/** When somebody is to be reminded, in ms since 1970; undefined: never. */
export function reminderAt({ reminder }: Conversation): number | undefined {
  return reminder && Date.parse(reminder.at);
}

/**
 * Whether nothing but a word of the visitor is waited for. Not while they wait for a person, nor while an
 * agent has a reminder: whoever promised to come back is the one who is waited for.
 */
function visitorsTurn(
  now: Conversation,
): now is Conversation & { readonly silence: NonNullable<Conversation['silence']> } {
  if (now.silence === undefined || now.reminder !== undefined) return false;
  return now.status === 'open' || (now.status === 'queued' && now.owner.kind === 'ai');
}

const after = (moment: string, minutes: number): number => Date.parse(moment) + minutes * 60_000;
