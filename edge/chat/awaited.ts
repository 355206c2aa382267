// A conversation that has just begun, until somebody has it: for dialects whose answer names the agent.
import type { Conversation } from '../../domain/conversation/conversation.ts';
import type { Done } from '../../domain/log/aggregates.ts';
import type { Log } from '../../domain/log/log.ts';
import { positionOf } from '../../domain/log/position.ts';
import { holderOf } from '../../domain/workspace/routing.ts';
import type { Conversations } from './conversations.ts';
import { ownerOf, type RoutingAggregates } from './ownership.ts';
import { type RosterParts, rosterOf } from './roster.ts';

export interface AwaitedParts extends RosterParts {
  readonly storage: { readonly log: Log };
  readonly conversations: Pick<Conversations, 'load'>;
  readonly routing: Pick<RoutingAggregates, 'load'>;
}

/** Milliseconds that an answer waits for the worker. */
const WITHIN = 1_500;

/** How the conversation is once an agent has it; undefined where nobody is free, or has it in time: then it waits. */
export async function awaitOwner(
  parts: AwaitedParts,
  workspace: string,
  conversation: string,
): Promise<Done<Conversation> | undefined> {
  const { storage, conversations, routing } = parts;
  const { subjects } = storage.log;
  const { state } = await routing.load(subjects.routing(workspace));
  // A place may be taken for it already.
  const hopes =
    holderOf(state, conversation) !== undefined ||
    rosterOf(parts, workspace, state).some(({ load, capacity }) => load < capacity);
  if (!hopes) return undefined;
  const address = subjects.conversation(workspace, conversation);
  let heard = () => {};
  const subscription = storage.log.live(address, () => heard());
  try {
    await subscription.ready;
    for (const until = performance.now() + WITHIN; performance.now() < until; ) {
      const next = new Promise<void>((resolve) => {
        heard = resolve;
        setTimeout(resolve, until - performance.now()).unref();
      });
      const { state, version, sequence } = await conversations.load(address);
      if (ownerOf(state) !== undefined) {
        const position = positionOf(address, sequence, 0);
        return { state, version, position, repeated: false, unchanged: false, events: [] };
      }
      await next;
    }
    return undefined;
  } finally {
    subscription.close();
  }
}
