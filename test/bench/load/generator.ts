// The load generator: a process of its own, so that what it costs is not counted as the system's.
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';
import { nowMs } from './clock.ts';
import { Ledger } from './ledger.ts';
import type { Dialect, Door, Hearing, Line } from './line.ts';
import { native } from './native-dialect.ts';
import type { Answer, DialectName, Order } from './orders.ts';
import { keepPace, paced } from './pacing.ts';
import { socketIo } from './socket-io-dialect.ts';
import { socketIoLibrary } from './socket-io-library.ts';

const DIALECTS: Record<DialectName, Dialect> = {
  native,
  'socket.io': socketIo,
  'socket.io-client': socketIoLibrary,
};
/** Sockets that connect at the same time. */
const CONNECTING = 50;
/** Sockets from one address of this machine: it has some 28,000 ports. */
const PER_ADDRESS = 20_000;

const visitors: Line[] = [];
const agents: Line[] = [];
let ledger: Ledger | undefined;
let run = 0;
let closed = 0;
let firstTrouble: string | undefined;

const hearing: Hearing = {
  message: (text) => ledger?.arrived(text),
  refused(why) {
    if (ledger) ledger.refused += 1;
    firstTrouble ??= why;
  },
  closed(why) {
    closed += 1;
    firstTrouble ??= why;
  },
};

async function connect(order: Extract<Order, { order: 'connect' }>): Promise<Answer> {
  const dialect = DIALECTS[order.dialect];
  const seats = [
    ...order.agents.map(
      (seat) => async (door: Door) => agents.push(await dialect.agent(door, seat, hearing)),
    ),
    ...order.visitors.map(
      (seat) => async (door: Door) => visitors.push(await dialect.visitor(door, seat, hearing)),
    ),
  ];
  let next = 0;
  const lane = async () => {
    for (let seat = seats[next++]; seat; seat = seats[next++]) {
      const address = `127.0.0.${1 + Math.floor((visitors.length + agents.length) / PER_ADDRESS)}`;
      await seat({ url: order.url, from: address });
    }
  };
  await Promise.all(Array.from({ length: CONNECTING }, lane));
  return { done: 'connect', sockets: visitors.length + agents.length };
}

async function send({ rate, seconds, drainSeconds }: Extract<Order, { order: 'send' }>): Promise<Answer> {
  const current = new Ledger(++run, Math.round(rate * seconds), visitors.length);
  ledger = current;
  await paced({ rate, seconds }, (index, intended) => {
    visitors[index % visitors.length]?.post(current.leaving(index, intended));
  });
  await drained(current, drainSeconds * 1_000);
  // What comes twice may come a little later.
  await sleep(250);
  return { done: 'send', outcome: current.outcome(), closed, firstTrouble };
}

/** Waits until all have come, or none has come for so many milliseconds: who is slow has not lost anything. */
async function drained(of: Ledger, patienceMs: number): Promise<void> {
  let delivered = -1;
  for (let since = nowMs(); !of.complete && nowMs() - since < patienceMs; await sleep(20)) {
    if (of.delivered === delivered) continue;
    delivered = of.delivered;
    since = nowMs();
  }
}

function disconnect(): Answer {
  for (const line of [...visitors.splice(0), ...agents.splice(0)]) line.close();
  return { done: 'disconnect' };
}

async function obey(order: Order): Promise<Answer> {
  switch (order.order) {
    case 'connect':
      return connect(order);
    case 'send':
      return send(order);
    case 'disconnect':
      return disconnect();
  }
}

if (isMainThread) {
  process.on('message', (order: Order) => {
    obey(order).then(
      (answer) => process.send?.(answer),
      (error: unknown) => process.send?.({ failed: error instanceof Error ? error.message : String(error) }),
    );
  });
  process.on('disconnect', () => process.exit(0));
} else keepPace();
