// Tokens: genuine ones are remembered, for no longer than they are good.
import { afterEach, expect, test, vi } from 'vitest';
import { Tokens } from '../../../edge/identity/tokens.ts';

const ours = { kind: 'user', sub: '42', ws: 'waaaaaaaaaaaa', tv: 1 } as const;
const DAY = 86_400_000;

afterEach(() => {
  vi.useRealTimers();
});

test('a genuine token says the same however often it is read, until it ends', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2030, 0, 1) });
  const tokens = new Tokens('a secret that is only good for tests', { userDays: 7 });
  const token = await tokens.sign(ours);
  for (let time = 0; time < 3; time++) expect(await tokens.read(token)).toEqual(ours);
  vi.setSystemTime(Date.UTC(2030, 0, 1) + 7 * DAY - 1_000);
  expect(await tokens.read(token)).toEqual(ours);
  vi.setSystemTime(Date.UTC(2030, 0, 1) + 7 * DAY + 1_000);
  expect(await tokens.read(token)).toBeUndefined();
  expect(await new Tokens('a secret that is only good for tests').read(token)).toBeUndefined();
});

test('nothing that is not genuine becomes so by being asked about again', async () => {
  const tokens = new Tokens('a secret that is only good for tests');
  const token = await tokens.sign(ours);
  const forged = await new Tokens('another secret').sign(ours);
  const cut = token.slice(0, -2);
  for (let time = 0; time < 2; time++) {
    expect(await tokens.read(token)).toEqual(ours);
    for (const wrong of [forged, cut, `${token}x`, ` ${token}`, ''])
      expect(await tokens.read(wrong)).toBeUndefined();
  }
});
