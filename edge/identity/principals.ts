// Who is calling: every door turns what it was given (token, id) into one of these before anything else.
import { type Actor, system } from '../../domain/actor.ts';
import type { Role } from '../../domain/workspace/values.ts';
import type { ApiPrincipal, ApiTokens } from './api-tokens.ts';
import type { Directory, KnownUser } from './directory.ts';
import { type Claims, mayBeSigned, type Tokens } from './tokens.ts';

/** A user of a workspace, looked up live. */
export interface UserPrincipal {
  readonly kind: 'user';
  readonly workspace: string;
  readonly user: KnownUser;
  /** Version of the API token for which their token was given; undefined where they signed in themselves. */
  readonly key?: number;
}

/** Whoever may speak as the visitor of one conversation. `proven`: by visitor token, not by the id alone. */
export interface VisitorPrincipal {
  readonly kind: 'visitor';
  readonly workspace: string;
  readonly conversation: string;
  readonly proven: boolean;
}

export type { ApiPrincipal };

export type Principal = UserPrincipal | VisitorPrincipal | ApiPrincipal;

/** Holder of a token that anybody gets for the asking: no rights, but a workspace and a name that nothing proves. */
export interface Guest {
  readonly kind: 'guest';
  readonly workspace: string;
  /** Who they say to be. */
  readonly userId: string;
  /** What tells this token from others, for limits. */
  readonly token: string;
}

/** Resolves tokens to principals against the live directory. */
export class Principals {
  readonly #tokens: Tokens;
  readonly #directory: Directory;
  readonly #apiTokens: ApiTokens;

  constructor(tokens: Tokens, directory: Directory, apiTokens: ApiTokens) {
    this.#tokens = tokens;
    this.#directory = directory;
    this.#apiTokens = apiTokens;
  }

  /** Whoever a bearer token stands for, whatever its kind; undefined where it is forged, expired or revoked. */
  async bearer(token: string): Promise<UserPrincipal | ApiPrincipal | Guest | undefined> {
    if (!mayBeSigned(token)) return this.#apiTokens.find(token);
    const claims = await this.#tokens.read(token);
    switch (claims?.kind) {
      case 'user':
        return this.#userOf(claims);
      case 'guest':
        return { kind: 'guest', workspace: claims.ws, userId: claims.sub, token: claims.jti };
      case 'api':
        return (await this.#apiTokens.version(claims.ws)) === claims.tv
          ? { kind: 'api', workspace: claims.ws, asSystem: true }
          : undefined;
      case 'visitor':
      case undefined:
        return undefined;
    }
  }

  /** The user of a bearer token; undefined where it is forged, expired, revoked, or its user gone. */
  async user(token: string): Promise<UserPrincipal | undefined> {
    const claims = await this.#tokens.read(token);
    return claims?.kind === 'user' ? this.#userOf(claims) : undefined;
  }

  async #userOf({ ws, sub, tv, key }: Extract<Claims, { kind: 'user' }>): Promise<UserPrincipal | undefined> {
    const known = this.#directory.user(ws, sub);
    if (known?.tokenVersion !== tv) return undefined;
    const principal: UserPrincipal = { kind: 'user', workspace: ws, user: known, key };
    return (await this.keyHolds(principal)) ? principal : undefined;
  }

  /** Whether the API token for which a user's token was given is the workspace's still: a key that leaked leaves nothing behind. */
  async keyHolds({ workspace, key }: UserPrincipal): Promise<boolean> {
    return key === undefined || (await this.#apiTokens.version(workspace)) === key;
  }

  /** The visitor of a visitor token for that conversation. */
  async visitor(token: string, conversation: string): Promise<VisitorPrincipal | undefined> {
    const claims = await this.#tokens.read(token);
    if (claims?.kind !== 'visitor' || claims.sub !== conversation) return undefined;
    return { kind: 'visitor', workspace: claims.ws, conversation, proven: true };
  }

  /** Whether a user principal still holds: nothing that ended its tokens has happened since. */
  stillHolds(principal: UserPrincipal): boolean {
    const known = this.#directory.anyUser(principal.user.number);
    return known !== undefined && known.tokenVersion === principal.user.tokenVersion;
  }
}

/** The role in which a principal asks: whoever holds the API token is as good as an admin. */
export function roleOf(principal: Principal): Role | 'visitor' {
  switch (principal.kind) {
    case 'user':
      return principal.user.profile.role;
    case 'visitor':
      return 'visitor';
    case 'api':
      return 'admin';
  }
}

/** The actor that a principal acts as in the log. */
export function actorOf(principal: Principal): Actor {
  switch (principal.kind) {
    case 'user':
      return { kind: 'agent', id: String(principal.user.number) };
    case 'visitor':
      return { kind: 'visitor' };
    case 'api':
      return principal.asSystem ? system : { kind: 'api' };
  }
}
