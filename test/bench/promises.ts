// What was promised of Natter beside what was measured: figures with a bound, each with whether it was kept.
import type { Percentiles } from './load/ledger.ts';
import type { AiResult } from './parts/ai.ts';
import type { QueueResult } from './parts/queue.ts';
import type { RoutingResult } from './parts/routing.ts';
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

export function routingTable(result: RoutingResult): string {
  const { seed, team, visitors, visitorsAnHour, speed, meanSeconds, assignments } = result;
  const { decided, decidedAfter, queued, mostWaiting, spread, idle, ownCpu } = result;
  const after = (what: string, { p50, p99, max, count }: RoutingResult['decidedAfter']['came']): Figure[] => [
    [`after ${what} (${count}), p50`, p50, ' ms'],
    [`after ${what} (${count}), p99`, p99, ' ms'],
    [`after ${what} (${count}), longest`, max, ' ms'],
  ];
  const rate = visitorsAnHour * speed;
  return promised(`${team} agents, ${visitors} visitors at ${rate} an hour, seed ${seed}`, [
    [`assignments, of chats of ${Math.round(meanSeconds)} s on average`, assignments, ''],
    ['double assignments', result.double.length, '', 0],
    ['assignments over capacity', result.overCapacity.length, '', 0],
    ['waited over 1 s beside a free fitting agent', idle.size, '', 0],
    ['not given to the least busy who fits', result.unequal.size, '', 0],
    ['load, most − least among equals, while none ended', spread, '', 1],
    ['given to somebody of another department', result.misfit.length, '', 0],
    ['given to somebody who was away', result.toAbsent.length, '', 0],
    ['decided, p50', decided.p50, ' ms'],
    ['decided, p99', decided.p99, ' ms', 50],
    ['decided, longest', decided.max, ' ms'],
    ...after('a visitor came', decidedAfter.came),
    ...after('a chat ended', decidedAfter.ended),
    ...after('an agent came', decidedAfter.agent),
    ['time in which somebody waited', queued * 100, ' %'],
    ['most who waited at once', mostWaiting, ''],
    ["the bench's own process, all sockets", ownCpu * 100, ' % of a core'],
  ]);
}

/** Conversations named of each kind of fault. */
const NAMED = 8;

/** The conversations in which something was not as it should be, to be looked up in the log. */
export function routingFaults(result: RoutingResult): string[] {
  const { double, overCapacity, unequal, misfit, toAbsent, idle, troubles, firstTrouble } = result;
  const longestFirst = (those: ReadonlyMap<string, number>) =>
    [...those]
      .toSorted(([, one], [, other]) => other - one)
      .map(([conversation, ms]) => `${conversation} ${ms} ms`);
  const kinds: [string, readonly string[]][] = [
    ['double', double],
    ['over capacity', overCapacity],
    ['waited beside a free agent', longestFirst(idle)],
    ['not to the least busy, who had been there', longestFirst(unequal)],
    ['to another department', misfit],
    ['to somebody away', toAbsent],
  ];
  const lines = kinds.flatMap(([what, those]) => {
    const more = those.length > NAMED ? ` and ${those.length - NAMED} more` : '';
    return those.length > 0 ? [`${what}: ${those.slice(0, NAMED).join(', ')}${more}`] : [];
  });
  return troubles > 0 ? [...lines, `${troubles} troubles, the first: ${firstTrouble}`] : lines;
}
