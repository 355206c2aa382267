// Who a Socket.IO client of the support document is: what it brings in the handshake is looked up before it hears anything.
import type { Socket } from 'socket.io';
import { z } from 'zod';
import type { Edge } from '../../../context.ts';
import type { ApiPrincipal, Guest, UserPrincipal } from '../../../identity/principals.ts';
import { RequestLimit } from '../../../identity/request-limit.ts';
import { TokenGuesses } from '../../../identity/token-guesses.ts';
import { mayBeSigned } from '../../../identity/tokens.ts';
import { explain } from '../../../refusals.ts';
import { NOT_LET_IN } from '../not-let-in.ts';

const MAX_SECRET = 4_096;

/** What a client brings in the handshake's `auth`. */
const brought = z.object({
  token: z.string().max(MAX_SECRET).nullish(),
  apiKey: z.string().max(MAX_SECRET).nullish(),
  visitorToken: z.string().max(MAX_SECRET).nullish(),
});

/** Who was let in, and with what. */
export interface Admitted {
  readonly caller: UserPrincipal | ApiPrincipal | Guest;
  readonly token: string;
  readonly visitorToken: string | undefined;
}

export class SupportAdmission {
  readonly #edge: Edge;
  /** Counts with HTTP's, on all edges: a token is guessed no oftener for being guessed here. */
  readonly #limit: RequestLimit;
  readonly #guesses: TokenGuesses;

  constructor(edge: Edge) {
    this.#edge = edge;
    this.#limit = new RequestLimit(edge.now, edge.storage.signals);
    this.#guesses = new TokenGuesses(this.#limit, edge.settings.rateLimits === 'on');
  }

  /** Whom to let in, or in words why not. */
  async admit({ conn, handshake }: Socket): Promise<Admitted | string> {
    const { principals, apiTokens, visitors } = this.#edge;
    const { headers, auth } = handshake;
    const { data } = brought.safeParse(auth);
    if (!data) return NOT_LET_IN.invalid;
    const bearer = (data.token ?? headers.authorization ?? '').replace(/^bearer +/i, '').trim();
    const header = headers['x-api-key'];
    const key = data.apiKey ?? (typeof header === 'string' ? header : '');
    const token = bearer || key;
    if (token === '') return NOT_LET_IN.missing;
    if (token.length > MAX_SECRET) return NOT_LET_IN.invalid;
    const visitorToken = data.visitorToken ?? undefined;
    if (bearer !== '' && mayBeSigned(bearer)) {
      const caller = await principals.bearer(bearer);
      return caller ? { caller, token, visitorToken } : NOT_LET_IN.invalid;
    }
    const text = (name: string) => {
      const value = headers[name];
      return typeof value === 'string' ? value : undefined;
    };
    const { ip } = visitors.arrived(conn.remoteAddress, text);
    const judged = await this.#guesses.judge(ip, () => apiTokens.find(token));
    if ('tooMany' in judged) return explain('too-many-requests').message;
    return judged.found ? { caller: judged.found, token, visitorToken } : NOT_LET_IN.invalid;
  }

  close(): void {
    this.#limit.close();
  }
}
