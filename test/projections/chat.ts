// Writes one conversation's history into a log, through the decider, so that what is projected could have happened.
import { randomUUID } from 'node:crypto';
import type { Actor } from '../../domain/actor.ts';
import { type ConversationRequestInput, conversationCommand } from '../../domain/conversation/commands.ts';
import type { Conversation } from '../../domain/conversation/conversation.ts';
import { conversation } from '../../domain/conversation/decide.ts';
import type { ConversationEvent } from '../../domain/conversation/events.ts';
import { isRefusal } from '../../domain/decider.ts';
import { encodeCommit, encodeEvent } from '../../domain/log/commit.ts';
import type { Log } from '../../domain/log/log.ts';
import { positionOf } from '../../domain/log/position.ts';
import type { Address } from '../../domain/log/subjects.ts';

export const visitor: Actor = { kind: 'visitor' };
export const system: Actor = { kind: 'system' };
export const jane = { id: 'jane', name: 'Jane Smith' };
export const bob = { id: 'bob', name: 'Bob Wilson' };
export const by = ({ id }: { id: string }): Actor => ({ kind: 'agent', id });

export class Chat {
  readonly log: Log;
  readonly address: Address;
  state: Conversation = conversation.initial;
  version = 0;
  sequence = 0;
  /** When the next command happens; each takes a second unless told otherwise. */
  now: number;

  constructor(log: Log, workspace: string, id: string, at = '2026-11-01T10:00:00.000Z') {
    this.log = log;
    this.address = log.subjects.conversation(workspace, id);
    this.now = Date.parse(at);
  }

  /** Decides a command; what it brings about becomes one commit. Answers the refusal, or how many events there were. */
  async ask(actor: Actor, request: ConversationRequestInput, after = 1_000): Promise<string | number> {
    this.now += after;
    const at = new Date(this.now).toISOString();
    const command = { ...conversationCommand.parse(request), actor, at };
    const decided = conversation.decide(command, this.state);
    if (isRefusal(decided)) return decided.refused;
    await this.tell(actor, decided);
    return decided.length;
  }

  /** Appends events as one commit, whatever the decider would say. */
  async tell(actor: Actor, given: readonly { type: string; data: unknown }[]): Promise<void> {
    if (given.length === 0) return;
    // Folded as they will be read: JSON knows no undefined.
    const facts: typeof given = JSON.parse(JSON.stringify(given));
    const at = new Date(this.now).toISOString();
    const spelled = facts.map((fact) =>
      encodeEvent({ type: fact.type, data: fact.data, actor, command: randomUUID() }),
    );
    const appended = await this.log.append(
      this.address,
      encodeCommit(this.version + 1, at, spelled),
      this.sequence,
    );
    if (appended.kind !== 'stored') throw new Error(`not stored: ${appended.kind}`);
    this.sequence = appended.sequence;
    for (const [index, fact] of facts.entries()) {
      this.version += 1;
      const position = positionOf(this.address, this.sequence, index);
      // Only the poison test writes what the fold does not know, and it looks at no state.
      if (KNOWN(fact))
        this.state = conversation.evolve(this.state, { ...fact, version: this.version, position, at });
    }
  }

  start(who: { name?: string; email?: string; phone?: string } = {}, more: object = {}) {
    return this.ask(visitor, {
      type: 'StartConversation',
      data: { widget: 'w1', visitor: who, origin: { channel: 'native' }, ...more },
    });
  }

  say(text: string, actor: Actor = visitor, after = 1_000) {
    return this.ask(
      actor,
      {
        type: 'PostMessage',
        data: { text, mayJoin: true, name: actor.kind === 'agent' ? actor.id : undefined },
      },
      after,
    );
  }
}

const KNOWN = (fact: { type: string; data: unknown }): fact is ConversationEvent =>
  fact.type !== 'ConversationTeleported';
