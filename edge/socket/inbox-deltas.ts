// Keeps consoles' lists fresh: which conversations of a workspace changed, gathered, spelled once, at most four times a second.
import { LogUnreachable } from '../../domain/log/log-unreachable.ts';
import type { Subjects } from '../../domain/log/subjects.ts';
import type { ConversationSummary, ServerFrame } from '../../domain/wire.ts';
import { summaryFor } from '../chat/audience.ts';
import type { Conversations } from '../chat/conversations.ts';
import type { Directory } from '../identity/directory.ts';
import type { Room } from './rooms.ts';

export interface InboxDeltasParts {
  readonly conversations: Conversations;
  readonly subjects: Subjects;
  readonly directory: Directory;
  readonly onFault: (fault: unknown) => void;
}

const EVERY_MS = 250;
/** Conversations in one delta; the rest goes with the next. */
const AT_ONCE = 100;
/** Changed conversations that may wait: beyond, the oldest are left to the list's own reading. */
const WAITING = 50_000;

export class InboxDeltas {
  readonly #parts: InboxDeltasParts;
  readonly #waiting = new Map<Room, Set<string>>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: InboxDeltasParts) {
    this.#parts = parts;
  }

  changed(room: Room, conversation: string): void {
    const waiting = this.#waiting.get(room) ?? new Set();
    this.#waiting.set(room, waiting);
    if (waiting.size < WAITING) waiting.add(conversation);
    this.#timer ??= setTimeout(() => void this.#flush(), EVERY_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#waiting.clear();
  }

  async #flush(): Promise<void> {
    for (const [room, waiting] of [...this.#waiting]) {
      const some = [...waiting].slice(0, AT_ONCE);
      for (const conversation of some) waiting.delete(conversation);
      if (waiting.size === 0 || room.watchers.size === 0) this.#waiting.delete(room);
      if (room.watchers.size === 0) continue;
      try {
        const frame = await this.#delta(room.workspace, some);
        for (const peer of room.watchers) peer.send(frame);
      } catch (fault) {
        // The log is away: they are told once it is back, with whatever changed meanwhile.
        for (const conversation of some) waiting.add(conversation);
        this.#waiting.set(room, waiting);
        if (!(fault instanceof LogUnreachable)) this.#parts.onFault(fault);
      }
    }
    this.#timer = this.#waiting.size > 0 ? setTimeout(() => void this.#flush(), EVERY_MS) : undefined;
  }

  async #delta(workspace: string, ids: readonly string[]): Promise<string> {
    const { conversations, subjects, directory } = this.#parts;
    const changed: ConversationSummary[] = [];
    const gone: string[] = [];
    await Promise.all(
      ids.map(async (id) => {
        const address = subjects.conversation(workspace, id);
        const { state, version } = await conversations.load(address, { confirm: false });
        const siteKey = directory.widgetById(state.widget)?.siteKey ?? '';
        const summary = summaryFor('agent', id, state, version, siteKey);
        if (summary) changed.push(summary);
        else gone.push(id);
      }),
    );
    return JSON.stringify({ inbox: { changed, gone } } satisfies ServerFrame);
  }
}
