// Reads the settings from the environment, once, at the door: a bad value stops the start with one line.
import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';

/** What a variable may hold, in words for the person who set it. */
interface Variable<T> {
  schema: z.ZodType<T>;
  allowed: string;
  /** `yes`: its value is never repeated in a message; `user`: repeated without user and password. */
  secret: Secret;
}
type Secret = 'no' | 'yes' | 'user';

const variable = <T>(schema: z.ZodType<T>, allowed: string, secret: Secret = 'no'): Variable<T> => ({
  schema,
  allowed,
  secret,
});
const wholeNumber = (least: number, most: number) =>
  variable(
    z.string().regex(/^\d+$/).transform(Number).pipe(z.number().int().min(least).max(most)).optional(),
    `a whole number from ${least} to ${most}`,
  );
const oneOf = <const T extends string>(...values: T[]) =>
  variable(z.enum(values).optional(), values.map((value) => `"${value}"`).join(' or '));
const text = (allowed: string, least: number, secret: Secret) =>
  variable(z.string().min(least).max(4_096).optional(), allowed, secret);
const urlOf = (schemes: string[], allowed: string, secret: Secret = 'no') =>
  variable(
    z
      .string()
      .refine((value) => isUrl(value, schemes))
      .optional(),
    allowed,
    secret,
  );

const variables = {
  /** The one port of everything: pages, HTTP, sockets. */
  PORT: wholeNumber(1, 65_535),
  /** The address to listen on; all of them when unset. */
  HOST: variable(
    z
      .string()
      .regex(/^[A-Za-z0-9.:-]{1,255}$/)
      .optional(),
    'an IP address or host name to listen on',
  ),
  /** Where this machine's edges are reached by those of other machines. */
  PRIVATE_HOST: variable(
    z
      .string()
      .refine((value) => isIP(value) !== 0)
      .optional(),
    'an IP address of this machine, in a network that only other edges are in',
  ),
  /** Where browsers reach us, when a proxy stands in front. */
  PUBLIC_URL: urlOf(['http:', 'https:'], 'a URL like https://chat.example.com'),
  /** Where embedded NATS and Postgres keep their data. */
  DATA_DIR: variable(
    z
      .string()
      .min(1)
      .max(1_024)
      .refine((path) => !path.includes('\0'))
      .optional(),
    'a directory',
  ),
  NATS_URL: variable(
    z
      .string()
      .refine((list) => list.split(',').every((url) => isUrl(url.trim(), ['nats:', 'tls:'])))
      .optional(),
    'one or more URLs like nats://host:4222, separated by commas',
    'user',
  ),
  /** Instead of a user in NATS_URL. */
  NATS_USER: text('a user name', 1, 'no'),
  NATS_PASSWORD: text('a password', 1, 'yes'),
  DATABASE_URL: urlOf(
    ['postgres:', 'postgresql:'],
    'a URL like postgres://user:password@host:5432/database',
    'user',
  ),
  /** Streams the log is spread over; fixed at the first start of an installation. */
  LOG_STREAMS: wholeNumber(1, 64),
  /** Copies of the log that a NATS cluster keeps. */
  LOG_REPLICAS: variable(
    z
      .enum(['1', '3', '5'])
      .transform((value) => Number(value) as 1 | 3 | 5)
      .optional(),
    '1, 3 or 5',
  ),
  /** Edge processes that share the port. */
  EDGES: wholeNumber(1, 64),
  /** Signs every token; needed in production, made and kept beside the log elsewhere. */
  JWT_SECRET: text('at least 32 characters', 32, 'yes'),
  /** Origins of pages that may call the API besides our own. */
  FRONTEND_URLS: variable(
    z
      .string()
      .transform((list) => list.split(',').map((origin) => origin.trim().replace(/\/$/, '')))
      .refine((origins) => origins.every(isOrigin))
      .optional(),
    'origins like https://app.example.com, separated by commas',
  ),
  /** Whether strangers may register; the first user always may. */
  SIGNUP: oneOf('open', 'closed'),
  ADMIN_EMAIL: variable(z.email().max(254).optional(), 'an e-mail address'),
  ADMIN_PASSWORD: text('at least 6 characters', 6, 'yes'),
  API_TOKEN: text('at least 8 characters', 8, 'yes'),
  /** Alias of API_TOKEN. */
  API_KEY: text('at least 8 characters', 8, 'yes'),
  AI_BASE_URL: urlOf(['http:', 'https:'], 'a URL like https://openrouter.ai/api/v1'),
  AI_API_KEY: text('a key', 1, 'yes'),
  /** Alias of AI_API_KEY. */
  OPENROUTER_API_KEY: text('a key', 1, 'yes'),
  AI_MODEL: text("a model's name", 1, 'no'),
  /** Proxies in front of us: how many, or which addresses; 0 believes no X-Forwarded-For. */
  TRUST_PROXY: variable(
    z
      .string()
      .transform((value) =>
        /^\d+$/.test(value) ? Number(value) : value.split(',').map((part) => part.trim()),
      )
      .refine((value) => (typeof value === 'number' ? value <= 10 : value.every(isAddressOrRange)))
      .optional(),
    'the number of proxies in front (0 to 10), or their addresses or ranges separated by commas',
  ),
  LOG_LEVEL: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
  NODE_ENV: oneOf('development', 'production', 'test'),
  /** `off` turns all limits off but that of sign-in: for load tests. */
  RATE_LIMITS: oneOf('on', 'off'),
  ALLOW_PRIVATE_WEBHOOKS: oneOf('true', 'false'),
  PASSWORD_MIN_LENGTH: wholeNumber(6, 128),
  /** Life of a sign-in token. */
  SESSION_DAYS: wholeNumber(1, 365),
  /** Life of a token from `POST /api/auth/token`. */
  SUPPORT_TOKEN_DAYS: wholeNumber(1, 365),
  /** Set by the supervisor for its children: what an acknowledgement is worth, in words. */
  NATTER_DURABILITY: text('a sentence', 1, 'no'),
};

/** The settings of one process, checked. Times in days where a name says so. */
export interface Settings {
  environment: 'development' | 'production' | 'test';
  port: number;
  /** Undefined: all addresses. */
  host?: string;
  /** Undefined: 127.0.0.1, all edges are on this machine. */
  privateHost?: string;
  /** Without a slash at its end. */
  publicUrl: string;
  /** Absolute. */
  dataDir: string;
  /** Undefined: the embedded one. Inside a child of the supervisor both are always set. */
  natsUrl?: string;
  natsUser?: string;
  natsPassword?: string;
  databaseUrl?: string;
  /** Undefined: as at the first start. */
  logStreams?: number;
  logReplicas: 1 | 3 | 5;
  edges: number;
  /** Undefined only before the supervisor has made one (never in production). */
  jwtSecret?: string;
  frontendUrls: string[];
  signup: 'open' | 'closed';
  admin?: { email: string; password: string };
  apiToken?: string;
  ai: { baseUrl: string; apiKey?: string; model: string };
  /** A number of hops, or addresses and ranges. */
  trustProxy: number | string[];
  logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  rateLimits: boolean;
  allowPrivateWebhooks: boolean;
  passwordMinLength: number;
  sessionDays: number;
  supportTokenDays: number;
  durability: string;
}

export type SettingsOutcome = { ok: true; settings: Settings } | { ok: false; problem: string };

/**
 * Settings out of environment variables; empty ones count as unset. A problem is one line that names the
 * variable, what was read (never a secret's value), and what is allowed.
 */
export function readSettings(env: NodeJS.ProcessEnv): SettingsOutcome {
  for (const [name, { schema, allowed, secret }] of Object.entries(variables)) {
    const raw = rawValue(env, name);
    if (schema.safeParse(raw).success) continue;
    return problem(`${name} is ${shown(raw ?? '', secret)}; allowed: ${allowed}.`);
  }
  const read = <T>(name: keyof typeof variables, { schema }: Variable<T>): T =>
    schema.parse(rawValue(env, name));
  const v = variables;
  const environment = read('NODE_ENV', v.NODE_ENV) ?? 'development';
  const production = environment === 'production';
  const port = read('PORT', v.PORT) ?? 5000;
  const jwtSecret = read('JWT_SECRET', v.JWT_SECRET);
  const natsUrl = read('NATS_URL', v.NATS_URL);
  const logReplicas = read('LOG_REPLICAS', v.LOG_REPLICAS) ?? 1;
  const email = read('ADMIN_EMAIL', v.ADMIN_EMAIL);
  const password = read('ADMIN_PASSWORD', v.ADMIN_PASSWORD);
  const passwordMinLength = read('PASSWORD_MIN_LENGTH', v.PASSWORD_MIN_LENGTH) ?? 6;
  if (production && !jwtSecret) {
    return problem('JWT_SECRET is not set; in production it must be: at least 32 characters.');
  }
  if (email !== undefined && password === undefined) {
    return problem(`ADMIN_PASSWORD is not set, but ADMIN_EMAIL is "${email}"; allowed: both, or neither.`);
  }
  if (password !== undefined && email === undefined) {
    return problem('ADMIN_EMAIL is not set, but ADMIN_PASSWORD is; allowed: both, or neither.');
  }
  if (password !== undefined && password.length < passwordMinLength) {
    return problem(
      `ADMIN_PASSWORD is a value that is not shown here; allowed: at least ${passwordMinLength} characters.`,
    );
  }
  if (logReplicas > 1 && natsUrl === undefined) {
    return problem(
      `LOG_REPLICAS is "${logReplicas}"; allowed without NATS_URL: 1 (embedded NATS is one server).`,
    );
  }
  return {
    ok: true,
    settings: {
      environment,
      port,
      host: read('HOST', v.HOST),
      privateHost: read('PRIVATE_HOST', v.PRIVATE_HOST),
      publicUrl: (read('PUBLIC_URL', v.PUBLIC_URL) ?? `http://localhost:${port}`).replace(/\/+$/, ''),
      dataDir: resolve(read('DATA_DIR', v.DATA_DIR) ?? '.natter'),
      natsUrl,
      natsUser: read('NATS_USER', v.NATS_USER),
      natsPassword: read('NATS_PASSWORD', v.NATS_PASSWORD),
      databaseUrl: read('DATABASE_URL', v.DATABASE_URL),
      logStreams: read('LOG_STREAMS', v.LOG_STREAMS),
      logReplicas,
      edges: read('EDGES', v.EDGES) ?? (production ? Math.min(64, availableParallelism()) : 1),
      jwtSecret,
      frontendUrls: read('FRONTEND_URLS', v.FRONTEND_URLS) ?? [],
      signup: read('SIGNUP', v.SIGNUP) ?? 'open',
      admin: email !== undefined && password !== undefined ? { email, password } : undefined,
      apiToken: read('API_TOKEN', v.API_TOKEN) ?? read('API_KEY', v.API_KEY),
      ai: {
        baseUrl: (read('AI_BASE_URL', v.AI_BASE_URL) ?? 'https://openrouter.ai/api/v1').replace(/\/+$/, ''),
        apiKey: read('AI_API_KEY', v.AI_API_KEY) ?? read('OPENROUTER_API_KEY', v.OPENROUTER_API_KEY),
        model: read('AI_MODEL', v.AI_MODEL) ?? 'openrouter/auto',
      },
      trustProxy: read('TRUST_PROXY', v.TRUST_PROXY) ?? 0,
      logLevel: read('LOG_LEVEL', v.LOG_LEVEL) ?? (production ? 'info' : 'warn'),
      rateLimits: (read('RATE_LIMITS', v.RATE_LIMITS) ?? 'on') === 'on',
      allowPrivateWebhooks: read('ALLOW_PRIVATE_WEBHOOKS', v.ALLOW_PRIVATE_WEBHOOKS) === 'true',
      passwordMinLength,
      sessionDays: read('SESSION_DAYS', v.SESSION_DAYS) ?? 7,
      supportTokenDays: read('SUPPORT_TOKEN_DAYS', v.SUPPORT_TOKEN_DAYS) ?? 30,
      durability: read('NATTER_DURABILITY', v.NATTER_DURABILITY) ?? 'as the NATS servers are configured',
    },
  };
}

function rawValue(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const raw = env[name]?.trim();
  return raw === '' ? undefined : raw;
}

function shown(raw: string, secret: Secret): string {
  if (secret === 'yes') return 'a value that is not shown here';
  // Up to the last @: a password may itself hold one, unescaped, which may be just what is wrong.
  const cleaned = secret === 'user' ? raw.replace(/^(.*?:\/\/)?.*@/, '$1***@') : raw;
  return JSON.stringify(cleaned.slice(0, 200));
}

const problem = (sentence: string): SettingsOutcome => ({ ok: false, problem: sentence });

function isUrl(value: string, schemes: string[]): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  return schemes.includes(url.protocol) && url.hostname !== '';
}

function isOrigin(value: string): boolean {
  return isUrl(value, ['http:', 'https:']) && new URL(value).origin === value;
}

function isAddressOrRange(value: string): boolean {
  const [address = '', bits, more] = value.split('/');
  const kind = isIP(address);
  if (kind === 0 || more !== undefined) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (kind === 4 ? 32 : 128));
}
