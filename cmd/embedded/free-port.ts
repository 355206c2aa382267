// Finds a loopback port for an embedded server, the same one as last time where that is still free.
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below every system's ephemeral range (from 32768 on Linux): a port that the system picks may become the near end
 * of somebody's connection before it is listened on.
 */
const RANGE = { from: 15_000, to: 32_000 };
const TRIES = 200;

/** A free TCP port on 127.0.0.1: `preferred` where nobody listens on it, else one by chance. */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await canListen(preferred))) return preferred;
  for (let tries = 0; tries < TRIES; tries++) {
    const port = randomInt(RANGE.from, RANGE.to);
    if (await canListen(port)) return port;
  }
  throw new Error(`no free port on 127.0.0.1 from ${RANGE.from} to ${RANGE.to}`);
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false)); // taken, or not allowed: either way not usable
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
