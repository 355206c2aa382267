// Three nats-servers in one cluster, for what only replicas do: leaders that die, followers that lag.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { freePort } from '../../../cmd/embedded/free-port.ts';
import { obtainNatsServer, pinnedNatsVersion } from '../../../cmd/embedded/obtain-nats-server.ts';

export interface Cluster {
  /** All servers, with commas. */
  readonly url: string;
  /** SIGKILL for the server that leads a stream; settles when it is gone. */
  killLeaderOf(stream: string): Promise<void>;
  end(): Promise<void>;
}

export async function startCluster(): Promise<Cluster> {
  const { path } = await obtainNatsServer(() => {}, process.env, pinnedNatsVersion);
  const dir = await mkdtemp(join(tmpdir(), 'natter-test-cluster-'));
  const ports: number[] = [];
  while (ports.length < 6) {
    const port = await freePort();
    if (!ports.includes(port)) ports.push(port);
  }
  const routes = ports
    .slice(3)
    .map((port) => `nats://127.0.0.1:${port}`)
    .join(',');
  const servers = new Map<string, ChildProcess>();
  for (let i = 0; i < 3; i++) {
    const args = ['-js', '-a', '127.0.0.1', '-p', `${ports[i]}`, '-sd', join(dir, `${i}`), '-n', `n${i}`];
    const clustered = [
      '--cluster_name',
      'test',
      '--cluster',
      `nats://127.0.0.1:${ports[3 + i]}`,
      '--routes',
      routes,
    ];
    servers.set(`n${i}`, spawn(path, [...args, ...clustered], { stdio: 'ignore' }));
  }
  const url = ports
    .slice(0, 3)
    .map((port) => `nats://127.0.0.1:${port}`)
    .join(',');
  await untilItHasALeader(url);
  const kill = (server: ChildProcess | undefined) =>
    new Promise<void>((resolve) => {
      if (!server || server.exitCode !== null || server.signalCode !== null) return resolve();
      server.once('exit', () => resolve());
      server.kill('SIGKILL');
    });
  return {
    url,
    async killLeaderOf(stream) {
      const outside = await connect({ servers: url.split(',') });
      const info = (await outside.request(`$JS.API.STREAM.INFO.${stream}`)).json<{
        cluster: { leader: string };
      }>();
      await outside.close();
      await kill(servers.get(info.cluster.leader));
    },
    async end() {
      await Promise.all([...servers.values()].map(kill));
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Waits until JetStream answers and would place three replicas; throws after 30 s. */
async function untilItHasALeader(url: string): Promise<void> {
  const givesUp = Date.now() + 30_000;
  for (;;) {
    try {
      const outside = await connect({ servers: url.split(','), reconnect: false });
      const tried = JSON.stringify({
        name: 'TRIED',
        subjects: ['tried'],
        num_replicas: 3,
        storage: 'memory',
      });
      const made = (await outside.request('$JS.API.STREAM.CREATE.TRIED', tried)).json<{ error?: unknown }>();
      if (!made.error) await outside.request('$JS.API.STREAM.DELETE.TRIED');
      await outside.close();
      if (!made.error) return;
    } catch (error) {
      if (Date.now() > givesUp) throw error;
    }
    if (Date.now() > givesUp) throw new Error('the cluster did not come up within 30 s');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
