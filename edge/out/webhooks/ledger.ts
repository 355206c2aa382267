// Writes down what became of a webhook's messages: several outcomes in one commit, each commit until it is stored.
import { system } from '../../../domain/actor.ts';
import { isRefusal } from '../../../domain/decider.ts';
import type { Aggregates } from '../../../domain/log/aggregates.ts';
import type { Address } from '../../../domain/log/subjects.ts';
import type {
  Deliveries,
  DeliveriesEvent,
  DeliveriesRequest,
  Outcome,
} from '../../../domain/workspace/deliveries.ts';
import type { Heads } from '../../../domain/workspace/webhook.ts';

export type DeliveryAggregates = Aggregates<Deliveries, DeliveriesRequest, DeliveriesEvent>;

export interface LedgerParts {
  readonly records: DeliveryAggregates;
  readonly address: Address;
  readonly newCommand: () => string;
  /** What was looked through, and which of it is owed and not written down yet; both of the same moment. */
  readonly standing: () => { readonly upTo: Heads; readonly owed: readonly number[] };
  /** Told that these are written down as owed. */
  readonly onOwed: (positions: readonly number[]) => void;
  /** Told that writing works again. */
  readonly onMended: () => void;
  readonly onFault: (fault: unknown) => void;
}

/** Milliseconds for which outcomes are gathered. */
const GATHERED = 50;
/** Outcomes of one commit. */
const MOST = 200;
/** Milliseconds between two tries of a commit. */
const RETRY = 500;

export class Ledger {
  readonly #parts: LedgerParts;
  #outcomes: Outcome[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #stuck = false;
  #closed = false;
  /** What was looked through, as written down last. */
  recorded: Heads = {};

  constructor(parts: LedgerParts) {
    this.#parts = parts;
  }

  /** Whether the last commit could not be stored: nothing more should be sent until it is. */
  get stuck(): boolean {
    return this.#stuck;
  }

  note(outcome: Outcome): void {
    this.#outcomes.push(outcome);
    this.#timer ??= setTimeout(() => void this.flush(), GATHERED);
  }

  /** Writes down what there is, and how far was looked. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
      if (this.#outcomes.length > 0 && !this.#closed) this.#timer ??= setTimeout(() => void this.flush(), 0);
    });
    return this.#writing;
  }

  /** Writes down the rest, tried once more where that is not possible. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
    if (this.#outcomes.length > 0) await this.flush();
  }

  async #write(): Promise<void> {
    const { records, address, newCommand, standing, onOwed, onMended, onFault } = this.#parts;
    const outcomes = this.#outcomes.splice(0, MOST);
    const { upTo, owed } = standing();
    const ask = {
      type: 'RecordDeliveries' as const,
      data: { known: this.recorded, upTo, owed, outcomes },
      actor: system,
      // The same at every try: stored once, whatever was heard of it.
      command: newCommand(),
    };
    for (;;) {
      const done = await records.handle(address, ask).catch(onFault);
      if (done && !isRefusal(done)) break;
      this.#stuck = true;
      if (this.#closed) return;
      await new Promise((resolve) => setTimeout(resolve, RETRY));
    }
    this.recorded = furthest(this.recorded, upTo);
    onOwed(owed);
    if (!this.#stuck) return;
    this.#stuck = false;
    onMended();
  }
}

function furthest(one: Heads, other: Heads): Heads {
  const shards = [...Object.keys(one), ...Object.keys(other)];
  return Object.fromEntries(shards.map((shard) => [shard, Math.max(one[shard] ?? 0, other[shard] ?? 0)]));
}
