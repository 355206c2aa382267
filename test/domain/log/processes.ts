// Processes on one log in memory: what tests of the command loop ask, hold up, and look at afterwards.
import { v7 } from 'uuid';
import type { ConversationRequest } from '../../../domain/conversation/commands.ts';
import type { Conversation } from '../../../domain/conversation/conversation.ts';
import { conversation } from '../../../domain/conversation/decide.ts';
import type { ConversationEvent } from '../../../domain/conversation/events.ts';
import { isRefusal } from '../../../domain/decider.ts';
import {
  Aggregates,
  type AggregatesOptions,
  type Ask,
  type Done,
  type Outcome,
} from '../../../domain/log/aggregates.ts';
import type { RecordedEvent, StoredCommit } from '../../../domain/log/commit.ts';
import type { Log } from '../../../domain/log/log.ts';
import { type MemoryStorage, memoryStorage } from '../../../domain/log/memory.ts';
import { Snapshots } from '../../../domain/log/snapshots.ts';
import type { Address } from '../../../domain/log/subjects.ts';
import { NOON } from '../../given.ts';
import { say, start } from '../conversation-words.ts';

type Options = Partial<AggregatesOptions<Conversation, ConversationRequest, ConversationEvent>>;
export type Command = Ask<ConversationRequest>;

/** A process: its own connection to the servers, its own memory. */
export interface Process {
  readonly storage: MemoryStorage;
  readonly aggregates: Aggregates<Conversation, ConversationRequest, ConversationEvent>;
  ask(command: Command, where?: Address): Promise<Outcome<Conversation>>;
  /** Like `ask`, for what must be carried out. */
  done(command: Command, where?: Address): Promise<Done<Conversation>>;
}

export interface ProcessOptions extends Options {
  /** Whether it writes and reads snapshots. */
  readonly snapshotted?: boolean;
}

export const WORKSPACE = 'wabcdefghijkl';

/** A process on servers of its own, or on another one's. */
export function process(beside?: Process, { snapshotted = false, ...options }: ProcessOptions = {}): Process {
  const storage = memoryStorage(beside ? { servers: beside.storage.servers } : {});
  const aggregates = new Aggregates({
    log: storage.log,
    decider: conversation,
    now: () => Date.parse(NOON),
    ...(snapshotted ? { snapshots: new Snapshots<Conversation>(storage.snapshots) } : {}),
    ...options,
  });
  const here = storage.log.subjects.conversation(WORKSPACE, 'chat-1');
  const ask = (command: Command, where = here) => aggregates.handle(where, command);
  const done = async (command: Command, where = here) => {
    const outcome = await ask(command, where);
    if (isRefusal(outcome)) throw new Error(`was refused: ${outcome.refused}`);
    return outcome;
  };
  return { storage, aggregates, ask, done };
}

/** The conversation that tests talk in. */
export const chat = ({ storage }: Process, id = 'chat-1'): Address =>
  storage.log.subjects.conversation(WORKSPACE, id);

/** Gives a request the id of a command of its own. */
export const command = <Request extends object>(
  request: Request,
  id = v7(),
): Request & { command: string } => ({
  ...request,
  command: id,
});
export const starting = (): Command => command(start);
export const saying = (text: string): Command => command(say(text));

/** Every commit of a conversation. */
export async function commitsOf(process: Process, where = chat(process)): Promise<StoredCommit[]> {
  const commits: StoredCommit[] = [];
  for await (const commit of process.storage.log.read(where, 0)) commits.push(commit);
  return commits;
}

/** Every event of a conversation. */
export async function eventsOf(process: Process, where = chat(process)): Promise<RecordedEvent[]> {
  return (await commitsOf(process, where)).flatMap((commit) => commit.events());
}

/** The texts said, in the log's order. */
export async function textsOf(process: Process, where = chat(process)): Promise<string[]> {
  return (await eventsOf(process, where))
    .filter((event) => event.type === 'MessagePosted')
    .map((event) => (event.data as { text: string }).text);
}

/** Holds every append of a process up until released. */
export function holdAppends({ storage }: Process): { readonly held: () => number; release(): void } {
  const log: Log = storage.log;
  const append = log.append.bind(log);
  let release: () => void = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let held = 0;
  log.append = async (...args) => {
    held += 1;
    await released;
    return append(...args);
  };
  return {
    held: () => held,
    release() {
      log.append = append;
      release();
    },
  };
}

/** Counts the histories that a process reads from then on, by where each begins. */
export function watchReads({ storage }: Process): readonly number[] {
  const log: Log = storage.log;
  const read = log.read.bind(log);
  const begun: number[] = [];
  log.read = (address, after) => {
    begun.push(after);
    return read(address, after);
  };
  return begun;
}

/** Waits until something is so. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries++) {
    if (tries > 2_000) throw new Error('has not come about');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
