// Does what is due: keeps the next moment of every conversation, sends its command when that comes, and learns the next one from the answer.
import { system } from '../../../domain/actor.ts';
import { isRefusal } from '../../../domain/decider.ts';
import type { Signals } from '../../../domain/log/log.ts';
import { LogUnreachable } from '../../../domain/log/log-unreachable.ts';
import type { Subjects } from '../../../domain/log/subjects.ts';
import { nextTimer, noTimers, type Timer } from '../../../domain/policies/timers.ts';
import { Slots } from '../../../domain/slots.ts';
import { type ReadModels, ReadModelsDown } from '../../../projections/read-models.ts';
import type { Conversations } from '../../chat/conversations.ts';
import type { Directory } from '../../identity/directory.ts';
import type { LiveConversation, LiveConversations } from '../live/live-conversations.ts';
import { timerCommand } from './commands.ts';
import { DueHeap } from './due-heap.ts';
import { PATIENCE, type Patience, untilQuiet } from './visitor-typing.ts';

export interface TimersParts {
  readonly live: Pick<LiveConversations, 'all' | 'onChange' | 'ready'>;
  readonly conversations: Pick<Conversations, 'handle'>;
  readonly directory: Pick<Directory, 'workspace' | 'onChange'>;
  /** Those that have ended and still have a reminder. */
  readonly readModels: { readonly live: Pick<ReadModels['live'], 'findReminded'> };
  readonly subjects: Subjects;
  readonly signals: Signals;
  /** A new UUIDv7. */
  readonly newCommand: () => string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly onFault: (fault: unknown) => void;
  readonly patience?: Patience;
}

/** Milliseconds between two looks at the clock at most: it may have been set. */
const NAP = 1_000;
/** Milliseconds until what could not be done is tried again. */
const RETRY = 5_000;
/** Commands under way at once, and conversations whose timer is being carried out, which also means listened to. */
const AT_ONCE = 32;
const MOST_FIRING = 1_000;
/** Ended conversations with reminders that are read at once. */
const PAGE = 1_000;

/**
 * Of any number of these, in any number of processes, each timer fires once: the decider sees to that.
 * What is kept here is only when to ask it, and is found anew from the conversations after a restart.
 */
export class Timers {
  readonly #parts: TimersParts;
  readonly #stop = new AbortController();
  /** Conversations in which something will be due. */
  readonly #known = new Map<string, LiveConversation>();
  readonly #due = new DueHeap();
  /** Being carried out; their next moment is looked for when that is over. */
  readonly #firing = new Map<string, Promise<void>>();
  /** Those that could not be carried out, with when to try again, by `performance.now()`; in that order. */
  readonly #held = new Map<string, number>();
  /** Ends for those visitors who are listened to. */
  readonly #listening = new Set<() => void>();
  readonly #slots = new Slots(AT_ONCE);
  readonly #leave: (() => void)[];
  readonly #beginning: Promise<void>;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: TimersParts) {
    this.#parts = parts;
    const { live, directory } = parts;
    this.#leave = [
      live.onChange((changed) => this.#take(changed)),
      directory.onChange(({ kind, workspace }) => kind === 'settings' && this.#takeAll(workspace)),
    ];
    this.#beginning = this.#begin();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    for (const leave of this.#leave) leave();
    clearTimeout(this.#timer);
    for (const end of this.#listening) end();
    await Promise.all([this.#beginning, ...this.#firing.values()]);
    clearTimeout(this.#timer);
  }

  async #begin(): Promise<void> {
    const { live } = this.#parts;
    const ended = new Promise<void>((resolve) =>
      this.#stop.signal.addEventListener('abort', () => resolve(), { once: true }),
    );
    await Promise.race([live.ready, ended]);
    this.#takeAll();
    for (let taken = false; !taken && !this.#stop.signal.aborted; ) {
      try {
        await this.#takeReminded();
        taken = true;
      } catch (fault) {
        if (!(fault instanceof ReadModelsDown)) this.#parts.onFault(fault);
        await Promise.race([new Promise((resolve) => setTimeout(resolve, RETRY).unref()), ended]);
      }
    }
  }

  async #takeReminded(): Promise<void> {
    const { readModels, subjects } = this.#parts;
    let after: { workspace: string; conversation: string } | undefined;
    while (!this.#stop.signal.aborted) {
      const rows = await readModels.live.findReminded({ after, most: PAGE });
      for (const { workspace, conversation, version, state } of rows) {
        const address = subjects.conversation(workspace, conversation);
        this.#take({ address, version, state: { ...state, attachments: {} } });
      }
      after = rows.at(-1);
      if (rows.length < PAGE) return;
    }
  }

  /** Looks at all of a workspace, or of all, under the rules as they are now. */
  #takeAll(workspace?: string): void {
    for (const live of this.#parts.live.all())
      if (workspace === undefined || live.address.workspace === workspace)
        this.#take(this.#known.get(live.address.subject) ?? live);
  }

  #take(live: LiveConversation): void {
    const { subject } = live.address;
    const known = this.#known.get(subject);
    if (known && known.version > live.version) return;
    const timer = this.#timerOf(live);
    if (timer) this.#known.set(subject, live);
    else this.#known.delete(subject);
    this.#place(subject, timer);
  }

  #place(subject: string, timer: Timer | undefined): void {
    if (this.#stop.signal.aborted) return;
    if (!timer) {
      this.#due.delete(subject);
      this.#held.delete(subject);
    } else if (!this.#firing.has(subject) && !this.#held.has(subject)) {
      const before = this.#due.first()?.at ?? Number.POSITIVE_INFINITY;
      this.#due.set(subject, timer.at);
      if (timer.at < before) this.#arm();
    }
  }

  #timerOf({ address, state }: LiveConversation): Timer | undefined {
    return nextTimer(state, this.#rulesOf(address.workspace));
  }

  #rulesOf(workspace: string) {
    return this.#parts.directory.workspace(workspace)?.settings ?? noTimers;
  }

  /** Sleeps until the next is due, but never so long that a clock that was set would go unseen. */
  #arm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const next = this.#due.first();
    if (this.#stop.signal.aborted || (!next && this.#held.size === 0)) return;
    // Whatever ends makes room, and looks again.
    const wait = next && this.#firing.size < MOST_FIRING ? next.at - this.#parts.now() : NAP;
    this.#timer = setTimeout(() => this.#look(), Math.min(Math.max(wait, 0), NAP));
  }

  #look(): void {
    for (const [subject, until] of this.#held) {
      if (until > performance.now()) break;
      this.#held.delete(subject);
      this.#again(subject);
    }
    const now = this.#parts.now();
    for (
      let next = this.#due.first();
      next && next.at <= now && this.#firing.size < MOST_FIRING;
      next = this.#due.first()
    )
      this.#begins(next.key);
    this.#arm();
  }

  #begins(subject: string): void {
    this.#due.delete(subject);
    const firing = this.#fire(subject)
      .catch((fault: unknown) => {
        this.#hold(subject);
        // While the log is away nothing can be done; it is tried again.
        if (!(fault instanceof LogUnreachable)) this.#parts.onFault(fault);
      })
      .finally(() => {
        this.#firing.delete(subject);
        this.#again(subject);
      });
    this.#firing.set(subject, firing);
  }

  #again(subject: string): void {
    const known = this.#known.get(subject);
    if (known) this.#place(subject, this.#timerOf(known));
    this.#arm();
  }

  #hold(subject: string): void {
    // Set anew, so that the order stays that of the moments.
    this.#held.delete(subject);
    this.#held.set(subject, performance.now() + RETRY);
  }

  async #fire(subject: string): Promise<void> {
    const { signals, patience = PATIENCE } = this.#parts;
    const known = this.#known.get(subject);
    if (known && this.#timerOf(known)?.kind === 'idle-close')
      await untilQuiet(signals, known.address, this.#listening, patience);
    if (!this.#stop.signal.aborted) await this.#slots.run(() => this.#send(subject));
  }

  async #send(subject: string): Promise<void> {
    const { conversations, newCommand, now } = this.#parts;
    // As it is by now: somebody may have written while this waited.
    const known = this.#known.get(subject);
    const timer = known && this.#timerOf(known);
    if (!timer || timer.at > now() || this.#stop.signal.aborted) return;
    const { address, state } = known;
    const outcome = await conversations.handle(address, {
      ...timerCommand(timer, state, this.#rulesOf(address.workspace)),
      actor: system,
      command: newCommand(),
    });
    if (isRefusal(outcome)) {
      if (outcome.refused === 'conversation-not-found') this.#known.delete(subject);
      else this.#hold(subject);
      return;
    }
    this.#take({ address, state: outcome.state, version: outcome.version });
    // Whoever decided has an earlier clock than this one: asking at once would bring the same answer.
    const next = this.#known.get(subject);
    if (outcome.unchanged && next && (this.#timerOf(next)?.at ?? 0) <= now()) this.#hold(subject);
  }
}
