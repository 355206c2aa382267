// Puts the parts of a process together that decide: directory, accounts, conversations, desk, files. Edge and worker share it.
import { randomBytes } from 'node:crypto';
import { v7 } from 'uuid';
import type { ConversationRequest } from '../../domain/conversation/commands.ts';
import type { Conversation } from '../../domain/conversation/conversation.ts';
import { conversation } from '../../domain/conversation/decide.ts';
import type { ConversationEvent } from '../../domain/conversation/events.ts';
import { Aggregates } from '../../domain/log/aggregates.ts';
import { Histories } from '../../domain/log/histories.ts';
import type { Storage } from '../../domain/log/log.ts';
import { Reservations } from '../../domain/log/reservations.ts';
import { Snapshots } from '../../domain/log/snapshots.ts';
import {
  type Article,
  type ArticleEvent,
  type ArticleRequest,
  article,
} from '../../domain/workspace/article.ts';
import {
  type Deliveries,
  type DeliveriesEvent,
  type DeliveriesRequest,
  deliveries,
} from '../../domain/workspace/deliveries.ts';
import {
  type Routing,
  type RoutingEvent,
  type RoutingRequest,
  routing as routingDecider,
} from '../../domain/workspace/routing.ts';
import { type User, type UserEvent, type UserRequest, user } from '../../domain/workspace/user.ts';
import {
  type Webhook,
  type WebhookEvent,
  type WebhookRequest,
  webhook,
} from '../../domain/workspace/webhook.ts';
import { type Widget, type WidgetEvent, type WidgetRequest, widget } from '../../domain/workspace/widget.ts';
import {
  type Workspace,
  type WorkspaceEvent,
  type WorkspaceRequest,
  workspace,
} from '../../domain/workspace/workspace.ts';
import type { Conversations } from '../../edge/chat/conversations.ts';
import { Desk } from '../../edge/chat/desk.ts';
import { Erasures } from '../../edge/chat/erasures.ts';
import { Online } from '../../edge/chat/online.ts';
import { Ownership, type RoutingAggregates } from '../../edge/chat/ownership.ts';
import { Accounts } from '../../edge/identity/accounts.ts';
import { ApiTokens } from '../../edge/identity/api-tokens.ts';
import { Directory } from '../../edge/identity/directory.ts';
import { Passwords } from '../../edge/identity/passwords.ts';
import { Principals } from '../../edge/identity/principals.ts';
import { Tokens } from '../../edge/identity/tokens.ts';
import { Articles } from '../../edge/knowledge/articles.ts';
import { Files } from '../../edge/out/files.ts';
import type { Reach } from '../../edge/out/webhooks/connector.ts';
import type { DeliveryAggregates } from '../../edge/out/webhooks/ledger.ts';
import { Webhooks } from '../../edge/out/webhooks/webhooks.ts';

export interface AssembleOptions {
  readonly storage: Storage;
  readonly jwtSecret: string;
  readonly sessionDays: number;
  /** Days that a token from `POST /api/auth/token` lasts; 30 by default. */
  readonly supportTokenDays?: number;
  readonly signup: 'open' | 'closed';
  /** In production the first user needs the set-up code. */
  readonly production: boolean;
  /** Hears of faults that concern no caller. */
  readonly onFault: (fault: unknown) => void;
  /** Whether there is a model that can answer visitors; false by default. */
  readonly hasModel?: boolean;
  /** What webhooks may reach; public addresses alone by default. */
  readonly reach?: Reach;
  /** Milliseconds since 1970; tests bring their own clock. */
  readonly now?: () => number;
}

export interface Assembled {
  readonly directory: Directory;
  readonly tokens: Tokens;
  readonly principals: Principals;
  readonly passwords: Passwords;
  readonly accounts: Accounts;
  readonly apiTokens: ApiTokens;
  readonly conversations: Conversations;
  readonly routing: RoutingAggregates;
  readonly ownership: Ownership;
  /** Which agents are connected, at any edge. */
  readonly online: Online;
  readonly desk: Desk;
  readonly erasures: Erasures;
  readonly files: Files;
  readonly webhooks: Webhooks;
  readonly articles: Articles;
  readonly deliveries: DeliveryAggregates;
  readonly reach: Reach;
  readonly snapshots: Snapshots<Conversation>;
  readonly now: () => number;
  /** Registers the installation's first user in production; the same in every process. */
  readonly setUpCode: string;
  close(): Promise<void>;
}

/** Puts everything together and waits until the directory has caught up with the log. */
export async function assemble(options: AssembleOptions): Promise<Assembled> {
  const { storage, onFault, now = Date.now } = options;
  const { log } = storage;
  const { subjects } = log;
  const newCommand = () => v7();
  const random = (bytes: number) => randomBytes(bytes);

  const directory = await Directory.open(log, onFault);
  const settings = new Aggregates<Workspace, WorkspaceRequest, WorkspaceEvent>({
    log,
    decider: workspace,
    now,
    onFault,
  });
  const users = new Aggregates<User, UserRequest, UserEvent>({ log, decider: user, now, onFault });
  const widgets = new Aggregates<Widget, WidgetRequest, WidgetEvent>({ log, decider: widget, now, onFault });
  const hooks = new Aggregates<Webhook, WebhookRequest, WebhookEvent>({
    log,
    decider: webhook,
    now,
    onFault,
  });
  const articleAggregates = new Aggregates<Article, ArticleRequest, ArticleEvent>({
    log,
    decider: article,
    snapshots: new Snapshots<Article>(storage.snapshots),
    // Each may be 50,000 characters, and few are looked at often.
    cached: 200,
    now,
    onFault,
  });
  for (const aggregates of [settings, users, widgets, hooks, articleAggregates])
    aggregates.onStored((stored) => directory.observe(stored));

  const tokens = new Tokens(options.jwtSecret, {
    userDays: options.sessionDays,
    supportDays: options.supportTokenDays,
  });
  const passwords = new Passwords(storage.secrets);
  const apiTokens = new ApiTokens({ secrets: storage.secrets, tokens, random, now });
  const setUpCode = tokens
    .seal('set-up-code', 'first user')
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, 12);
  const accounts = new Accounts({
    aggregates: { users, widgets, settings },
    subjects,
    directory,
    passwords,
    tokens,
    reservations: storage.reservations,
    random,
    newCommand,
    signup: options.signup,
    setUpCode: options.production ? setUpCode : undefined,
  });

  const snapshots = new Snapshots<Conversation>(storage.snapshots);
  const conversations = new Aggregates<Conversation, ConversationRequest, ConversationEvent>({
    log,
    decider: conversation,
    snapshots,
    now,
    onFault,
  });
  const deliveryRecords = new Aggregates<Deliveries, DeliveriesRequest, DeliveriesEvent>({
    log,
    decider: deliveries,
    snapshots: new Snapshots<Deliveries>(storage.snapshots),
    now,
    onFault,
  });
  const reach = options.reach ?? { allowPrivate: false };
  const webhooks = new Webhooks({
    aggregates: hooks,
    deliveries: deliveryRecords,
    log,
    directory,
    reach,
    newCommand,
    now,
  });
  const articles = new Articles({ aggregates: articleAggregates, log, directory, newCommand, random });
  const files = new Files({ objects: storage.files, tokens, now });
  const erasures = new Erasures({ log, subjects, files, snapshots, intents: storage.reservations, now });
  const online = new Online({ ...storage, directory, now, onFault });
  const routing = new Aggregates<Routing, RoutingRequest, RoutingEvent>({
    log,
    decider: routingDecider,
    snapshots: new Snapshots<Routing>(storage.snapshots),
    now,
    onFault,
  });
  const ownership = new Ownership({
    routing,
    conversations,
    subjects,
    directory,
    online,
    newCommand,
    onFault,
  });
  const desk = new Desk({
    conversations,
    histories: new Histories(log),
    subjects,
    reservations: new Reservations({ log, bucket: storage.reservations }),
    directory,
    tokens,
    newCommand,
    random,
    now,
    erasures,
    ownership,
    hasModel: options.hasModel ?? false,
  });
  return {
    directory,
    tokens,
    principals: new Principals(tokens, directory, apiTokens),
    passwords,
    accounts,
    apiTokens,
    conversations,
    routing,
    ownership,
    online,
    desk,
    erasures,
    files,
    webhooks,
    articles,
    deliveries: deliveryRecords,
    reach,
    snapshots,
    now,
    setUpCode,
    async close() {
      await online.close();
      await directory.close();
    },
  };
}
