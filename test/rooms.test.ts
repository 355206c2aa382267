// Who imports whom, and that the domain is pure: the rules hold, and would notice if they did not.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { afterAll, beforeAll, expect, test } from 'vitest';

const rooms = ['domain', 'projections', 'edge', 'ui', 'cmd', 'test'];
const { forbidden, options } = createRequire(import.meta.url)('../.dependency-cruiser.cjs');

async function violations(baseDir: string): Promise<string[]> {
  const { output } = await cruise(rooms, { ...options, baseDir, validate: true, ruleSet: { forbidden } });
  return (output as ICruiseResult).summary.violations.map(
    ({ rule, from, to }) => `${rule.name}: ${from} → ${to}`,
  );
}

test('every room imports only what it may', async () => {
  expect(await violations(process.cwd())).toEqual([]);
});

// For each rule a file that breaks it, and some that break none.
const planted: Record<string, string> = {
  'domain/conversation/clock.ts': "import { readFileSync } from 'node:fs';\nexport const now = readFileSync;",
  'domain/conversation/upward.ts': "import { log } from '../log/log.ts';\nexport const up = log;",
  'domain/log/log.ts': 'export const log = 1;',
  'domain/log/sideways.ts': "import { rows } from '../../projections/rows.ts';\nexport const side = rows;",
  'domain/workspace/hen.ts': "import { egg } from './egg.ts';\nexport const hen = egg;",
  'domain/workspace/egg.ts': "import type { hen } from './hen.ts';\nexport const egg = 1 as typeof hen;",
  'projections/rows.ts': 'export const rows = 1;',
  'projections/door.ts': "import { door } from '../edge/door.ts';\nexport const through = door;",
  'edge/door.ts': 'export const door = 1;',
  'edge/rows.ts': "import { rows } from '../projections/rows.ts';\nexport const made = rows;",
  'edge/asking.ts': "import { models } from '../projections/read-models.ts';\nexport const asked = models;",
  'edge/adapted.ts': "import { link } from '../domain/log/jetstream/link.ts';\nexport const adapted = link;",
  'edge/dialects/one/words.ts': 'export const words = 1;',
  'edge/dialects/one/http/routes.ts': "import { words } from '../words.ts';\nexport const routes = words;",
  'edge/dialects/one/socket/door.ts':
    "import { routes } from '../http/routes.ts';\nexport const opened = routes;",
  'edge/dialects/two/words.ts': "import { words } from '../one/words.ts';\nexport const borrowed = words;",
  'edge/dialects/routes.ts': "import { routes } from './one/http/routes.ts';\nexport const all = routes;",
  'edge/http/app.ts': "import { all } from '../dialects/routes.ts';\nexport const app = all;",
  'edge/http/partial.ts': "import { words } from '../dialects/one/words.ts';\nexport const partial = words;",
  'edge/http/heard.ts': "import { hub } from '../socket/hub.ts';\nexport const heard = hub;",
  'edge/socket/hub.ts': 'export const hub = 1;',
  'edge/chat/outward.ts': "import { hub } from '../socket/hub.ts';\nexport const outward = hub;",
  'domain/log/leaning.ts': "import { link } from './jetstream/link.ts';\nexport const leaning = link;",
  'domain/log/jetstream/link.ts': "import { log } from '../log.ts';\nexport const link = log;",
  'projections/read-models.ts': "import { rows } from './rows.ts';\nexport const models = rows;",
  'edge/page.ts': "import { page } from '../ui/page.ts';\nexport const shown = page;",
  'edge/wired.ts': "import { program } from '../cmd/program.ts';\nexport const wired = program;",
  'ui/page.ts': 'export const page = 1;',
  'ui/heavy.ts': "import { rule } from '../domain/conversation/rule.ts';\nexport const heavy = rule;",
  'ui/light.ts':
    "import type { rule } from '../domain/conversation/rule.ts';\nexport type Light = typeof rule;",
  'domain/conversation/rule.ts': 'export const rule = 1;',
  'cmd/program.ts': 'export const program = 1;',
  'cmd/tested.ts': "import { spec } from '../test/spec.ts';\nexport const tested = spec;",
  'cmd/lost.ts': "import { gone } from './gone.ts';\nexport const lost = gone;",
  'test/spec.ts': "import { program } from '../cmd/program.ts';\nexport const spec = program;",
};

let plot: string;
beforeAll(async () => {
  plot = await mkdtemp(join(tmpdir(), 'natter-test-rooms-'));
  for (const [path, source] of Object.entries(planted)) {
    await mkdir(dirname(join(plot, path)), { recursive: true });
    await writeFile(join(plot, path), source);
  }
});
afterAll(() => rm(plot, { recursive: true, force: true }));

test('each planted import is found, and the allowed ones are not', async () => {
  expect([...new Set(await violations(plot))].sort()).toEqual([
    'dialects-are-listed-in-one-place: edge/http/partial.ts → edge/dialects/one/words.ts',
    'dialects-know-not-each-other: edge/dialects/two/words.ts → edge/dialects/one/words.ts',
    'edge-knows-domain-and-queries: edge/page.ts → ui/page.ts',
    'edge-knows-domain-and-queries: edge/rows.ts → projections/rows.ts',
    'edge-knows-domain-and-queries: edge/wired.ts → cmd/program.ts',
    'http-knows-no-sockets: edge/http/heard.ts → edge/socket/hub.ts',
    'log-knows-nats-only: domain/log/sideways.ts → projections/rows.ts',
    'no-cycles: domain/workspace/egg.ts → domain/workspace/hen.ts',
    'nobody-imports-programs: edge/wired.ts → cmd/program.ts',
    'nothing-behind-the-doors-knows-them: edge/chat/outward.ts → edge/socket/hub.ts',
    'only-the-adapter-knows-nats: domain/log/leaning.ts → domain/log/jetstream/link.ts',
    'programs-do-not-import-tests: cmd/tested.ts → test/spec.ts',
    'projections-know-domain-and-postgres: projections/door.ts → edge/door.ts',
    'pure-domain: domain/conversation/clock.ts → fs',
    'pure-domain: domain/conversation/upward.ts → domain/log/log.ts',
    'resolvable: cmd/lost.ts → ./gone.ts',
    'sockets-know-no-http: edge/dialects/one/socket/door.ts → edge/dialects/one/http/routes.ts',
    'the-log-is-a-port: edge/adapted.ts → domain/log/jetstream/link.ts',
    'ui-takes-types-only-from-the-domain: ui/heavy.ts → domain/conversation/rule.ts',
  ]);
});

// Imports do not show what is always at hand.
const impure =
  /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bcrypto\.|\bperformance\.|\bset(Timeout|Interval|Immediate)\b|\bfetch\(|\bprocess\.|\bconsole\./;

test('the domain takes no clock, no chance and no input of its own', async () => {
  const found: string[] = [];
  for (const room of ['conversation', 'workspace', 'policies']) {
    for (const name of await readdir(join('domain', room), { recursive: true })) {
      if (!name.endsWith('.ts')) continue;
      const lines = (await readFile(join('domain', room, name), 'utf8')).split('\n');
      lines.forEach((line, at) => {
        if (impure.test(line.replace(/\/\/.*|^\s*\*.*/, '')))
          found.push(`${room}/${name}:${at + 1} ${line.trim()}`);
      });
    }
  }
  expect(found).toEqual([]);
  expect(impure.test('const at = Date.now();')).toBe(true);
});

test('only one file spells a subject', async () => {
  const spelled = /['"`](chat|workspace|delivery|live|signal)\.[*>$\w]/;
  const found: string[] = [];
  for (const room of ['domain', 'projections', 'edge', 'cmd']) {
    for (const name of await readdir(room, { recursive: true })) {
      if (!name.endsWith('.ts') || join(room, name) === join('domain', 'log', 'subjects.ts')) continue;
      const lines = (await readFile(join(room, name), 'utf8')).split('\n');
      lines.forEach((line, at) => {
        if (spelled.test(line.replace(/\/\/.*|^\s*\*.*/, '')))
          found.push(`${room}/${name}:${at + 1} ${line.trim()}`);
      });
    }
  }
  expect(found).toEqual([]);
});
