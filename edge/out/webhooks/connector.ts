// Connects to where a webhook goes, and nowhere else: every address of the host is looked at, and the one that was looked at is connected to.
import { lookup } from 'node:dns/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildConnector } from 'undici';
import { Slots } from '../../../domain/slots.ts';
import { hostOf, mayReach } from './addresses.ts';

/** Milliseconds for finding the address and connecting to it, TLS included. */
const CONNECT_MS = 5_000;
/** Addresses of one host that are tried. */
const TRIED = 4;

/** All IP addresses of a host; an IP address is its own. Throws where there are none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/**
 * Look-ups at once, and how many may wait. Each holds one of Node's four threads for as long as a name server likes,
 * and those threads hash passwords and read files as well: whoever may enter an address must not stop them all.
 */
const AT_ONCE = 2;
const MOST_WAITING = 200;

/** Asks no oftener at once than that; who finds the queue full is told what a busy resolver says. */
export function inTurn(resolve: Resolve): Resolve {
  const slots = new Slots(AT_ONCE);
  return (host) =>
    slots.waiting < MOST_WAITING
      ? slots.run(async () => resolve(host))
      : Promise.reject(Object.assign(new Error('too many look-ups'), { code: 'EAI_AGAIN' }));
}

const systemResolve = inTurn(async (host) =>
  (await lookup(host, { all: true })).map(({ address }) => address),
);

export interface Reach {
  readonly allowPrivate: boolean;
  /** Tests bring their own. */
  readonly resolve?: Resolve;
}

/** The host, or one of its addresses, may not be reached. */
export class AddressRefused extends Error {}
/** Nothing was connected in time. */
export class ConnectTimeout extends Error {}

/** The addresses of a host, all of them allowed. Throws `AddressRefused` where one is not. */
export async function allowedAddresses(
  hostname: string,
  { allowPrivate, resolve = systemResolve }: Reach,
): Promise<readonly string[]> {
  const addresses = await resolve(hostOf(hostname));
  // One that is not allowed among others that are: somebody wants us to pick it some day.
  if (addresses.length === 0 || !addresses.every((address) => mayReach(address, allowPrivate)))
    throw new AddressRefused(`${hostname} leads to an address that is not public`);
  return addresses.slice(0, TRIED);
}

/** An undici connector that reaches public addresses only. A look-up of undici's own or Node's never happens: it gets an IP address. */
export function safeConnector(reach: Reach): buildConnector.connector {
  return (options, callback) => {
    connect(options, reach).then(
      (socket) => callback(null, socket),
      (fault: unknown) => callback(fault instanceof Error ? fault : new Error(String(fault)), null),
    );
  };
}

type Socket = Extract<buildConnector.CallbackArgs, [null, unknown]>[1];

async function connect(options: buildConnector.Options, reach: Reach): Promise<Socket> {
  const ends = performance.now() + CONNECT_MS;
  const host = hostOf(options.hostname);
  const addresses = await inTime(allowedAddresses(host, reach), CONNECT_MS);
  // The certificate must be the named host's, whichever address it is.
  const servername = addresses.includes(host) ? undefined : host;
  let fault: unknown = new ConnectTimeout();
  for (const [index, address] of addresses.entries()) {
    const share = (ends - performance.now()) / (addresses.length - index);
    if (share <= 0) break;
    try {
      return await opened({ ...options, hostname: address, servername }, share);
    } catch (error) {
      fault = error;
    }
  }
  throw fault;
}

function opened(options: buildConnector.Options, ms: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    buildConnector({ timeout: ms })(options, (error, socket) => (socket ? resolve(socket) : reject(error)));
  });
}

async function inTime<Value>(asked: Promise<Value>, ms: number): Promise<Value> {
  const stop = new AbortController();
  const late = sleep(ms, undefined, { signal: stop.signal }).then(
    () => {
      throw new ConnectTimeout();
    },
    // Stopped: the answer came first.
    () => new Promise<never>(() => {}),
  );
  try {
    return await Promise.race([asked, late]);
  } finally {
    stop.abort();
  }
}
