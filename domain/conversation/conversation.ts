// What is true of a conversation now: the fold of its events, lean enough to be kept for many thousands at once.
import type { AgentRef, Origin, Priority, SealedAttachment, Target, Visitor } from './values.ts';

/** `none`: never started. `queued`: waiting, or the AI speaks. `open`: an agent owns it. */
export type Status = 'none' | 'queued' | 'open' | 'closed' | 'archived' | 'erased';

/** Who speaks for the business. */
export type Owner =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'ai' }
  | { readonly kind: 'agent'; readonly agent: AgentRef };

export type AuthorKind = 'visitor' | 'agent' | 'ai' | 'system';

export interface Rating {
  readonly score: number;
  readonly feedback: string;
  readonly ratedAt: string;
  /** When the first rating for this closing was given; changes are open for 24 h from then. */
  readonly firstAt: string;
}

/** The business has spoken and the visitor has not answered yet. */
export interface Silence {
  /** Version of the message that nobody has answered. */
  readonly version: number;
  /** Since when the visitor could have answered, ISO 8601. */
  readonly at: string;
  /** When the visitor was warned that the chat ends. */
  readonly warnedAt?: string;
}

/** What is counted from the beginning, and anew from each reopening. */
export interface Opening {
  readonly since: string;
  /** Since when a person is to answer; absent while nobody but the AI has been asked. */
  readonly personSince?: string;
  /** Whether a person has answered in it. */
  readonly answered: boolean;
  readonly breached: readonly Target[];
}

export interface Reminder {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly text: string;
  readonly author: AgentRef;
}

export interface Conversation {
  readonly status: Status;
  readonly owner: Owner;
  /** The position of its first event: the number some dialects know it by. */
  readonly number: number;
  readonly widget: string;
  readonly visitor: Visitor;
  readonly origin: Origin;
  readonly department: string;
  readonly priority: Priority;
  readonly tags: readonly string[];
  /** Agents, beside the owner, who have written here. */
  readonly joined: readonly string[];
  readonly messageCount: number;
  /** Messages of the visitor that no agent has read. */
  readonly unreadByAgent: number;
  /** Messages of the other side that the visitor has not read. */
  readonly unreadByVisitor: number;
  /** Highest version read by each side. */
  readonly readBy: { readonly visitor: number; readonly agent: number };
  /** Versions of the newest unread messages of each side, newest last: enough to count exactly what a read leaves. */
  readonly unread: { readonly byAgent: readonly number[]; readonly byVisitor: readonly number[] };
  readonly lastMessage?: {
    readonly text: string;
    readonly author: AuthorKind;
    readonly at: string;
    readonly version: number;
  };
  /** Version of the visitor's newest message, of the newest that was answered by anybody, and the AI's failures in a row. */
  readonly asked: { readonly version: number; readonly answered: number; readonly failures: number };
  readonly startedAt: string;
  readonly updatedAt: string;
  /** When it last began to wait for a human. */
  readonly queuedAt?: string;
  /** The place in the queue that it had when an agent took it: it goes back there. */
  readonly placeSince?: string;
  /** Who had it last, and the version at which it became theirs. */
  readonly lastAgent?: AgentRef & { readonly since: number };
  /** The agent (public number) who put it back into the queue: it is not given to them again by itself. */
  readonly putBackBy?: string;
  readonly humanRequested: boolean;
  readonly firstResponseAt?: string;
  /** Absent where the business owes the visitor something: an answer, or a person. */
  readonly silence?: Silence;
  readonly opening: Opening;
  readonly reminder?: Reminder;
  readonly endedAt?: string;
  /** Why it was closed, where whoever closed it said so. */
  readonly endReason?: string;
  readonly rating?: Rating;
  readonly attachments: Readonly<Record<string, SealedAttachment>>;
}

export const initial: Conversation = {
  status: 'none',
  owner: { kind: 'nobody' },
  number: 0,
  widget: '',
  visitor: {},
  origin: {},
  department: 'general',
  priority: 'medium',
  tags: [],
  joined: [],
  messageCount: 0,
  unreadByAgent: 0,
  unreadByVisitor: 0,
  readBy: { visitor: 0, agent: 0 },
  unread: { byAgent: [], byVisitor: [] },
  asked: { version: 0, answered: 0, failures: 0 },
  startedAt: '',
  updatedAt: '',
  humanRequested: false,
  opening: { since: '', answered: false, breached: [] },
  attachments: {},
};
