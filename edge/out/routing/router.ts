// The routing of all workspaces: hears what happens in conversations, who comes and goes, what admins change, and has each workspace's office look.

import { LogUnreachable } from '../../../domain/log/log-unreachable.ts';
import type { Subjects } from '../../../domain/log/subjects.ts';
import type { ReadModels } from '../../../projections/read-models.ts';
import type { Conversations } from '../../chat/conversations.ts';
import type { Online } from '../../chat/online.ts';
import type { Ownership, RoutingAggregates } from '../../chat/ownership.ts';
import type { Directory } from '../../identity/directory.ts';
import type { LiveConversations } from '../live/live-conversations.ts';
import { Absences } from './absences.ts';
import { LastAgents } from './last-agents.ts';
import { Office } from './office.ts';

export interface RouterParts {
  readonly live: LiveConversations;
  readonly routing: RoutingAggregates;
  readonly ownership: Ownership;
  readonly conversations: Conversations;
  readonly subjects: Subjects;
  readonly directory: Directory;
  readonly online: Pick<Online, 'agents' | 'available' | 'onChange' | 'ready'>;
  readonly readModels: Pick<ReadModels, 'live'>;
  /** A new UUIDv7. */
  readonly newCommand: () => string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly onFault: (fault: unknown) => void;
  /** Milliseconds that an agent may be without a connection before their conversations go back; 20,000 by default. */
  readonly grace?: number;
}

/** A page that is loaded anew, or a change of networks, is over by then. */
const GRACE = 20_000;
/** Milliseconds between two comparisons of all places with their conversations. */
const AUDIT_EVERY = 10_000;

export class Router {
  readonly #parts: RouterParts;
  readonly #offices = new Map<string, Office>();
  readonly #absences: Absences;
  readonly #lastAgents: LastAgents;
  readonly #stop: (() => void)[] = [];
  #auditing: Promise<void> | undefined;
  #closed = false;

  constructor(parts: RouterParts) {
    this.#parts = parts;
    this.#absences = new Absences({ ...parts, grace: parts.grace ?? GRACE });
    this.#lastAgents = new LastAgents({
      ...parts,
      onKnown: (workspace) => this.#offices.get(workspace)?.look(),
    });
    // Who is not known to be there yet would be missed, and others given theirs.
    void Promise.all([parts.live.ready, parts.online.ready]).then(() => this.#begin());
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const stop of this.#stop) stop();
    await this.#auditing;
    await Promise.all([...this.#offices.values()].map((office) => office.close()));
  }

  #begin(): void {
    if (this.#closed) return;
    const { live, online, directory } = this.#parts;
    const look = (workspace: string) => this.#offices.get(workspace)?.look();
    const timer = setInterval(() => this.#audit(), AUDIT_EVERY).unref();
    this.#stop.push(
      () => clearInterval(timer),
      live.onChange((each) => this.#office(each.address.workspace).hear(each)),
      online.onChange(look),
      directory.onChange(({ workspace }) => look(workspace)),
    );
    for (const each of live.all()) this.#office(each.address.workspace).hear(each);
    this.#audit();
  }

  #audit(): void {
    this.#auditing ??= this.#auditAll().finally(() => {
      this.#auditing = undefined;
    });
  }

  async #auditAll(): Promise<void> {
    for (const office of [...this.#offices.values()]) {
      if (this.#closed) return;
      try {
        await office.audit();
      } catch (fault) {
        if (!(fault instanceof LogUnreachable)) this.#parts.onFault(fault);
      }
    }
  }

  #office(workspace: string): Office {
    const known = this.#offices.get(workspace);
    if (known) return known;
    const office = new Office({
      ...this.#parts,
      workspace,
      absences: this.#absences,
      lastAgents: this.#lastAgents,
    });
    this.#offices.set(workspace, office);
    return office;
  }
}
