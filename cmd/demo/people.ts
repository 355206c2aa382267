// Makes the accounts an installation starts with: the demo's in development, ADMIN_EMAIL's where set.
import { randomBytes } from 'node:crypto';
import { isRefusal } from '../../domain/decider.ts';
import { base32 } from '../../domain/ids.ts';
import type { KeyValue } from '../../domain/log/log.ts';
import type { KnownUser } from '../../edge/identity/directory.ts';
import type { Summary } from '../program.ts';
import type { Settings } from '../settings.ts';
import type { Assembled } from '../wiring/assemble.ts';

export const DEMO = {
  business: 'Harbour Coffee Roasters',
  admin: { username: 'maya', fullName: 'Maya Okafor', email: 'maya@harbour-coffee.example' },
  agents: [
    { username: 'jonas', fullName: 'Jonas Lindqvist', email: 'jonas@harbour-coffee.example' },
    { username: 'amira', fullName: 'Amira Haddad', email: 'amira@harbour-coffee.example' },
  ],
} as const;

const PASSWORD_KEY = 'demo.password';

/** The demo's people and their sign-ins; made only where the log has no user at all. `fresh`: made just now. */
export async function demoPeople(
  parts: Assembled,
  secrets: KeyValue,
): Promise<{ fresh: boolean; summary: Summary; agents: KnownUser[] }> {
  const { accounts, directory, passwords } = parts;
  const fresh = directory.countUsers() === 0;
  if (fresh) {
    // Random, since a development machine may be reached by others; kept, so that every start can tell it.
    const password = base32(randomBytes(8)).slice(0, 10);
    await secrets.put(PASSWORD_KEY, Buffer.from(password));
    const founded = await accounts.found({ ...DEMO.admin, password }, DEMO.business);
    if (isRefusal(founded)) throw new Error(`the demo's admin was refused: ${founded.refused}`);
    for (const agent of DEMO.agents) {
      const added = await accounts.add(founded.user.workspace, { ...agent, password }, 'support');
      if (isRefusal(added)) throw new Error(`a demo agent was refused: ${added.refused}`);
    }
  }
  const entry = await secrets.get(PASSWORD_KEY);
  const password = entry && Buffer.from(entry.value).toString();
  const people = [DEMO.admin, ...DEMO.agents].flatMap(({ email }) => directory.userByEmail(email) ?? []);
  const signIns = [];
  for (const known of password ? people : []) {
    // A password that was changed since is nobody's business but its owner's.
    if (!(await passwords.matches(known, password ?? ''))) continue;
    signIns.push({
      where: known.profile.role === 'support' ? 'agent' : 'admin',
      email: known.profile.email,
      password: password ?? '',
    });
  }
  return { fresh, summary: { signIns }, agents: people.filter((known) => known.profile.role === 'support') };
}

/** The admin of ADMIN_EMAIL, made where missing: in the default workspace, or with one of their own where there is none. */
export async function configuredAdmin(
  parts: Assembled,
  admin: NonNullable<Settings['admin']>,
): Promise<void> {
  const { accounts, directory } = parts;
  if (directory.userByEmail(admin.email)) return;
  const username = admin.email.split('@')[0] ?? 'admin';
  const person = { username, fullName: username, email: admin.email, password: admin.password };
  const existing = directory.defaultWorkspace();
  const made = existing
    ? await accounts.add(existing.id, person, 'admin')
    : await accounts.found(person, 'My business');
  // Another worker may have been first; that is as good.
  if (isRefusal(made) && made.refused !== 'user-exists')
    throw new Error(`ADMIN_EMAIL's user was refused: ${made.refused}`);
}

/** Makes API_TOKEN good for the default workspace; false where there is none yet. */
export async function configuredApiToken(
  { directory, apiTokens }: Pick<Assembled, 'directory' | 'apiTokens'>,
  token: string,
): Promise<boolean> {
  const workspace = directory.defaultWorkspace();
  if (!workspace) return false;
  await apiTokens.configure(workspace.id, token);
  return true;
}
