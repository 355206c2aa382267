// What a first start is told to make: an admin and a token for programs, in whatever order they become possible.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { configuredAdmin, configuredApiToken } from '../../cmd/demo/people.ts';
import { assemble } from '../../cmd/wiring/assemble.ts';
import { memoryStorage } from '../../domain/log/memory.ts';

test('a token for programs waits for the first workspace, is kept sealed, and can be rotated', async () => {
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
  expect(await configuredApiToken(parts, 'a-long-token')).toBe(false);
  expect(await storage.secrets.get(`api-token.${hash}`)).toBeUndefined();

  await configuredAdmin(parts, { email: 'jane@shop.example', password: 'a-good-password' });
  expect(parts.directory.userByEmail('jane@shop.example')?.profile.role).toBe('super_admin');
  expect(await configuredApiToken(parts, 'a-long-token')).toBe(true);
  // Each start makes sure again.
  expect(await configuredApiToken(parts, 'a-long-token')).toBe(true);
  await configuredAdmin(parts, { email: 'jane@shop.example', password: 'another-password' });
  expect(parts.directory.countUsers()).toBe(1);

  const workspace = parts.directory.defaultWorkspace()?.id ?? '';
  expect(await parts.apiTokens.find('a-long-token')).toEqual({ kind: 'api', workspace });
  for await (const key of storage.secrets.keys())
    expect(Buffer.from((await storage.secrets.get(key))?.value ?? []).toString()).not.toContain(
      'a-long-token',
    );

  // Rotated by an admin, it stays rotated when everything starts again; another one configured replaces it.
  const { token = '' } = await parts.apiTokens.rotate(workspace);
  expect(token).toMatch(/^[A-Za-z0-9]{32}$/);
  expect(await parts.apiTokens.find('a-long-token')).toBeUndefined();
  await configuredApiToken(parts, 'a-long-token');
  expect(await parts.apiTokens.find(token)).toEqual({ kind: 'api', workspace });
  expect((await parts.apiTokens.show(workspace))?.token).toBe(token);
  await configuredApiToken(parts, 'another-long-token');
  expect(await parts.apiTokens.find(token)).toBeUndefined();
  expect(await parts.apiTokens.find('another-long-token')).toEqual({ kind: 'api', workspace });
  expect(faults).toEqual([]);
  await parts.close();
});
