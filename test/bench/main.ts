// `npm run bench`: starts Natter and a peer, one after the other, puts the same load on both and prints one table a part.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measureDisk } from './measure/disk.ts';
import { measureAi } from './parts/ai.ts';
import { measureHttp } from './parts/http.ts';
import { type LatencyResult, measureLatency } from './parts/latency.ts';
import { type MemoryResult, measureMemory } from './parts/memory.ts';
import { measureQueue } from './parts/queue.ts';
import { measureRebuild } from './parts/rebuild.ts';
import { measureRouting } from './parts/routing.ts';
import { Programs } from './programs.ts';
import { aiTable, queueTable, routingFaults, routingTable } from './promises.ts';
import {
  cpuTable,
  httpTable,
  latencyTable,
  machineLines,
  memoryTable,
  rebuildTable,
  troubles,
} from './report.ts';
import { readBenchSettings } from './settings.ts';
import { startBenchEndpoint } from './systems/ai-endpoint.ts';
import { startNatter } from './systems/natter.ts';
import { startPeer } from './systems/peer.ts';
import type { SystemUnderTest } from './systems/system.ts';

// Bundled into dist/, one level below the project.
const root = fileURLToPath(new URL('..', import.meta.url));
const say = (sentence: string) => console.error(`  ${sentence}`);

async function main(): Promise<void> {
  if (process.platform !== 'linux')
    throw new Error('the bench reads CPU time and memory from /proc: it runs on Linux only');
  const settings = readBenchSettings(process.argv.slice(2));
  const programs = await Programs.bundled(root);
  const durabilities = new Map<string, string>();

  /** Runs one measurement on a freshly started system with a directory of its own. */
  const on = async <T, S extends SystemUnderTest>(
    start: (dataDir: string) => Promise<S>,
    measure: (system: S, dataDir: string) => Promise<T>,
  ): Promise<[string, T]> => {
    const dataDir = await mkdtemp(join(settings.data, 'natter-bench-'));
    // As root, Postgres runs as somebody else, who must be able to enter.
    await chmod(dataDir, 0o755);
    try {
      const system = await start(dataDir);
      try {
        durabilities.set(system.name, system.durability);
        return [system.name, await measure(system, dataDir)];
      } finally {
        await system.stop();
      }
    } finally {
      await rm(join(dataDir, 'postgres'), { recursive: true, force: true });
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
    }
  };
  const natterWith = (env: Record<string, string>) => (dataDir: string) =>
    startNatter({ root, dataDir, edges: settings.edges, env });
  const natter = natterWith({});
  const peer = (variant: 'full' | 'lean') => (dataDir: string) =>
    startPeer({ programs, dataDir, variant, say, clientLibrary: settings.clientLibrary });

  const starts = { natter, peer: peer('full'), lean: peer('lean') };

  try {
    const out: string[] = [];
    const machine = {
      cpus: availableParallelism(),
      model: cpus()[0]?.model ?? 'unknown CPU',
      load: loadavg()[0] ?? 0,
    };
    const before = measureDisk(settings.data);

    if (settings.parts.includes('latency')) {
      const results = new Map<string, LatencyResult[]>();
      for (const name of settings.systems) {
        const [label, result] = await on(starts[name], (system) =>
          measureLatency(system, programs, settings, say),
        );
        results.set(label, result);
      }
      const seats = `${settings.conversations} conversations, a visitor each, ${settings.agents} agents; ${settings.seconds} s at each rate`;
      const generator = settings.clientLibrary
        ? "ours over a bare WebSocket (ws), the peer's over its own client library"
        : 'the same bare WebSocket (ws), JSON and ledger for all';
      out.push('', `${seats}. Latency from the intended moment of sending. Generator: ${generator}.`);
      out.push(
        '',
        latencyTable(results),
        '',
        cpuTable(results),
        ...troubles(results).map((line) => `  ! ${line}`),
      );
    }

    if (settings.parts.includes('memory')) {
      const results = new Map<string, MemoryResult>();
      for (const name of settings.systems.filter((one) => one !== 'lean')) {
        const [label, result] = await on(starts[name], (system) =>
          measureMemory(system, programs, settings, say),
        );
        results.set(label, result);
      }
      out.push('', memoryTable(results));
    }

    if (settings.parts.includes('rebuild') && settings.systems.includes('natter')) {
      const [, result] = await on(natter, (system, dataDir) =>
        measureRebuild(system, dataDir, settings.events, say),
      );
      out.push('', rebuildTable(result));
    }

    if (settings.parts.includes('http') && settings.systems.includes('natter')) {
      const [, result] = await on(natter, (system, dataDir) =>
        measureHttp(system, dataDir, programs, settings, say),
      );
      out.push(
        '',
        `${settings.sessions} sessions in the lists; ${settings.requests} requests/s of each kind for ${settings.seconds} s.`,
      );
      out.push('', httpTable(result));
    }

    if (settings.parts.includes('ai') && settings.systems.includes('natter')) {
      const endpoint = await startBenchEndpoint();
      try {
        const env = { AI_BASE_URL: endpoint.url, AI_API_KEY: 'bench', AI_MODEL: 'bench' };
        const [, result] = await on(natterWith(env), (system, dataDir) =>
          measureAi(system, dataDir, endpoint, settings, say),
        );
        out.push('', aiTable(result));
      } finally {
        await endpoint.close();
      }
    }

    if (settings.parts.includes('queue') && settings.systems.includes('natter')) {
      const [, result] = await on(natter, (system) => measureQueue(system, settings, say));
      out.push('', queueTable(result));
    }

    if (settings.parts.includes('routing') && settings.systems.includes('natter')) {
      const [, result] = await on(natter, (system, dataDir) =>
        measureRouting(system, dataDir, settings, say),
      );
      out.push('', routingTable(result), ...routingFaults(result).map((line) => `  ! ${line}`));
    }

    out.push('', ...[...durabilities].map(([name, durability]) => `${name}: ${durability}.`));
    out.unshift(...machineLines(machine, before, measureDisk(settings.data)));
    console.log(
      `\n${out.map((line) => (line.startsWith('  ') ? line : `  ${line}`.trimEnd())).join('\n')}\n`,
    );
  } finally {
    await programs.remove();
  }
}

// An 'exit' event comes only to those who leave by themselves: what was started hears of it there.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
await main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
// What was started has been ended; a socket that lingers must not keep the bench alive.
process.exit();
