// What the bench tells its load generator, and what it hears back: the words between two processes.
import type { Outcome } from './ledger.ts';
import type { AgentSeat, VisitorSeat } from './line.ts';
import type { Stretch } from './pacing.ts';

export type DialectName = 'native' | 'socket.io' | 'socket.io-client';

export type Order =
  /** Connect, as so many a second at most. Sockets of earlier orders stay. */
  | {
      readonly order: 'connect';
      readonly dialect: DialectName;
      readonly url: string;
      readonly visitors: readonly VisitorSeat[];
      readonly agents: readonly AgentSeat[];
    }
  /** Send over all visitors in turn; `drainSeconds`: how long nothing may come before the rest counts as lost. */
  | ({ readonly order: 'send'; readonly drainSeconds: number } & Stretch)
  | { readonly order: 'disconnect' };

export type Answer =
  | { readonly done: 'connect'; readonly sockets: number }
  | {
      readonly done: 'send';
      readonly outcome: Outcome;
      readonly closed: number;
      readonly firstTrouble?: string;
    }
  | { readonly done: 'disconnect' }
  | { readonly failed: string };
