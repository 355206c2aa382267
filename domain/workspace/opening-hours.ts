// When a department's agents are there: spans of the week by the clocks of one time zone, and who takes over outside them.
import { z } from 'zod';
import { department } from '../conversation/values.ts';

export const weekday = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);
export type Weekday = z.infer<typeof weekday>;

/** From Monday to Sunday. */
export const WEEKDAYS = weekday.options;

/** Spans of one day. */
const MAX_SPANS = 8;

const CLOCK = 'must be a time such as 09:00';
const span = z
  .strictObject({
    from: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, CLOCK),
    to: z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, `${CLOCK}, or 24:00 for midnight at its end`),
  })
  .refine(({ from, to }) => from < to, {
    path: ['to'],
    message: 'must be later than `from`; hours past midnight belong to the next day',
  })
  .meta({ id: 'OpeningSpan' });

/** By that day's clocks, `HH:MM`; open from `from` until just before `to`. */
export type OpeningSpan = z.infer<typeof span>;

const spans = z
  .array(span)
  .max(MAX_SPANS)
  .refine((all) => all.every((one, index) => !all.slice(0, index).some((other) => overlap(one, other))), {
    message: 'must not overlap one another',
  });

/** A day that is left out is closed. */
export const weekly = z.strictObject({
  mon: spans.optional(),
  tue: spans.optional(),
  wed: spans.optional(),
  thu: spans.optional(),
  fri: spans.optional(),
  sat: spans.optional(),
  sun: spans.optional(),
});

/** The form of an IANA name. Which ones there are is asked at the door: a log may be read by a process that knows fewer. */
export const timeZone = z
  .string()
  .max(64)
  .regex(/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/, 'must be a time zone such as Europe/Berlin');

/** Seconds that a visitor may wait before the overflow may take them too. */
export const overflowAfterSeconds = z.number().int().min(1).max(86_400).nullable();

export const departmentHours = z.object({
  timeZone,
  weekly,
  /** Whose agents take its conversations while it is closed; null: nobody's. */
  overflow: department.nullable(),
  /** How long somebody may wait while it is open until the overflow's agents may take them as well; null: for ever. */
  overflowAfterSeconds,
});
export type DepartmentHours = z.infer<typeof departmentHours>;

/** By department; one without an entry is always open. */
export const hours = z.record(department, departmentHours);
export type Hours = z.infer<typeof hours>;

/** Minutes without a sign of activity after which an agent is away. */
export const awayAfterMinutes = z.number().int().min(1).max(240).nullable();

/** Every department that hours speak of, by their entries or their overflows. */
export function departmentsOf(all: Hours): readonly string[] {
  return Object.entries(all).flatMap(([name, { overflow }]) =>
    overflow === null ? [name] : [name, overflow],
  );
}

function overlap(one: OpeningSpan, other: OpeningSpan): boolean {
  return one.from < other.to && other.from < one.to;
}
