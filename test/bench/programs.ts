// Bundles the bench's own programs and starts each as a process of its own, at the priority of any program.
import { type ChildProcess, fork } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

/** The bench's programs, each by its source in this folder. */
const SOURCES = {
  generator: 'load/generator.ts',
  peer: 'peer/server.ts',
  'plain-http': 'peer/plain-http.ts',
};

export class Programs {
  readonly #dir: string;

  private constructor(dir: string) {
    this.#dir = dir;
  }

  /** Bundles them beside the packages they use. */
  static async bundled(root: string): Promise<Programs> {
    const dir = join(root, 'node_modules', `.natter-bench-${process.pid}`);
    await mkdir(dir, { recursive: true });
    await build({
      entryPoints: Object.fromEntries(
        Object.entries(SOURCES).map(([name, source]) => [name, join(root, 'test', 'bench', source)]),
      ),
      outdir: dir,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      packages: 'external',
      outExtension: { '.js': '.mjs' },
      logLevel: 'silent',
    });
    return new Programs(dir);
  }

  start(name: keyof typeof SOURCES, env: NodeJS.ProcessEnv = {}): ChildProcess {
    return fork(join(this.#dir, `${name}.mjs`), [], {
      env: { ...process.env, ...env },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
  }

  async remove(): Promise<void> {
    await rm(this.#dir, { recursive: true, force: true });
  }
}

/** Waits until a child process has ended, asking it first where `signal`. */
export function ended(child: ChildProcess, signal?: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    if (signal) child.kill(signal);
  });
}
