// The agents of a simulation at their sockets: they come, go and come back, take nothing new for a while, and end their chats.
import { type Ears, NativeClient } from '../load/native-client.ts';
import type { MadeAgent, NatterApi } from '../systems/natter-api.ts';
import { inLanes } from '../systems/system.ts';
import type { Absence } from './plan.ts';

/** An agent's socket was opened or closed. `at`: milliseconds since 1970. */
export interface Presence {
  readonly agent: string;
  readonly at: number;
  readonly online: boolean;
}

/** Sockets that connect at the same time. */
const CONNECTING = 20;

export class Team {
  readonly presences: Presence[] = [];
  readonly #url: string;
  readonly #api: NatterApi;
  readonly #agents: readonly MadeAgent[];
  readonly #sockets = new Map<string, NativeClient>();
  readonly #onTrouble: (why: string) => void;

  /** `url`: `ws://host:port`. `onTrouble` hears of refusals and of sockets that closed by themselves. */
  constructor(url: string, api: NatterApi, agents: readonly MadeAgent[], onTrouble: (why: string) => void) {
    this.#url = url;
    this.#api = api;
    this.#agents = agents;
    this.#onTrouble = onTrouble;
  }

  async come(): Promise<void> {
    await inLanes(this.#agents, CONNECTING, (agent) => this.#connect(agent));
  }

  /** Begins an absence, and ends it. */
  async leave({ agent: index, kind }: Absence, back: boolean): Promise<void> {
    const agent = this.#agents[index];
    if (!agent) return;
    if (kind === 'busy') await this.#api.setAccepting(agent.token, back);
    else if (back) await this.#connect(agent);
    else this.#disconnect(agent.id);
  }

  /** Ends a conversation as its agent; false: who has it has no socket now. */
  async end(agent: string, conversation: string): Promise<boolean> {
    const told = await this.#sockets.get(agent)?.command('CloseConversation', conversation, {});
    if (told && 'refused' in told) this.#onTrouble(`an agent's end: ${told.refused}`);
    return told !== undefined;
  }

  close(): void {
    for (const id of [...this.#sockets.keys()]) this.#disconnect(id);
  }

  async #connect({ id, token }: MadeAgent): Promise<void> {
    const ears: Ears = {
      closed: (why) => {
        this.#onTrouble(`an agent's socket: ${why}`);
        if (this.#sockets.delete(id)) this.#note(id, false);
      },
    };
    this.#sockets.set(id, await NativeClient.agent(this.#url, token, ears));
    this.#note(id, true);
  }

  #disconnect(id: string): void {
    this.#note(id, false);
    this.#sockets.get(id)?.close();
    this.#sockets.delete(id);
  }

  #note(agent: string, online: boolean): void {
    this.presences.push({ agent, at: Date.now(), online });
  }
}
