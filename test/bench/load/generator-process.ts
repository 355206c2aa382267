// The load generator as the bench sees it: orders go out, answers come back, one at a time.
import type { ChildProcess } from 'node:child_process';
import { ended, type Programs } from '../programs.ts';
import type { Answer, Order } from './orders.ts';

type AnswerTo<O extends Order> = Extract<Answer, { done: O['order'] }>;

export class GeneratorProcess {
  readonly #child: ChildProcess;

  constructor(programs: Programs) {
    this.#child = programs.start('generator');
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Throws where the generator could not do it. */
  tell<O extends Order>(order: O): Promise<AnswerTo<O>> {
    return new Promise((resolve, reject) => {
      const onExit = (code: number | null) => reject(new Error(`the load generator ended with ${code}`));
      this.#child.once('exit', onExit);
      this.#child.once('message', (answer: Answer) => {
        this.#child.off('exit', onExit);
        if ('failed' in answer) reject(new Error(answer.failed));
        else resolve(answer as AnswerTo<O>); // It answers each order with its own word.
      });
      this.#child.send(order);
    });
  }

  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await ended(this.#child);
  }
}
