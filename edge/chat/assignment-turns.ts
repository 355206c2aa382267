// One edge at a time gives a workspace's conversations to agents.
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { KeyValue } from '../../domain/log/log.ts';

/** What is kept of a workspace's turn: who has it; nobody: free. */
const record = z.object({ holder: z.string().max(64).optional() });
type Record = z.infer<typeof record>;

/** Milliseconds between two looks at a turn that somebody has, until one gives up, and until one who shows no sign is believed dead. */
const LOOK_EVERY = 30;
const PATIENCE = 2_000;
const DEAD_AFTER = 8_000;
/** Milliseconds within which a turn is over, well before its holder is believed dead. */
const TURN_MS = 4_000;

export interface AssignmentTurn {
  /** False once the turn has taken so long that another may soon take it. */
  holds(): boolean;
  /** Gives it back. */
  end(): Promise<void>;
}

export class AssignmentTurns {
  readonly #leases: KeyValue;
  readonly #edge: string;
  /** Turns of others as they were first seen here, by workspace: a lease is as old as it has looked the same to this clock. */
  readonly #seen = new Map<string, { readonly revision: number; readonly since: number }>();

  /** `edge`: tells this process from all others. */
  constructor(leases: KeyValue, edge: string) {
    this.#leases = leases;
    this.#edge = edge;
  }

  /** The workspace's turn, or undefined where others have it for longer than one waits. */
  async take(workspace: string): Promise<AssignmentTurn | undefined> {
    const key = `assignment.${workspace}`;
    for (const began = performance.now(); performance.now() - began < PATIENCE; ) {
      const found = await this.#leases.get(key);
      const now = found && read(found.value);
      const since = performance.now();
      if (found && now?.holder !== undefined && !this.#isDead(workspace, found.revision)) {
        // Not all at the same moment.
        await sleep(LOOK_EVERY * (0.5 + Math.random()));
        continue;
      }
      const mine = write({ holder: this.#edge });
      const taken = found
        ? await this.#leases.update(key, mine, found.revision)
        : await this.#leases.create(key, mine);
      if (!taken) continue;
      this.#seen.delete(workspace);
      return {
        holds: () => performance.now() - since < TURN_MS,
        end: () => this.#end(key),
      };
    }
    return undefined;
  }

  /** Given back only by whoever has it still: one who was believed dead leaves it to the next. */
  async #end(key: string): Promise<void> {
    const found = await this.#leases.get(key);
    if (!found || read(found.value)?.holder !== this.#edge) return;
    await this.#leases.update(key, write({}), found.revision);
  }

  #isDead(workspace: string, revision: number): boolean {
    const seen = this.#seen.get(workspace);
    if (seen?.revision === revision) return performance.now() - seen.since > DEAD_AFTER;
    this.#seen.set(workspace, { revision, since: performance.now() });
    return false;
  }
}

/** Undefined for what cannot be read: a turn that nobody has. */
function read(value: Uint8Array): Record | undefined {
  try {
    return record.safeParse(JSON.parse(Buffer.from(value).toString())).data;
  } catch {
    // Damaged bytes are no lease of anybody's.
    return undefined;
  }
}

function write(now: Record): Uint8Array {
  return Buffer.from(JSON.stringify(now));
}
