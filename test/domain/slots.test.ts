// So many at once and no more, in order of arrival, whatever becomes of the work.
import { expect, test } from 'vitest';
import { Slots } from '../../domain/slots.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('no more run at once than there are slots, and who waits longest is next', async () => {
  const slots = new Slots(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const work = (number: number) =>
    slots.run(async () => {
      begun.push(number);
      await new Promise<void>((resolve) => ends.push(resolve));
    });
  const all = [1, 2, 3, 4].map(work);
  await turn();
  expect(begun).toEqual([1, 2]);
  expect(slots.waiting).toBe(2);
  ends[0]?.();
  // Whoever comes in the very moment in which a slot is given back waits behind those who are there.
  all.push(work(5));
  await turn();
  expect(begun).toEqual([1, 2, 3]);
  for (let next = 1; next < 5; next++) {
    ends[next]?.();
    await turn();
  }
  await Promise.all(all);
  expect(begun).toEqual([1, 2, 3, 4, 5]);
  expect(slots.waiting).toBe(0);
});

test('work that fails gives its slot back, and its fault to who asked', async () => {
  const slots = new Slots(1);
  await expect(
    slots.run(async () => {
      throw new Error('broken');
    }),
  ).rejects.toThrow('broken');
  expect(await slots.run(async () => 'done')).toBe('done');
});
