// What the generator needs of a socket, whichever system it leads to.

/** Where a socket connects to, and as whom. */
export interface Door {
  /** `ws://host:port` */
  readonly url: string;
  /** Address of this machine to connect from; several, where the ports of one run short. */
  readonly from?: string;
}

export interface VisitorSeat {
  readonly conversation: string;
  readonly token: string;
}

export interface AgentSeat {
  /** The number or id that the system knows the agent by. */
  readonly id: string;
  readonly token: string;
  readonly conversations: readonly string[];
}

export interface Hearing {
  /** The text of a message that came in. */
  message(text: string): void;
  /** The system turned something down. */
  refused(why: string): void;
  /** The socket closed without being asked to. */
  closed(why: string): void;
}

export interface Line {
  /** Sends a message in the visitor's own conversation. */
  post(text: string): void;
  close(): void;
}

/** How to speak with one kind of system. Both promises settle once the socket hears what it asked for. */
export interface Dialect {
  visitor(door: Door, seat: VisitorSeat, hearing: Hearing): Promise<Line>;
  agent(door: Door, seat: AgentSeat, hearing: Hearing): Promise<Line>;
}
