// Whether a department is open, when that changes, and whose agents serve it meanwhile.
import { type DepartmentHours, type Hours, type OpeningSpan, WEEKDAYS } from '../workspace/opening-hours.ts';

/** A moment: milliseconds since 1970, or ISO 8601. */
export type Moment = number | string;

/** Whether anybody serves a department, and from when on somebody does, in milliseconds since 1970; undefined: it is not known to open. */
export interface Availability {
  readonly open: boolean;
  readonly opensAt: number | undefined;
}

interface State {
  readonly open: boolean;
  /** Holds for moments from here on, until just before `until`; undefined: for good. */
  readonly from: number;
  readonly until: number | undefined;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** No zone's clocks are further from UTC. */
const FURTHEST = 16 * HOUR;
/** Days after which all has been seen that a week has, even if a change of the clocks left a span of one week out. */
const HORIZON = 16;

/** Whether it is open at that moment. `undefined`, no hours: always. */
export function isOpen(rule: DepartmentHours | undefined, at: Moment): boolean {
  return rule === undefined || stateAt(rule, momentOf(at)).open;
}

/** The first moment from `at` on at which it is open, in milliseconds since 1970; undefined: it never opens. */
export function nextOpening(rule: DepartmentHours | undefined, at: Moment): number | undefined {
  const moment = momentOf(at);
  if (rule === undefined) return moment;
  const { open, until } = stateAt(rule, moment);
  return open ? moment : until;
}

/** The first moment after `at` at which it opens or closes, in milliseconds since 1970; undefined: it never does. */
export function nextChange(rule: DepartmentHours | undefined, at: Moment): number | undefined {
  return rule && stateAt(rule, momentOf(at)).until;
}

/**
 * Whose agents may take a conversation of that department: its own while it is open; its overflow's, where that
 * is open, while it is closed or once the visitor has waited for `overflowAfterSeconds`. Nobody's: all are
 * closed. An overflow's own overflow is not asked, so there are no loops.
 *
 * @param waitedMs milliseconds that its visitor has waited
 */
export function servingDepartments(
  department: string,
  hours: Hours,
  at: Moment,
  waitedMs: number,
): readonly string[] {
  const rule = ruleOf(hours, department);
  if (!rule) return [department];
  const open = isOpen(rule, at);
  const { overflow, overflowAfterSeconds: after } = rule;
  const overflows = !open || (after !== null && waitedMs >= after * 1_000);
  const helps =
    overflow !== null && overflow !== department && overflows && isOpen(ruleOf(hours, overflow), at);
  return [...(open ? [department] : []), ...(helps ? [overflow] : [])];
}

/** Milliseconds until `servingDepartments` may answer otherwise, at least 1; undefined: it never does. */
export function nextServingChange(
  department: string,
  hours: Hours,
  at: Moment,
  waitedMs: number,
): number | undefined {
  const rule = ruleOf(hours, department);
  if (!rule) return undefined;
  const moment = momentOf(at);
  const { overflow, overflowAfterSeconds: after } = rule;
  const changes = [nextChange(rule, moment)];
  if (overflow !== null && overflow !== department) {
    changes.push(nextChange(ruleOf(hours, overflow), moment));
    if (after !== null && waitedMs < after * 1_000) changes.push(moment + after * 1_000 - waitedMs);
  }
  const next = earliest(changes);
  return next === undefined ? undefined : Math.max(1, next - moment);
}

/** Whether a conversation that begins in that department would be served now, and else from when on. */
export function availabilityOf(department: string, hours: Hours, at: Moment): Availability {
  const moment = momentOf(at);
  if (servingDepartments(department, hours, moment, 0).length > 0) return { open: true, opensAt: undefined };
  const rule = ruleOf(hours, department);
  const overflow = rule?.overflow ?? null;
  const openings = [nextOpening(rule, moment)];
  if (overflow !== null && overflow !== department)
    openings.push(nextOpening(ruleOf(hours, overflow), moment));
  return { open: false, opensAt: earliest(openings) };
}

/** A department may be called `constructor`. */
function ruleOf(hours: Hours, department: string): DepartmentHours | undefined {
  return Object.hasOwn(hours, department) ? hours[department] : undefined;
}

function momentOf(at: Moment): number {
  return typeof at === 'number' ? at : Date.parse(at);
}

function earliest(moments: readonly (number | undefined)[]): number | undefined {
  const known = moments.filter((moment) => moment !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}

/** What was found last for each rule: one asks again and again, mostly within the same span. */
const found = new WeakMap<DepartmentHours, State>();

function stateAt(rule: DepartmentHours, moment: number): State {
  const known = found.get(rule);
  if (known && moment >= known.from && moment < (known.until ?? Number.POSITIVE_INFINITY)) return known;
  const state = find(rule, moment);
  found.set(rule, state);
  return state;
}

function find(rule: DepartmentHours, moment: number): State {
  const zone = zoneOf(rule.timeZone);
  const first = Math.floor((moment + zone.offset(moment)) / DAY) - 1;
  let open: { until: number } | undefined;
  for (let day = first; day < first + HORIZON; day++) {
    for (const span of spansOf(rule, day)) {
      const from = zone.first(day * DAY + minutesOf(span.from) * MINUTE);
      const until = zone.first(day * DAY + minutesOf(span.to) * MINUTE);
      // The clocks jumped over it, or it is over.
      if (until <= from || until <= moment) continue;
      if (open) {
        if (from > open.until) return { open: true, from: moment, until: open.until };
        open.until = until;
      } else if (from > moment) return { open: false, from: moment, until: from };
      else open = { until };
    }
    if (open && open.until < zone.first((day + 1) * DAY))
      return { open: true, from: moment, until: open.until };
  }
  return { open: open !== undefined, from: moment, until: undefined };
}

/** The spans of a day (days since 1970 by the calendar on the wall), in their order. */
function spansOf({ weekly }: DepartmentHours, day: number): readonly OpeningSpan[] {
  // 1970 began on a Thursday.
  const name = WEEKDAYS[(((day + 3) % 7) + 7) % 7];
  return [...((name && weekly[name]) ?? [])].sort((a, b) => (a.from < b.from ? -1 : 1));
}

function minutesOf(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
}

/** The clocks of a time zone. `wall`: what they show, in milliseconds since they showed the beginning of 1970. */
class Zone {
  readonly #format: Intl.DateTimeFormat;

  constructor(format: Intl.DateTimeFormat) {
    this.#format = format;
  }

  /** How far the clocks are ahead of UTC at that moment, in milliseconds. */
  offset(moment: number): number {
    const second = Math.floor(moment / 1_000) * 1_000;
    const shown: Record<string, number> = {};
    for (const { type, value } of this.#format.formatToParts(second)) shown[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second: seconds = 0 } = shown;
    return Date.UTC(year, month - 1, day, hour, minute, seconds) - second;
  }

  /**
   * The first moment at which the clocks show at least that. So a time that they jump over is when they jump, and
   * one that they show twice is the first of both: spans that follow each other on the wall do so in truth.
   */
  first(wall: number): number {
    const before = this.offset(wall - FURTHEST);
    const after = this.offset(wall + FURTHEST);
    if (before === after) return wall - before;
    const change = this.#change(wall - FURTHEST, wall + FURTHEST, before);
    return wall - before < change ? wall - before : Math.max(change, wall - after);
  }

  /** The moment between the two, to the second, at which the clocks are no longer so far ahead. */
  #change(low: number, high: number, before: number): number {
    let [still, no] = [Math.floor(low / 1_000), Math.ceil(high / 1_000)];
    while (no - still > 1) {
      const middle = Math.floor((still + no) / 2);
      if (this.offset(middle * 1_000) === before) still = middle;
      else no = middle;
    }
    return no * 1_000;
  }
}

/** Formats are dear to make. There are some 600 zones, but each may be spelled in many ways. */
const MAX_ZONES = 1_000;
const zones = new Map<string, Zone>();

function zoneOf(name: string): Zone {
  const known = zones.get(name);
  if (known) return known;
  const zone = new Zone(formatOf(name) ?? clocks('UTC'));
  if (zones.size >= MAX_ZONES) zones.clear();
  zones.set(name, zone);
  return zone;
}

/** Whether this process knows that time zone (IANA); one that it does not know counts as UTC. */
export function isTimeZone(name: string): boolean {
  return formatOf(name) !== undefined;
}

function formatOf(name: string): Intl.DateTimeFormat | undefined {
  try {
    return clocks(name);
  } catch (fault) {
    if (fault instanceof RangeError) return undefined;
    throw fault;
  }
}

function clocks(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
}
