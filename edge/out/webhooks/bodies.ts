// What the classic webhook says of a message (seed 000): built from the log as it was at that message, so that every try says the same.
import { LRUCache } from 'lru-cache';
import type { Conversation } from '../../../domain/conversation/conversation.ts';
import { conversation } from '../../../domain/conversation/decide.ts';
import type { ConversationEvent } from '../../../domain/conversation/events.ts';
import { factOf, type RecordedEvent, type StoredCommit } from '../../../domain/log/commit.ts';
import type { Log } from '../../../domain/log/log.ts';
import { placeOf } from '../../../domain/log/position.ts';
import type { Snapshots } from '../../../domain/log/snapshots.ts';
import { isDue } from '../../../domain/policies/webhooks.ts';
import { momentShape, sessionShape, type TokenSession } from '../../dialects/token/shapes.ts';
import type { KnownUser } from '../../identity/directory.ts';

/** The body of a delivery, field by field as seed 000 has it. */
interface ClassicBody {
  readonly session_data: readonly [TokenSession];
  readonly message_text: string;
}

/** A conversation as it was after a commit. */
interface Fold {
  readonly state: Conversation;
  readonly sequence: number;
}

/** Folds kept in memory. */
const KEPT = 1_000;
/** Below this version a history is read faster than its snapshot is looked for. */
const WORTH_A_SNAPSHOT = 64;

/** What an admin sends themselves to try the address out, in JSON. `at`: ISO 8601. */
export function trialBody({ number, profile }: KnownUser, at: string): string {
  const { username, fullName, email } = profile;
  const body: ClassicBody = {
    session_data: [
      {
        session_id: 'test',
        metadata: { user_id: String(number), user_name: fullName || username, user_email: email },
        updated_at: momentShape(at),
      },
    ],
    message_text: 'This is a test of the webhook.',
  };
  return JSON.stringify(body);
}

/** The document knows no files: a message that is nothing else is told by their names, for the script is not to take it for empty. */
function textOf({
  text,
  attachments,
}: Extract<ConversationEvent, { type: 'MessagePosted' }>['data']): string {
  return text.trim() === '' ? attachments.map(({ name }) => name).join('\n') : text;
}

export class Bodies {
  readonly #log: Log;
  readonly #snapshots: Snapshots<Conversation>;
  readonly #folds = new LRUCache<string, Fold>({ max: KEPT });

  constructor(log: Log, snapshots: Snapshots<Conversation>) {
    this.#log = log;
    this.#snapshots = snapshots;
  }

  /** The commit that holds the message at a position; undefined where it is not there, or no longer. */
  async commitAt(position: number): Promise<StoredCommit | undefined> {
    const { shard, sequence } = placeOf(position);
    const stream = this.#log.subjects
      .streams()
      .find((each) => each.family === 'chat' && each.shard === shard);
    return stream && this.#log.at(stream.name, sequence);
  }

  /** The body for a message, in JSON; undefined where it was erased. */
  async build(position: number): Promise<string | undefined> {
    const stored = await this.commitAt(position);
    const message = stored?.events().find((event) => event.position === position);
    if (!stored || !message) return undefined;
    const fact = factOf<ConversationEvent>(message);
    if (fact.type !== 'MessagePosted' || !isDue(fact)) return undefined;
    const { state } = await this.#stateAt(stored, message);
    const body: ClassicBody = {
      session_data: [sessionShape(stored.address.id, state)],
      message_text: textOf(fact.data),
    };
    return JSON.stringify(body);
  }

  /** The conversation right after an event. */
  async #stateAt(stored: StoredCommit, event: RecordedEvent): Promise<Fold> {
    const before = await this.#before(stored);
    const upTo = stored.events().filter(({ version }) => version <= event.version);
    const state = upTo.reduce(folded, before.state);
    const whole = event.version === stored.lastVersion;
    const fold = whole ? { state, sequence: stored.sequence } : before;
    this.#folds.set(stored.address.subject, fold);
    return { state, sequence: stored.sequence };
  }

  async #before({ address, sequence, commit }: StoredCommit): Promise<Fold> {
    let fold: Fold | undefined = this.#folds.get(address.subject);
    // Kept from a later message: an earlier one is folded anew.
    if (fold && fold.sequence >= sequence) fold = undefined;
    if (!fold && commit.version > WORTH_A_SNAPSHOT) {
      const frozen = await this.#snapshots.load(address);
      if (frozen && frozen.sequence < sequence) fold = frozen;
    }
    let { state, sequence: reached } = fold ?? { state: conversation.initial, sequence: 0 };
    for await (const earlier of this.#log.read(address, reached)) {
      if (earlier.sequence >= sequence) break;
      state = earlier.events().reduce(folded, state);
      reached = earlier.sequence;
    }
    return { state, sequence: reached };
  }
}

function folded(state: Conversation, event: RecordedEvent): Conversation {
  return conversation.evolve(state, factOf<ConversationEvent>(event));
}
