// Opening hours in any zone, at any moment: what is foretold is what then is.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isOpen,
  nextChange,
  nextOpening,
  nextServingChange,
  servingDepartments,
} from '../../../domain/policies/hours.ts';
import { type DepartmentHours, type Hours, WEEKDAYS } from '../../../domain/workspace/opening-hours.ts';

const ZONES = Intl.supportedValuesOf('timeZone');
/** Where clocks change at midnight, by half an hour, across a date, far from UTC, or not at all. */
const ODD = [
  'America/Havana',
  'Asia/Beirut',
  'Africa/Cairo',
  'America/Santiago',
  'Atlantic/Azores',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
  'Africa/Casablanca',
  'America/Scoresbysund',
  'Antarctica/Troll',
  'America/St_Johns',
  'Europe/Berlin',
  'UTC',
];
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const zone = fc.oneof(fc.constantFrom(...ODD), fc.constantFrom(...ZONES));
const clock = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
/** Spans that do not overlap, made of cuts of the day; small hours more often, that is where clocks change. */
const spans = fc
  .uniqueArray(
    fc.oneof(
      fc.nat({ max: 1_440 }),
      fc.nat({ max: 16 }).map((quarter) => quarter * 15),
    ),
    {
      maxLength: 6,
    },
  )
  .map((cuts) => {
    const sorted = cuts.sort((a, b) => a - b);
    return sorted.flatMap((from, index) => {
      const to = sorted[index + 1];
      // Every second one, or neighbours that meet where the first cut is odd.
      return to !== undefined && (index % 2 === 0 || (sorted[0] ?? 0) % 2 === 1)
        ? [{ from: clock(from), to: clock(to) }]
        : [];
    });
  });
const weekly = fc.record(
  Object.fromEntries(WEEKDAYS.map((day) => [day, spans])) as Record<(typeof WEEKDAYS)[number], typeof spans>,
  { requiredKeys: [] },
);
const rule: fc.Arbitrary<DepartmentHours> = fc.record({
  timeZone: zone,
  weekly,
  overflow: fc.constantFrom(null, 'a', 'b', 'c', 'free'),
  overflowAfterSeconds: fc.option(fc.integer({ min: 1, max: 86_400 })),
});
/** From 2000 to 2040. */
const moment = fc.integer({ min: 946_684_800_000, max: 2_208_988_800_000 });

/** A moment near one at which that zone's clocks change, where they do within the year. */
function nearChange(timeZone: string, around: number, off: number): number {
  for (let day = 0; day < 366; day++) {
    const [low, high] = [around + day * DAY, around + (day + 1) * DAY];
    if (wallAt(timeZone, high) - wallAt(timeZone, low) !== DAY) return low + off;
  }
  return around + off;
}
const formats = new Map<string, Intl.DateTimeFormat>();
/** What the clocks show, in milliseconds since they showed the beginning of 1970: told by another way than the policy's. */
function wallAt(timeZone: string, at: number): number {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
    formats.set(timeZone, format);
  }
  return Date.parse(`${format.format(at).replace(' ', 'T')}Z`);
}
/** The latest that the clocks have shown by then: while they show a time again, they have been further already. */
function furthestBy(timeZone: string, at: number): number {
  let furthest = wallAt(timeZone, at);
  for (let back = 1; back < 240; back++)
    furthest = Math.max(furthest, wallAt(timeZone, Math.floor(at / MINUTE - back + 1) * MINUTE - 1));
  return furthest;
}
function wallSaysOpen({ timeZone, weekly }: DepartmentHours, at: number): boolean {
  const wall = furthestBy(timeZone, at);
  const name = WEEKDAYS[(new Date(wall).getUTCDay() + 6) % 7];
  const now = clock(Math.floor((wall % DAY) / MINUTE));
  return ((name && weekly[name]) ?? []).some(({ from, to }) => from <= now && now < to);
}
const sample = fc
  .tuple(rule, moment, fc.boolean(), fc.integer({ min: 0, max: DAY }))
  .map(([rule, at, near, off]) => ({ rule, at: near ? nearChange(rule.timeZone, at, off) : at }));

describe('a department with any hours, at any moment', () => {
  test('is open exactly when its clocks show a time of its spans, or have just shown one that is later', () =>
    fc.assert(
      fc.property(sample, ({ rule, at }) => {
        expect(isOpen(rule, at)).toBe(wallSaysOpen(rule, at));
      }),
      { numRuns: 1_500 },
    ));
  test('stays as it is until just before its next change, and is otherwise from there on', () =>
    fc.assert(
      fc.property(sample, fc.double({ min: 0, max: 1, noNaN: true }), ({ rule, at }, share) => {
        const now = isOpen(rule, at);
        const next = nextChange(rule, at);
        const until = next ?? at + 30 * DAY;
        expect(until).toBeGreaterThan(at);
        // Asked of a copy: what is remembered of the first answer must not be the answer.
        const copy = { ...rule };
        expect(isOpen(copy, Math.floor(at + (until - at - 1) * share))).toBe(now);
        expect(isOpen(copy, until - 1)).toBe(now);
        if (next !== undefined) expect(isOpen(copy, next)).toBe(!now);
      }),
      { numRuns: 1_500 },
    ));
  test('is open at its next opening and at no moment before', () =>
    fc.assert(
      fc.property(sample, fc.double({ min: 0, max: 1, noNaN: true }), ({ rule, at }, share) => {
        const opening = nextOpening(rule, at);
        const copy = { ...rule };
        expect(isOpen(copy, opening ?? at)).toBe(opening !== undefined);
        if (opening === undefined) expect(isOpen(copy, Math.floor(at + share * 60 * DAY))).toBe(false);
        else if (opening > at) expect(isOpen(copy, Math.floor(at + (opening - 1 - at) * share))).toBe(false);
      }),
      { numRuns: 1_000 },
    ));
  test('opens and closes in turn, never twice in an hour that the clocks show twice', () =>
    fc.assert(
      fc.property(sample, ({ rule, at }) => {
        const spansADay = Math.max(...WEEKDAYS.map((day) => rule.weekly[day]?.length ?? 0));
        let changes = 0;
        for (let next = nextChange(rule, at); next !== undefined && next < at + DAY; changes++)
          next = nextChange(rule, next);
        // Two days may be touched.
        expect(changes).toBeLessThanOrEqual(spansADay * 4 + 2);
      }),
      { numRuns: 500 },
    ));
});

describe('who serves a department', () => {
  const hours: fc.Arbitrary<Hours> = fc.record({ a: rule, b: rule, c: rule });
  const department = fc.constantFrom('a', 'b', 'c', 'free');
  const waited = fc.integer({ min: 0, max: 90_000_000 });

  test('is itself, its overflow, both or nobody; and only who is open', () =>
    fc.assert(
      fc.property(hours, department, moment, waited, (hours, department, at, waited) => {
        const serving = servingDepartments(department, hours, at, waited);
        expect(new Set(serving).size).toBe(serving.length);
        for (const each of serving) {
          expect([department, hours[department]?.overflow]).toContain(each);
          expect(isOpen(hours[each], at)).toBe(true);
        }
        if (isOpen(hours[department], at)) expect(serving).toContain(department);
      }),
      { numRuns: 500 },
    ));
  test('stays so until the change that is foretold, while they wait', () =>
    fc.assert(
      fc.property(
        hours,
        department,
        moment,
        waited,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (hours, department, at, waited, share) => {
          const next = nextServingChange(department, hours, at, waited) ?? 20 * DAY;
          expect(next).toBeGreaterThan(0);
          const later = Math.floor((next - 1) * share);
          expect(servingDepartments(department, hours, at + later, waited + later)).toEqual(
            servingDepartments(department, hours, at, waited),
          );
        },
      ),
      { numRuns: 500 },
    ));
});
