// What a person sees of one conversation: the fold of its wire events, whatever order and however often they arrive.
import type { Author, ConversationEvent } from '../../domain/conversation/events.ts';
import type { HandOverCause, Origin, Target } from '../../domain/conversation/values.ts';
import type { WireAttachment, WireEvent } from '../../domain/wire.ts';

export type Side = 'visitor' | 'agent';
export type AuthorKind = 'visitor' | 'agent' | 'ai' | 'system';
export interface Person {
  readonly id: string;
  readonly name: string;
}

/** A line of the transcript: a message, a note of an agent, or something that happened. */
export type Line =
  | {
      readonly kind: 'message';
      readonly version: number;
      readonly at: string;
      readonly text: string;
      readonly attachments: readonly WireAttachment[];
      readonly author: { readonly kind: AuthorKind; readonly id?: string; readonly name?: string };
      /** Titles of the articles that an answer of the AI rests on; its `[1]` is the first. */
      readonly sources?: readonly string[];
      readonly command?: string;
    }
  | {
      readonly kind: 'note';
      readonly version: number;
      readonly at: string;
      readonly text: string;
      readonly author: Person;
      readonly command?: string;
    }
  | {
      readonly kind: 'happening';
      readonly version: number;
      readonly at: string;
      readonly text: string;
      /** The moment that it speaks of, ISO 8601; put into words where it is shown. */
      readonly when?: string;
      /** What somebody wrote along with it. */
      readonly about?: string;
      /** Whether somebody has to do something now. */
      readonly pressing?: boolean;
    };

export interface VisitorCard {
  readonly id?: string;
  readonly name?: string;
  readonly email?: string;
  readonly phone?: string;
}

export interface ConversationView {
  readonly conversation: string;
  /** Version of the last event folded; 0: none. */
  readonly version: number;
  readonly status: 'none' | 'queued' | 'open' | 'closed' | 'archived' | 'erased';
  readonly owner: { readonly kind: 'nobody' | 'ai' } | { readonly kind: 'agent'; readonly agent: Person };
  readonly lines: readonly Line[];
  readonly visitor: VisitorCard;
  readonly origin: Readonly<Origin>;
  readonly widget: string;
  readonly department: string;
  readonly priority: string;
  readonly tags: readonly string[];
  readonly readBy: Readonly<Record<Side, number>>;
  readonly startedAt: string;
  readonly rating?: { readonly score: number; readonly feedback: string };
  /** An agent's, that is not due yet. */
  readonly reminder?: { readonly at: string; readonly text: string };
  /** Whether older history is not here: the server sent the newest part only. */
  readonly shortened: boolean;
}

/** A conversation of which nothing is known yet. */
export function emptyView(conversation: string): ConversationView {
  return {
    conversation,
    version: 0,
    status: 'none',
    owner: { kind: 'nobody' },
    lines: [],
    visitor: {},
    origin: {},
    widget: '',
    department: '',
    priority: 'medium',
    tags: [],
    readBy: { visitor: 0, agent: 0 },
    startedAt: '',
    shortened: false,
  };
}

/** `gap`: an event before this one is missing; the view is unchanged and a resume is due. */
export type Folded = { readonly view: ConversationView; readonly outcome: 'applied' | 'duplicate' | 'gap' };

/** Folds one event. Known ones are dropped, one that does not follow directly is not applied. */
export function fold(view: ConversationView, event: WireEvent): Folded {
  if (event.version <= view.version) return { view, outcome: 'duplicate' };
  if (event.previous !== view.version) return { view, outcome: 'gap' };
  return { view: apply(view, event), outcome: 'applied' };
}

/** The view from a snapshot: its newest events, without what was before them. */
export function restore(snapshot: {
  readonly conversation: string;
  readonly version: number;
  readonly erased: boolean;
  readonly summary?: {
    readonly status: ConversationView['status'];
    readonly visitor: VisitorCard;
    readonly department: string;
    readonly priority: string;
    readonly tags: readonly string[];
    readonly owner:
      | { readonly kind: 'nobody' | 'ai' }
      | { readonly kind: 'agent'; readonly id: string; readonly name: string };
  };
  readonly events: readonly WireEvent[];
}): ConversationView {
  const empty = emptyView(snapshot.conversation);
  if (snapshot.erased) return { ...empty, status: 'erased', version: snapshot.version };
  const kept = snapshot.events.reduce(apply, { ...empty, status: 'queued' as const, shortened: true });
  const { summary } = snapshot;
  if (!summary) return { ...kept, version: snapshot.version };
  const owner =
    summary.owner.kind === 'agent' ? { kind: 'agent' as const, agent: summary.owner } : summary.owner;
  const { status, visitor, department, priority, tags } = summary;
  return {
    ...kept,
    version: snapshot.version,
    status,
    owner,
    department,
    priority,
    tags,
    visitor: { ...visitor, ...kept.visitor },
  };
}

/** How many messages of the other side came after the last that `side` has read. */
export function unreadFor(view: ConversationView, side: Side): number {
  return view.lines.filter((line) => isFromOther(line, side) && line.version > view.readBy[side]).length;
}

/** Version of the newest message of the other side; 0: none. */
export function newestFromOther(view: ConversationView, side: Side): number {
  return view.lines.findLast((line) => isFromOther(line, side))?.version ?? 0;
}

/** Events as the wire shows them: attachments with links instead of keys. */
type Shown =
  | Exclude<ConversationEvent, { type: 'MessagePosted' | 'AttachmentAdded' }>
  | {
      readonly type: 'MessagePosted';
      readonly data: {
        readonly text: string;
        readonly attachments?: readonly WireAttachment[];
        readonly author: Author;
        readonly sources?: readonly { readonly title: string }[];
      };
    };

function isFromOther(line: Line, side: Side): boolean {
  if (line.kind !== 'message' || line.author.kind === 'system') return false;
  return (line.author.kind === 'visitor') !== (side === 'visitor');
}

function apply(before: ConversationView, event: WireEvent): ConversationView {
  const view = { ...before, version: event.version };
  const { at, version, command } = event;
  // Shapes are the server's own, checked where they were written: no second check in the browser.
  const { type, data } = event as unknown as Shown;
  const happening = (
    text: string,
    more: { readonly when?: string; readonly about?: string; readonly pressing?: boolean } = {},
  ): readonly Line[] => [...view.lines, { kind: 'happening', version, at, text, ...more }];
  switch (type) {
    case 'ConversationStarted': {
      const { visitor, origin, widget, department, priority, ai } = data;
      return {
        ...view,
        status: 'queued',
        owner: { kind: ai ? 'ai' : 'nobody' },
        visitor: visitor ?? {},
        origin: origin ?? {},
        widget: widget ?? '',
        department: department ?? '',
        priority: priority ?? 'medium',
        startedAt: at,
      };
    }
    case 'VisitorIdentified':
      return { ...view, visitor: { ...view.visitor, ...data.visitor } };
    case 'MessagePosted': {
      const { text, attachments, author } = data;
      const sources = data.sources?.map(({ title }) => title);
      return {
        ...view,
        lines: [
          ...view.lines,
          { kind: 'message', version, at, text, attachments: attachments ?? [], author, sources, command },
        ],
      };
    }
    case 'MessagesRead': {
      const { by } = data;
      return { ...view, readBy: { ...view.readBy, [by]: Math.max(view.readBy[by], data.upTo) } };
    }
    case 'AgentAssigned':
      return {
        ...view,
        status: 'open',
        owner: { kind: 'agent', agent: data.agent },
        lines: happening(`${named(data.agent)} joined the conversation`),
      };
    case 'AgentJoined':
      return { ...view, lines: happening(`${named(data.agent)} joined the conversation`) };
    case 'ConversationTransferred':
      return {
        ...view,
        status: 'open',
        owner: { kind: 'agent', agent: data.to },
        lines: happening(`${named(data.to)} took over the conversation`),
      };
    case 'ConversationQueued':
      return {
        ...view,
        status: 'queued',
        owner: { kind: 'nobody' },
        department: data.department ?? view.department,
        lines: happening(
          data.left
            ? `${named(data.from)} has lost the connection. You keep your place in the queue`
            : 'Waiting for the next free agent',
        ),
      };
    case 'HumanRequested': {
      const { cause, summary } = data;
      const why = cause ? ` (${CAUSES[cause]})` : '';
      const lines = happening(`A person was asked for${why}`);
      // What it has been about, where this side is told.
      const about: Line[] = summary
        ? [{ kind: 'note', version, at, text: summary, author: { id: '', name: 'AI assistant' } }]
        : [];
      return { ...view, owner: { kind: 'nobody' }, lines: [...lines, ...about] };
    }
    case 'AiFailed':
      return { ...view, lines: happening(`The AI had no answer (${data.reason})`) };
    case 'ConversationReturnedToAi':
      return {
        ...view,
        status: 'queued',
        owner: { kind: 'ai' },
        lines: happening('The assistant took over'),
      };
    case 'NoteAdded':
      return {
        ...view,
        lines: [...view.lines, { kind: 'note', version, at, text: data.text, author: data.author, command }],
      };
    case 'TagsSet':
      return { ...view, tags: data.tags };
    case 'PrioritySet':
      return { ...view, priority: data.priority };
    case 'DepartmentSet':
      return { ...view, department: data.department };
    case 'ConversationClosed': {
      // Why it was closed is told to agents alone.
      const idle = data.by === 'system' && data.reason === 'idle';
      const text = idle
        ? 'The conversation has ended: the visitor did not answer'
        : 'The conversation has ended';
      return { ...view, status: 'closed', lines: happening(text) };
    }
    case 'ConversationReopened':
      return {
        ...view,
        status: 'queued',
        owner: { kind: 'nobody' },
        rating: undefined,
        lines: happening('The conversation was reopened'),
      };
    case 'ConversationRated': {
      const { score, feedback } = data;
      return { ...view, rating: { score, feedback } };
    }
    case 'IdleWarned': {
      const soon = data.closesAt ? '; this chat will be closed soon' : '';
      return { ...view, lines: happening(`No answer for ${lasting(data.idleSince, at)}${soon}`) };
    }
    case 'TargetBreached':
      return {
        ...view,
        lines: happening(`${TARGETS[data.target]} was due`, { when: data.dueAt, pressing: true }),
      };
    case 'ReminderSet': {
      const { at: when, text, author } = data;
      return {
        ...view,
        reminder: { at: when, text },
        lines: happening(`Reminder set by ${named(author)}`, { when, about: text }),
      };
    }
    case 'ReminderCleared':
      return { ...view, reminder: undefined, lines: happening('The reminder was cleared') };
    case 'ReminderDue': {
      const lines = happening(`The reminder of ${named(data.author)} is due`, {
        about: data.text,
        pressing: true,
      });
      return { ...view, reminder: undefined, lines };
    }
    case 'ConversationArchived':
      return { ...view, status: 'archived', reminder: undefined };
    case 'ConversationErased':
      return { ...emptyView(view.conversation), status: 'erased', version };
    default:
      // A newer server may tell of things that this page has no picture for: the version still counts.
      return view;
  }
}

/** Why the AI gave a conversation to people, in words. */
const CAUSES: Readonly<Record<HandOverCause, string>> = {
  'visitor-asked': 'by the visitor',
  keyword: 'by a keyword',
  'low-confidence': 'the AI was not sure',
  'failed-twice': 'the AI had no answer again',
  limit: 'the AI’s limit of the day is reached',
  'switched-off': 'the AI is switched off',
};

const TARGETS: Readonly<Record<Target, string>> = {
  'first-response': 'The first response',
  resolution: 'The end of this conversation',
};

/** `1 minute`, `10 minutes`, `3 hours`: whole ones, at least one minute. */
function lasting(from: string, to: string): string {
  const minutes = Math.max(1, Math.round((Date.parse(to) - Date.parse(from)) / 60_000));
  const [count, unit] = minutes < 120 ? [minutes, 'minute'] : [Math.floor(minutes / 60), 'hour'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

function named(agent: Person | undefined): string {
  return agent?.name || 'An agent';
}
