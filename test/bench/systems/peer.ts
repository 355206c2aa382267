// Starts the peer: its own Postgres, durable as it comes, and its server process.
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { startPostgres } from '../../../cmd/embedded/postgres.ts';
import { processTrees } from '../measure/processes.ts';
import { ended, type Programs } from '../programs.ts';
import { ask, inLanes, type Seats, type SystemUnderTest, shareOut } from './system.ts';

export interface PeerOptions {
  readonly programs: Programs;
  /** An empty directory of its own. */
  readonly dataDir: string;
  readonly variant: 'full' | 'lean';
  readonly say: (sentence: string) => void;
  /** Speak with it through its own client library instead of the bare socket. */
  readonly clientLibrary?: boolean;
}

export async function startPeer(options: PeerOptions): Promise<SystemUnderTest> {
  const { programs, dataDir, variant, say } = options;
  const postgres = await startPostgres({ dataDir, say, settings: { synchronous_commit: 'on' } });
  const env = {
    NODE_ENV: 'production',
    PEER_VARIANT: variant,
    DATABASE_URL: postgres.url,
    JWT_SECRET: randomBytes(32).toString('base64url'),
  };
  let server = programs.start('peer', env);
  let port = await portOf(server);
  const http = () => `http://127.0.0.1:${port}`;

  const token = async (userId: string, userType: 'user' | 'agent') => {
    const answer = await ask<{ data: { token: string } }>(`${http()}/api/auth/token`, 'POST', undefined, {
      userId,
      userType,
    });
    return answer.data.token;
  };

  return {
    name: variant === 'full' ? 'peer' : 'peer, lean',
    dialect: options.clientLibrary ? 'socket.io-client' : 'socket.io',
    get url() {
      return `ws://127.0.0.1:${port}`;
    },
    durability: `Postgres ${postgres.version}, fsync and synchronous_commit on: on disk before the broadcast`,
    socketProgram: 'peer.mjs',
    besideProgram: 'postgres',
    processes: () => processTrees([server.pid ?? 0, postgres.pid]),
    async prepare(conversations, agents): Promise<Seats> {
      const visitors = await inLanes(
        Array.from({ length: conversations }, (_, index) => index),
        16,
        async (index) => {
          const userId = `visitor${index}`;
          const visitor = { userId, name: `Visitor ${index}`, email: `visitor${index}@example.com` };
          const made = await ask<{ data: { sessionId: string } }>(
            `${http()}/api/chat/start-session`,
            'POST',
            undefined,
            visitor,
          );
          return { conversation: made.data.sessionId, token: await token(userId, 'user') };
        },
      );
      const shares = shareOut(
        visitors.map(({ conversation }) => conversation),
        agents,
      );
      const seats = shares.map(async (share, index) => {
        const id = String(index + 1);
        return { id, token: await token(id, 'agent'), conversations: share };
      });
      return { visitors, agents: await Promise.all(seats) };
    },
    // Whatever a message brings about is done before its broadcast.
    settled: async () => {},
    async restart() {
      server.disconnect();
      await ended(server);
      server = programs.start('peer', env);
      port = await portOf(server);
    },
    async stop() {
      if (server.connected) server.disconnect();
      await ended(server);
      await postgres.stop();
    },
  };
}

function portOf(server: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('message', (message: { port: number }) => resolve(message.port));
    server.once('exit', (code) => reject(new Error(`the peer ended with ${code} before it was ready`)));
  });
}
