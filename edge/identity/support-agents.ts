// Agents as programs name them when they ask for a token (seed 002): by number, e-mail address or user name; one nobody knows is made.
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRefusal, type Refusal, refuse } from '../../domain/decider.ts';
import type { Accounts } from './accounts.ts';
import type { Directory, KnownUser } from './directory.ts';
import type { ApiPrincipal, UserPrincipal } from './principals.ts';

export interface SupportAgentsParts {
  readonly directory: Directory;
  readonly accounts: Accounts;
}

/** Who a token is asked for. `position`: where the agent was made, 0 where they were known. */
export interface FoundAgent {
  readonly user: KnownUser;
  readonly position: number;
}

/** How often, and how many milliseconds apart, an agent is looked for whom somebody else is just making. */
const LOOKS = 20;
const LOOK_EVERY = 50;

/** The agent of that name; `agent-ambiguous` where several go by it, undefined where nobody does. */
export function findAgent(
  directory: Directory,
  workspace: string,
  name: string,
): KnownUser | Refusal | undefined {
  const byNumber = /^\d{1,16}$/.test(name) ? directory.user(workspace, name) : undefined;
  if (byNumber) return byNumber;
  const byEmail = directory.userByEmail(name);
  if (byEmail?.workspace === workspace) return byEmail;
  const own = directory.userByEmail(addressOf(workspace, name));
  if (own?.workspace === workspace) return own;
  const named = directory.users(workspace).filter(({ profile }) => profile.username === name);
  return named.length > 1 ? refuse('agent-ambiguous') : named[0];
}

/**
 * The agent of that name; made with the role `support`, and a password that nobody knows, where there is none.
 * Refuses with `agent-ambiguous`, and with `busy` where the one who is making that agent does not get done.
 */
export async function findOrMakeAgent(
  { directory, accounts }: SupportAgentsParts,
  by: UserPrincipal | ApiPrincipal,
  name: string,
): Promise<FoundAgent | Refusal> {
  const { workspace } = by;
  for (let looks = 0; looks < LOOKS; looks++) {
    const known = findAgent(directory, workspace, name);
    if (known) return isRefusal(known) ? known : { user: known, position: 0 };
    const person = {
      username: name.slice(0, 100),
      fullName: name.slice(0, 120),
      email: addressOf(workspace, name),
      password: randomBytes(32).toString('base64url'),
    };
    const made = await accounts.add(workspace, person, 'support', by);
    if (!isRefusal(made) || made.refused !== 'user-exists') return made;
    // Another request is making them at this moment, here or at another edge.
    await sleep(LOOK_EVERY);
  }
  return refuse('busy');
}

/** An address that no mail reaches and that no two names share, in the whole installation. */
function addressOf(workspace: string, name: string): string {
  const plain = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/.test(name) && name.length <= 40;
  const local = plain ? name : `agent-${createHash('sha256').update(name).digest('hex').slice(0, 24)}`;
  return `${local}@${workspace}.agents.invalid`;
}
