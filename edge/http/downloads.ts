// Files on their way out: a few at a time, for their store shares its connection with the log, and never more than clients read.
import { Readable } from 'node:stream';
import { type Refusal, refuse } from '../../domain/decider.ts';
import { Slots } from '../../domain/slots.ts';
import { unread } from './exchange.ts';

/** Files read from the store at once, and how many may wait for their turn. */
const AT_ONCE = 3;
const MOST_WAITING = 200;
/** Bytes of answers that clients may have left unread, all together. */
const MOST_UNREAD = 256 * 1024 * 1024;
const SLICE = 64 * 1024;

type Opened = Uint8Array | undefined;

export class Downloads {
  readonly #reading = new Map<string, Promise<Opened>>();
  readonly #slots = new Slots(AT_ONCE);

  /** What `open` answers, called once for all who ask for `name` meanwhile. Refused as `busy` where too much is asked for. */
  read(name: string, open: () => Promise<Opened>): Promise<Opened | Refusal> {
    if (unread.bytes > MOST_UNREAD) return Promise.resolve(refuse('busy'));
    const known = this.#reading.get(name);
    if (known) return known;
    if (this.#slots.waiting >= MOST_WAITING) return Promise.resolve(refuse('busy'));
    const reading = this.#slots.run(open).finally(() => this.#reading.delete(name));
    this.#reading.set(name, reading);
    return reading;
  }
}

/** The bytes slice by slice as they are read: many answers may share them, and none has a copy of its own. */
export function inSlices(bytes: Uint8Array): Readable {
  let from = 0;
  return new Readable({
    highWaterMark: SLICE,
    read() {
      const slice = bytes.subarray(from, from + SLICE);
      from += slice.length;
      this.push(slice.length > 0 ? slice : null);
    },
  });
}
