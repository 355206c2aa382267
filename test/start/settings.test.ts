// Unusable settings stop the start with one line that names the variable, the value and what is allowed.
import { describe, expect, test } from 'vitest';
import { readSettings } from '../../cmd/settings.ts';

function problemOf(env: NodeJS.ProcessEnv): string {
  const outcome = readSettings(env);
  return outcome.ok ? 'no problem' : outcome.problem;
}

function settingsOf(env: NodeJS.ProcessEnv) {
  const outcome = readSettings(env);
  if (!outcome.ok) throw new Error(outcome.problem);
  return outcome.settings;
}

describe('a bad value is named together with what is allowed', () => {
  test.each([
    [{ PORT: 'abc' }, 'PORT is "abc"; allowed: a whole number from 1 to 65535.'],
    [{ PORT: '0' }, 'PORT is "0"; allowed: a whole number from 1 to 65535.'],
    [{ PORT: '5000.5' }, 'PORT is "5000.5"; allowed: a whole number from 1 to 65535.'],
    [{ LOG_STREAMS: '65' }, 'LOG_STREAMS is "65"; allowed: a whole number from 1 to 64.'],
    [{ NODE_ENV: 'prod' }, 'NODE_ENV is "prod"; allowed: "development" or "production" or "test".'],
    [{ SIGNUP: 'no' }, 'SIGNUP is "no"; allowed: "open" or "closed".'],
    [
      { PUBLIC_URL: 'chat.example.com' },
      'PUBLIC_URL is "chat.example.com"; allowed: a URL like https://chat.example.com.',
    ],
    [
      { TRUST_PROXY: '10.0.0.0/33' },
      'TRUST_PROXY is "10.0.0.0/33"; allowed: the number of proxies in front (0 to 10), or their addresses or ranges separated by commas.',
    ],
    [
      { FRONTEND_URLS: 'https://a.example/path' },
      'FRONTEND_URLS is "https://a.example/path"; allowed: origins like https://app.example.com, separated by commas.',
    ],
    [{ ADMIN_EMAIL: 'jane' }, 'ADMIN_EMAIL is "jane"; allowed: an e-mail address.'],
    [{ LOG_REPLICAS: '2' }, 'LOG_REPLICAS is "2"; allowed: 1, 3 or 5.'],
    [
      { LOG_REPLICAS: '3' },
      'LOG_REPLICAS is "3"; allowed without NATS_URL: 1 (embedded NATS is one server).',
    ],
  ])('%o', (env, sentence) => expect(problemOf(env)).toBe(sentence));

  test('whatever was read, it is one line', () => {
    expect(problemOf({ PORT: 'a\nb' })).toBe('PORT is "a\\nb"; allowed: a whole number from 1 to 65535.');
    expect(problemOf({ HOST: 'x y'.repeat(10_000) }).length).toBeLessThan(300);
  });
});

test("secrets' values are not repeated", () => {
  expect(problemOf({ JWT_SECRET: 'too short' })).toBe(
    'JWT_SECRET is a value that is not shown here; allowed: at least 32 characters.',
  );
  expect(problemOf({ DATABASE_URL: 'mysql://me:hunter2@db/x' })).toContain(
    'DATABASE_URL is "mysql://***@db/x"',
  );
  expect(problemOf({ NATS_URL: 'http://me:hun@ter2@nats:4222' })).not.toMatch(/hun|ter2/);
  expect(problemOf({ ADMIN_EMAIL: 'a@b.example', ADMIN_PASSWORD: 'short' })).not.toContain('"short"');
});

test('an administrator needs both an address and a password', () => {
  expect(problemOf({ ADMIN_EMAIL: 'a@b.example' })).toMatch(/^ADMIN_PASSWORD is not set/);
  expect(problemOf({ ADMIN_PASSWORD: 'long enough' })).toMatch(/^ADMIN_EMAIL is not set/);
  expect(settingsOf({ ADMIN_EMAIL: 'a@b.example', ADMIN_PASSWORD: 'long enough' }).admin?.email).toBe(
    'a@b.example',
  );
});

test('production does not start without JWT_SECRET', () => {
  expect(problemOf({ NODE_ENV: 'production' })).toMatch(/^JWT_SECRET is not set/);
  const settings = settingsOf({ NODE_ENV: 'production', JWT_SECRET: 's'.repeat(32) });
  expect(settings.edges).toBeGreaterThanOrEqual(1);
  expect(settings.logLevel).toBe('info');
});

test('nothing set is a working development start, and an empty value counts as not set', () => {
  const settings = settingsOf({ PORT: '', NATS_URL: ' ', LOG_LEVEL: '' });
  expect(settings).toMatchObject({
    environment: 'development',
    port: 5000,
    publicUrl: 'http://localhost:5000',
    natsUrl: undefined,
    logStreams: undefined,
    edges: 1,
    trustProxy: 0,
    sessionDays: 7,
    supportTokenDays: 30,
  });
  expect(settings.dataDir).toMatch(/^\/.*\/\.natter$/);
});

test('aliases and lists are understood', () => {
  const settings = settingsOf({
    API_KEY: 'a-long-token',
    OPENROUTER_API_KEY: 'key',
    FRONTEND_URLS: 'https://a.example, http://localhost:3000/',
    TRUST_PROXY: '10.0.0.0/8, ::1',
    PUBLIC_URL: 'https://chat.example.com/',
  });
  expect(settings.apiToken).toBe('a-long-token');
  expect(settings.ai.apiKey).toBe('key');
  expect(settings.frontendUrls).toEqual(['https://a.example', 'http://localhost:3000']);
  expect(settings.trustProxy).toEqual(['10.0.0.0/8', '::1']);
  expect(settings.publicUrl).toBe('https://chat.example.com');
});
