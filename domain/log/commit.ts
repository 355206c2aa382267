// A commit: the unit that is stored, whole or not at all. Encoding, bounds, and the door through which old shapes come in.
import type { Actor } from '../actor.ts';
import type { Placed } from '../decider.ts';
import { MAX_EVENTS, positionOf } from './position.ts';
import type { Address } from './subjects.ts';
import { upcast } from './upcast.ts';

/** Bytes one commit may hold. */
export const MAX_COMMIT_BYTES = 256 * 1024;

/** An event as stored: what happened, who did it, by which command, because of what. */
export interface StoredEvent {
  readonly type: string;
  readonly data: unknown;
  readonly actor: Actor;
  /** UUIDv7 of the command that brought it about. */
  readonly command: string;
  /** What led to the command, where something did: an event's position, a request's id. */
  readonly cause?: string;
}

export interface Commit {
  /** Version of the first event; versions count 1, 2, 3 … per aggregate. */
  readonly version: number;
  /** ISO 8601; never goes back within an aggregate. */
  readonly at: string;
  readonly events: readonly StoredEvent[];
}

/** An event with its place, as folds, projections and sockets see it. */
export interface RecordedEvent extends StoredEvent {
  readonly version: number;
  readonly position: number;
  readonly at: string;
}

/**
 * The event as its domain knows it, for whoever knows of which kind the aggregate is. The one place
 * where that is taken for granted: the log gives back what the domain put in, brought up to today's shapes.
 */
export function factOf<Fact>(event: RecordedEvent): Fact & Placed {
  return event as unknown as Fact & Placed;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Spells one event; a commit is packed from spelled events, so that each is spelled once. */
export const encodeEvent = (event: StoredEvent): string => JSON.stringify(event);

/** Bytes that a spelled event can take at most: UTF-8 needs up to three for one UTF-16 unit. */
export const weigh = (spelled: string): number => spelled.length * 3 + 1;

/** Spells a commit of spelled events. Throws past the bounds: the caller packs commits so that they fit. */
export function encodeCommit(version: number, at: string, spelled: readonly string[]): Uint8Array {
  if (spelled.length < 1 || spelled.length > MAX_EVENTS)
    throw new Error(`a commit holds 1 to ${MAX_EVENTS} events, not ${spelled.length}`);
  const bytes = encoder.encode(
    `{"version":${version},"at":${JSON.stringify(at)},"events":[${spelled.join(',')}]}`,
  );
  if (bytes.length > MAX_COMMIT_BYTES)
    throw new Error(`a commit holds at most ${MAX_COMMIT_BYTES} bytes, not ${bytes.length}`);
  return bytes;
}

/** Reads a commit back, old shapes brought up to today's. */
export function decodeCommit(bytes: Uint8Array): Commit {
  const commit = JSON.parse(decoder.decode(bytes)) as Commit;
  return { version: commit.version, at: commit.at, events: commit.events.map(upcast) };
}

/** A commit in the log, decoded when first looked into: most live copies are dropped by their sequence alone. */
export class StoredCommit {
  readonly address: Address;
  readonly sequence: number;
  readonly #bytes: Uint8Array;
  #commit: Commit | undefined;

  constructor(address: Address, sequence: number, bytes: Uint8Array, commit?: Commit) {
    this.address = address;
    this.sequence = sequence;
    this.#bytes = bytes;
    this.#commit = commit;
  }

  get bytes(): number {
    return this.#bytes.length;
  }

  get commit(): Commit {
    this.#commit ??= decodeCommit(this.#bytes);
    return this.#commit;
  }

  /** Version of the last event. */
  get lastVersion(): number {
    return this.commit.version + this.commit.events.length - 1;
  }

  /** The events with their versions and positions. */
  events(): RecordedEvent[] {
    const { version, at, events } = this.commit;
    // Field by field: copying whole objects is the dearest step of a replay.
    return events.map(({ type, data, actor, command, cause }, index) => ({
      type,
      data,
      actor,
      command,
      cause,
      version: version + index,
      position: positionOf(this.address, this.sequence, index),
      at,
    }));
  }
}
