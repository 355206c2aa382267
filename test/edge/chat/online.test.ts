// Who is online and who is away, as every process knows it: over edges that die, signals that are lost, and processes that come later.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { KeyValue, Signals } from '../../../domain/log/log.ts';
import { LogUnreachable } from '../../../domain/log/log-unreachable.ts';
import { memoryStorage } from '../../../domain/log/memory.ts';
import { signalAmong } from '../../../domain/log/subjects.ts';
import { Online } from '../../../edge/chat/online.ts';
import type { Directory } from '../../../edge/identity/directory.ts';

const W = 'w1';
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

let storage: ReturnType<typeof memoryStorage>;
let awayAfterMinutes: number | null;
let processes: { online: Online; line: Line }[];
const faults: unknown[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  storage = memoryStorage();
  awayAfterMinutes = 5;
  processes = [];
  faults.length = 0;
});
afterEach(async () => {
  await settled(Promise.all(processes.map(({ online }) => online.close())));
  vi.useRealTimers();
  expect(faults).toEqual([]);
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
/** Answers come in a later turn, and those pass with the time. */
async function settled<Answer>(work: Promise<Answer>): Promise<Answer> {
  await pass(10);
  return work;
}

/** Where a process's words may be lost. */
interface Line {
  signals: boolean;
  leases: boolean;
}

function start(options: { now?: () => number } = {}) {
  const line: Line = { signals: true, leases: true };
  const signals: Signals = {
    ...storage.signals,
    publish: (subject, payload) => {
      if (line.signals) storage.signals.publish(subject, payload);
    },
    subscribe: (subject, listener) =>
      storage.signals.subscribe(subject, (payload, at) => {
        if (line.signals) listener(payload, at);
      }),
  };
  const reach = () => {
    if (!line.leases) throw new LogUnreachable('cut');
    return storage.leases;
  };
  const leases: KeyValue = {
    get: async (key) => reach().get(key),
    create: async (key, value) => reach().create(key, value),
    put: async (key, value) => reach().put(key, value),
    update: async (key, value, revision) => reach().update(key, value, revision),
    delete: async (key) => reach().delete(key),
    keys: (filter) => reach().keys(filter),
  };
  // All that it asks of the directory.
  const directory = {
    workspace: () => ({ settings: { awayAfterMinutes } }),
  } as unknown as Directory;
  const online = new Online({
    signals,
    leases,
    directory,
    now: Date.now,
    onFault: (fault) => faults.push(fault),
    ...options,
  });
  processes.push({ online, line });
  return { online, line };
}

const agents = ({ online }: { online: Online }) => [...online.agents(W)].sort();
const available = ({ online }: { online: Online }) => [...online.available(W)].sort();
function changes({ online }: { online: Online }) {
  const heard: string[] = [];
  online.onChange((workspace) => heard.push(workspace));
  return heard;
}
const keys = () => settled(listed(storage.leases.keys('presence.*')));
async function listed(keys: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const key of keys) all.push(key);
  return all;
}

test('who comes to one edge is known at the other and at a worker at once, and who goes too', async () => {
  const [one, two, worker] = [start(), start(), start()];
  await pass(SECOND);
  const heard = changes(worker);
  const here = one.online.came(W, 7);
  expect(agents(one)).toEqual([7]);
  await pass(100);
  for (const each of [one, two, worker]) {
    expect(agents(each)).toEqual([7]);
    expect(available(each)).toEqual([7]);
    expect([...each.online.agents('w2')]).toEqual([]);
  }
  expect(heard).toEqual([W]);
  here.left();
  here.left();
  await pass(100);
  for (const each of [one, two, worker]) expect(agents(each)).toEqual([]);
  expect(heard).toEqual([W, W]);
});

test('several tabs and devices are one agent, online as long as any of them is', async () => {
  const [one, two] = [start(), start()];
  const sockets = [one.online.came(W, 7), one.online.came(W, 7), two.online.came(W, 7)];
  await pass(100);
  const heard = changes(two);
  sockets[0]?.left();
  sockets[2]?.left();
  await pass(100);
  expect(agents(two)).toEqual([7]);
  expect(heard).toEqual([W]);
  sockets[1]?.left();
  await pass(100);
  expect(agents(two)).toEqual([]);
});

test('is away when no tab and no device has shown activity for so long, and back at the first sign of it', async () => {
  const [one, two, worker] = [start(), start(), start()];
  const [tab, other] = [one.online.came(W, 7), one.online.came(W, 7)];
  const phone = two.online.came(W, 7);
  one.online.came(W, 8).active();
  await pass(4 * MINUTE);
  tab.active();
  await pass(2 * MINUTE);
  // The second tab and the phone have been idle for six minutes, the first tab for two.
  for (const each of [one, two, worker]) expect(available(each)).toEqual([7]);
  await pass(3 * MINUTE + 2 * SECOND);
  for (const each of [one, two, worker]) {
    expect(agents(each)).toEqual([7, 8]);
    expect(available(each)).toEqual([]);
  }
  const heard = [one, two, worker].map(changes);
  phone.active();
  expect(available(two)).toEqual([7]);
  await pass(100);
  for (const each of [one, two, worker]) expect(available(each)).toEqual([7]);
  expect(heard).toEqual([[W], [W], [W]]);
  other.active();
  phone.left();
  await pass(MINUTE);
  for (const each of [one, two, worker]) expect(available(each)).toEqual([7]);
});

test('an active tab that is closed leaves the idle one, whose agent is away', async () => {
  const [one, two] = [start(), start()];
  const idle = one.online.came(W, 7);
  await pass(6 * MINUTE);
  const fresh = two.online.came(W, 7);
  await pass(100);
  expect(available(one)).toEqual([7]);
  fresh.left();
  await pass(100);
  expect(agents(one)).toEqual([7]);
  expect(available(one)).toEqual([]);
  expect(available(two)).toEqual([]);
  idle.left();
  // A sign of life of what is gone is none.
  idle.active();
  await pass(100);
  expect(agents(two)).toEqual([]);
});

test('nobody is away where the workspace does not say after how long, and that may change', async () => {
  const [one, two] = [start(), start()];
  awayAfterMinutes = null;
  one.online.came(W, 7);
  await pass(300 * MINUTE);
  expect(available(two)).toEqual([7]);
  awayAfterMinutes = 240;
  await pass(2 * SECOND);
  expect(available(two)).toEqual([]);
  awayAfterMinutes = null;
  await pass(2 * SECOND);
  expect(available(two)).toEqual([7]);
});

test('an edge that dies without a word is gone after fifteen seconds, and its lease after ten minutes', async () => {
  const [dead, two, worker] = [start(), start(), start()];
  dead.online.came(W, 7);
  two.online.came(W, 8);
  await pass(12 * SECOND);
  expect(agents(worker)).toEqual([7, 8]);
  const heard = changes(worker);
  dead.line.signals = false;
  dead.line.leases = false;
  await pass(9 * SECOND);
  expect(agents(worker)).toEqual([7, 8]);
  await pass(7 * SECOND);
  for (const each of [two, worker]) expect(agents(each)).toEqual([8]);
  expect(heard).toEqual([W]);
  // Its lease is there still, and says nothing any more, not even to who has never seen it.
  expect(await keys()).toHaveLength(2);
  const late = start();
  await pass(SECOND);
  for (const each of [two, worker, late]) expect(agents(each)).toEqual([8]);
  await pass(11 * MINUTE);
  expect(await keys()).toHaveLength(1);
  for (const each of [two, worker, late]) expect(agents(each)).toEqual([8]);
  // It was only cut off, and comes back.
  dead.line.signals = true;
  dead.line.leases = true;
  await pass(5 * SECOND);
  for (const each of [two, worker, late]) expect(agents(each)).toEqual([7, 8]);
});

test('a worker that starts later knows at once who is there and who is away, without a single signal', async () => {
  const one = start();
  one.online.came(W, 7);
  await pass(4 * MINUTE);
  one.online.came(W, 8);
  await pass(2 * MINUTE);
  one.line.signals = false;
  const worker = start();
  await settled(worker.online.ready);
  expect(agents(worker)).toEqual([7, 8]);
  expect(available(worker)).toEqual([8]);
});

test('a signal that is lost is mended by the lease, and leases that cannot be read by signals', async () => {
  const [one, two] = [start(), start()];
  await pass(SECOND);
  one.line.signals = false;
  one.online.came(W, 7);
  await pass(11 * SECOND);
  expect(agents(two)).toEqual([7]);
  // Renewals alone keep it there.
  await pass(MINUTE);
  expect(agents(two)).toEqual([7]);
  one.line.signals = true;
  two.line.leases = false;
  one.online.came(W, 8);
  await pass(100);
  expect(agents(two)).toEqual([7, 8]);
  await pass(MINUTE);
  expect(agents(two)).toEqual([7, 8]);
});

test('what is said is stored, however fast it changes: the last of it counts', async () => {
  const [one, two] = [start(), start()];
  await pass(SECOND);
  one.line.signals = false;
  for (let round = 0; round < 50; round++) {
    const socket = one.online.came(W, 7);
    await pass(round % 7);
    socket.left();
  }
  one.online.came(W, 9);
  await pass(11 * SECOND);
  expect(agents(two)).toEqual([9]);
});

test('an edge that goes says so, and leaves no lease behind', async () => {
  const [one, two] = [start(), start()];
  one.online.came(W, 7);
  await pass(6 * SECOND);
  expect(await keys()).toHaveLength(1);
  await settled(one.online.close());
  expect(agents(two)).toEqual([]);
  expect(await keys()).toEqual([]);
  await pass(MINUTE);
  expect(agents(two)).toEqual([]);
});

test('an edge whose clock is wrong is believed once it renews', async () => {
  const wrong = start({ now: () => 0 });
  wrong.online.came(W, 7);
  await pass(6 * SECOND);
  wrong.line.signals = false;
  const worker = start();
  await pass(11 * SECOND);
  expect(agents(worker)).toEqual([7]);
});

test('who never has a socket, such as a worker, writes nothing', async () => {
  start();
  await pass(MINUTE);
  expect(await keys()).toEqual([]);
});

test('what is no word of an edge is passed over', async () => {
  await settled(storage.leases.put('presence.odd', Buffer.from('{')));
  await settled(storage.leases.put('presence.other', Buffer.from('{"edge":"another","word":1}')));
  const worker = start();
  await settled(worker.online.ready);
  storage.signals.publish(signalAmong('present'), { edge: 7 });
  await pass(SECOND);
  expect(agents(worker)).toEqual([]);
});
