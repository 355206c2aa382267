// Shows what the AI is doing while it does it: that it types, and what it has written so far, not oftener than eyes can follow.
import type { Signals } from '../../../domain/log/log.ts';
import type { Address } from '../../../domain/log/subjects.ts';
import { sayAiText, sayTyping } from '../../chat/signals.ts';

/** Milliseconds between two words of one answer: the first goes at once. */
const TOGETHER = 40;
/** A word of typing fades; it is said again before it does. */
const TYPING_EVERY = 2_500;
/** As the widget document calls it. */
const NAME = 'AI Assistant';

export class Telling {
  readonly #signals: Signals;
  readonly #address: Address;
  readonly #answers: number;
  readonly #typing: ReturnType<typeof setInterval>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #text = '';
  #toldAt = -Infinity;
  #over = false;

  /** `answers`: the version of the visitor's message. */
  constructor(signals: Signals, address: Address, answers: number) {
    this.#signals = signals;
    this.#address = address;
    this.#answers = answers;
    this.#types(true);
    this.#typing = setInterval(() => this.#types(true), TYPING_EVERY).unref();
  }

  /** All that it has written so far. */
  wrote(text: string): void {
    if (this.#over) return;
    this.#text = text;
    const pause = this.#toldAt + TOGETHER - performance.now();
    if (pause <= 0) this.#tell();
    else this.#timer ??= setTimeout(() => this.#tell(), pause);
  }

  /** No more comes. */
  end(): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#typing);
    clearTimeout(this.#timer);
    this.#types(false);
    if (this.#toldAt > -Infinity) this.#say(true);
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#toldAt = performance.now();
    this.#say(false);
  }

  #say(done: boolean): void {
    const { workspace, id } = this.#address;
    sayAiText(this.#signals, workspace, id, { answers: this.#answers, text: this.#text, done });
  }

  #types(isTyping: boolean): void {
    const { workspace, id } = this.#address;
    sayTyping(this.#signals, workspace, id, { from: 'ai', name: NAME, isTyping });
  }
}
