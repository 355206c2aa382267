// The frame of every program: settings at the door, one word to the supervisor when ready, a clean end.
import pino from 'pino';
import { readSettings, type Settings } from './settings.ts';

/** What a program may tell the person who started everything, once it is ready. */
export interface Summary {
  /** Who can sign in where, e.g. `{where: 'Agent console', email, password}`. */
  signIns?: { where: string; email: string; password: string }[];
  /** Further lines, e.g. a set-up code. */
  notes?: string[];
}

/** What a started program is to its frame. */
export interface Program {
  /** Ends it cleanly: stop taking work, finish, close connections. The frame waits at most 15 s. */
  stop(): Promise<void>;
  summary?: Summary;
}

/** What a child tells its supervisor, once. */
export type ChildMessage = { ready: true; summary?: Summary } | { failed: string };

/** Thrown by a program's start when it cannot work for a reason that a person can mend: one sentence. */
export class CannotStart extends Error {}

const graceMs = 15_000;

/**
 * Runs a program to its end. It ends by SIGTERM, SIGINT, or when its supervisor is gone. A `CannotStart` is
 * told in one sentence, any other fault is logged; both give exit code 1.
 */
export async function runProgram(
  name: string,
  start: (settings: Settings, log: pino.Logger) => Promise<Program>,
): Promise<void> {
  const outcome = readSettings(process.env);
  if (!outcome.ok) return fail(outcome.problem);
  const log = pino({ name, level: outcome.settings.logLevel, base: { name, pid: process.pid } });
  process.on('uncaughtException', (error) => crash(log, error));
  process.on('unhandledRejection', (error) => crash(log, error));

  let program: Program | undefined;
  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(1), graceMs).unref();
    // A program that is still starting has taken no work yet.
    (program?.stop() ?? Promise.resolve()).then(
      () => process.exit(0),
      (error) => crash(log, error),
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  process.on('disconnect', end);

  try {
    program = await start(outcome.settings, log);
  } catch (error) {
    if (error instanceof CannotStart) return fail(error.message);
    log.fatal({ err: error }, 'could not start');
    return fail(`${name} could not start: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (ending) {
    await program.stop();
    process.exit(0);
  }
  await tell({ ready: true, summary: program.summary });
}

async function fail(sentence: string): Promise<void> {
  if (process.send) await tell({ failed: sentence });
  else process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

function crash(log: pino.Logger, error: unknown): void {
  log.fatal({ err: error }, 'ended by a fault');
  log.flush();
  process.exit(1);
}

function tell(message: ChildMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send && process.connected) process.send(message, () => resolve());
    else resolve();
  });
}
