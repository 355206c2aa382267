// What a first start is told to make: an admin and a token for programs, in whatever order they become possible.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { configuredAdmin, configuredApiToken } from '../../cmd/demo/people.ts';
import { assemble } from '../../cmd/wiring/assemble.ts';
import { memoryStorage } from '../../domain/log/memory.ts';

test('a token for programs waits for the first workspace, and is kept as a hash alone', async () => {
  const storage = memoryStorage();
  const faults: unknown[] = [];
  const parts = await assemble({
    storage,
    jwtSecret: 'a secret of the test, thirty-two characters',
    sessionDays: 7,
    signup: 'open',
    production: true,
    onFault: (fault) => faults.push(fault),
  });
  const hash = createHash('sha256').update('a-long-token').digest('hex');
  expect(await configuredApiToken(parts, storage.secrets, 'a-long-token')).toBe(false);
  expect(await storage.secrets.get(`api-token.${hash}`)).toBeUndefined();

  await configuredAdmin(parts, { email: 'jane@shop.example', password: 'a-good-password' });
  expect(parts.directory.userByEmail('jane@shop.example')?.profile.role).toBe('super_admin');
  expect(await configuredApiToken(parts, storage.secrets, 'a-long-token')).toBe(true);
  // Each start makes sure again.
  expect(await configuredApiToken(parts, storage.secrets, 'a-long-token')).toBe(true);
  await configuredAdmin(parts, { email: 'jane@shop.example', password: 'another-password' });
  expect(parts.directory.countUsers()).toBe(1);

  const kept = await storage.secrets.get(`api-token.${hash}`);
  expect(Buffer.from(kept?.value ?? []).toString()).toBe(parts.directory.defaultWorkspace()?.id);
  expect(faults).toEqual([]);
  await parts.close();
});
