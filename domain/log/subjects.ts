// The only file that spells a subject: where every aggregate's commits lie, and what to subscribe to for them.
import { aggregateId, conversationId, workspaceId } from '../ids.ts';

/** How many CHAT streams there may be: position.ts keeps 6 bits for them. */
export const MAX_CHAT_STREAMS = 64;

export type Family = 'chat' | 'workspace' | 'delivery' | 'routing';
export type WorkspaceKind = 'settings' | 'user' | 'widget' | 'webhook' | 'article';

/** One aggregate's place in the log: one literal subject of one stream. */
export interface Address {
  /** Stream name: `CHAT_<n>`, `WORKSPACE`, `DELIVERY` or `ROUTING`. */
  readonly stream: string;
  readonly subject: string;
  readonly family: Family;
  /** Number of the CHAT stream; 0 for the other families. */
  readonly shard: number;
  readonly workspace: string;
  /** `conversation` for chats, else the workspace aggregate's kind. */
  readonly kind: string;
  /** The aggregate's id within its workspace. */
  readonly id: string;
}

/** A stream of the installation, in the order in which they are made. */
export interface StreamName {
  readonly name: string;
  readonly family: Family;
  readonly shard: number;
  /** What it stores. */
  readonly subjects: string;
}

/** FNV-1a over the id, so that every process puts a conversation in the same stream for ever. */
function shardOf(conversation: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < conversation.length; i++) {
    hash ^= conversation.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash >>> 0) % shards;
}

/** Spells subjects for an installation with `chatStreams` CHAT streams under an optional prefix-free account. */
export class Subjects {
  readonly chatStreams: number;

  constructor(chatStreams: number) {
    if (!Number.isInteger(chatStreams) || chatStreams < 1 || chatStreams > MAX_CHAT_STREAMS) {
      throw new Error(`LOG_STREAMS must be 1 to ${MAX_CHAT_STREAMS}, not ${chatStreams}`);
    }
    this.chatStreams = chatStreams;
  }

  /** Every stream of the log. */
  streams(): StreamName[] {
    const chats = Array.from(
      { length: this.chatStreams },
      (_, shard): StreamName => ({
        name: `CHAT_${shard}`,
        family: 'chat',
        shard,
        subjects: `chat.${shard}.>`,
      }),
    );
    return [
      ...chats,
      { name: 'WORKSPACE', family: 'workspace', shard: 0, subjects: 'workspace.>' },
      { name: 'DELIVERY', family: 'delivery', shard: 0, subjects: 'delivery.>' },
      { name: 'ROUTING', family: 'routing', shard: 0, subjects: 'routing.*' },
    ];
  }

  /** Where a conversation lies. Throws for ids that were not checked at the door. */
  conversation(workspace: string, conversation: string): Address {
    workspaceId.parse(workspace);
    conversationId.parse(conversation);
    const shard = shardOf(conversation, this.chatStreams);
    const subject = `chat.${shard}.${workspace}.${conversation}`;
    return {
      stream: `CHAT_${shard}`,
      subject,
      family: 'chat',
      shard,
      workspace,
      kind: 'conversation',
      id: conversation,
    };
  }

  /** Where a user, a widget, a webhook, an article or the settings of a workspace lie. */
  aggregate(workspace: string, kind: WorkspaceKind, id: string): Address {
    workspaceId.parse(workspace);
    aggregateId.parse(id);
    return {
      stream: 'WORKSPACE',
      subject: `workspace.${workspace}.${kind}.${id}`,
      family: 'workspace',
      shard: 0,
      workspace,
      kind,
      id,
    };
  }

  /** Where it lies what became of a webhook's messages. */
  deliveries(workspace: string, webhook: string): Address {
    workspaceId.parse(workspace);
    aggregateId.parse(webhook);
    return {
      stream: 'DELIVERY',
      subject: `delivery.${workspace}.${webhook}`,
      family: 'delivery',
      shard: 0,
      workspace,
      kind: 'deliveries',
      id: webhook,
    };
  }

  /** Where it lies which agent has which conversation of a workspace: apart from what every edge reads at its start. */
  routing(workspace: string): Address {
    workspaceId.parse(workspace);
    return {
      stream: 'ROUTING',
      subject: `routing.${workspace}`,
      family: 'routing',
      shard: 0,
      workspace,
      kind: 'routing',
      id: 'routing',
    };
  }

  /** Reads a stored commit's subject back; undefined for one that is none of ours. */
  parse(subject: string): Address | undefined {
    const [family, a, b, c] = subject.split('.');
    if (family === 'chat' && a && b && c) {
      const shard = Number(a);
      return { stream: `CHAT_${shard}`, subject, family, shard, workspace: b, kind: 'conversation', id: c };
    }
    if (family === 'workspace' && a && b && c)
      return { stream: 'WORKSPACE', subject, family, shard: 0, workspace: a, kind: b, id: c };
    if (family === 'delivery' && a && b)
      return { stream: 'DELIVERY', subject, family, shard: 0, workspace: a, kind: 'deliveries', id: b };
    if (family === 'routing' && a)
      return { stream: 'ROUTING', subject, family, shard: 0, workspace: a, kind: 'routing', id: 'routing' };
    return undefined;
  }
}

/** What RePublish puts before every stored subject. */
export const LIVE_PREFIX = 'live.';

/** The live copies of one aggregate's commits. */
export const liveOf = (address: Address): string => LIVE_PREFIX + address.subject;
/** The live copies of all conversations of a workspace. */
export const liveChatsOf = (workspace: string): string =>
  `${LIVE_PREFIX}chat.*.${workspaceId.parse(workspace)}.*`;
/** The live copies of every workspace aggregate. */
export const liveWorkspaces = (): string => `${LIVE_PREFIX}workspace.>`;

/** Signals about one conversation: typing, presence; not stored. */
export const signalOf = (workspace: string, conversation: string): string =>
  `signal.chat.${workspaceId.parse(workspace)}.${conversationId.parse(conversation)}`;
/** Signals about all conversations of a workspace. */
export const signalsOf = (workspace: string): string => `signal.chat.${workspaceId.parse(workspace)}.*`;
/** Signals between our own processes, by topic: `written`, `asked` and `present` (edges), `projected` (projectors). */
export const signalAmong = (
  topic: 'written' | 'projected' | 'wanted' | 'asked' | 'present' | 'queued' | 'begun',
): string => `signal.natter.${topic}`;

/** The names of the key-value buckets. */
export const BUCKETS = {
  secrets: 'secrets',
  reservations: 'reservations',
  snapshots: 'snapshots',
  leases: 'leases',
  layout: 'layout',
} as const;
/** The name of the object store bucket that holds attachments. */
export const FILES = 'files';
