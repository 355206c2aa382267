// What every door of an edge is given; put together once, in cmd.
import type { Logger } from 'pino';
import type { Storage } from '../domain/log/log.ts';
import type { ReadModels } from '../projections/read-models.ts';
import type { Conversations } from './chat/conversations.ts';
import type { Desk } from './chat/desk.ts';
import type { Online } from './chat/online.ts';
import type { Ownership, RoutingAggregates } from './chat/ownership.ts';
import type { Queue } from './chat/queue.ts';
import type { Accounts } from './identity/accounts.ts';
import type { ApiTokens } from './identity/api-tokens.ts';
import type { Directory } from './identity/directory.ts';
import type { Passwords } from './identity/passwords.ts';
import type { Principals } from './identity/principals.ts';
import type { Tokens } from './identity/tokens.ts';
import type { Articles } from './knowledge/articles.ts';
import type { Files } from './out/files.ts';
import type { Webhooks } from './out/webhooks/webhooks.ts';
import type { Visitors } from './visitors/visitors.ts';

/** The settings that doors need, already checked (cmd/settings.ts). */
export interface EdgeSettings {
  readonly port: number;
  /** Empty: all addresses. */
  readonly host: string;
  /** How browsers reach us, without a trailing slash, e.g. `http://localhost:5000`. */
  readonly publicUrl: string;
  readonly environment: 'development' | 'production' | 'test';
  /** Origins that may call what is not a widget's business. */
  readonly frontendUrls: readonly string[];
  /** Proxies whose `X-Forwarded-For` is believed: how many hops (0: none), or their addresses or CIDR ranges. */
  readonly trustProxy: number | readonly string[];
  /** `off` turns all limits but sign-in's off, for load tests. */
  readonly rateLimits: 'on' | 'off';
  readonly passwordMinLength: number;
  /** What an acknowledgement is worth, in words, where whoever started the servers knows. */
  readonly durability?: string;
  /** Whether other edges listen on the same port. */
  readonly sharedPort?: boolean;
  /** The address under which other edges reach this one, where not 127.0.0.1; never one that the world reaches. */
  readonly privateHost?: string;
  /** Folder of the built browser bundles and pages. */
  readonly assets: string;
}

export interface Edge {
  readonly settings: EdgeSettings;
  readonly logger: Logger;
  readonly storage: Storage;
  readonly directory: Directory;
  readonly tokens: Tokens;
  readonly principals: Principals;
  readonly accounts: Accounts;
  readonly apiTokens: ApiTokens;
  readonly passwords: Passwords;
  readonly conversations: Conversations;
  readonly routing: RoutingAggregates;
  readonly ownership: Ownership;
  readonly desk: Desk;
  readonly files: Files;
  readonly webhooks: Webhooks;
  readonly articles: Articles;
  readonly online: Online;
  readonly visitors: Visitors;
  readonly queue: Queue;
  readonly readModels: ReadModels;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}
