// A stored commit as the servers bring it: by RePublish, by direct get, by the leader's answer, or by a consumer.
import type { Msg } from '@nats-io/transport-node';
import { StoredCommit } from '../commit.ts';
import type { Address, Subjects } from '../subjects.ts';

/** Sequence of a live copy or a direct get, from its header; 0 where there is none. */
export function sequenceOf(message: Msg): number {
  return Number(message.headers?.get('Nats-Sequence') || 0);
}

/** How many messages a batched get has still to bring after this one; undefined where it does not say. */
export function pendingOf(message: Msg): number | undefined {
  const pending = message.headers?.get('Nats-Num-Pending');
  return pending ? Number(pending) : undefined;
}

/** The commit of a live copy or a direct get whose place is known. */
export function commitFor(address: Address, message: Msg): StoredCommit {
  // Copied: the payload is a window on a whole read buffer, which a commit that someone keeps would keep too.
  return new StoredCommit(address, sequenceOf(message), new Uint8Array(message.data));
}

/** The commit of a direct get, by the subject it was stored under; undefined where that is none of ours. */
export function commitOf(subjects: Subjects, message: Msg): StoredCommit | undefined {
  const address = subjects.parse(message.headers?.get('Nats-Subject') ?? '');
  return address && commitFor(address, message);
}

/** What a consumer's reply subject says: `$JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<tries>.<seq>.<consumer seq>.<time>.<pending>[.<token>]`. */
export function deliveryOf(reply: string): { sequence: number; consumerSequence: number; pending: number } {
  const parts = reply.split('.');
  const at = parts.length === 9 ? 5 : 7;
  return {
    sequence: Number(parts[at]),
    consumerSequence: Number(parts[at + 1]),
    pending: Number(parts[at + 3]),
  };
}
