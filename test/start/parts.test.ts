// The parts other tests stand on: real servers of the wanted versions, separate from test to test.
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { launchChromium } from '../parts/chromium.ts';
import { hasNats, startTestNats } from '../parts/nats.ts';
import { startTestPostgres } from '../parts/postgres.ts';

describe.each(['newest', 'debian'] as const)('nats-server, %s', (version) => {
  test.skipIf(!hasNats(version))(
    'a message acknowledged before kill -9 is there after the next start',
    async () => {
      const first = await startTestNats(version);
      const connection = await first.connect({ reconnect: false });
      await (await jetstreamManager(connection)).streams.add({ name: 'KEPT', subjects: ['kept.>'] });
      const ack = await jetstream(connection).publish('kept.one', 'hello');
      expect(ack.seq).toBe(1);
      await first.kill();
      const second = await startTestNats(version, { dataDir: first.dataDir });
      expect(second.url).toBe(first.url);
      const again = await second.connect();
      const stored = await (await jetstreamManager(again)).streams.getMessage('KEPT', { seq: 1 });
      expect(stored?.string()).toBe('hello');
      await again.close();
      await second.stop();
      await first.stop();
    },
  );

  test.skipIf(!hasNats(version))('nobody without its password gets in', async () => {
    const nats = await startTestNats(version);
    await expect(nats.connect({ pass: 'wrong', reconnect: false })).rejects.toThrow(/authorization/i);
    await expect(nats.connect({ user: undefined, pass: undefined, reconnect: false })).rejects.toThrow(
      /authorization/i,
    );
    expect(nats.syncAlways).toBe(version === 'newest');
    await nats.stop();
  });
});

test('two test databases do not see each other', async () => {
  const [one, two] = await Promise.all([startTestPostgres(), startTestPostgres()]);
  const [first, second] = [new pg.Client(one.url), new pg.Client(two.url)];
  await Promise.all([first.connect(), second.connect()]);
  await first.query('create table mine (id int)');
  const seen = await second.query("select to_regclass('mine') as found");
  expect(seen.rows).toEqual([{ found: null }]);
  const new18 = await first.query("select uuidv7() is not null as newer, lower('ÀÉ') as folded");
  expect(new18.rows).toEqual([{ newer: true, folded: 'àé' }]);
  await Promise.all([first.end(), second.end()]);
  await Promise.all([one.stop(), two.stop()]);
});

test('a real browser opens a page', async () => {
  const browser = await launchChromium();
  const page = await browser.newPage();
  await page.setContent('<title>Natter</title>');
  expect(await page.title()).toBe('Natter');
  await browser.close();
});
