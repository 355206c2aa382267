// Prints what was measured: one table a part, ours beside the peer's, with the ratio.
import type { Disk } from './measure/disk.ts';
import type { HttpResult } from './parts/http.ts';
import type { LatencyResult } from './parts/latency.ts';
import type { MemoryResult } from './parts/memory.ts';
import type { RebuildResult } from './parts/rebuild.ts';

/** Results by the name of the system. */
export type By<T> = ReadonlyMap<string, T>;

const OURS = 'Natter';
const PEER = 'peer';

/** Rows in columns, the first to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('   '),
  );
  lines.splice(1, 0, widths.map((width) => '─'.repeat(width)).join('───'));
  return lines.map((line) => `  ${line.trimEnd()}`).join('\n');
}

export const fixed = (value: number, digits = 2): string =>
  Number.isFinite(value) ? value.toFixed(digits) : '–';
const ratio = (ours: number | undefined, peers: number | undefined): string =>
  ours === undefined || peers === undefined || peers === 0 ? '–' : `${fixed(ours / peers)}×`;

export function latencyTable(results: By<readonly LatencyResult[]>): string {
  const header = [
    'visitor socket → agent socket',
    ...['rate/s', 'p50 ms', 'p99 ms', 'p99.9 ms', 'lost', 'double', 'disorder', 'CPU s/10k', 'generator'],
  ];
  const rows = [header];
  const rates = [...results.values()][0]?.map(({ rate }) => rate) ?? [];
  for (const [index, rate] of rates.entries()) {
    for (const [name, all] of results) {
      const one = all[index];
      if (!one) continue;
      const { latency, lost, duplicates, outOfOrder, cpuPer10k, generatorPer10k } = one;
      const counts = [lost, duplicates, outOfOrder].map(String);
      rows.push([
        name,
        String(rate),
        ...[latency.p50, latency.p99, latency.p999].map((value) => fixed(value)),
        ...counts,
        fixed(cpuPer10k),
        fixed(generatorPer10k),
      ]);
    }
    const ours = results.get(OURS)?.[index];
    const peers = results.get(PEER)?.[index];
    if (!ours || !peers) continue;
    const parts = (['p50', 'p99', 'p999'] as const).map((part) =>
      ratio(ours.latency[part], peers.latency[part]),
    );
    rows.push([
      '  ours to the peer',
      String(rate),
      ...parts,
      '',
      '',
      '',
      ratio(ours.cpuPer10k, peers.cpuPer10k),
      '',
    ]);
  }
  return table(rows);
}

/** One line for whatever is not as it should be in a latency result. */
export function troubles(results: By<readonly LatencyResult[]>): string[] {
  return [...results].flatMap(([name, all]) =>
    all.flatMap((one) => {
      const lines: string[] = [];
      if (one.refused > 0)
        lines.push(`${name} at ${one.rate}/s turned down ${one.refused}: ${one.firstTrouble}`);
      if (one.closed > 0)
        lines.push(`${name} at ${one.rate}/s closed ${one.closed} sockets: ${one.firstTrouble}`);
      if (one.latency.p50 > 500)
        lines.push(
          `${name} did not keep up with ${one.rate}/s: its percentiles are those of a growing queue`,
        );
      if (one.lateness.p99 > 2)
        lines.push(
          `the generator itself sent late for ${name} at ${one.rate}/s: p99 ${fixed(one.lateness.p99)} ms`,
        );
      return lines;
    }),
  );
}

/** Where the CPU of the highest rate went, by program, in seconds per 10,000 messages. */
export function cpuTable(results: By<readonly LatencyResult[]>): string {
  const rows = [['CPU s per 10,000 messages, highest rate', 'of']];
  for (const [name, all] of results) {
    const parts = Object.entries(all.at(-1)?.cpuByProgram ?? {})
      .filter(([, seconds]) => seconds >= 0.005)
      .sort(([, left], [, right]) => right - left)
      .map(([program, seconds]) => `${program.replace(/\.mjs$/, '')} ${fixed(seconds)}`);
    rows.push([name, parts.join(', ')]);
  }
  return table(rows);
}

export function memoryTable(results: By<MemoryResult>): string {
  const kilobytes = (bytes: number) => `${fixed(bytes / 1_024, 1)} KB`;
  const rows = [
    [
      'idle visitor sockets',
      'sockets',
      'per socket',
      'per further one',
      'beside it',
      'process with none',
      'closed',
    ],
  ];
  for (const [name, one] of results) {
    rows.push([
      name,
      String(one.sockets),
      kilobytes(one.perSocket),
      kilobytes(one.perFurtherSocket),
      kilobytes(one.beside),
      `${fixed(one.empty / 1_048_576, 0)} MB`,
      String(one.closed),
    ]);
  }
  const ours = results.get(OURS);
  const peers = results.get(PEER);
  if (ours && peers) {
    const further = ratio(ours.perFurtherSocket, peers.perFurtherSocket);
    rows.push(['  ours to the peer', '', ratio(ours.perSocket, peers.perSocket), further, '', '', '']);
  }
  return table(rows);
}

export function rebuildTable({
  events,
  loadSeconds,
  rebuildSeconds,
  readingSeconds,
  models,
}: RebuildResult): string {
  const perSecond = (seconds: number) => String(Math.round(events / seconds));
  return table([
    ['the log, and all read models from it', 'events', 'seconds', 'events/s'],
    ['load (appended one by one, synced)', String(events), fixed(loadSeconds, 1), perSecond(loadSeconds)],
    ['rebuild: read and written', String(events), fixed(readingSeconds, 1), perSecond(readingSeconds)],
    [
      `rebuild: with indexes, comparing, switch (${models.map(({ comparison }) => comparison).join(', ')})`,
      String(events),
      fixed(rebuildSeconds, 1),
      perSecond(rebuildSeconds),
    ],
  ]);
}

export function httpTable(results: readonly HttpResult[]): string {
  const header = [
    'GET over HTTP',
    ...['KB', 'p50 ms', 'p99 ms', 'edge CPU ms', 'all CPU ms'],
    ...['plain p50', 'plain p99', 'plain CPU', 'edge to plain'],
  ];
  const rows = results.map(({ what, bytes, p50, p99, edgeCpu, systemCpu, plain }) => [
    what,
    fixed(bytes / 1_024, 1),
    ...[p50, p99, edgeCpu, systemCpu, plain.p50, plain.p99, plain.cpu].map((value) => fixed(value)),
    ratio(edgeCpu, plain.cpu),
  ]);
  return table([header, ...rows]);
}

/** What the figures were measured on; `before` and `after` differ where others use the machine, too. */
export function machineLines(
  machine: { cpus: number; model: string; load: number },
  before: Disk,
  after: Disk,
): string[] {
  const { cpus, model, load } = machine;
  const rates = [before, after].map(({ syncsPerSecond }) => Math.round(syncsPerSecond));
  const lines = [
    `${cpus} × ${model}, Node ${process.versions.node}; the generator, the system and its databases share them.`,
    `Disk: ${rates[0]} fdatasync/s before the run, ${rates[1]} after it, one after another${before.inMemory ? ' (in memory: a sync saves nothing here)' : ''}.`,
  ];
  if (load > cpus / 2)
    lines.push(
      `  ! the machine was busy before the run (load ${fixed(load)}): these figures are not to be kept.`,
    );
  return lines;
}
