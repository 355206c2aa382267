// The agent whom a visitor had last: of the same conversation, else of an earlier one under the same e-mail address.
import { type ReadModels, ReadModelsDown } from '../../../projections/read-models.ts';
import type { LiveConversation } from '../live/live-conversations.ts';

export interface LastAgentsParts {
  readonly readModels: Pick<ReadModels, 'live'>;
  /** Hears that one was looked up in that workspace, or not found in time. */
  readonly onKnown: (workspace: string) => void;
  readonly onFault: (fault: unknown) => void;
}

/** Conversations remembered at once. */
const MOST = 50_000;
/** Milliseconds that a conversation is held back for a look at the lists. */
const WITHIN = 500;

export class LastAgents {
  readonly #parts: LastAgentsParts;
  /** By conversation; null: none is known. */
  readonly #known = new Map<string, string | null | 'looking'>();

  constructor(parts: LastAgentsParts) {
    this.#parts = parts;
  }

  /** The public number; null: there is none; `looking`: it is known in a moment. */
  of({ address, state }: LiveConversation): string | null | 'looking' {
    if (state.lastAgent) return state.lastAgent.id;
    const { email } = state.visitor;
    if (email === undefined) return null;
    const known = this.#known.get(address.id);
    if (known !== undefined || this.#known.size >= MOST) return known ?? null;
    this.#known.set(address.id, 'looking');
    void this.#lookUp(address.workspace, address.id, email);
    return 'looking';
  }

  forget(conversation: string): void {
    this.#known.delete(conversation);
  }

  async #lookUp(workspace: string, conversation: string, email: string): Promise<void> {
    const { readModels, onKnown, onFault } = this.#parts;
    const settle = (agent: string | null) => {
      clearTimeout(timer);
      if (this.#known.get(conversation) !== 'looking') return;
      this.#known.set(conversation, agent);
      onKnown(workspace);
    };
    const timer = setTimeout(() => settle(null), WITHIN).unref();
    try {
      settle((await readModels.live.findLastAgent({ workspace, conversation, email })) ?? null);
    } catch (fault) {
      if (!(fault instanceof ReadModelsDown)) onFault(fault);
      settle(null);
    }
  }
}
