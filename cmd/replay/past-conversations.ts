// Past conversations out of the log, for a candidate to be tried on. Reads, and nothing else.
import { conversationId, workspaceOf } from '../../domain/ids.ts';
import { Histories } from '../../domain/log/histories.ts';
import type { Log } from '../../domain/log/log.ts';
import { type PastConversation, pastOf } from '../../edge/out/ai/past.ts';

/** Those of the ids that have messages, one after another. Throws one sentence for an id that is none, or that leads nowhere. */
export async function* pastConversations(
  log: Log,
  workspace: string,
  ids: Iterable<string>,
): AsyncGenerator<PastConversation, void, undefined> {
  // Each is read once: none is kept.
  const histories = new Histories(log, 0);
  for (const id of ids) {
    if (!conversationId.safeParse(id).success) throw new Error(`"${id}" is not the id of a conversation`);
    const home = workspaceOf(id) ?? workspace;
    if (home !== workspace) throw new Error(`the conversation ${id} belongs to another workspace`);
    const { events } = await histories.read(log.subjects.conversation(workspace, id));
    if (events.length === 0) throw new Error(`there is no conversation ${id}`);
    const past = pastOf(id, events);
    if (past.messages.length > 0) yield past;
  }
}
