// A workspace's webhook as its admins have it: set, shown with what became of its messages, tried out.
import { system } from '../../../domain/actor.ts';
import { isRefusal, type Refusal, refuse } from '../../../domain/decider.ts';
import type { Aggregates } from '../../../domain/log/aggregates.ts';
import type { Log } from '../../../domain/log/log.ts';
import { placeOf } from '../../../domain/log/position.ts';
import { verdictOf } from '../../../domain/policies/webhooks.ts';
import type { Deliveries } from '../../../domain/workspace/deliveries.ts';
import {
  CLASSIC,
  type Heads,
  type Webhook,
  type WebhookEvent,
  type WebhookRequest,
} from '../../../domain/workspace/webhook.ts';
import type { Directory, KnownWebhook } from '../../identity/directory.ts';
import { actorOf, type UserPrincipal } from '../../identity/principals.ts';
import { checkedUrl } from './addresses.ts';
import { trialBody } from './bodies.ts';
import { AddressRefused, allowedAddresses, type Reach } from './connector.ts';
import { Endpoint } from './endpoint.ts';
import type { DeliveryAggregates } from './ledger.ts';

export interface WebhooksParts {
  readonly aggregates: Aggregates<Webhook, WebhookRequest, WebhookEvent>;
  readonly deliveries: DeliveryAggregates;
  readonly log: Log;
  readonly directory: Directory;
  readonly reach: Reach;
  readonly newCommand: () => string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface ShownWebhook {
  readonly url: string;
  readonly enabled: boolean;
  /** Switched off because its address answered 410. */
  readonly gone: boolean;
  /** Messages that are due and not delivered, as far as they were looked at. */
  readonly pending: number;
  readonly delivered: number;
  readonly givenUp: number;
  readonly last: Deliveries['last'];
}

/** What came of a try. */
export interface Tried {
  readonly ok: boolean;
  readonly status?: number;
  readonly problem?: string;
  /** Milliseconds. */
  readonly took: number;
}

/** Milliseconds for looking up a host while its admin waits. */
const LOOK_UP = 2_000;

export class Webhooks {
  readonly #parts: WebhooksParts;

  constructor(parts: WebhooksParts) {
    this.#parts = parts;
  }

  /** The classic webhook of a workspace, current. */
  async show(workspace: string): Promise<ShownWebhook> {
    const { aggregates, deliveries, log } = this.#parts;
    const [{ state: set }, { state: became }] = await Promise.all([
      aggregates.load(log.subjects.aggregate(workspace, 'webhook', CLASSIC)),
      deliveries.load(log.subjects.deliveries(workspace, CLASSIC)),
    ]);
    const due = Object.keys(became.owed).filter((position) => {
      const { shard, sequence } = placeOf(Number(position));
      return sequence > (set.after[shard] ?? 0);
    });
    const { delivered, givenUp, last } = became;
    const { url, enabled, gone } = set;
    return { url, enabled, gone, pending: enabled ? due.length : 0, delivered, givenUp, last };
  }

  /** Sets address and switch. Refused: what `checkedUrl` refuses, `webhook-url-required`. */
  async set(
    wish: { readonly url: string; readonly enabled: boolean },
    by: UserPrincipal,
  ): Promise<{ readonly position: number } | Refusal> {
    const { aggregates, log, newCommand } = this.#parts;
    const url = await this.#checked(wish.url);
    if (isRefusal(url)) return url;
    const outcome = await aggregates.handle(log.subjects.aggregate(by.workspace, 'webhook', CLASSIC), {
      type: 'SetWebhook',
      data: { url: url.href, format: 'classic', enabled: wish.enabled, heads: await this.#heads() },
      actor: actorOf(by),
      command: newCommand(),
    });
    return isRefusal(outcome) ? outcome : { position: outcome.position };
  }

  /** Switches it off for good: its address says that nobody is there any more. */
  async retire({ workspace, id, url }: KnownWebhook): Promise<void> {
    const { aggregates, log, newCommand } = this.#parts;
    const outcome = await aggregates.handle(log.subjects.aggregate(workspace, 'webhook', id), {
      type: 'RetireWebhook',
      data: { url },
      actor: system,
      command: newCommand(),
    });
    if (isRefusal(outcome)) throw new Error(`a webhook could not be switched off: ${outcome.refused}`);
  }

  /** Posts a message of the admin's own to the address, once, switched on or not. Refused: `webhook-url-required`. */
  async test(by: UserPrincipal): Promise<Tried | Refusal> {
    const { directory, reach, newCommand, now } = this.#parts;
    const url = directory.webhook(by.workspace, CLASSIC)?.url ?? '';
    if (url === '') return refuse('webhook-url-required');
    const body = trialBody(by.user, new Date(now()).toISOString());
    const endpoint = new Endpoint(url, reach, 1, now);
    try {
      const began = performance.now();
      const { status, problem } = await endpoint.post(`test_${newCommand()}`, body);
      const took = Math.round(performance.now() - began);
      return { ok: status !== undefined && verdictOf(status) === 'delivered', status, problem, took };
    } finally {
      await endpoint.close();
    }
  }

  /** Empty stays empty. A name that cannot be found now may be found later; one that leads to us never will do. */
  async #checked(entered: string): Promise<{ readonly href: string } | Refusal> {
    if (entered === '') return { href: '' };
    const { reach } = this.#parts;
    const url = checkedUrl(entered, reach.allowPrivate);
    if (isRefusal(url)) return url;
    const looking = allowedAddresses(url.hostname, reach).then(
      () => true,
      (fault: unknown) => !(fault instanceof AddressRefused),
    );
    const late = new Promise<true>((resolve) => setTimeout(() => resolve(true), LOOK_UP).unref());
    return (await Promise.race([looking, late])) ? url : refuse('webhook-address-private');
  }

  async #heads(): Promise<Heads> {
    const { log } = this.#parts;
    const streams = log.subjects.streams().filter(({ family }) => family === 'chat');
    const heads = await Promise.all(
      streams.map(async ({ name, shard }) => [String(shard), await log.head(name)] as const),
    );
    return Object.fromEntries(heads);
  }
}
