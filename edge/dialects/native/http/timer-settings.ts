// The settings of timers as they are spelled over HTTP: when silent visitors are warned, what is promised for each priority.
import { z } from 'zod';
import { type Priority, priority } from '../../../../domain/conversation/values.ts';
import { minutes, type Targets, type TimerRules } from '../../../../domain/policies/timers.ts';
import type { WorkspaceSettings } from '../../../../domain/workspace/values.ts';

const promise = z.object({
  first_response_minutes: minutes.describe(
    'Minutes from the beginning, or from when the AI gave it to people, to the first message of a person; null: no target.',
  ),
  resolution_minutes: minutes.describe(
    'Minutes from the beginning or the last reopening to the end; null: no target.',
  ),
});

/** As they are told. */
export const timersShown = {
  idle: z
    .object({
      warn_after_minutes: minutes.describe(
        'Minutes that a visitor may leave an answer unanswered before they are told that the chat will end; null: never.',
      ),
      close_after_minutes: minutes.describe(
        'Minutes after which such a chat is closed, counted from that answer too; more than `warn_after_minutes`. null: never.',
      ),
    })
    .meta({ id: 'IdleSettings' }),
  targets: z
    .partialRecord(priority, promise)
    .describe('By priority. What is missed is told as `TargetBreached`, once.'),
};

/** As they are changed: what is left out stays, at every level. */
export const timersAsked = {
  idle: z.object(timersShown.idle.shape).partial().optional(),
  targets: z.partialRecord(priority, promise.partial()).optional(),
};

interface TimersAsked {
  readonly idle?: z.infer<typeof timersAsked.idle>;
  readonly targets?: z.infer<typeof timersAsked.targets>;
}

/** What the settings become; a field is undefined where nothing of it was asked. */
export function timersChanged(
  asked: TimersAsked,
  now: TimerRules,
): { readonly idle: TimerRules['idle'] | undefined; readonly targets: Targets | undefined } {
  const idle = asked.idle && {
    warnAfterMinutes: given(asked.idle.warn_after_minutes, now.idle.warnAfterMinutes),
    closeAfterMinutes: given(asked.idle.close_after_minutes, now.idle.closeAfterMinutes),
  };
  if (!asked.targets) return { idle, targets: undefined };
  const targets = { ...now.targets };
  for (const [key, change] of Object.entries(asked.targets)) {
    const kind = key as Priority; // The schema lets no other key in.
    const before = now.targets[kind];
    targets[kind] = {
      firstResponseMinutes: given(change.first_response_minutes, before?.firstResponseMinutes ?? null),
      resolutionMinutes: given(change.resolution_minutes, before?.resolutionMinutes ?? null),
    };
  }
  return { idle, targets };
}

export function timersShape({ idle, targets }: WorkspaceSettings) {
  return {
    idle: { warn_after_minutes: idle.warnAfterMinutes, close_after_minutes: idle.closeAfterMinutes },
    targets: Object.fromEntries(
      Object.entries(targets).map(([kind, { firstResponseMinutes, resolutionMinutes }]) => [
        kind,
        { first_response_minutes: firstResponseMinutes, resolution_minutes: resolutionMinutes },
      ]),
    ),
  };
}

function given<Value>(asked: Value | undefined, now: Value): Value {
  return asked === undefined ? now : asked;
}
