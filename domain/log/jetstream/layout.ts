// How many CHAT streams an installation has: fixed at its first start and kept beside the log, for a conversation's stream follows from it.
import type { KeyValue } from '../log.ts';
import { Subjects } from '../subjects.ts';

const KEY = 'chat-streams';
const DEFAULT_CHAT_STREAMS = 4;

/**
 * The installation's subjects. `asked` is LOG_STREAMS where somebody set it; 4 on a first start without.
 * Throws one sentence where it is not what the first start fixed.
 */
export async function fixedSubjects(layout: KeyValue, asked: number | undefined): Promise<Subjects> {
  const first = new Subjects(asked ?? DEFAULT_CHAT_STREAMS);
  if (await layout.create(KEY, new TextEncoder().encode(String(first.chatStreams)))) return first;
  const stored = await layout.get(KEY);
  const fixed = Number(stored && new TextDecoder().decode(stored.value));
  if (asked !== undefined && asked !== fixed) {
    throw new Error(
      `LOG_STREAMS is ${asked}, but this installation was started with ${fixed}, which cannot be changed`,
    );
  }
  return new Subjects(fixed);
}
