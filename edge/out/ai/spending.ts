// How many tokens the AI of each workspace has used today (UTC): a counter beside the log, since its loss costs nothing but a fresh limit.
import type { KeyValue } from '../../../domain/log/log.ts';

/** Tries of one addition, while other workers add as well. */
const TRIES = 50;
const PREFIX = 'ai-tokens';

export class Spending {
  readonly #bucket: KeyValue;
  /** Milliseconds since 1970. */
  readonly #now: () => number;

  constructor(bucket: KeyValue, now: () => number) {
    this.#bucket = bucket;
    this.#now = now;
  }

  /** Tokens that were added today. */
  async today(workspace: string): Promise<number> {
    return read((await this.#bucket.get(this.#key(workspace)))?.value);
  }

  /** Adds what an answer took, whether or not it was of use. Throws where so many add at once that it cannot be written. */
  async add(workspace: string, tokens: number): Promise<void> {
    if (tokens <= 0) return;
    const key = this.#key(workspace);
    for (let tries = 0; tries < TRIES; tries++) {
      const found = await this.#bucket.get(key);
      const bytes = Buffer.from(String(read(found?.value) + tokens));
      const written = found
        ? await this.#bucket.update(key, bytes, found.revision)
        : await this.#bucket.create(key, bytes);
      if (!written) continue;
      if (!found) await this.#forgetOtherDays(workspace, key);
      return;
    }
    throw new Error(`the tokens of ${workspace} could not be counted: too many count at once`);
  }

  async #forgetOtherDays(workspace: string, today: string): Promise<void> {
    for await (const key of this.#bucket.keys(`${PREFIX}.${workspace}.*`))
      if (key !== today) await this.#bucket.delete(key);
  }

  #key(workspace: string): string {
    return `${PREFIX}.${workspace}.${new Date(this.#now()).toISOString().slice(0, 10)}`;
  }
}

function read(value: Uint8Array | undefined): number {
  const tokens = value === undefined ? 0 : Number(Buffer.from(value).toString());
  return Number.isSafeInteger(tokens) && tokens > 0 ? tokens : 0;
}
