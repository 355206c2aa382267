// Lets a socket hear a conversation from a history on: what was said up to there is its caller's business, everything after is told live, once.
import { isRefusal } from '../../domain/decider.ts';
import type { RecordedEvent } from '../../domain/log/commit.ts';
import type { Principal } from '../identity/principals.ts';
import type { Floor } from './floor.ts';
import type { Member } from './hearer.ts';

/** Milliseconds until the log is read again where it was behind what had been told live already. */
const AGAIN = 20;

/**
 * Hands `give` the events up to the very one after which the member hears what is live, in one turn: so
 * there is no gap and no duplicate. The member must have been joined as replaying, or is taken back to it.
 * Returns false where the conversation is not there (any more), or the socket is gone.
 */
export async function goLive(
  { edge }: Floor,
  member: Member,
  principal: Principal,
  give: (events: readonly RecordedEvent[]) => void,
): Promise<boolean> {
  const { peer, followed } = member;
  await followed.opening;
  while (peer.open && !followed.closed) {
    const history = await edge.desk.history(principal, followed.address.id);
    if (isRefusal(history)) return false;
    // From here to the end nothing is awaited.
    const told = followed.version;
    if ((history.events.at(-1)?.version ?? 0) >= told) {
      if (!peer.open) return false;
      give(history.events.filter(({ version }) => version <= told));
      member.replaying = false;
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
  }
  return false;
}
