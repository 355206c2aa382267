// Follows conversations in the log: subscribe, flush, read, then live; copies once, in order, without gaps, and what was lost is found.
import type { StoredCommit } from '../../domain/log/commit.ts';
import type { Log } from '../../domain/log/log.ts';
import { LogUnreachable } from '../../domain/log/log-unreachable.ts';
import type { Address } from '../../domain/log/subjects.ts';
import { headsAfter } from '../chat/audience.ts';
import { socketCounters } from './counters.ts';
import { Followed } from './followed.ts';

export interface FollowParts<Member> {
  readonly log: Log;
  /** Hears each commit of a followed conversation once, in order; `followed` still stands before it. */
  readonly passOn: (followed: Followed<Member>, stored: StoredCommit) => void;
  /** Hears the commits that other processes wrote, also of conversations that nobody follows: for caches and lists. */
  readonly observe: (stored: StoredCommit) => void;
  /** Whether live copies of the whole workspace are heard anyway. */
  readonly covered: (workspace: string) => boolean;
  readonly onFault: (fault: unknown) => void;
  /** Milliseconds, by a clock that nobody sets. */
  readonly now: () => number;
  /** Milliseconds between two checks of active conversations' tails. */
  readonly sweepMs: number;
}

/** How long a conversation's tail is asked for often: after a commit, and after somebody came. */
const ACTIVE_FOR = 2 * 60_000;
const ACTIVE_AFTER_JOIN = 15_000;
/** Quiet conversations take turns: each is asked for once in so many sweeps. */
const QUIET_TURNS = 12;
/** Tails asked for in one go, so that a sweep over very many does not hold up what is live. */
const TAILS_AT_ONCE = 500;
const RETRY_MS = 1_000;

export class Follow<Member> {
  readonly #parts: FollowParts<Member>;
  /** By conversation id: ids are unique in an installation. */
  readonly #followed = new Map<string, Followed<Member>>();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #stopHearing: () => void;
  #turn = 0;
  #sweeping: Promise<void> | undefined;
  #closed = false;

  constructor(parts: FollowParts<Member>) {
    this.#parts = parts;
    this.#timer = setInterval(() => this.sweep(false), parts.sweepMs);
    this.#stopHearing = parts.log.onDisturbance((what) => {
      if (what !== 'disconnected') void this.#sweepAll();
    });
  }

  get(conversation: string): Followed<Member> | undefined {
    return this.#followed.get(conversation);
  }

  all(): Iterable<Followed<Member>> {
    return this.#followed.values();
  }

  /** Follows a conversation from now on; await `opening` for its heads. */
  follow(address: Address): Followed<Member> {
    const known = this.#followed.get(address.id);
    if (known) return known;
    const followed = new Followed<Member>(address);
    followed.activeUntil = this.#parts.now() + ACTIVE_AFTER_JOIN;
    this.#followed.set(address.id, followed);
    socketCounters.followed++;
    followed.opening = this.#open(followed).finally(() => {
      followed.opening = undefined;
    });
    return followed;
  }

  unfollow(followed: Followed<Member>): void {
    if (followed.closed) return;
    followed.closed = true;
    followed.live = false;
    followed.copies?.close();
    followed.copies = undefined;
    this.#followed.delete(followed.address.id);
    socketCounters.followed--;
  }

  /** Takes in a commit from wherever it was heard; `own`: this process wrote it. */
  hear(stored: StoredCommit, own: boolean): void {
    const followed = this.#followed.get(stored.address.id);
    if (!followed) {
      if (!own) this.#parts.observe(stored);
      return;
    }
    if (stored.sequence <= followed.sequence) return;
    if (followed.live && stored.commit.version === followed.version + 1) {
      if (!own) this.#parts.observe(stored);
      this.#advance(followed, stored);
      return;
    }
    followed.newest = Math.max(followed.newest, stored.sequence);
    if (!followed.opening && !followed.catching)
      this.catchUp(followed, stored.sequence).catch(this.#parts.onFault);
  }

  /** Reads on until `sequence` at least was passed on. Resolves also where nobody listens any more. */
  async catchUp(followed: Followed<Member>, sequence: number): Promise<void> {
    followed.newest = Math.max(followed.newest, sequence);
    await followed.opening;
    followed.catching ??= this.#catchUp(followed).finally(() => {
      followed.catching = undefined;
    });
    await followed.catching;
  }

  /** Hears every followed conversation of a workspace by itself, or no longer, as `covered` says. */
  async rewire(workspace: string): Promise<void> {
    const covered = this.#parts.covered(workspace);
    const affected = [...this.#followed.values()].filter(
      (followed) => followed.address.workspace === workspace && (followed.copies === undefined) !== covered,
    );
    for (const followed of affected) {
      if (covered) {
        followed.copies?.close();
        followed.copies = undefined;
      } else followed.copies = this.#subscribe(followed.address);
    }
    await affected.at(-1)?.copies?.ready;
    await this.#check(affected);
  }

  /** Asks for tails: of active conversations and a part of the quiet ones, or of `all`. */
  sweep(all: boolean): Promise<void> {
    this.#sweeping ??= this.#sweep(all)
      .catch((fault: unknown) => {
        // While the log is away there is nothing to find; its return is a disturbance, and sweeps all.
        if (!(fault instanceof LogUnreachable)) this.#parts.onFault(fault);
      })
      .finally(() => {
        this.#sweeping = undefined;
      });
    return this.#sweeping;
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#stopHearing();
    for (const followed of [...this.#followed.values()]) this.unfollow(followed);
  }

  /** A sweep under way may have asked before the disturbance: another one follows it. */
  async #sweepAll(): Promise<void> {
    await this.#sweeping;
    await this.sweep(true);
  }

  async #sweep(all: boolean): Promise<void> {
    const now = this.#parts.now();
    const turn = this.#turn++ % QUIET_TURNS;
    const due: Followed<Member>[] = [];
    let place = 0;
    for (const followed of this.#followed.values()) {
      place++;
      if (followed.opening) continue;
      if (all || !followed.live || followed.activeUntil > now || place % QUIET_TURNS === turn)
        due.push(followed);
    }
    await this.#check(due);
  }

  async #check(due: readonly Followed<Member>[]): Promise<void> {
    for (let from = 0; from < due.length && !this.#closed; from += TAILS_AT_ONCE) {
      const some = due.slice(from, from + TAILS_AT_ONCE);
      const tails = await this.#parts.log.tails(some.map((followed) => followed.address));
      const late = some.filter((followed, index) => {
        const behind = (tails[index] ?? 0) > followed.sequence;
        return !followed.closed && (behind || !followed.live) && !followed.catching;
      });
      await Promise.all(late.map((followed) => this.catchUp(followed, tails[some.indexOf(followed)] ?? 0)));
    }
  }

  #subscribe(address: Address) {
    return this.#parts.log.live(address, (stored) => this.hear(stored, false));
  }

  async #open(followed: Followed<Member>): Promise<void> {
    const { log, covered, onFault } = this.#parts;
    while (!followed.closed) {
      try {
        if (!followed.copies && !covered(followed.address.workspace)) {
          followed.copies = this.#subscribe(followed.address);
          await followed.copies.ready;
        }
        // From the leader: what was stored before the subscription stood must be in it.
        const last = await log.last(followed.address, true);
        if (last) await this.#begin(followed, last);
        if (followed.closed) return;
        followed.live = true;
        break;
      } catch (fault) {
        if (!(fault instanceof LogUnreachable)) onFault(fault);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    // Where this fails, the next sweep goes on from where it came to.
    if (followed.newest > followed.sequence) await this.#catchUp(followed).catch(onFault);
  }

  /** Where the log stands: most often the last commit alone tells what each audience saw last. */
  async #begin(followed: Followed<Member>, last: StoredCommit): Promise<void> {
    const ended = last.events();
    let heads = headsAfter({ visitor: 0, agent: 0 }, ended);
    if ((heads.visitor === 0 || heads.agent === 0) && last.commit.version > 1) {
      heads = { visitor: 0, agent: 0 };
      for await (const stored of this.#parts.log.read(followed.address, 0))
        if (stored.sequence <= last.sequence) heads = headsAfter(heads, stored.events());
    }
    followed.sequence = last.sequence;
    followed.version = last.lastVersion;
    followed.heads = heads;
    followed.erased = ended.at(-1)?.type === 'ConversationErased';
  }

  async #catchUp(followed: Followed<Member>): Promise<void> {
    if (followed.closed || followed.sequence >= followed.newest) {
      followed.live = !followed.closed;
      return;
    }
    followed.live = false;
    socketCounters.gaps++;
    for (let tries = 0; !followed.closed && followed.sequence < followed.newest; tries++) {
      // A follower of the stream may lag behind what was heard of.
      if (tries > 0) await new Promise((resolve) => setTimeout(resolve, Math.min(50 * tries, RETRY_MS)));
      for await (const stored of this.#parts.log.read(followed.address, followed.sequence)) {
        if (followed.closed) return;
        if (stored.sequence <= followed.sequence) continue;
        this.#parts.observe(stored);
        this.#advance(followed, stored);
      }
      if (tries >= 20) break;
    }
    followed.live = !followed.closed;
  }

  #advance(followed: Followed<Member>, stored: StoredCommit): void {
    this.#parts.passOn(followed, stored);
    followed.sequence = stored.sequence;
    followed.version = stored.lastVersion;
    followed.activeUntil = this.#parts.now() + ACTIVE_FOR;
    const events = stored.commit.events;
    if (events.at(-1)?.type === 'ConversationErased') followed.erased = true;
  }
}
