// A webhook: where a workspace wants to be told of messages, and from which moment on.
import { z } from 'zod';
import type { Actor } from '../actor.ts';
import { type Decider, type Decision, type Placed, refuse } from '../decider.ts';

/** The id of a workspace's classic webhook (seed 000): there is one. */
export const CLASSIC = 'classic';

/** `http` or `https`, at most 2,000 characters; empty: none. What it may reach is the sender's business. */
export const webhookUrl = z.string().trim().max(2_000, 'may have at most 2,000 characters');

/** How a delivery is spelled. `classic`: to the letter of seed 000. */
export const webhookFormat = z.enum(['classic']);
export type WebhookFormat = z.infer<typeof webhookFormat>;

/** The last sequence of each CHAT stream, by the stream's number. */
export const heads = z.record(z.string().regex(/^\d{1,2}$/), z.number().int().min(0));
export type Heads = z.infer<typeof heads>;

export const webhookEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('WebhookSet'), data: z.object({ url: webhookUrl, format: webhookFormat }) }),
  /** Only what was stored after these heads is due. */
  z.object({ type: z.literal('WebhookEnabled'), data: z.object({ after: heads }) }),
  /** `gone`: its address answered 410. What was not delivered by then never will be. */
  z.object({ type: z.literal('WebhookDisabled'), data: z.object({ reason: z.enum(['asked', 'gone']) }) }),
]);
export type WebhookEvent = z.infer<typeof webhookEvent>;

export type WebhookRequest =
  | {
      readonly type: 'SetWebhook';
      readonly data: {
        readonly url: string;
        readonly format: WebhookFormat;
        readonly enabled: boolean;
        /** Where the CHAT streams ended when this was asked. */
        readonly heads: Heads;
      };
    }
  /** The address said that nobody is there any more. */
  | { readonly type: 'RetireWebhook'; readonly data: { readonly url: string } };

export interface Webhook {
  readonly status: 'none' | 'set';
  /** The position of its first event. */
  readonly number: number;
  readonly url: string;
  readonly format: WebhookFormat;
  readonly enabled: boolean;
  /** Heads behind which messages are due; counts only while enabled. */
  readonly after: Heads;
  /** Whether it was switched off because its address is gone. */
  readonly gone: boolean;
}

const initial: Webhook = {
  status: 'none',
  number: 0,
  url: '',
  format: 'classic',
  enabled: false,
  after: {},
  gone: false,
};

function decide(
  command: WebhookRequest & { readonly actor: Actor; readonly at: string },
  now: Webhook,
): Decision<WebhookEvent> {
  switch (command.type) {
    case 'SetWebhook': {
      const { url, format, enabled, heads: after } = command.data;
      if (enabled && url === '') return refuse('webhook-url-required');
      const facts: WebhookEvent[] = [];
      if (url !== now.url || format !== now.format) facts.push({ type: 'WebhookSet', data: { url, format } });
      if (enabled && !now.enabled) facts.push({ type: 'WebhookEnabled', data: { after } });
      if (!enabled && now.enabled) facts.push({ type: 'WebhookDisabled', data: { reason: 'asked' } });
      return facts;
    }
    case 'RetireWebhook':
      // Somebody may have given it another address since.
      return now.enabled && now.url === command.data.url
        ? [{ type: 'WebhookDisabled', data: { reason: 'gone' } }]
        : [];
  }
}

function evolve(state: Webhook, event: WebhookEvent & Placed): Webhook {
  const now: Webhook = { ...state, status: 'set', number: state.number || event.position };
  switch (event.type) {
    case 'WebhookSet':
      return { ...now, ...event.data, gone: false };
    case 'WebhookEnabled':
      return { ...now, enabled: true, after: event.data.after, gone: false };
    case 'WebhookDisabled':
      return { ...now, enabled: false, gone: event.data.reason === 'gone' };
  }
}

export const webhook: Decider<Webhook, WebhookRequest & { readonly actor: Actor }, WebhookEvent> = {
  initial,
  decide,
  evolve,
};
