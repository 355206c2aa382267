// The visitors of a simulation: each begins a conversation, writes, and stays at its socket until the agent has ended it.
import type { ServerFrame } from '../../../domain/wire.ts';
import { NativeClient } from '../load/native-client.ts';
import type { NatterApi } from '../systems/natter-api.ts';
import type { Visit } from './plan.ts';
import type { Team } from './team.ts';

/** Milliseconds until an agent who has just no socket is asked again to end a chat. */
const AGAIN_MS = 500;

/** One conversation under way. */
interface Chat {
  readonly conversation: string;
  readonly lasts: number;
  client: NativeClient | undefined;
  agent: string | undefined;
  timer: ReturnType<typeof setTimeout> | undefined;
}

export class Visitors {
  readonly #url: string;
  readonly #api: NatterApi;
  readonly #team: Team;
  readonly #onTrouble: (why: string) => void;
  readonly #chats = new Set<Chat>();
  #came = 0;
  #over = false;
  #held: (() => void)[] | undefined = [];

  constructor(url: string, api: NatterApi, team: Team, onTrouble: (why: string) => void) {
    this.#url = url;
    this.#api = api;
    this.#team = team;
    this.#onTrouble = onTrouble;
  }

  /** Settles once the visitor waits, or has an agent already. Never throws. */
  async come({ department, lasts }: Visit): Promise<void> {
    try {
      const seat = await this.#api.startConversation(`Visitor ${++this.#came}`, department);
      const { conversation } = seat;
      const chat: Chat = { conversation, lasts, client: undefined, agent: undefined, timer: undefined };
      this.#chats.add(chat);
      const client = await NativeClient.visitor(this.#url, seat, {
        frame: (frame) => this.#hear(chat, frame),
        closed: (why) => this.#onTrouble(`a visitor's socket: ${why}`),
      });
      chat.client = client;
      await client.follow(conversation);
      const told = await client.command('PostMessage', conversation, {
        text: 'Where is my parcel? It has not moved since yesterday.',
      });
      if ('refused' in told) this.#onTrouble(`a visitor's message: ${told.refused}`);
    } catch (error) {
      this.#onTrouble(`a visitor: ${String(error)}`);
    }
  }

  /** Conversations that are with an agent now. */
  get given(): number {
    return [...this.#chats].filter(({ agent }) => agent !== undefined).length;
  }

  /** From here on chats end; until then their time does not run. */
  begin(): void {
    for (const start of this.#held?.splice(0) ?? []) start();
    this.#held = undefined;
  }

  close(): void {
    this.#over = true;
    for (const chat of this.#chats) this.#gone(chat);
  }

  #hear(chat: Chat, frame: ServerFrame): void {
    if (!('event' in frame)) return;
    const { type, data } = frame.event;
    if (type === 'AgentAssigned') this.#with(chat, idOf(data.agent));
    else if (type === 'ConversationTransferred') this.#with(chat, idOf(data.to));
    else if (type === 'ConversationQueued') {
      clearTimeout(chat.timer);
      chat.agent = undefined;
    } else if (type === 'ConversationClosed') this.#gone(chat);
  }

  #with(chat: Chat, agent: string | undefined): void {
    clearTimeout(chat.timer);
    chat.agent = agent;
    const start = () => {
      if (chat.agent === agent) this.#endIn(chat, chat.lasts);
    };
    if (this.#held) this.#held.push(start);
    else start();
  }

  #endIn(chat: Chat, ms: number): void {
    if (this.#over) return;
    clearTimeout(chat.timer);
    chat.timer = setTimeout(async () => {
      if (chat.agent === undefined) return;
      const asked = await this.#team.end(chat.agent, chat.conversation);
      // The agent comes back, or somebody else is given the conversation.
      if (!asked && chat.agent !== undefined) this.#endIn(chat, AGAIN_MS);
    }, ms);
  }

  #gone(chat: Chat): void {
    clearTimeout(chat.timer);
    chat.client?.close();
    this.#chats.delete(chat);
  }
}

/** The public number in an event's reference to an agent. */
function idOf(agent: unknown): string | undefined {
  return typeof agent === 'object' && agent !== null && 'id' in agent ? String(agent.id) : undefined;
}
