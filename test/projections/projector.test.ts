// What projectors promise whatever happens to them: every event once, by one of several, and a loud stop where one cannot be applied.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { load } from '../../cmd/load/load.ts';
import { projections } from '../../projections/all.ts';
import { openReadModels, ReadModelsDown } from '../../projections/read-models.ts';
import { Projector } from '../../projections/running/projector.ts';
import { Poisoned } from '../../projections/running/unit.ts';
import { bob, by, Chat, jane, visitor } from './chat.ts';
import { contentsOf } from './contents.ts';
import { type Projecting, startProjecting, until, workspace } from './projecting.ts';

let p: Projecting;
beforeEach(async () => {
  p = await startProjecting();
}, 60_000);
afterEach(() => p.stop());

const tale = { workspace, widget: 'w1', agents: [jane, bob], now: Date.parse('2026-11-20T12:00:00.000Z') };

/** What the log says, projected in peace into a database of its own. */
async function inPeace(): Promise<Record<string, string>> {
  const calm = await startProjecting();
  const projector = new Projector({
    url: calm.url,
    log: p.storage.log,
    signals: p.storage.signals,
    onFault: (fault) => calm.faults.push(fault),
  });
  const models = openReadModels({ url: calm.url, log: p.storage.log, signals: p.storage.signals });
  projector.start();
  await until(async () => {
    const lag = Object.values(await models.lag().catch(() => ({})));
    return lag.length > 0 && lag.every((one) => one.lag === 0);
  });
  const contents = await contentsOf(calm.sql);
  expect(calm.faults).toEqual([]);
  await projector.stop();
  await models.close();
  await calm.stop();
  return contents;
}

test('whose sessions are killed again and again, everything is applied exactly once', async () => {
  let killing = true;
  p.projector();
  let killed = 0;
  const killer = (async () => {
    while (killing) {
      const rows =
        await p.sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'natter-projector%' and datname = current_database() and random() < 0.4`;
      killed += rows.length;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  // Long enough that some of it happens while batches are under way, however busy the machine is.
  for (let seed = 1; seed <= 3 || (killed <= 3 && seed < 30); seed++)
    await load({ ...tale, storage: p.storage, events: 3_000, seed });
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  killing = false;
  await killer;
  await p.settled();
  expect(killed).toBeGreaterThan(3);
  expect(p.faults.length).toBeGreaterThan(0);
  expect(p.faults.some((fault) => fault instanceof Poisoned)).toBe(false);
  expect(await contentsOf(p.sql)).toEqual(await inPeace());
}, 60_000);

test('two projectors share the units, and one takes over what the other leaves', async () => {
  const streams = p.storage.log.subjects.streams();
  const units = projections
    .map(({ family }) => streams.filter((stream) => stream.family === family).length)
    .reduce((sum, n) => sum + n, 0);
  const first = p.projector();
  p.projector();
  const holders = () => p.sql<{ pid: number; n: number }>`
    select pid, count(*)::int as n from pg_locks
     where locktype = 'advisory' and mode = 'ExclusiveLock' and database = (select oid from pg_database where datname = current_database()) group by pid`;
  await until(async () => {
    const held = await holders();
    const all = held.reduce((sum, { n }) => sum + n, 0);
    return held.length === 2 && held.every(({ n }) => n >= 6) && all === units;
  });
  await load({ ...tale, storage: p.storage, events: 3_000, seed: 4 });
  await p.settled();
  await first.stop();
  await until(async () => (await holders()).some(({ n }) => n === units));
  await load({ ...tale, storage: p.storage, events: 1_000, seed: 5 });
  await p.settled();
  expect(p.faults).toEqual([]);
  expect(await contentsOf(p.sql)).toEqual(await inPeace());
}, 60_000);

test('an event that cannot be applied stops its unit before it, visibly, and nothing else', async () => {
  const chat = new Chat(p.storage.log, workspace, 'chat-1');
  await chat.start({ name: 'Ann' });
  await chat.say('before');
  const poison = chat.sequence + 1;
  await chat.tell(visitor, [{ type: 'ConversationTeleported', data: {} }]);
  await chat.say('after');
  p.projector();
  await until(async () => {
    const { inbox, analytics, transcript } = await p.models
      .lag()
      .catch((): Record<string, undefined> => ({}));
    return inbox?.failure !== undefined && analytics?.failure !== undefined && transcript?.lag === 0;
  });
  const { inbox } = await p.models.lag();
  expect(inbox).toEqual({
    generation: 1,
    lag: 2,
    failure: `${chat.address.stream}: stopped at sequence ${poison} (Error)`,
  });
  expect(p.faults).toHaveLength(2);
  expect(p.faults.every((fault) => fault instanceof Poisoned)).toBe(true);
  // Everything before it counts, nothing after it does.
  expect(await p.models.inbox.findOne({ workspace, conversation: 'chat-1' })).toMatchObject({
    version: 2,
    messageCount: 1,
  });
  expect((await p.models.transcript.searchMessages({ workspace, query: 'after' })).total).toBe(1);
  const elsewhere = await aChatOnAnotherStream(chat);
  await until(
    async () => (await p.models.inbox.findOne({ workspace, conversation: elsewhere })) !== undefined,
  );
});

async function aChatOnAnotherStream(than: Chat): Promise<string> {
  for (let i = 0; ; i++) {
    const chat = new Chat(p.storage.log, workspace, `other-${i}`);
    if (chat.address.stream === than.address.stream) continue;
    await chat.start();
    return `other-${i}`;
  }
}

test('a database that is gone comes back from the log with the same answers', async () => {
  p.projector();
  await load({ ...tale, storage: p.storage, events: 3_000, seed: 6 });
  await p.settled();
  const before = await contentsOf(p.sql);
  const list = await p.models.inbox.findInbox({ workspace, status: 'closed', limit: 50 });
  expect(list.total).toBeGreaterThan(50);
  await p.sql.unsafe('drop schema natter cascade');
  const chat = new Chat(p.storage.log, workspace, 'chat-after');
  await chat.start();
  await until(
    async () =>
      (await p.models.inbox.findOne({ workspace, conversation: 'chat-after' }).catch(() => undefined)) !==
      undefined,
  );
  await p.settled();
  await chat.ask(by(jane), { type: 'EraseConversation', data: {} });
  await p.settled();
  await until(async () => (await p.sql`select from generations where not indexed`).length === 0);
  expect(await contentsOf(p.sql)).toEqual(before);
  expect(await p.models.inbox.findInbox({ workspace, status: 'closed', limit: 50 })).toEqual(list);
}, 60_000);

test('one lost table is filled again from the start of the log', async () => {
  p.projector();
  await load({ ...tale, storage: p.storage, events: 1_000, seed: 7 });
  await p.settled();
  const before = await contentsOf(p.sql);
  await p.sql`drop table ${p.sql((await p.sql<{ name: string }>`select tablename as name from pg_tables where tablename like 'transcript_g%'`)[0]?.name ?? '')}`;
  await load({ ...tale, storage: p.storage, events: 500, seed: 8 });
  await p.settled();
  const after = await contentsOf(p.sql);
  expect(after).toEqual(await inPeace());
  expect(Object.keys(after)).toEqual(Object.keys(before));
}, 60_000);

test('while Postgres is away queries say so, and all goes on when it is back', async () => {
  const nowhere = openReadModels({ url: 'postgres://natter:x@127.0.0.1:1/natter', ...p.storage });
  await expect(nowhere.inbox.findInbox({ workspace })).rejects.toBeInstanceOf(ReadModelsDown);
  await expect(
    nowhere.freshness.waitFor(['inbox'], { stream: 'CHAT_0', sequence: 1 }, 100),
  ).rejects.toBeInstanceOf(ReadModelsDown);
  expect(await nowhere.ready()).toBe(false);
  await nowhere.close();
  // Nothing was ever projected here.
  await expect(p.models.inbox.findInbox({ workspace })).rejects.toBeInstanceOf(ReadModelsDown);
  p.projector();
  await until(() => p.models.ready());
  expect(await p.models.inbox.findInbox({ workspace })).toEqual({
    rows: [],
    total: 0,
    counts: { queued: 0, open: 0, closed: 0, archived: 0 },
  });
});
