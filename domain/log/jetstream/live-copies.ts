// Live copies: what RePublish says of every stored commit, heard on core NATS.
import type { Msg } from '@nats-io/transport-node';
import { StoredCommit } from '../commit.ts';
import type { Subscription } from '../log.ts';
import {
  type Address,
  LIVE_PREFIX,
  liveChatsOf,
  liveOf,
  liveWorkspaces,
  type Subjects,
} from '../subjects.ts';
import type { Link } from './link.ts';
import { sequenceOf } from './stored-message.ts';

export type LiveSource = Address | { chatsOf: string } | 'workspaces';

/** Hears live copies. What the listener throws is reported: thrown on, it would end the connection's reader. */
export function hearLive(
  link: Link,
  subjects: Subjects,
  what: LiveSource,
  listener: (commit: StoredCommit) => void,
): Subscription {
  const one = what !== 'workspaces' && 'subject' in what ? what : undefined;
  const subscription = link.connection.subscribe(liveSubject(what), {
    callback: (error, message: Msg) => {
      if (error) return link.onFault(error);
      try {
        const address = one ?? subjects.parse(message.subject.slice(LIVE_PREFIX.length));
        const sequence = sequenceOf(message);
        if (address && sequence > 0)
          listener(new StoredCommit(address, sequence, new Uint8Array(message.data)));
      } catch (fault) {
        link.onFault(fault);
      }
    },
  });
  // A promise per subscription only for those who ask: a hub with many thousands waits for a few.
  let ready: Promise<void> | undefined;
  return {
    get ready() {
      ready ??= link.flush();
      return ready;
    },
    close: () => subscription.unsubscribe(),
  };
}

function liveSubject(what: LiveSource): string {
  if (what === 'workspaces') return liveWorkspaces();
  return 'subject' in what ? liveOf(what) : liveChatsOf(what.chatsOf);
}
