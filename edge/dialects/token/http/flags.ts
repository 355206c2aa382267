// The token document's endpoints all lie at `/` and differ by a flag in the query (seed 000): the router tells them apart by it.
import type { IncomingMessage } from 'node:http';
import type { App } from '../../../http/context.ts';

export const LIST = 'get-all-chats-api';
export const SEND = 'send-message-to-chat-api';
const FLAG = new RegExp(`[?&](${LIST}|${SEND})=true(?:&|$)`);

/** Which endpoint an address means; undefined: the page that lies there. */
export function flagOf(url: string): string | undefined {
  return url.startsWith('/?') ? FLAG.exec(url)?.[1] : undefined;
}

/** Lets routes say `constraints: { flag }`. To be called before any route is registered. */
export function routeByFlags(app: App): void {
  app.addConstraintStrategy({
    name: 'flag',
    // A route without a flag answers where no flag is meant.
    mustMatchWhenDerived: false,
    storage() {
      const handlers = new Map<unknown, unknown>();
      // What a store keeps are the router's own handlers; its declared type names a kind that is not exported.
      return {
        get: (flag: unknown) => handlers.get(flag) ?? null,
        set: (flag: unknown, handler: unknown) => void handlers.set(flag, handler),
      } as never;
    },
    deriveConstraint: (request: IncomingMessage) => flagOf(request.url ?? ''),
    validate(flag: unknown) {
      if (flag !== LIST && flag !== SEND) throw new Error(`${String(flag)} is no flag`);
    },
  });
}
