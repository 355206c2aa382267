// What was promised of Natter beside what was measured: figures with a bound, each with whether it was kept.
import type { Percentiles } from './load/ledger.ts';
import type { AiResult } from './parts/ai.ts';
import type { QueueResult } from './parts/queue.ts';
import { fixed, table } from './report.ts';

/** What was measured, and the most it may be where that was promised. */
type Figure = readonly [what: string, measured: number, unit: string, atMost?: number];

function promised(title: string, figures: readonly Figure[]): string {
  const rows = figures.map(([what, measured, unit, atMost]) => [
    what,
    `${Number.isInteger(measured) ? measured : fixed(measured)}${unit}`,
    atMost === undefined ? '' : `≤ ${atMost}${unit}`,
    // What was never measured keeps no promise.
    atMost === undefined ? '' : measured <= atMost ? 'PASS' : 'SHORT',
  ]);
  return table([[title, 'measured', 'promised', ''], ...rows]);
}

const inMs = (what: string, { p50, p99, p999, max }: Percentiles, p99AtMost?: number): Figure[] => [
  [`${what}, p50`, p50, ' ms'],
  [`${what}, p99`, p99, ' ms', p99AtMost],
  [`${what}, p99.9`, p999, ' ms'],
  [`${what}, longest`, max, ' ms'],
];

export function aiTable(result: AiResult): string {
  const { asked, visitors, rate, first, unseen, storedOnce, unanswered, storedTwice, ownCpu } = result;
  return promised(`${asked} questions to the AI by ${visitors} visitors, ${rate}/s`, [
    ...inMs('first word: from the endpoint to the widget', first, 50),
    ['answers that nobody saw being written', unseen, '', 0],
    ['questions answered once in the log, warm-up included', storedOnce, ''],
    ['questions without an answer', unanswered, '', 0],
    ['questions answered twice', storedTwice, '', 0],
    ["the bench's own process, endpoint and sockets", ownCpu * 100, ' % of a core'],
  ]);
}

export function queueTable(result: QueueResult): string {
  const { waiting, changes, told, lateChanges, untold, toldAgain } = result;
  const { idleCpu, edgeCpu, idleSystemCpu, systemCpu, ownCpu } = result;
  const share = ' % of a core';
  return promised(`${waiting} visitors wait, ${changes} are taken from the front, one every 2 s`, [
    ['new place: from the taking to each socket, p50', told.p50, ' ms'],
    ['new place: from the taking to each socket, p99', told.p99, ' ms'],
    ['new place: from the taking to each socket, longest', told.max, ' ms', 1_000],
    ['changes that somebody heard of later than 1 s', lateChanges, '', 0],
    ['changes that a socket never heard of', untold, '', 0],
    ['places told again with another estimate', toldAgain, ''],
    ['edge while nothing changes', idleCpu * 100, share],
    ['edge during the changes', edgeCpu * 100, share, 20],
    ['whole system while nothing changes', idleSystemCpu * 100, share],
    ['whole system during the changes', systemCpu * 100, share],
    ["the bench's own process, all sockets", ownCpu * 100, share],
  ]);
}
