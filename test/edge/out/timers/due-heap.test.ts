// The heap of due moments is a sorted list that is faster.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DueHeap } from '../../../../edge/out/timers/due-heap.ts';

test('whatever is put in, moved and taken out, the first is the earliest', () =>
  fc.assert(
    fc.property(
      fc.array(fc.record({ key: fc.constantFrom(...'abcdefghijkl'), at: fc.option(fc.nat(20)) }), {
        maxLength: 200,
        size: 'max',
      }),
      (changes) => {
        const heap = new DueHeap();
        const list = new Map<string, number>();
        for (const { key, at } of changes) {
          if (at === null) {
            heap.delete(key);
            list.delete(key);
          } else {
            heap.set(key, at);
            list.set(key, at);
          }
          expect(heap.first()?.at).toBe(list.size > 0 ? Math.min(...list.values()) : undefined);
        }
        const left: number[] = [];
        for (let first = heap.first(); first; first = heap.first()) {
          left.push(first.at);
          expect(list.get(first.key)).toBe(first.at);
          heap.delete(first.key);
        }
        expect(left).toEqual([...list.values()].sort((a, b) => a - b));
      },
    ),
  ));
