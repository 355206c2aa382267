// Disposable snapshots of folds, so that a long conversation is not read from its beginning each time it is cold.
import type { Frozen } from './folded.ts';
import type { KeyValue } from './log.ts';
import type { Address } from './subjects.ts';

/** Raised whenever a state's shape changes: older snapshots are then passed over. */
const SHAPE = 7;
/** Bytes a snapshot may take; larger folds are read from the log. */
const MAX_BYTES = 512 * 1024;

export class Snapshots<State> {
  readonly #bucket: KeyValue;

  constructor(bucket: KeyValue) {
    this.#bucket = bucket;
  }

  readonly shape = SHAPE;

  /** The snapshot of an aggregate, if there is a readable one. */
  async load(address: Address): Promise<Frozen<State> | undefined> {
    const entry = await this.#bucket.get(keyOf(address));
    if (!entry) return undefined;
    const frozen = parsed<State>(entry.value);
    return frozen?.shape === SHAPE ? frozen : undefined;
  }

  async save(address: Address, frozen: Frozen<State>): Promise<void> {
    const bytes = new TextEncoder().encode(JSON.stringify(frozen));
    if (bytes.length > MAX_BYTES) return;
    // A newer value leaves the older one's bytes on the disk, and an erasure would no longer find them; a deletion overwrites.
    await this.drop(address);
    await this.#bucket.put(keyOf(address), bytes);
  }

  async drop(address: Address): Promise<void> {
    await this.#bucket.delete(keyOf(address));
  }
}

/** Undefined for what is no JSON: a damaged snapshot is passed over like an old one, for the log has it all. */
function parsed<State>(bytes: Uint8Array): Frozen<State> | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Frozen<State>;
  } catch {
    return undefined;
  }
}

function keyOf(address: Address): string {
  return `${address.workspace}.${address.kind}.${address.id}`;
}
