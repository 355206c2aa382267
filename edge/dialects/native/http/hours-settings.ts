// The settings of a workspace that say when its departments are open and when its agents count as away, as HTTP has them.
import { z } from 'zod';
import { department } from '../../../../domain/conversation/values.ts';
import { isTimeZone } from '../../../../domain/policies/hours.ts';
import { awayAfterMinutes, departmentHours } from '../../../../domain/workspace/opening-hours.ts';
import type { WorkspaceSettings } from '../../../../domain/workspace/values.ts';

const rule = departmentHours.shape;

const hours = z
  .record(
    department,
    z
      .strictObject({
        time_zone: rule.timeZone
          .refine(isTimeZone, 'must be a time zone such as Europe/Berlin')
          .describe('An IANA name.'),
        weekly: rule.weekly.describe('By the clocks of that time zone. A day that is left out is closed.'),
        overflow: rule.overflow
          .default(null)
          .describe('The department whose agents take its conversations while it is closed; null: none.'),
        overflow_after_seconds: rule.overflowAfterSeconds
          .default(null)
          .describe(
            'How long a visitor may wait, while it is open, until the overflow’s agents may take them as well; null: for ever.',
          ),
      })
      .meta({ id: 'DepartmentHours' }),
  )
  .superRefine((all, context) => {
    for (const [name, { overflow }] of Object.entries(all))
      if (overflow === name)
        context.addIssue({
          code: 'custom',
          path: [name, 'overflow'],
          message: 'must be another department',
        });
  })
  .describe('By department. One that is not named is always open.');

const away = awayAfterMinutes.describe(
  'Minutes without a sign of activity after which an agent gets no new conversations; null: they always do.',
);

/** As they are told. */
export const hoursShown = { hours, away_after_minutes: away };
/** As they may be asked for. */
export const hoursAsked = { hours: hours.optional(), away_after_minutes: away.optional() };
type Asked = { readonly hours?: z.infer<typeof hours>; readonly away_after_minutes?: number | null };

/** What a request changes; what it leaves out is undefined. */
export function hoursChanged(asked: Asked): Partial<Pick<WorkspaceSettings, 'hours' | 'awayAfterMinutes'>> {
  const rules = Object.entries(asked.hours ?? {}).map(
    ([name, { time_zone, weekly, overflow, overflow_after_seconds }]) =>
      [
        name,
        { timeZone: time_zone, weekly, overflow, overflowAfterSeconds: overflow_after_seconds },
      ] as const,
  );
  return {
    hours: asked.hours && Object.fromEntries(rules),
    awayAfterMinutes: asked.away_after_minutes,
  };
}

/** What holds. */
export function hoursShape(settings: WorkspaceSettings) {
  const rules = Object.entries(settings.hours).map(
    ([name, { timeZone, weekly, overflow, overflowAfterSeconds }]) =>
      [
        name,
        { time_zone: timeZone, weekly, overflow, overflow_after_seconds: overflowAfterSeconds },
      ] as const,
  );
  return {
    hours: Object.fromEntries(rules),
    away_after_minutes: settings.awayAfterMinutes,
  };
}
