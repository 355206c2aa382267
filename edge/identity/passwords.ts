// Password hashes: Argon2id, kept beside the log, never in it.
import { hash, verify } from '@node-rs/argon2';
import type { KeyValue } from '../../domain/log/log.ts';

/** OWASP's first choice for Argon2id: 19 MiB, two passes. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** A hash of no password: signing in to an account that is not there takes as long as to one that is. */
const NOBODY = hash('no such account', COST);

export class Passwords {
  readonly #secrets: KeyValue;

  constructor(secrets: KeyValue) {
    this.#secrets = secrets;
  }

  async set(workspace: string, user: string, password: string): Promise<void> {
    await this.#secrets.put(keyOf(workspace, user), Buffer.from(await hash(password, COST)));
  }

  /** Whether it is that user's password. Takes as long for a user without one. */
  async matches(of: { workspace: string; id: string } | undefined, password: string): Promise<boolean> {
    const entry = of && (await this.#secrets.get(keyOf(of.workspace, of.id)));
    const right = await verify(entry ? Buffer.from(entry.value).toString() : await NOBODY, password);
    return right && entry !== undefined;
  }
}

function keyOf(workspace: string, user: string): string {
  return `password.${workspace}.${user}`;
}
