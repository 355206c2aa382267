// Brings a socket up to where the log stands, however long it was away: what it missed, then live, with no gap and no duplicate.
import type { RecordedEvent } from '../../domain/log/commit.ts';
import type { Log } from '../../domain/log/log.ts';
import { type ConversationSummary, MAX_REPLAY, type ServerFrame, type WireEvent } from '../../domain/wire.ts';
import { sees, showEvent } from '../chat/audience.ts';
import type { Links } from '../out/files.ts';
import type { Follow } from './follow.ts';
import type { Member } from './hearer.ts';

/** What a snapshot holds at most of the newest events: it is one frame. */
const SNAPSHOT_EVENTS = 1_000;
const SNAPSHOT_CHARACTERS = 200 * 1024;

export type Snapshot = Extract<ServerFrame, { snapshot: object }>['snapshot'];

export interface ResumeParts {
  readonly log: Log;
  readonly follow: Follow<Member>;
  readonly links: Links;
  /** The conversation as a line of a list, as the member's audience may see it. */
  readonly summary: (member: Member) => Promise<ConversationSummary | undefined>;
}

/**
 * Sends the member everything after `after` that it may see, then lets it hear what is live. Where that
 * is over MAX_REPLAY events, erased, or the client says to have what the log has not, `onSnapshot` is
 * given what to start from instead. `conversation-not-found`: nobody ever started it.
 */
export async function resume(
  parts: ResumeParts,
  member: Member,
  after: number,
  onSnapshot: (snapshot: Snapshot) => void,
): Promise<'resumed' | 'conversation-not-found'> {
  const { followed, peer, channel } = member;
  const { audience } = channel;
  member.replaying = true;
  await followed.opening;
  if (followed.version === 0) return 'conversation-not-found';
  /** What the client's view stands at, and up to where nothing is missing in it. */
  let previous = after;
  let covered = after;
  while (peer.open && !followed.closed) {
    // From these comparisons to going live nothing is awaited: so there is no gap, and no duplicate.
    if (covered <= followed.version) {
      if (covered >= followed.heads[audience]) {
        member.replaying = false;
        return 'resumed';
      }
      if (followed.erased && covered === after) {
        onSnapshot({
          conversation: followed.address.id,
          version: followed.version,
          erased: true,
          events: [],
        });
        covered = previous = followed.version;
        continue;
      }
    }
    const [tail = 0] = await parts.log.tails([followed.address]);
    if (tail > followed.sequence) await parts.follow.catchUp(followed, tail);
    if (covered > followed.version || followed.version - covered > MAX_REPLAY) {
      const snapshot = await newest(parts, member);
      onSnapshot(snapshot.sent);
      previous = snapshot.sent.version;
      covered = snapshot.covered;
      continue;
    }
    for await (const stored of parts.log.read(followed.address, 0)) {
      if (stored.lastVersion <= covered) continue;
      for (const event of stored.events()) {
        if (event.version <= covered) continue;
        const shown = showEvent(event, followed.address.id, audience, parts.links, previous);
        if (!shown) continue;
        peer.send(JSON.stringify({ event: shown } satisfies ServerFrame));
        previous = event.version;
      }
      covered = stored.lastVersion;
      await peer.readyForMore();
      if (!peer.open) return 'resumed';
    }
    // The log may be ahead of what this edge was told live: it is told the same before the member is.
    if (covered > followed.version) {
      const [now = 0] = await parts.log.tails([followed.address]);
      await parts.follow.catchUp(followed, now);
    }
  }
  return 'resumed';
}

/** The newest events that are kept, as many as fit into a frame, and up to which version they reach. */
async function newest(parts: ResumeParts, member: Member): Promise<{ sent: Snapshot; covered: number }> {
  const { followed, channel } = member;
  const { audience } = channel;
  const conversation = followed.address.id;
  let kept: { event: RecordedEvent; previous: number }[] = [];
  let previous = 0;
  let covered = 0;
  for await (const stored of parts.log.read(followed.address, 0)) {
    for (const event of stored.events()) {
      if (!sees(audience, event.type)) continue;
      kept.push({ event, previous });
      previous = event.version;
    }
    covered = stored.lastVersion;
    if (kept.length > SNAPSHOT_EVENTS * 2) kept = kept.slice(-SNAPSHOT_EVENTS);
  }
  const events: WireEvent[] = [];
  let characters = 0;
  for (const { event, previous: before } of kept.slice(-SNAPSHOT_EVENTS).reverse()) {
    const shown = showEvent(event, conversation, audience, parts.links, before);
    if (!shown) continue;
    characters += JSON.stringify(shown).length;
    if (characters > SNAPSHOT_CHARACTERS) break;
    events.unshift(shown);
  }
  const summary = await parts.summary(member);
  const version = previous;
  return {
    sent: { conversation, version, erased: false, summary: summary && { ...summary, version }, events },
    covered,
  };
}
