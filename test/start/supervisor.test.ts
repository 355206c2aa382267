// The supervisor with real processes: restarts, gives up with a reason, and never leaves a child behind.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { childUnit } from '../../cmd/child-unit.ts';
import { runGuarded } from '../../cmd/embedded/guarded-process.ts';
import { commandLineOf } from '../../cmd/embedded/leftover.ts';
import { supervise, type Unit } from '../../cmd/supervisor.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'natter-test-supervisor-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function program(name: string, source: string): Promise<string> {
  const path = join(dir, `${name}.mjs`);
  await writeFile(path, source);
  return path;
}

const steady = "process.on('disconnect', () => process.exit(0)); process.send({ ready: true });";
const said: string[] = [];
const say = (sentence: string) => void said.push(sentence);

function unit(name: string, path: string): Unit {
  return childUnit({ name, program: path, env: () => ({ ...process.env }), say });
}

async function until(what: () => boolean, ms = 8_000): Promise<void> {
  const end = Date.now() + ms;
  while (!what()) {
    if (Date.now() > end) throw new Error('it did not come about in time');
    await sleep(20);
  }
}

const isAlive = (pid: number) => commandLineOf(pid) !== undefined;

test('a child that was killed is started again, and everything ends on stop', async () => {
  const path = await program('steady', steady);
  const supervisor = supervise({ phases: [[unit('one', path)], [unit('two', path)]], say, firstDelayMs: 20 });
  await supervisor.ready;
  const [first, other] = [supervisor.pidOf('one') ?? 0, supervisor.pidOf('two') ?? 0];
  process.kill(first, 'SIGKILL');
  await until(() => ![undefined, first].includes(supervisor.pidOf('one')));
  expect(said.some((line) => line.startsWith('one ended (by SIGKILL)'))).toBe(true);
  expect(supervisor.pidOf('two')).toBe(other);
  const second = supervisor.pidOf('one') ?? 0;
  await supervisor.stop();
  expect([first, second, other].filter(isAlive)).toEqual([]);
});

test('after five quick deaths everything is stopped, and the reason is told', async () => {
  const dying = await program(
    'dying',
    'process.send({ ready: true }, () => setTimeout(() => process.exit(7), 20));',
  );
  const path = await program('bystander', steady);
  const lives: number[] = [];
  const counted = unit('dying', dying);
  const start = counted.start;
  counted.start = async () => {
    const live = await start();
    lives.push(live.pid);
    return live;
  };
  const supervisor = supervise({ phases: [[unit('bystander', path), counted]], say, firstDelayMs: 5 });
  await supervisor.ready;
  const bystander = supervisor.pidOf('bystander') ?? 0;
  expect(await supervisor.gaveUp).toBe(
    'dying ended 5 times in a row soon after its start, last: exit code 7',
  );
  expect(lives).toHaveLength(5);
  expect(isAlive(bystander)).toBe(false);
});

test('deaths after a long life do not add up', async () => {
  const dying = await program(
    'slow-dying',
    'process.send({ ready: true }, () => setTimeout(() => process.exit(0), 60));',
  );
  const supervisor = supervise({ phases: [[unit('slow', dying)]], say, firstDelayMs: 1, quickMs: 50 });
  await supervisor.ready;
  let lives = 0;
  let last: number | undefined;
  await until(() => {
    const pid = supervisor.pidOf('slow');
    if (pid !== undefined && pid !== last) lives += 1;
    last = pid ?? last;
    return lives >= 7;
  });
  await supervisor.stop();
});

test("a start that fails says the child's own sentence and stops what was started", async () => {
  const path = await program('first', steady);
  const failing = await program(
    'failing',
    "process.send({ failed: 'The moon is in the wrong house.' }, () => process.exit(1));",
  );
  const supervisor = supervise({ phases: [[unit('first', path)], [unit('failing', failing)]], say });
  await expect(supervisor.ready).rejects.toThrow('The moon is in the wrong house.');
  expect(supervisor.pidOf('first')).toBeUndefined();
});

test('a child that ends without a word fails the start', async () => {
  const mute = await program('mute', 'process.exit(3);');
  const supervisor = supervise({ phases: [[unit('mute', mute)]], say });
  await expect(supervisor.ready).rejects.toThrow('the mute did not start (exit code 3)');
});

test('edges stop before the worker, and the worker before the servers', async () => {
  const order: string[] = [];
  const named = (name: string): Unit => ({
    name,
    start: async () => {
      let end: (how: string) => void = () => {};
      const exited = new Promise<string>((resolve) => {
        end = resolve;
      });
      return {
        pid: 0,
        exited,
        kill: () => {},
        stop: async () => {
          order.push(name);
          end('asked');
        },
      };
    },
  });
  const phases = [[named('NATS')], [named('worker'), named('edge 1'), named('edge 2')]];
  const supervisor = supervise({ phases, say });
  await supervisor.ready;
  await supervisor.stop();
  expect(order).toEqual(['edge 1', 'edge 2', 'worker', 'NATS']);
});

test('a foreign program ends when its parent is killed, even one that ignores being asked', async () => {
  const guardSource = new URL('../../cmd/embedded/guarded-process.ts', import.meta.url).pathname;
  const { build } = await import('esbuild');
  const bundled = join(dir, 'guard.mjs');
  await build({
    entryPoints: [guardSource],
    outfile: bundled,
    bundle: true,
    platform: 'node',
    format: 'esm',
  });
  const parent = await program(
    'parent',
    `import { runGuarded } from ${JSON.stringify(bundled)};
     const script = ${JSON.stringify('trap "" INT; echo $$; while :; do sleep 0.1; done')};
     runGuarded('/bin/sh', ['-c', script], {
       stopSignal: 'TERM', cwd: '/', onLine: (line) => console.log(line) });
     setInterval(() => {}, 1000);`,
  );
  const child = spawn(process.execPath, [parent], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = await new Promise<number>((resolve) =>
    child.stdout.once('data', (text) => resolve(Number(String(text)))),
  );
  expect(isAlive(pid)).toBe(true);
  child.kill('SIGKILL');
  await until(() => !isAlive(pid));
});

test('a guarded program is told none of our settings: they hold secrets', async () => {
  const asked = runGuarded('/bin/sh', ['-c', 'env; echo done'], {
    stopSignal: 'TERM',
    cwd: '/',
    env: { PATH: process.env.PATH, LANG: 'C', JWT_SECRET: 'not for you', ADMIN_PASSWORD: 'nor this' },
  });
  await asked.exited;
  expect(asked.lastWords()).toContain('LANG=C');
  expect(asked.lastWords()).toContain('done');
  expect(asked.lastWords()).not.toMatch(/JWT_SECRET|ADMIN_PASSWORD|not for you|nor this/);
});

test('a guarded program that does not listen is killed after its grace', async () => {
  const stubborn = runGuarded('/bin/sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 0.1; done'], {
    stopSignal: 'TERM',
    cwd: '/',
    graceSeconds: 1,
  });
  await until(() => stubborn.lastWords().includes('ready'));
  const asked = Date.now();
  await stubborn.stop();
  expect((await stubborn.exited).code).toBe(137);
  expect(Date.now() - asked).toBeGreaterThan(800);
});
