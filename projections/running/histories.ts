// A batch of commits as what happened to each aggregate: handlers fold histories, not streams.
import type { ConversationEvent } from '../../domain/conversation/events.ts';
import type { Placed } from '../../domain/decider.ts';
import type { RecordedEvent, StoredCommit } from '../../domain/log/commit.ts';

export type PlacedConversationEvent = ConversationEvent & Placed & Pick<RecordedEvent, 'actor'>;

export interface History<Event> {
  /** Tells aggregates apart; histories come sorted by it, so that rows are written in one order everywhere. */
  readonly key: string;
  readonly workspace: string;
  readonly kind: string;
  readonly id: string;
  /** Version of the first event here; 1: nothing can be stored of it yet. */
  readonly first: number;
  /** Version of the last event here. */
  last: number;
  readonly events: Event[];
}

/** The aggregates of a CHAT stream as what they are. */
export function conversationsIn(
  histories: readonly History<RecordedEvent>[],
): readonly History<PlacedConversationEvent>[] {
  // What is in the log was checked by zod before it was decided, and brought up to today's shape when read.
  return histories as unknown as readonly History<PlacedConversationEvent>[];
}

/** The aggregates that commits touch, each with its events in order. */
export function historiesIn(commits: readonly StoredCommit[]): History<RecordedEvent>[] {
  const found = new Map<string, History<RecordedEvent>>();
  for (const stored of commits) {
    const { workspace, kind, id } = stored.address;
    const key = `${workspace}.${kind}.${id}`;
    const history = found.get(key);
    if (history === undefined) {
      const { version } = stored.commit;
      found.set(key, {
        key,
        workspace,
        kind,
        id,
        first: version,
        last: stored.lastVersion,
        events: stored.events(),
      });
    } else {
      for (const event of stored.events()) history.events.push(event);
      history.last = stored.lastVersion;
    }
  }
  return [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}
