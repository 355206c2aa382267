// Conversation ids are unique in the whole installation, for some dialects name no workspace: who may use an id, and whose it is.
import { z } from 'zod';
import { workspaceId, workspaceOf } from '../ids.ts';
import type { KeyValue, Log } from './log.ts';

/** How long a reservation holds without a first commit, in milliseconds. */
const HOLDS_MS = 60_000;

/** How often a lost race for one id is run again before it counts as taken. */
const TRIES = 5;

const reservation = z.object({ workspace: workspaceId, at: z.number() });
type Reservation = z.infer<typeof reservation>;

export type Reserved = 'reserved' | { readonly takenBy: string };

export class Reservations {
  readonly #log: Pick<Log, 'subjects' | 'last'>;
  readonly #bucket: KeyValue;

  constructor({ log, bucket }: { log: Pick<Log, 'subjects' | 'last'>; bucket: KeyValue }) {
    this.#log = log;
    this.#bucket = bucket;
  }

  /**
   * Takes an id for a workspace before its first commit, at `now` (milliseconds since 1970); the same
   * workspace may ask again. A reservation of another one gives way after 60 s without a commit. An id
   * that looks like one of our making is only good for the workspace it carries.
   */
  async reserve(conversation: string, workspace: string, now: number): Promise<Reserved> {
    const carried = workspaceOf(conversation);
    if (carried !== undefined) return carried === workspace ? 'reserved' : { takenBy: carried };
    const key = keyOf(conversation);
    const mine = new TextEncoder().encode(JSON.stringify({ workspace, at: now } satisfies Reservation));
    let takenBy = '';
    for (let tries = 0; tries < TRIES; tries++) {
      if (await this.#bucket.create(key, mine)) return 'reserved';
      const entry = await this.#bucket.get(key);
      if (!entry) continue;
      const held = read(entry.value);
      if (held.workspace === workspace) {
        // Half of its time over: renewed, so that it cannot be taken over between this answer and the commit.
        const renewed =
          now - held.at < HOLDS_MS / 2 || (await this.#bucket.update(key, mine, entry.revision));
        if (renewed) return 'reserved';
        continue;
      }
      takenBy = held.workspace;
      if (now - held.at < HOLDS_MS || (await this.#hasCommit(held.workspace, conversation)))
        return { takenBy };
      if (await this.#bucket.update(key, mine, entry.revision)) return 'reserved';
    }
    return { takenBy };
  }

  /** The workspace that an id belongs to; undefined where nobody ever reserved it. */
  async find(conversation: string): Promise<string | undefined> {
    const carried = workspaceOf(conversation);
    if (carried !== undefined) return carried;
    const entry = await this.#bucket.get(keyOf(conversation));
    return entry && read(entry.value).workspace;
  }

  async #hasCommit(workspace: string, conversation: string): Promise<boolean> {
    return (
      (await this.#log.last(this.#log.subjects.conversation(workspace, conversation), true)) !== undefined
    );
  }
}

const keyOf = (conversation: string): string => `conversation.${conversation}`;

function read(value: Uint8Array): Reservation {
  return reservation.parse(JSON.parse(new TextDecoder().decode(value)));
}
