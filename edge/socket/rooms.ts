// What an edge hears of whole workspaces while somebody of them is here: who types, and, for consoles, every conversation.
import type { StoredCommit } from '../../domain/log/commit.ts';
import type { Storage, Subscription } from '../../domain/log/log.ts';
import { LogUnreachable } from '../../domain/log/log-unreachable.ts';
import { type Address, signalsOf } from '../../domain/log/subjects.ts';
import type { Connected } from '../chat/connected-agents.ts';
import type { Online } from '../chat/online.ts';
import { signal } from '../chat/signals.ts';
import type { Channel } from './channel.ts';
import type { Hearer } from './hearer.ts';
import type { Hub } from './hub.ts';

export interface RoomsParts {
  readonly storage: Pick<Storage, 'log' | 'signals'>;
  readonly hub: Hub;
  readonly online: Online;
  readonly onFault: (fault: unknown) => void;
  /** A room's list changed: told at once for each commit, coalesced by whoever hears it. */
  readonly onChange: (room: Room, conversation: string) => void;
  /** Milliseconds that a room goes on hearing everything after the last who wanted to. */
  readonly lingerMs: number;
}

/** A socket that hears every conversation of its workspace, but those it silenced (`peer.notes`). */
export interface Overhearer {
  readonly peer: Hearer;
  readonly channel: Channel;
}

interface Seen {
  sequence: number;
  version: number;
  /** While what was missed is read from the log: the highest sequence heard of. 0: nothing is read. */
  awaited: number;
}

export class Room {
  readonly workspace: string;
  /** Sockets of agents, each as those who are online know it. */
  readonly agents = new Map<Hearer, Connected>();
  /** Consoles that want to know which conversations changed. */
  readonly watchers = new Set<Hearer>();
  readonly overhearers = new Set<Overhearer>();
  /** Sockets of any kind. */
  sockets = 0;
  signals: Subscription | undefined;
  /** Live copies of all its conversations. `covered`: they are heard for sure, so nobody needs copies of their own. */
  wide: Subscription | undefined;
  covered = false;
  widening: Promise<void> | undefined;
  /** Where each conversation stood when its commits were last told here. */
  readonly seen = new Map<string, Seen>();

  constructor(workspace: string) {
    this.workspace = workspace;
  }

  get wanted(): boolean {
    return this.watchers.size > 0 || this.overhearers.size > 0;
  }
}

/** Conversations per room of which is known what was told. */
const SEEN = 20_000;
/** Commits of a stream that are read again after a disturbance; more happen only while an edge was cut off for long. */
const READ_AGAIN = 500_000;
const CHECKPOINT_MS = 5_000;
/** How often a conversation is read for what was heard of, and milliseconds between the first two times. */
const READ_TRIES = 20;
const READ_PAUSE = 20;

export class Rooms {
  readonly #parts: RoomsParts;
  readonly #rooms = new Map<string, Room>();
  /** Per CHAT stream: everything up to this sequence was heard for sure. */
  #through = new Map<string, number>();
  #heads = new Map<string, number>();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #stopHearing: () => void;
  #recovering: Promise<void> | undefined;

  constructor(parts: RoomsParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => void this.#guard(this.#checkpoint()), CHECKPOINT_MS);
    this.#stopHearing = parts.storage.log.onDisturbance((what) => {
      if (what !== 'disconnected') void this.#guard(this.#recover());
    });
  }

  get(workspace: string): Room | undefined {
    return this.#rooms.get(workspace);
  }

  all(): Iterable<Room> {
    return this.#rooms.values();
  }

  /** A socket of the workspace came; `leave` takes it back. */
  enter(peer: Hearer, workspace: string): Room {
    const room = this.#rooms.get(workspace) ?? new Room(workspace);
    this.#rooms.set(workspace, room);
    room.signals ??= this.#hearSignals(workspace);
    room.sockets++;
    const { principal } = peer;
    if (principal?.kind === 'user')
      room.agents.set(peer, this.#parts.online.came(workspace, principal.user.number));
    return room;
  }

  leave(peer: Hearer, workspace: string): void {
    const room = this.#rooms.get(workspace);
    if (!room) return;
    room.sockets--;
    room.agents.get(peer)?.left();
    room.agents.delete(peer);
    room.watchers.delete(peer);
    for (const overhearer of room.overhearers)
      if (overhearer.peer === peer) room.overhearers.delete(overhearer);
    void this.settle(room);
    if (room.sockets > 0) return;
    room.signals?.close();
    room.signals = undefined;
    if (!room.wide) this.#rooms.delete(workspace);
  }

  /** Somebody did something at that socket: an agent is not away. */
  active(peer: Hearer): void {
    if (peer.principal) this.#rooms.get(peer.principal.workspace)?.agents.get(peer)?.active();
  }

  /** Makes a room hear everything, or nothing any more, as is wanted. Settles once it does. */
  async settle(room: Room): Promise<void> {
    if (room.wanted && !room.wide) room.widening = this.#guard(this.#widen(room));
    if (room.wanted) await room.widening;
    else if (room.wide) setTimeout(() => void this.#guard(this.#narrow(room)), this.#parts.lingerMs).unref();
  }

  /** Takes in a commit once, from wherever it was heard first. */
  note(stored: StoredCommit): void {
    const { address } = stored;
    const room = this.#rooms.get(address.workspace);
    if (!room?.wanted) return;
    const known = room.seen.get(address.id);
    if (known && stored.sequence <= known.sequence) return;
    if (known && known.awaited > 0) {
      known.awaited = Math.max(known.awaited, stored.sequence);
      return;
    }
    if (known && stored.commit.version > known.version + 1) {
      known.awaited = stored.sequence;
      void this.#guard(this.#readOn(room, address, known));
      return;
    }
    this.#tell(room, stored);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#stopHearing();
    for (const room of this.#rooms.values()) {
      room.signals?.close();
      room.wide?.close();
    }
    this.#rooms.clear();
  }

  #hearSignals(workspace: string): Subscription {
    const { storage, hub } = this.#parts;
    return storage.signals.subscribe(signalsOf(workspace), (payload, subject) => {
      const { data: told } = signal.safeParse(payload);
      const conversation = subject.slice(subject.lastIndexOf('.') + 1);
      if (told?.type === 'typing') hub.tellTyping(conversation, told);
      if (told?.type === 'presence') hub.tellPresence(conversation, told);
      if (told?.type === 'ai') hub.tellAiText(conversation, told);
    });
  }

  #tell(room: Room, stored: StoredCommit): void {
    const { address } = stored;
    const seen = room.seen.get(address.id) ?? { sequence: 0, version: 0, awaited: 0 };
    seen.sequence = stored.sequence;
    seen.version = stored.lastVersion;
    room.seen.delete(address.id);
    room.seen.set(address.id, seen);
    if (room.seen.size > SEEN) {
      const [oldest] = room.seen.keys();
      if (oldest !== undefined) room.seen.delete(oldest);
    }
    if (room.watchers.size > 0) this.#parts.onChange(room, address.id);
    if (room.overhearers.size === 0) return;
    for (const event of stored.events())
      this.#parts.hub.spread(
        room.overhearers,
        ({ peer, channel }) => (peer.notes?.has(address.id) ? undefined : channel),
        () => ({ address, event, previous: 0, commit: stored }),
      );
  }

  /** Tells what was missed, and what came meanwhile after it: each once, in order. */
  async #readOn(room: Room, address: Address, known: Seen): Promise<void> {
    try {
      for (let tries = 0; known.sequence < known.awaited && tries < READ_TRIES; tries++) {
        // Who serves the reading may lag behind who told of it.
        if (tries > 0) await new Promise((resolve) => setTimeout(resolve, READ_PAUSE * tries));
        for await (const missed of this.#parts.storage.log.read(address, known.sequence))
          if (missed.sequence > known.sequence) this.#tell(room, missed);
      }
    } finally {
      known.awaited = 0;
    }
  }

  async #widen(room: Room): Promise<void> {
    const { storage, hub } = this.#parts;
    room.wide = storage.log.live({ chatsOf: room.workspace }, (stored) => hub.follow.hear(stored, false));
    const { wide } = room;
    if (this.#through.size === 0) await this.#checkpoint(true);
    await wide.ready;
    if (room.wide !== wide) return;
    room.covered = true;
    await hub.follow.rewire(room.workspace);
  }

  async #narrow(room: Room): Promise<void> {
    const { wide } = room;
    if (room.wanted || !wide || !room.covered) return;
    room.covered = false;
    await this.#parts.hub.follow.rewire(room.workspace);
    if (room.wanted) {
      room.covered = true;
      await this.#parts.hub.follow.rewire(room.workspace);
      return;
    }
    wide.close();
    room.wide = undefined;
    room.seen.clear();
    if (room.sockets === 0 && this.#rooms.get(room.workspace) === room) this.#rooms.delete(room.workspace);
  }

  /** What was stored before the last checkpoint has been heard by now, unless something was disturbed. */
  async #checkpoint(first = false): Promise<void> {
    if (!first && ![...this.#rooms.values()].some((room) => room.wide)) {
      this.#through.clear();
      this.#heads.clear();
      return;
    }
    if (this.#recovering) return;
    const { log } = this.#parts.storage;
    const chats = log.subjects.streams().filter(({ family }) => family === 'chat');
    const heads = new Map(
      await Promise.all(chats.map(async ({ name }) => [name, await log.head(name)] as const)),
    );
    this.#through = this.#heads.size > 0 ? this.#heads : heads;
    this.#heads = heads;
  }

  /** Reads again what was stored while copies may have been lost. */
  #recover(): Promise<void> {
    this.#recovering = (this.#recovering ?? Promise.resolve())
      .then(() => this.#readAgain())
      .finally(() => {
        this.#recovering = undefined;
      });
    return this.#recovering;
  }

  async #readAgain(): Promise<void> {
    const { storage, hub, onFault } = this.#parts;
    for (const [stream, through] of [...this.#through]) {
      const head = await storage.log.head(stream);
      if (head - through > READ_AGAIN) {
        onFault(
          new Error(
            `${head - through} commits of ${stream} were not heard live; lists catch up as they are read`,
          ),
        );
        continue;
      }
      for await (const batch of storage.log.readStream(stream, through))
        for (const stored of batch)
          if (this.#rooms.get(stored.address.workspace)?.wanted) hub.follow.hear(stored, false);
      this.#heads.set(stream, head);
    }
  }

  async #guard(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (fault) {
      // While the log is away nothing can be read again; its return is a disturbance of its own.
      if (!(fault instanceof LogUnreachable)) this.#parts.onFault(fault);
    }
  }
}
