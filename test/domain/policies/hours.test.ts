// When a department is open, and who serves it meanwhile: by the clock on the wall, through every change of the clocks.
import { describe, expect, test } from 'vitest';
import {
  availabilityOf,
  isOpen,
  isTimeZone,
  nextChange,
  nextOpening,
  nextServingChange,
  servingDepartments,
} from '../../../domain/policies/hours.ts';
import {
  type DepartmentHours,
  departmentHours,
  type Hours,
} from '../../../domain/workspace/opening-hours.ts';

type Weekly = DepartmentHours['weekly'];

const rule = (timeZone: string, weekly: Weekly, more: Partial<DepartmentHours> = {}): DepartmentHours => ({
  timeZone,
  weekly,
  overflow: null,
  overflowAfterSeconds: null,
  ...more,
});
const from = (start: string, end: string) => [{ from: start, to: end }];
const workdays = (...spans: Weekly['mon'] & object): Weekly => ({
  mon: spans,
  tue: spans,
  wed: spans,
  thu: spans,
  fri: spans,
});
const all = (start: string, end: string): Weekly => ({
  ...workdays({ from: start, to: end }),
  sat: from(start, end),
  sun: from(start, end),
});
const iso = (moment: number | undefined) => moment && new Date(moment).toISOString();
const ms = Date.parse;

describe('a department', () => {
  const berlin = rule(
    'Europe/Berlin',
    workdays({ from: '09:00', to: '12:30' }, { from: '13:00', to: '17:00' }),
  );

  test('is open from the first moment of a span until just before its last', () => {
    // A Monday in winter: Berlin is an hour ahead.
    expect(isOpen(berlin, '2026-11-30T07:59:59.999Z')).toBe(false);
    expect(isOpen(berlin, '2026-11-30T08:00:00.000Z')).toBe(true);
    expect(isOpen(berlin, '2026-11-30T11:29:59.999Z')).toBe(true);
    expect(isOpen(berlin, '2026-11-30T11:30:00.000Z')).toBe(false);
    expect(isOpen(berlin, '2026-11-30T12:00:00.000Z')).toBe(true);
    expect(isOpen(berlin, ms('2026-11-28T10:00:00.000Z'))).toBe(false);
  });
  test('opens next when its clocks say so, over a weekend and the end of summer time', () => {
    expect(iso(nextOpening(berlin, '2026-11-27T16:00:00.000Z'))).toBe('2026-11-30T08:00:00.000Z');
    // Until Sunday morning Berlin is two hours ahead.
    expect(iso(nextOpening(berlin, '2026-10-23T15:00:00.000Z'))).toBe('2026-10-26T08:00:00.000Z');
    expect(iso(nextOpening(berlin, '2026-10-23T07:00:00.000Z'))).toBe('2026-10-23T07:00:00.000Z');
    expect(iso(nextOpening(berlin, '2026-03-27T16:00:00.000Z'))).toBe('2026-03-30T07:00:00.000Z');
  });
  test('changes at the end of a span, and at the beginning of the next', () => {
    expect(iso(nextChange(berlin, '2026-11-30T08:00:00.000Z'))).toBe('2026-11-30T11:30:00.000Z');
    expect(iso(nextChange(berlin, '2026-11-30T11:30:00.000Z'))).toBe('2026-11-30T12:00:00.000Z');
  });
  test('does not close between spans that meet, at noon or at midnight', () => {
    const night = rule('UTC', {
      mon: [
        { from: '12:00', to: '24:00' },
        { from: '08:00', to: '12:00' },
      ],
      tue: from('00:00', '02:00'),
    });
    expect(iso(nextChange(night, '2026-11-30T09:00:00.000Z'))).toBe('2026-12-01T02:00:00.000Z');
    expect(isOpen(night, '2026-12-01T00:00:00.000Z')).toBe(true);
    expect(iso(nextChange(night, '2026-12-01T02:00:00.000Z'))).toBe('2026-12-07T08:00:00.000Z');
  });
  test('without hours, or open around the clock, never changes; without a span it never opens', () => {
    const always = rule('America/New_York', all('00:00', '24:00'));
    const never = rule('America/New_York', { mon: [] });
    const at = '2026-10-31T12:00:00.000Z';
    for (const open of [undefined, always]) {
      expect(isOpen(open, at)).toBe(true);
      expect(nextChange(open, at)).toBeUndefined();
      expect(iso(nextOpening(open, at))).toBe(at);
    }
    expect(isOpen(never, at)).toBe(false);
    expect(nextOpening(never, at)).toBeUndefined();
    expect(nextChange(never, at)).toBeUndefined();
  });
});

describe('when the clocks change', () => {
  test('a span that they jump over is left out, one that they jump into begins with the jump', () => {
    // On 29 March 2026 Berlin's clocks go from 02:00 to 03:00, at 01:00 UTC.
    const over = rule('Europe/Berlin', { sun: from('02:00', '03:00') });
    expect(iso(nextOpening(over, '2026-03-23T00:00:00.000Z'))).toBe('2026-04-05T00:00:00.000Z');
    const into = rule('Europe/Berlin', { sun: from('02:30', '05:00') });
    expect(iso(nextOpening(into, '2026-03-23T00:00:00.000Z'))).toBe('2026-03-29T01:00:00.000Z');
    expect(iso(nextChange(into, '2026-03-29T01:00:00.000Z'))).toBe('2026-03-29T03:00:00.000Z');
    const within = rule('Europe/Berlin', { sun: from('01:00', '02:30') });
    expect(iso(nextChange(within, '2026-03-29T00:30:00.000Z'))).toBe('2026-03-29T01:00:00.000Z');
  });
  test('an hour that comes twice opens once and closes once', () => {
    // On 25 October 2026 they go from 03:00 back to 02:00, at 01:00 UTC.
    const begins = rule('Europe/Berlin', { sun: from('02:30', '05:00') });
    expect(iso(nextOpening(begins, '2026-10-24T22:00:00.000Z'))).toBe('2026-10-25T00:30:00.000Z');
    expect(iso(nextChange(begins, '2026-10-25T00:30:00.000Z'))).toBe('2026-10-25T04:00:00.000Z');
    const ends = rule('Europe/Berlin', { sun: from('00:00', '02:30') });
    expect(iso(nextChange(ends, '2026-10-24T22:00:00.000Z'))).toBe('2026-10-25T00:30:00.000Z');
    expect(isOpen(ends, '2026-10-25T01:15:00.000Z')).toBe(false);
  });
  test('at midnight, the day begins where it does', () => {
    // Beirut, 29 March 2026: from 00:00 to 01:00. Havana, 1 November 2026: from 01:00 back to 00:00.
    const beirut = rule('Asia/Beirut', { sun: from('00:00', '02:00') });
    expect(iso(nextOpening(beirut, '2026-03-28T12:00:00.000Z'))).toBe('2026-03-28T22:00:00.000Z');
    expect(iso(nextChange(beirut, '2026-03-28T22:00:00.000Z'))).toBe('2026-03-28T23:00:00.000Z');
    const havana = rule('America/Havana', { sat: from('20:00', '24:00') });
    expect(iso(nextChange(havana, '2026-11-01T01:00:00.000Z'))).toBe('2026-11-01T04:00:00.000Z');
  });
  test('a day that a whole country left out is left out', () => {
    // Apia had no 30 December 2011, which would have been a Friday.
    const apia = rule('Pacific/Apia', { fri: from('09:00', '17:00') });
    expect(iso(nextOpening(apia, '2011-12-28T00:00:00.000Z'))).toBe('2012-01-05T19:00:00.000Z');
  });
  test('half an hour is enough (Lord Howe), and offsets of 45 minutes are known (Chatham)', () => {
    const howe = rule('Australia/Lord_Howe', { sun: from('01:30', '02:30') });
    expect(iso(nextOpening(howe, '2026-04-04T00:00:00.000Z'))).toBe('2026-04-04T14:30:00.000Z');
    expect(iso(nextChange(howe, '2026-04-04T14:30:00.000Z'))).toBe('2026-04-04T16:00:00.000Z');
    const chatham = rule('Pacific/Chatham', { mon: from('09:00', '10:00') });
    expect(iso(nextOpening(chatham, '2026-11-28T00:00:00.000Z'))).toBe('2026-11-29T19:15:00.000Z');
  });
});

describe('who serves', () => {
  const at = '2026-11-30T10:00:00.000Z';
  const open = all('00:00', '24:00');
  const hours: Hours = {
    sales: rule('UTC', from2(9, 17), { overflow: 'support', overflowAfterSeconds: 60 }),
    support: rule('UTC', from2(8, 20), { overflow: 'billing' }),
    night: rule('UTC', {}, { overflow: 'always' }),
    alone: rule('UTC', {}),
    mirror: rule('UTC', {}, { overflow: 'mirrored' }),
    mirrored: rule('UTC', {}, { overflow: 'mirror' }),
    self: rule('UTC', open, { overflow: 'self', overflowAfterSeconds: 1 }),
  };

  test('is the department itself while it is open, and its overflow too once somebody has waited so long', () => {
    expect(servingDepartments('sales', hours, at, 0)).toEqual(['sales']);
    expect(servingDepartments('sales', hours, at, 59_999)).toEqual(['sales']);
    expect(servingDepartments('sales', hours, at, 60_000)).toEqual(['sales', 'support']);
    expect(servingDepartments('self', hours, at, 60_000)).toEqual(['self']);
  });
  test('is its overflow alone while it is closed, where that is open, and nobody further', () => {
    expect(servingDepartments('sales', hours, '2026-11-30T18:00:00.000Z', 0)).toEqual(['support']);
    expect(servingDepartments('night', hours, at, 0)).toEqual(['always']);
    expect(servingDepartments('alone', hours, at, 0)).toEqual([]);
    // Support is closed, and what it overflows into is not sales' own overflow.
    expect(servingDepartments('sales', hours, '2026-11-30T21:00:00.000Z', 99_000)).toEqual([]);
    expect(servingDepartments('mirror', hours, at, 99_000)).toEqual([]);
  });
  test('is a department without hours at any time, whatever it is called', () => {
    for (const name of ['billing', 'constructor']) {
      expect(servingDepartments(name, hours, at, 0)).toEqual([name]);
      expect(nextServingChange(name, hours, at, 0)).toBeUndefined();
    }
  });
  test('changes with hours, with the overflow’s hours, and with the wait', () => {
    expect(nextServingChange('sales', hours, at, 0)).toBe(60_000);
    expect(nextServingChange('sales', hours, at, 60_000)).toBe(7 * 3_600_000);
    expect(nextServingChange('sales', hours, '2026-11-30T18:00:00.000Z', 60_000)).toBe(2 * 3_600_000);
    expect(nextServingChange('night', hours, at, 0)).toBeUndefined();
  });
  test('is known before a conversation begins: whether somebody does, and else when', () => {
    const told = (department: string, moment: string) => {
      const { open, opensAt } = availabilityOf(department, hours, moment);
      return { open, opensAt: iso(opensAt) };
    };
    expect(told('sales', at)).toEqual({ open: true, opensAt: undefined });
    expect(told('sales', '2026-11-30T18:00:00.000Z')).toEqual({ open: true, opensAt: undefined });
    // The overflow opens an hour before.
    expect(told('sales', '2026-11-30T21:00:00.000Z')).toEqual({
      open: false,
      opensAt: '2026-12-01T08:00:00.000Z',
    });
    expect(told('alone', at)).toEqual({ open: false, opensAt: undefined });
  });

  function from2(start: number, end: number): Weekly {
    return all(`${String(start).padStart(2, '0')}:00`, `${end}:00`);
  }
});

describe('hours as they are said', () => {
  const said = (weekly: unknown, timeZone = 'Europe/Berlin') =>
    departmentHours.safeParse({ timeZone, weekly, overflow: null, overflowAfterSeconds: null }).success;

  test('have spans that end later than they begin and do not overlap', () => {
    expect(said({ mon: from('00:00', '24:00'), sun: [] })).toBe(true);
    expect(said({ mon: [...from('09:00', '12:00'), ...from('12:00', '13:00')] })).toBe(true);
    for (const [start, end] of [
      ['9:00', '17:00'],
      ['09:00', '09:00'],
      ['22:00', '02:00'],
      ['24:00', '24:00'],
      ['09:60', '17:00'],
      ['09:00', '24:01'],
    ] as const)
      expect(said({ mon: from(start, end) })).toBe(false);
    expect(said({ mon: [...from('09:00', '12:00'), ...from('11:59', '13:00')] })).toBe(false);
    expect(
      said({ mon: Array.from({ length: 9 }, (_, hour) => ({ from: `0${hour}:00`, to: `0${hour}:30` })) }),
    ).toBe(false);
    expect(said({ monday: from('09:00', '12:00') })).toBe(false);
  });
  test('know the zones that there are, by their names alone', () => {
    for (const zone of Intl.supportedValuesOf('timeZone')) {
      expect(said({}, zone)).toBe(true);
      expect(isTimeZone(zone)).toBe(true);
    }
    expect(isTimeZone('Europe/Atlantis')).toBe(false);
    for (const zone of ['+01:00', '', 'Europe/', 'Europe/Berlin\n']) expect(said({}, zone)).toBe(false);
  });
});
