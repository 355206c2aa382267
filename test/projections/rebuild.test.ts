// A rebuild beside what serves: the same answers, no message missed, and no switch where the two differ.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { load } from '../../cmd/load/load.ts';
import { projections } from '../../projections/all.ts';
import { RebuildDiffers, rebuild } from '../../projections/running/rebuild.ts';
import { bob, by, Chat, jane, system } from './chat.ts';
import { contentsOf } from './contents.ts';
import { type Projecting, startProjecting, until, workspace } from './projecting.ts';

let p: Projecting;
beforeEach(async () => {
  p = await startProjecting();
}, 60_000);
afterEach(() => p.stop());

const tale = { workspace, widget: 'w1', agents: [jane, bob], now: Date.parse('2026-11-20T12:00:00.000Z') };
const generations = () =>
  p.sql<{
    projection: string;
    generation: number;
    state: string;
  }>`select projection, generation, state from generations order by 1, 2`;

test('a rebuild while messages arrive is compared, switched to, and says the same', async () => {
  p.projector();
  await load({ ...tale, storage: p.storage, events: 6_000, seed: 1 });
  await p.settled();
  const live = new Chat(p.storage.log, workspace, 'chat-live');
  await live.start({ name: 'Live' });
  const erased = new Chat(p.storage.log, workspace, 'chat-erased');
  await erased.start({ name: 'Erased', email: 'erased@example.com' });
  await erased.say('soon gone');
  let writing = true;
  let written = 0;
  const writer = (async () => {
    while (writing) {
      await live.say(`message ${written}`);
      written += 1;
      if (written === 20) await erased.ask(system, { type: 'EraseConversation', data: {} });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  const steps = new Set<string>();
  const results = await rebuild('all', {
    url: p.url,
    log: p.storage.log,
    onProgress: ({ step }) => steps.add(step),
  });
  expect(results).toEqual(
    projections.map(({ name }) => ({ projection: name, generation: 2, comparison: 'equal' })),
  );
  expect([...steps]).toEqual(['loading', 'indexing', 'comparing', 'switched']);
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  writing = false;
  await writer;
  await p.settled();
  expect(written).toBeGreaterThan(20);
  expect(await p.models.inbox.findOne({ workspace, conversation: 'chat-live' })).toMatchObject({
    messageCount: written,
  });
  expect(await p.models.inbox.findOne({ workspace, conversation: 'chat-erased' })).toBeUndefined();
  expect((await p.models.lag()).inbox).toEqual({ generation: 2, lag: 0 });
  expect(p.faults).toEqual([]);

  // The old generation is fed until nobody can believe in it any more, then it goes with its tables.
  expect((await generations()).filter(({ state }) => state === 'retired')).toHaveLength(projections.length);
  await p.sql`update generations set retired_at = now() - interval '1 hour' where state = 'retired'`;
  await until(async () =>
    (await generations()).every(({ state, generation }) => state === 'serving' && generation === 2),
  );
  const [left] = await p.sql<{
    n: number;
  }>`select count(*)::int as n from pg_tables where schemaname = 'natter' and tablename like '%\\_g1'`;
  expect(left?.n).toBe(0);
  expect(p.faults).toEqual([]);
}, 60_000);

test('a rebuild without any projector running brings both up to the head and switches', async () => {
  await load({ ...tale, storage: p.storage, events: 2_000, seed: 2 });
  const results = await rebuild(['inbox', 'analytics'], { url: p.url, log: p.storage.log });
  expect(results.map(({ comparison }) => comparison)).toEqual(['equal', 'equal']);
  p.projector();
  await p.settled();
  expect((await p.models.lag()).inbox?.generation).toBe(2);
  expect((await p.models.lag()).transcript?.generation).toBe(1);
}, 60_000);

test('where a row was changed by hand nothing is switched, and the difference is named', async () => {
  p.projector();
  await load({ ...tale, storage: p.storage, events: 1_000, seed: 3 });
  await p.settled();
  const before = await contentsOf(p.sql);
  await p.sql`update transcript_g1 set text = text || '!' where position = (select min(position) from transcript_g1)`;
  const tampered = await contentsOf(p.sql);
  expect(tampered.transcript).not.toBe(before.transcript);
  const failed = await rebuild('all', { url: p.url, log: p.storage.log }).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failed).toBeInstanceOf(RebuildDiffers);
  expect((failed as RebuildDiffers).differences).toMatchObject([
    { projection: 'transcript', table: 'transcript' },
  ]);
  expect((await generations()).map(({ generation, state }) => [generation, state])).toEqual(
    projections.map(() => [1, 'serving']),
  );
  expect(await contentsOf(p.sql)).toEqual(tampered);
  const forced = await rebuild(['transcript'], { url: p.url, log: p.storage.log, force: true });
  expect(forced).toMatchObject([{ projection: 'transcript', comparison: 'different' }]);
  await p.settled();
  expect(await contentsOf(p.sql)).toEqual(before);
}, 60_000);

test('a raised version is rebuilt by the projector itself', async () => {
  const first = p.projector();
  await load({ ...tale, storage: p.storage, events: 1_000, seed: 4 });
  await p.settled();
  await first.stop();
  const raised = projections.map((projection) =>
    projection.name === 'inbox' ? { ...projection, version: projection.version + 1 } : projection,
  );
  p.projector({ projections: raised });
  await until(async () => (await p.models.lag()).inbox?.generation === 2);
  await p.settled();
  expect(p.faults).toEqual([]);
  expect((await generations()).filter(({ projection }) => projection === 'transcript')).toHaveLength(1);
}, 60_000);

test('rows of before an upgrade, which lack what folds have learned since, are fed until the new ones serve', async () => {
  const first = p.projector();
  const chats = ['one', 'two', 'three', 'four'].map((id) => new Chat(p.storage.log, workspace, id));
  for (const chat of chats) {
    await chat.start();
    await chat.say('Hello');
  }
  await p.settled();
  await first.stop();
  await p.sql`update inbox_g1 set state = state - 'opening' - 'asked' - 'unread' - 'joined' - 'silence'`;
  for (const chat of chats) {
    await chat.say('Hello again');
    await chat.say('Good morning', by(jane));
    await chat.ask(by(jane), { type: 'CloseConversation', data: {} });
  }
  p.projector();
  await p.settled();
  expect(p.faults).toEqual([]);
  const rows = await p.sql<{ status: string }>`select status from inbox_g1`;
  expect(rows.map(({ status }) => status)).toEqual(['closed', 'closed', 'closed', 'closed']);
}, 60_000);

test('what a rebuild that died has left is cleared away', async () => {
  const stop = new AbortController();
  p.projector();
  await load({ ...tale, storage: p.storage, events: 500, seed: 5 });
  await p.settled();
  await p.sql`insert into generations (projection, generation, version, state, indexed) values ('inbox', 7, 1, 'building', false)`;
  await until(async () => !(await generations()).some(({ state }) => state === 'building'));
  const given = rebuild('all', {
    url: p.url,
    log: p.storage.log,
    signal: stop.signal,
    onProgress: () => stop.abort(),
  });
  await expect(given).rejects.toThrow();
  expect((await generations()).every(({ state }) => state === 'serving')).toBe(true);
}, 60_000);
