// A worker's timers for tests: real conversations on a log in memory, a clock that is set by hand, and rules that change.
import { v7 } from 'uuid';
import type { ConversationEvent } from '../../../../domain/conversation/events.ts';
import type { RecordedEvent } from '../../../../domain/log/commit.ts';
import type { Address } from '../../../../domain/log/subjects.ts';
import { noTimers, type TimerRules } from '../../../../domain/policies/timers.ts';
import { settingsDefaults } from '../../../../domain/workspace/values.ts';
import type { Change, KnownWorkspace } from '../../../../edge/identity/directory.ts';
import { isLive, LiveConversations } from '../../../../edge/out/live/live-conversations.ts';
import { Timers } from '../../../../edge/out/timers/timers.ts';
import type { LiveRow } from '../../../../projections/models/live-queries.ts';
import {
  type Command,
  chat,
  eventsOf,
  type Process,
  process,
  WORKSPACE,
} from '../../../domain/log/processes.ts';
import { NOON } from '../../../given.ts';

/** A clock that only goes where it is put. */
export class Clock {
  at = Date.parse(NOON);
  readonly now = (): number => this.at;

  /** Puts it so many minutes on, or back. */
  pass(minutes: number): void {
    this.at += minutes * 60_000;
  }

  in(minutes: number): string {
    return new Date(this.at + minutes * 60_000).toISOString();
  }
}

/** The settings of the one workspace there is. */
export class Rules {
  #settings = { ...settingsDefaults, name: 'Acme' };
  readonly #listeners = new Set<(change: Change) => void>();

  constructor(rules: Partial<TimerRules> = {}) {
    this.#settings = { ...this.#settings, ...noTimers, ...rules };
  }

  change(rules: Partial<TimerRules>): void {
    this.#settings = { ...this.#settings, ...rules };
    for (const listener of this.#listeners)
      listener({ kind: 'settings', workspace: WORKSPACE, id: WORKSPACE });
  }

  workspace(id: string): KnownWorkspace | undefined {
    return id === WORKSPACE ? { id, number: 1, settings: this.#settings } : undefined;
  }

  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

export interface Worker {
  readonly process: Process;
  readonly faults: unknown[];
  /** Every command that its timers sent. */
  readonly sent: string[];
  stop(): Promise<void>;
}

/** The servers that all workers and people of a test share. */
export class Town {
  readonly clock = new Clock();
  readonly rules: Rules;
  readonly people: Process;
  readonly #chats = new Set<string>();
  readonly #workers: Worker[] = [];

  constructor(rules: Partial<TimerRules> = {}) {
    this.rules = new Rules(rules);
    this.people = process(undefined, { now: this.clock.now });
  }

  /** Somebody says or does something. */
  async does(command: Omit<Command, 'command'>, id = 'chat-1'): Promise<void> {
    this.#chats.add(id);
    await this.people.done({ ...command, command: v7() } as Command, chat(this.people, id));
  }

  async types(id = 'chat-1'): Promise<ConversationEvent['type'][]> {
    return (await this.events(id)).map(({ type }) => type as ConversationEvent['type']);
  }

  async events(id = 'chat-1'): Promise<RecordedEvent[]> {
    return eventsOf(this.people, chat(this.people, id));
  }

  /** How many events of that type there are. */
  async count(type: ConversationEvent['type'], id = 'chat-1'): Promise<number> {
    return (await this.types(id)).filter((each) => each === type).length;
  }

  /** Starts a worker; it knows what is under way from the log, as the inbox would tell it. */
  async worker(now = this.clock.now): Promise<Worker> {
    const own = process(this.people, { now: this.clock.now });
    const { log, signals } = own.storage;
    const faults: unknown[] = [];
    const sent: string[] = [];
    const onFault = (fault: unknown) => void faults.push(fault);
    const findLive = async () => (await this.#rows()).filter(({ state }) => isLive(state as never));
    const findReminded = async () =>
      (await this.#rows()).filter(({ state }) => state.status === 'closed' && state.reminder);
    const live = new LiveConversations({
      log,
      conversations: own.aggregates,
      readModels: { live: { findLive }, freshness: { waitFor: async () => 'fresh' as const } },
      onFault,
    });
    const handle = async (address: Address, command: Command) => {
      sent.push(command.type);
      return own.aggregates.handle(address, command);
    };
    const timers = new Timers({
      live,
      conversations: { handle },
      directory: this.rules,
      readModels: { live: { findReminded } },
      subjects: log.subjects,
      signals,
      newCommand: () => v7(),
      now,
      onFault,
      patience: { listen: 100, pause: 700, most: 10_000 },
    });
    await live.ready;
    const worker: Worker = {
      process: own,
      faults,
      sent,
      stop: async () => {
        await Promise.all([timers.close(), live.close()]);
      },
    };
    this.#workers.push(worker);
    return worker;
  }

  async close(): Promise<unknown[]> {
    await Promise.all(this.#workers.map((worker) => worker.stop()));
    return this.#workers.flatMap(({ faults }) => faults);
  }

  async #rows(): Promise<LiveRow[]> {
    return Promise.all(
      [...this.#chats].map(async (conversation) => {
        const { state, version } = await this.people.aggregates.load(chat(this.people, conversation));
        return { workspace: WORKSPACE, conversation, version, state };
      }),
    );
  }
}
