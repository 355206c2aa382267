// From a real nats-server into a real Postgres: what the log's servers do to readers must not show in the rows.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { load } from '../../cmd/load/load.ts';
import { connectStorage } from '../../domain/log/jetstream/connect.ts';
import type { Storage } from '../../domain/log/log.ts';
import { openPool } from '../../projections/database.ts';
import type { Sql } from '../../projections/projection.ts';
import { openReadModels, type ReadModels } from '../../projections/read-models.ts';
import { Projector } from '../../projections/running/projector.ts';
import { rebuild } from '../../projections/running/rebuild.ts';
import { startTestNats, type TestNats } from '../parts/nats.ts';
import { startTestPostgres, type TestPostgres } from '../parts/postgres.ts';
import { bob, Chat, jane } from './chat.ts';
import { contentsOf } from './contents.ts';
import { until, workspace } from './projecting.ts';

let nats: TestNats;
let postgres: TestPostgres;
let storage: Storage;
let sql: Sql;
let models: ReadModels;
let projector: Projector;
const faults: unknown[] = [];

beforeEach(async () => {
  [nats, postgres] = await Promise.all([startTestNats(), startTestPostgres()]);
  storage = await connectStorage({
    url: nats.url,
    user: nats.user,
    password: nats.password,
    chatStreams: 4,
    name: 'test',
    onFault: (fault) => faults.push(fault),
  });
  sql = openPool(postgres.url, { max: 2, name: 'test' });
  models = openReadModels({ url: postgres.url, log: storage.log, signals: storage.signals });
  projector = new Projector({
    url: postgres.url,
    log: storage.log,
    signals: storage.signals,
    onFault: (fault) => faults.push(fault),
  });
  projector.start();
}, 60_000);
afterEach(async () => {
  await projector.stop();
  await models.close();
  await storage.close();
  await sql.end();
  await Promise.all([nats.stop(), postgres.stop()]);
});

const settled = () =>
  until(async () => {
    const lag = Object.values(await models.lag().catch(() => ({})));
    return lag.length > 0 && lag.every((one) => one.lag === 0);
  });
const tale = { workspace, widget: 'w1', agents: [jane, bob], now: Date.parse('2026-11-20T12:00:00.000Z') };

test('what is loaded, and written after the servers were killed, is read once, and a rebuild agrees', async () => {
  await load({ ...tale, storage, events: 4_000, seed: 1 });
  await settled();
  const chat = new Chat(storage.log, workspace, 'chat-before');
  await chat.start({ name: 'Before' });
  expect(
    await models.freshness.waitFor(
      ['inbox'],
      { stream: chat.address.stream, sequence: chat.sequence },
      5_000,
    ),
  ).toBe('fresh');

  const { dataDir } = nats;
  await nats.kill();
  nats = await startTestNats('newest', { dataDir });
  await until(() => storage.server.connected());
  await until(async () => {
    const said = await chat.say('are you there again?').catch((error: Error) => error);
    return typeof said === 'number';
  });
  await load({ ...tale, storage, events: 2_000, seed: 2 });
  await settled();
  expect(await models.inbox.findOne({ workspace, conversation: 'chat-before' })).toMatchObject({
    messageCount: 1,
  });
  const before = await contentsOf(sql);
  const results = await rebuild('all', { url: postgres.url, log: storage.log });
  expect(results.every(({ comparison }) => comparison === 'equal')).toBe(true);
  await settled();
  expect(await contentsOf(sql)).toEqual(before);
}, 90_000);
