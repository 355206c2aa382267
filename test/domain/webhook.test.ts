// A webhook's switch and address, what became of its messages, and when they are tried again.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { system } from '../../domain/actor.ts';
import type { ConversationEvent } from '../../domain/conversation/events.ts';
import { isDue, isGivenUp, pauseAfter, verdictOf } from '../../domain/policies/webhooks.ts';
import {
  type DeliveriesEvent,
  type DeliveriesRequest,
  deliveries,
  deliveriesEvent,
} from '../../domain/workspace/deliveries.ts';
import { type WebhookEvent, webhook, webhookEvent } from '../../domain/workspace/webhook.ts';
import { given, NOON } from '../given.ts';

const url = 'https://yoursite.com/api/chat-webhook.php';
const heads = { 0: 10, 1: 20 };
const set = (wish: { url?: string; enabled?: boolean } = {}) => ({
  type: 'SetWebhook' as const,
  data: { url, format: 'classic' as const, enabled: true, heads, ...wish },
  actor: system,
});
const wasSet: WebhookEvent = { type: 'WebhookSet', data: { url, format: 'classic' } };
const wasEnabled: WebhookEvent = { type: 'WebhookEnabled', data: { after: heads } };
const wasDisabled: WebhookEvent = { type: 'WebhookDisabled', data: { reason: 'asked' } };
const retire = (from = url) => ({ type: 'RetireWebhook' as const, data: { url: from }, actor: system });

describe('a webhook', () => {
  test('that is set and switched on remembers where the log ended', () =>
    given(webhook)
      .when(set())
      .then(wasSet, wasEnabled)
      .leaving({ status: 'set', url, enabled: true, after: heads, gone: false }));
  test('needs an address to be switched on, and none to be switched off', () => {
    given(webhook)
      .when(set({ url: '' }))
      .thenRefused('webhook-url-required');
    given(webhook, wasSet, wasEnabled)
      .when(set({ url: '', enabled: false }))
      .then({ type: 'WebhookSet', data: { url: '', format: 'classic' } }, wasDisabled)
      .leaving({ enabled: false });
  });
  test('that is as asked stays as it is, and so do the heads it was switched on at', () => {
    given(webhook, wasSet, wasEnabled).when(set()).thenNothing();
    given(webhook, wasSet, wasEnabled)
      .when(set({ url: 'https://other.example.com/' }))
      .then({ type: 'WebhookSet', data: { url: 'https://other.example.com/', format: 'classic' } })
      .leaving({ enabled: true, after: heads });
  });
  test('that is switched on again begins anew', () =>
    given(webhook, wasSet, { type: 'WebhookEnabled', data: { after: { 0: 1 } } }, wasDisabled)
      .when(set())
      .then(wasEnabled)
      .leaving({ after: heads }));
  test('is switched off where its address is gone, unless it has another one by then', () => {
    given(webhook, wasSet, wasEnabled)
      .when(retire())
      .then({ type: 'WebhookDisabled', data: { reason: 'gone' } })
      .leaving({ enabled: false, gone: true });
    given(webhook, wasSet, wasEnabled).when(retire('https://old.example.com/')).thenNothing();
    given(webhook, wasSet).when(retire()).thenNothing();
    given(webhook, wasSet, wasEnabled, { type: 'WebhookDisabled', data: { reason: 'gone' } })
      .when(set())
      .then(wasEnabled)
      .leaving({ gone: false });
  });
  test('has events that its schema knows', () => {
    for (const event of [wasSet, wasEnabled, wasDisabled]) expect(webhookEvent.parse(event)).toEqual(event);
  });
});

const record = (data: Partial<DeliveriesRequest['data']>) => ({
  type: 'RecordDeliveries' as const,
  data: { known: { 0: 5, 1: 3 }, upTo: {}, owed: [], outcomes: [], ...data },
  actor: system,
});
const owed = (upTo: Record<string, number>, ...positions: number[]): DeliveriesEvent => ({
  type: 'DeliveriesOwed',
  data: { upTo, positions },
});

describe('what became of its messages', () => {
  const failed = { position: 7, attempts: 1, status: 500, problem: 'The address answered 500.' };

  test('is written down once, and only what is new of it', () => {
    given(deliveries)
      .when(record({ upTo: { 0: 5 }, owed: [7, 8], outcomes: [{ kind: 'failed', ...failed }] }))
      .then(owed({ 0: 5 }, 7, 8), { type: 'DeliveryFailed', data: failed })
      .leaving({
        upTo: { 0: 5 },
        owed: { 7: { attempts: 1, since: expect.any(String) }, 8: { attempts: 0 } },
      });
    given(deliveries, owed({ 0: 5, 1: 3 }, 7))
      .when(record({ upTo: { 0: 5, 1: 4 }, owed: [7] }))
      .then(owed({ 1: 4 }))
      .leaving({ upTo: { 0: 5, 1: 4 } });
    given(deliveries, owed({ 0: 5 }, 7))
      .when(record({ upTo: { 0: 4 }, owed: [7] }))
      .thenNothing();
  });
  test('keeps the moment of the first failure through all that follow', () =>
    given(deliveries, owed({}, 7), { type: 'DeliveryFailed', data: failed, at: NOON })
      .when(record({ outcomes: [{ kind: 'failed', ...failed, attempts: 2 }] }))
      .then({ type: 'DeliveryFailed', data: { ...failed, attempts: 2 } })
      .leaving({ owed: { 7: { attempts: 2, since: NOON } }, givenUp: 0 }));
  test('ends with a delivery, a surrender, or nothing to deliver', () => {
    given(deliveries, owed({}, 7, 8, 9))
      .when(
        record({
          outcomes: [
            { kind: 'delivered', position: 7, attempts: 1, status: 200 },
            { kind: 'given-up', ...failed, position: 8 },
            { kind: 'dropped', position: 9 },
          ],
        }),
      )
      .then(
        { type: 'MessagesDelivered', data: { messages: [{ position: 7, attempts: 1, status: 200 }] } },
        { type: 'DeliveryGivenUp', data: { ...failed, position: 8 } },
        { type: 'DeliveriesDropped', data: { positions: [9] } },
      )
      .leaving({ owed: {}, delivered: 1, givenUp: 1 });
  });
  test('is not undone by a writer that was held up while another one went on', () => {
    const settled: DeliveriesEvent = {
      type: 'MessagesDelivered',
      data: { messages: [{ position: 7, attempts: 1, status: 200 }] },
    };
    const late = record({
      known: { 0: 4 },
      upTo: { 0: 6 },
      owed: [7, 8],
      outcomes: [
        { kind: 'failed', ...failed },
        { kind: 'delivered', position: 7, attempts: 2, status: 200 },
        { kind: 'failed', ...failed, position: 8 },
        { kind: 'delivered', position: 9, attempts: 1, status: 200 },
      ],
    });
    const delivered = { position: 9, attempts: 1, status: 200 };
    given(deliveries, owed({ 0: 5 }, 7, 9), settled)
      .when(late)
      .then({ type: 'MessagesDelivered', data: { messages: [delivered] } })
      .leaving({ upTo: { 0: 5 }, owed: {}, delivered: 2 });
  });
  test('tells of the last try', () => {
    given(deliveries, owed({}, 7), { type: 'DeliveryFailed', data: failed, at: NOON }).is({
      last: { at: NOON, ok: false, status: 500, problem: failed.problem },
    });
    const delivered: DeliveriesEvent = {
      type: 'MessagesDelivered',
      data: { messages: [{ position: 7, attempts: 2, status: 204 }] },
    };
    given(deliveries, { ...delivered, at: NOON }).is({
      last: { at: NOON, ok: true, status: 204 },
      delivered: 1,
    });
    expect(deliveriesEvent.parse(delivered)).toEqual(delivered);
  });
});

describe('when', () => {
  const message = (kind: 'visitor' | 'agent' | 'ai' | 'system'): ConversationEvent => ({
    type: 'MessagePosted',
    data: { text: 'x', attachments: [], author: { kind } },
  });
  test('a visitor writes it is due, and at nothing else', () => {
    expect(isDue(message('visitor'))).toBe(true);
    for (const kind of ['agent', 'ai', 'system'] as const) expect(isDue(message(kind))).toBe(false);
    expect(isDue({ type: 'ConversationArchived', data: {} })).toBe(false);
  });
  test('a status says what it says', () => {
    for (const status of [200, 201, 204, 299]) expect(verdictOf(status)).toBe('delivered');
    for (const status of [301, 302, 400, 403, 404, 429, 500, 503]) expect(verdictOf(status)).toBe('failed');
    expect(verdictOf(410)).toBe('gone');
  });
  test('it failed it is tried again after a doubling pause with a bound, never earlier than asked for', () => {
    expect([1, 2, 3, 4].map((failures) => pauseAfter(failures, 1))).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(pauseAfter(1, 0)).toBe(500);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(),
        (n, chance, asked) => {
          const pause = pauseAfter(n, chance, asked);
          expect(pause).toBeGreaterThanOrEqual(Math.max(500, Math.min(asked, 3_600_000)));
          expect(pause).toBeLessThanOrEqual(Math.max(60_000, Math.min(asked, 3_600_000)));
        },
      ),
    );
  });
  test('24 hours are over it is given up', () => {
    const since = Date.parse(NOON);
    expect(isGivenUp(since, since + 24 * 3_600_000 - 1)).toBe(false);
    expect(isGivenUp(since, since + 24 * 3_600_000)).toBe(true);
  });
});
