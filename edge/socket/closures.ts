// When somebody is there again for a conversation whose department is closed.
import type { Address } from '../../domain/log/subjects.ts';
import { availabilityOf } from '../../domain/policies/hours.ts';
import type { Edge } from '../context.ts';
import type { Closure } from './queue-places.ts';

/** Reads a conversation only where its workspace has hours at all. Throws LogUnreachable while the log is away. */
export function closureOf({ directory, conversations, now }: Edge): Closure {
  return async (address: Address) => {
    const hours = directory.workspace(address.workspace)?.settings.hours ?? {};
    if (Object.keys(hours).length === 0) return undefined;
    const { state } = await conversations.load(address, { confirm: false });
    const { open, opensAt } = availabilityOf(state.department, hours, now());
    if (open) return undefined;
    return opensAt === undefined ? null : new Date(opensAt).toISOString();
  };
}
