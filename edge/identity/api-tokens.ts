// The token that programs call a workspace with: one at a time, shown to its admins, rotated by them. It never enters the log.
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { KeyValue } from '../../domain/log/log.ts';
import { equal, type Tokens } from './tokens.ts';

/** What is kept of a workspace's token. */
const record = z.object({
  /** SHA-256 of the token, hex: what a caller's token is compared with. */
  hash: z.string().length(64),
  /** The token, sealed with this installation's secret, so that its admins can be shown it again. */
  sealed: z.string().max(500),
  /** ISO 8601. */
  since: z.string(),
  /** Grows with each new token: what was signed on the strength of an older one is worth nothing. */
  version: z.number().int().positive(),
  /** Hash of the API_TOKEN that was configured last: another one there replaces what is here. */
  configured: z.string().length(64).optional(),
});
type Record = z.infer<typeof record>;

/** Holder of the workspace's API token. */
export interface ApiPrincipal {
  readonly kind: 'api';
  readonly workspace: string;
  /** Whether it speaks as the system, not as the support team: whoever has a `system` token (seed 002). */
  readonly asSystem?: true;
}

export interface ShownToken {
  /** Undefined where it cannot be read any more: the installation's secret was changed since. It still works. */
  readonly token: string | undefined;
  readonly since: string;
}

/** Milliseconds for which an edge believes what it read: a rotated token ends everywhere within that time. */
const BELIEVED = 2_000;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** As long as the document's own example (seed 000). */
const LENGTH = 32;

export interface ApiTokensParts {
  readonly secrets: KeyValue;
  readonly tokens: Tokens;
  readonly random: (bytes: number) => Uint8Array;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export class ApiTokens {
  readonly #parts: ApiTokensParts;
  readonly #owners = new LRUCache<string, { workspace: string | undefined }>({ max: 10_000, ttl: BELIEVED });
  readonly #records = new LRUCache<string, { record: Record | undefined }>({ max: 10_000, ttl: BELIEVED });

  constructor(parts: ApiTokensParts) {
    this.#parts = parts;
  }

  /** Whose token that is; undefined where it is nobody's, or no longer. */
  async find(token: string): Promise<ApiPrincipal | undefined> {
    const hash = hashOf(token);
    const workspace = await this.#ownerOf(hash);
    const current = workspace === undefined ? undefined : await this.#recordOf(workspace);
    return workspace !== undefined && current && equal(current.hash, hash)
      ? { kind: 'api', workspace }
      : undefined;
  }

  /** The version of a workspace's token; 0 where it has none. */
  async version(workspace: string): Promise<number> {
    return (await this.#recordOf(workspace))?.version ?? 0;
  }

  /** The token as its admins are shown it; undefined where there is none yet. */
  async show(workspace: string): Promise<ShownToken | undefined> {
    const found = await this.#read(workspace);
    return found && { token: this.#open(workspace, found.record.sealed), since: found.record.since };
  }

  /** Makes a new token; the old one is worth nothing from then on. */
  async rotate(workspace: string): Promise<ShownToken> {
    const token = Array.from(this.#parts.random(LENGTH * 2))
      // Bytes past the last whole round of letters would make some letters likelier.
      .filter((byte) => byte < 248)
      .slice(0, LENGTH)
      .map((byte) => LETTERS[byte % LETTERS.length])
      .join('');
    const { since } = await this.#replace(workspace, token, (before) => before?.configured);
    return { token, since };
  }

  /** Takes over the configured token, unless it was taken over before and rotated since. */
  async configure(workspace: string, token: string): Promise<void> {
    const hash = hashOf(token);
    const found = await this.#read(workspace);
    if (found?.record.configured === hash) return;
    await this.#replace(workspace, token, () => hash);
  }

  async #replace(
    workspace: string,
    token: string,
    configured: (before: Record | undefined) => string | undefined,
  ): Promise<Record> {
    const { secrets, now } = this.#parts;
    const hash = hashOf(token);
    await secrets.put(ownerKey(hash), Buffer.from(workspace));
    for (;;) {
      const found = await this.#read(workspace);
      const next: Record = {
        hash,
        sealed: this.#seal(workspace, token),
        since: new Date(now()).toISOString(),
        version: (found?.record.version ?? 0) + 1,
        configured: configured(found?.record),
      };
      const bytes = Buffer.from(JSON.stringify(next));
      const stored = found
        ? await secrets.update(recordKey(workspace), bytes, found.revision)
        : await secrets.create(recordKey(workspace), bytes);
      // Two admins at once: the later one's token is the one that counts.
      if (!stored) continue;
      this.#owners.delete(hash);
      this.#records.delete(workspace);
      if (found && found.record.hash !== hash) await secrets.delete(ownerKey(found.record.hash));
      return next;
    }
  }

  async #ownerOf(hash: string): Promise<string | undefined> {
    const known = this.#owners.get(hash);
    if (known) return known.workspace;
    const found = await this.#parts.secrets.get(ownerKey(hash));
    const workspace = found && Buffer.from(found.value).toString();
    this.#owners.set(hash, { workspace });
    return workspace;
  }

  async #recordOf(workspace: string): Promise<Record | undefined> {
    const known = this.#records.get(workspace);
    if (known) return known.record;
    const found = await this.#read(workspace);
    this.#records.set(workspace, { record: found?.record });
    return found?.record;
  }

  async #read(workspace: string): Promise<{ record: Record; revision: number } | undefined> {
    const found = await this.#parts.secrets.get(recordKey(workspace));
    if (!found) return undefined;
    return {
      record: record.parse(JSON.parse(Buffer.from(found.value).toString())),
      revision: found.revision,
    };
  }

  #key(workspace: string): Buffer {
    const { tokens } = this.#parts;
    return Buffer.concat([tokens.derive('api-token 1', workspace), tokens.derive('api-token 2', workspace)]);
  }

  #seal(workspace: string, token: string): string {
    const nonce = this.#parts.random(12);
    const cipher = createCipheriv('aes-256-gcm', this.#key(workspace), nonce);
    const sealed = Buffer.concat([cipher.update(token, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
  }

  #open(workspace: string, sealed: string): string | undefined {
    const bytes = Buffer.from(sealed, 'base64url');
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key(workspace), bytes.subarray(0, 12));
      decipher.setAuthTag(bytes.subarray(12, 28));
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
    } catch {
      // Sealed with a secret that is no longer ours: it can be compared still, but not shown.
      return undefined;
    }
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

const ownerKey = (hash: string): string => `api-token.${hash}`;
const recordKey = (workspace: string): string => `api-token-of.${workspace}`;
