// The agents with sockets at this edge, and which of them have shown no sign of activity for too long.
import type { Present, PresentAgents } from './presence.ts';

/** An agent's socket. */
export interface Connected {
  /** Its person did something just now. */
  active(): void;
  /** It is gone. */
  left(): void;
}

export interface ConnectedAgentsParts {
  /** Minutes after which agents of that workspace are away; null: never. */
  readonly awayAfter: (workspace: string) => number | null;
  /** Somebody of that workspace came, went, is away or is back. */
  readonly onChange: (workspace: string) => void;
}

interface Socket {
  /** By `performance.now()`. */
  activeAt: number;
}

interface Agent {
  readonly sockets: Set<Socket>;
  away: boolean;
}

const MINUTE = 60_000;

export class ConnectedAgents {
  readonly #parts: ConnectedAgentsParts;
  readonly #agents = new Map<string, Map<number, Agent>>();

  constructor(parts: ConnectedAgentsParts) {
    this.#parts = parts;
  }

  /** Everybody with a socket here, as of the last look, and of every sign of activity since. */
  get present(): Present {
    return new Map([...this.#agents.keys()].map((workspace) => [workspace, this.of(workspace)]));
  }

  /** Those of one workspace. */
  of(workspace: string): PresentAgents {
    return new Map(
      [...(this.#agents.get(workspace) ?? [])].map(([number, { away }]) => [
        number,
        away ? 'away' : 'active',
      ]),
    );
  }

  /** A socket was opened, which is a sign of activity. */
  came(workspace: string, number: number): Connected {
    const all = this.#agents.get(workspace) ?? new Map<number, Agent>();
    this.#agents.set(workspace, all);
    const agent = all.get(number) ?? { sockets: new Set(), away: true };
    all.set(number, agent);
    const socket: Socket = { activeAt: 0 };
    agent.sockets.add(socket);
    const active = () => {
      if (!agent.sockets.has(socket)) return;
      socket.activeAt = performance.now();
      if (!agent.away) return;
      agent.away = false;
      this.#parts.onChange(workspace);
    };
    active();
    return { active, left: () => this.#left(workspace, number, agent, socket) };
  }

  /** Judges anew who is away. */
  look(): void {
    for (const [workspace, all] of this.#agents) {
      const minutes = this.#parts.awayAfter(workspace);
      const idleSince = minutes === null ? Number.NEGATIVE_INFINITY : performance.now() - minutes * MINUTE;
      let changed = false;
      for (const agent of all.values()) changed = judge(agent, idleSince) || changed;
      if (changed) this.#parts.onChange(workspace);
    }
  }

  clear(): void {
    this.#agents.clear();
  }

  #left(workspace: string, number: number, agent: Agent, socket: Socket): void {
    if (!agent.sockets.delete(socket)) return;
    const all = this.#agents.get(workspace);
    if (agent.sockets.size > 0 || all?.get(number) !== agent) return;
    all.delete(number);
    if (all.size === 0) this.#agents.delete(workspace);
    this.#parts.onChange(workspace);
  }
}

/** Whether it changed. Away is whose sockets have all been idle since that moment. */
function judge(agent: Agent, idleSince: number): boolean {
  const away = ![...agent.sockets].some(({ activeAt }) => activeAt > idleSince);
  const changed = away !== agent.away;
  agent.away = away;
  return changed;
}
