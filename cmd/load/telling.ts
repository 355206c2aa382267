// One conversation's history while it is told: every command goes through the decider, so that what is loaded could have happened.
import { v7 } from 'uuid';
import type { Actor } from '../../domain/actor.ts';
import { type ConversationRequestInput, conversationCommand } from '../../domain/conversation/commands.ts';
import type { Conversation } from '../../domain/conversation/conversation.ts';
import { initial } from '../../domain/conversation/conversation.ts';
import { decide } from '../../domain/conversation/decide.ts';
import { evolve } from '../../domain/conversation/evolve.ts';
import { isRefusal } from '../../domain/decider.ts';
import { encodeCommit, encodeEvent } from '../../domain/log/commit.ts';
import type { Randomness } from './randomness.ts';

export interface ToldCommit {
  readonly bytes: Uint8Array;
  /** Events in it. */
  readonly events: number;
  /** Version of its first event, and the command that brought it about: they tell it from anybody else's. */
  readonly version: number;
  readonly command: string;
}

/** A history that grows command by command, up to `until` (milliseconds since 1970); what would come later is not told. */
export class Telling {
  readonly commits: ToldCommit[] = [];
  readonly #random: Randomness;
  readonly #until: number;
  #clock: number;
  #over = false;
  #state: Conversation = initial;
  #version = 0;

  constructor(random: Randomness, startsAt: number, until: number) {
    this.#random = random;
    this.#clock = startsAt;
    this.#until = until;
  }

  get state(): Conversation {
    return this.#state;
  }

  /** Version of the last event. */
  get version(): number {
    return this.#version;
  }

  get events(): number {
    return this.#version;
  }

  /** True once the present is reached: the conversation is still going on. */
  get over(): boolean {
    return this.#over;
  }

  /** Carries out a command that long after the one before. Throws where the decider refuses: the story is wrong then. */
  ask(afterMs: number, actor: Actor, asked: ConversationRequestInput): void {
    if (this.#over) return;
    this.#clock += Math.round(afterMs);
    if (this.#clock > this.#until) {
      this.#over = true;
      return;
    }
    const at = new Date(this.#clock).toISOString();
    const request = conversationCommand.parse(asked);
    const decided = decide({ ...request, actor, at }, this.#state);
    if (isRefusal(decided))
      throw new Error(`a loaded history asks for what is refused: ${asked.type}, ${decided.refused}`);
    if (decided.length === 0) return;
    const command = v7({ msecs: this.#clock, random: this.#random.bytes(16) });
    const first = this.#version + 1;
    for (const fact of decided) {
      this.#version += 1;
      this.#state = evolve(this.#state, { ...fact, actor, version: this.#version, position: 0, at });
    }
    const spelled = decided.map((fact) => encodeEvent({ type: fact.type, data: fact.data, actor, command }));
    this.commits.push({
      bytes: encodeCommit(first, at, spelled),
      events: decided.length,
      version: first,
      command,
    });
  }
}
