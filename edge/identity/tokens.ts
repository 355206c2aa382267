// Signed tokens: who a caller says to be, and since when that counts. Rights are looked up live, never read from a token.
import { createHmac, timingSafeEqual, type webcrypto } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { conversationId, workspaceId } from '../../domain/ids.ts';

const claims = z.discriminatedUnion('kind', [
  /** A user of a workspace. `tv`: the user's token version at signing. `key`: that of the API token it was given for, where it was. */
  z.object({
    kind: z.literal('user'),
    sub: z.string().regex(/^\d{1,16}$/),
    ws: workspaceId,
    tv: z.number().int(),
    key: z.number().int().optional(),
  }),
  /** The visitor of one conversation. */
  z.object({ kind: z.literal('visitor'), sub: conversationId, ws: workspaceId }),
  /** Somebody who asked for a token (seed 002) and says to be `sub`, which nothing proves. `jti` tells one token from another. */
  z.object({
    kind: z.literal('guest'),
    sub: z.string().min(1).max(128),
    ws: workspaceId,
    jti: z.string().max(64),
  }),
  /** A program that has shown the workspace's API token. `tv`: that token's version. */
  z.object({
    kind: z.literal('api'),
    sub: z.string().min(1).max(128),
    ws: workspaceId,
    tv: z.number().int(),
  }),
]);
export type Claims = z.infer<typeof claims>;

const ISSUER = 'natter';
/** Tokens found genuine that are remembered, and the characters that they may have together. */
const KEPT = 20_000;
const KEPT_CHARACTERS = 16 * 1024 * 1024;
const SECOND = 1_000;

interface Genuine {
  readonly claims: Claims;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/** Signs and reads tokens with HS256, as the documents' own examples show. */
export class Tokens {
  /** Imported once: given the bytes, each signature and each look at one would import them anew. */
  readonly #key: Promise<webcrypto.CryptoKey>;
  readonly #secret: string;
  readonly #days: Readonly<Record<Claims['kind'], number>>;
  /** A signature stays right; whether its user still is who they were is looked up elsewhere, each time. */
  readonly #genuine = new LRUCache<string, Genuine>({
    max: KEPT,
    maxSize: KEPT_CHARACTERS,
    sizeCalculation: (_claims, token) => token.length,
  });
  /** Days that a token of the support dialect lasts. */
  readonly supportDays: number;

  /** `userDays`: how long a user's token lasts (7, seed 004); `supportDays`: a guest's and a program's (30, seed 002). A visitor's lasts 180. */
  constructor(secret: string, options: { userDays?: number; supportDays?: number } = {}) {
    this.#secret = secret;
    this.#key = crypto.subtle.importKey(
      'raw',
      new TextEncoder().encode(secret),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['sign', 'verify'],
    );
    const { userDays = 7, supportDays = 30 } = options;
    this.supportDays = supportDays;
    this.#days = { user: userDays, visitor: 180, guest: supportDays, api: supportDays };
  }

  /** Signs claims; the token is good for `days`. */
  async sign(of: Claims, days = this.#days[of.kind]): Promise<string> {
    const { sub, ...rest } = of;
    return new SignJWT({ ...rest })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setSubject(sub)
      .setIssuer(ISSUER)
      .setIssuedAt()
      .setExpirationTime(`${days}d`)
      .sign(await this.#key);
  }

  /** The claims of a token that is genuine and not expired; undefined for any other string. */
  async read(token: string): Promise<Claims | undefined> {
    const known = this.#genuine.get(token);
    if (known) return known.expires > Date.now() ? known.claims : undefined;
    try {
      const { payload } = await jwtVerify(token, await this.#key, { algorithms: ['HS256'], issuer: ISSUER });
      const read = claims.safeParse(payload);
      if (!read.success) return undefined;
      if (payload.exp !== undefined)
        this.#genuine.set(token, { claims: read.data, expires: payload.exp * SECOND });
      return read.data;
    } catch {
      // Whatever is wrong with a token, the caller is told the same: it is not valid.
      return undefined;
    }
  }

  /** A seal over short text for links: 160 bits in base64url. `purpose` keeps seals of different uses apart. */
  seal(purpose: string, text: string): string {
    return createHmac('sha256', this.#secret)
      .update(`${purpose}\n${text}`)
      .digest()
      .subarray(0, 20)
      .toString('base64url');
  }

  /** Bytes that only this installation can derive from the text: 16 of them. */
  derive(purpose: string, text: string): Uint8Array {
    return createHmac('sha256', this.#secret).update(`derive ${purpose}\n${text}`).digest().subarray(0, 16);
  }

  /** Whether the seal is right, in constant time. */
  sealed(purpose: string, text: string, seal: string): boolean {
    return equal(seal, this.seal(purpose, text));
  }
}

/** Whether a token may be one that we signed; everything else can only be an API token. */
export function mayBeSigned(token: string): boolean {
  return token.split('.').length === 3;
}

/** Compares two strings in a time that does not tell where they differ. */
export function equal(left: string, right: string): boolean {
  const a = Buffer.from(left);
  const b = Buffer.from(right);
  return a.length === b.length && timingSafeEqual(a, b);
}
