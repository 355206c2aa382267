// A bench that cannot see a lost message proves nothing: the ledger must notice what it is there for.
import { expect, test } from 'vitest';
import { nowMs } from './clock.ts';
import { Ledger } from './ledger.ts';

function sent(messages: number, conversations: number): { ledger: Ledger; texts: string[] } {
  const ledger = new Ledger(1, messages, conversations);
  const start = nowMs();
  const texts = Array.from({ length: messages }, (_, index) => ledger.leaving(index, start));
  return { ledger, texts };
}

test('a message that never arrives is lost', () => {
  const { ledger, texts } = sent(4, 2);
  for (const text of texts.slice(1)) ledger.arrived(text);
  expect(ledger.complete).toBe(false);
  expect(ledger.outcome()).toMatchObject({ sent: 4, delivered: 3, lost: 1, duplicates: 0, outOfOrder: 0 });
});

test('a message that arrives twice is a duplicate and counts once', () => {
  const { ledger, texts } = sent(2, 2);
  for (const text of [...texts, ...texts.slice(1)]) ledger.arrived(text);
  expect(ledger.outcome()).toMatchObject({ delivered: 2, lost: 0, duplicates: 1 });
});

test('order counts within a conversation and not between two', () => {
  const { ledger, texts } = sent(4, 2);
  // Messages 0 and 2 are of one conversation, 1 and 3 of the other.
  for (const index of [1, 0, 3, 2]) ledger.arrived(texts[index] ?? '');
  expect(ledger.outcome().outOfOrder).toBe(0);
  const swapped = sent(4, 2);
  for (const index of [2, 0, 1, 3]) swapped.ledger.arrived(swapped.texts[index] ?? '');
  expect(swapped.ledger.outcome().outOfOrder).toBe(1);
});

test('messages of another stretch are none of this one', () => {
  const { ledger } = sent(2, 2);
  ledger.arrived(new Ledger(2, 2, 2).leaving(0, nowMs()));
  expect(ledger.outcome()).toMatchObject({ delivered: 0, lost: 2 });
});

test('latency counts from the moment a message was meant to leave', () => {
  const ledger = new Ledger(1, 1, 1);
  const text = ledger.leaving(0, nowMs() - 100);
  ledger.arrived(text);
  const { latency, lateness } = ledger.outcome();
  expect(latency.p50).toBeGreaterThanOrEqual(100);
  expect(lateness.p50).toBeGreaterThanOrEqual(100);
});
