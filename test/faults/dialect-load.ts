// The load of fault tests in the dialects of the documents: people and programs who keep on through every crash, each with no more than their document gives them.
import { setTimeout as sleep } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';
import { v7 } from 'uuid';
import WebSocket from 'ws';
import type { Stack } from '../parts/stack.ts';

/** A message as somebody was shown it: its number, the same in every dialect, and its text. */
export interface Shown {
  readonly id: number;
  readonly text: string;
}

/** Somebody who takes part in one conversation. */
export interface Party {
  /** What begins every text of theirs. */
  readonly name: string;
  /** Texts that are stored for sure, as far as they were told, in the order in which they were said. */
  readonly stored: string[];
  /** What they have been shown, in the order in which they were shown it; undefined for who is shown nothing. */
  readonly seen?: readonly Shown[];
  /** What of a conversation they ought to be shown. */
  readonly hears?: (message: Shown) => boolean;
  /** What was shown twice on one connection, or after something newer, or was not where it had been before. */
  readonly wrongs: string[];
  /** Says it until it is stored; a program without message ids says it once. */
  say(text: string): Promise<void>;
  close(): void;
}

/** A conversation's messages as the log has them; undefined while nobody answers. */
export async function stored(stack: Stack, conversation: string): Promise<Shown[] | undefined> {
  const path = `/api/widgets/sessions/${conversation}/messages`;
  const answer = await ask(stack, 'GET', path, { authorization: `Bearer ${stack.agent.token}` });
  return answer?.status === 200 ? (answer.body.messages as Shown[]) : undefined;
}

/** Both ends of a widget session: sockets of the widget document, which acknowledge nothing. */
export class WidgetParty implements Party {
  readonly name: 'customer' | 'agent';
  readonly stored: string[] = [];
  readonly wrongs: string[] = [];
  readonly hears: (message: Shown) => boolean;
  seen: Shown[] = [];
  readonly #stack: Stack;
  readonly #conversation: string;
  #socket: WebSocket | undefined;
  #closed = false;
  /** The newest message on this connection. */
  #newest = 0;

  constructor(stack: Stack, conversation: string, name: 'customer' | 'agent') {
    this.#stack = stack;
    this.#conversation = conversation;
    this.name = name;
    this.hears = ({ text }) => text.startsWith('customer') === (name === 'agent');
    void this.#run();
  }

  async say(text: string): Promise<void> {
    const sessionId = this.#conversation;
    const said = { sessionId, timestamp: new Date().toISOString() };
    const frame =
      this.name === 'agent'
        ? { type: 'send_message', text, ...said }
        : { type: 'message', siteKey: this.#stack.siteKey, message: text, ...said };
    for (let tries = 0; tries < 120; tries++) {
      if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
      // The document has no acknowledgement: whoever wants to know reads the history, and says it again.
      for (let looks = 0; looks < 5; looks++) {
        const there = await stored(this.#stack, sessionId);
        if (there?.some((message) => message.text === text)) {
          this.stored.push(text);
          return;
        }
        await sleep(100);
      }
    }
    throw new Error(`"${text}" was not stored within a minute`);
  }

  close(): void {
    this.#closed = true;
    this.#socket?.terminate();
  }

  async #run(): Promise<void> {
    const { port, agent } = this.#stack;
    const path =
      this.name === 'agent'
        ? `agent/${agent.id}?token=${encodeURIComponent(agent.token)}`
        : this.#conversation;
    while (!this.#closed) {
      await new Promise<void>((resolve) => {
        const socket = new WebSocket(`ws://localhost:${port}/ws/${path}`);
        this.#socket = socket;
        this.#newest = 0;
        socket.on('message', (data) => this.#hear(JSON.parse(String(data))));
        socket.on('error', () => socket.terminate());
        socket.on('close', () => resolve());
      });
      await sleep(100);
    }
  }

  // biome-ignore lint/suspicious/noExplicitAny: a frame of the document, of which each kind is read below
  #hear(frame: any): void {
    if (frame.type === 'connection_status' && frame.status === 'connected') this.#accept();
    // Where the log did not answer in time: whoever was told so asks again.
    if (frame.type === 'connection_status' && frame.status === 'refused')
      setTimeout(() => this.#accept(), 300);
    // A notice that the log was away is no message of the session.
    if (frame.type === 'message' && !frame.metadata?.isError)
      this.#show({ id: numberOf(frame.id), text: frame.message });
    if (frame.sessionId !== this.#conversation) return;
    if (frame.type === 'new_message')
      this.#show({ id: numberOf(frame.message.id), text: frame.message.text });
    if (frame.type !== 'chat_accepted') return;
    const history = (frame.messages as Shown[]).filter(this.hears).map(({ id, text }) => ({ id, text }));
    if (!frame.fullHistory) this.wrongs.push('the history is not whole');
    this.wrongs.push(...missing(this.seen, history));
    this.seen = history;
    this.#newest = history.at(-1)?.id ?? 0;
  }

  #accept(): void {
    if (this.#socket?.readyState === WebSocket.OPEN)
      this.#socket.send(JSON.stringify({ type: 'accept_chat', sessionId: this.#conversation }));
  }

  #show(message: Shown): void {
    if (message.id <= this.#newest) this.wrongs.push(`${message.text} came twice, or late`);
    this.#newest = message.id;
    // What nobody is known to have read is sent again on the next connection, under its id.
    if (!this.seen.some(({ id }) => id === message.id)) this.seen.push(message);
  }
}

/** Somebody in a support session, with a stock Socket.IO client. */
export class SupportParty implements Party {
  readonly name: string;
  readonly stored: string[] = [];
  readonly wrongs: string[] = [];
  readonly hears = () => true;
  seen: Shown[] = [];
  readonly #stack: Stack;
  readonly #token: string;
  readonly #conversation: string;
  readonly #socket: Socket;
  /** What came since the session was joined, until what was said before is known. */
  #early: Shown[] | undefined;
  #joined = 0;
  #newest = 0;

  constructor(
    stack: Stack,
    conversation: string,
    who: { readonly name: string; readonly token: string; readonly transports?: string[] },
  ) {
    this.#stack = stack;
    this.#conversation = conversation;
    this.#token = who.token;
    this.name = who.name;
    this.#socket = io(stack.url, {
      forceNew: true,
      auth: { token: who.token },
      reconnectionDelay: 100,
      reconnectionDelayMax: 500,
      ...(who.transports ? { transports: who.transports } : {}),
    });
    this.#socket.on('connect', () => void this.#join());
    this.#socket.on('session_joined', () => void this.#resume());
    this.#socket.on('new_message', ({ _id, message }: { _id: string; message: string }) => {
      const shown = { id: Number(_id), text: message };
      if (shown.id <= this.#newest) this.wrongs.push(`${message} came twice, or late`);
      this.#newest = shown.id;
      if (this.#early) this.#early.push(shown);
      else this.#show(shown);
    });
    // Where the session itself was given up rather than the connection, coming back is the page's business.
    this.#socket.on('disconnect', () => this.#socket.active || this.#socket.connect());
    this.#socket.on('connect_error', () => this.#socket.active || this.#socket.connect());
  }

  async say(text: string): Promise<void> {
    const said = { sessionId: this.#conversation, message: text, messageId: v7() };
    for (let tries = 0; tries < 60; tries++) {
      const answer = await this.#socket
        .timeout(3_000)
        .emitWithAck('send_message', said)
        .catch(() => undefined);
      if (answer?.success) {
        if (answer.message.message !== text) this.wrongs.push(`${text} was acknowledged as another message`);
        this.stored.push(text);
        return;
      }
      await sleep(100);
    }
    throw new Error(`"${text}" was not acknowledged`);
  }

  close(): void {
    this.#socket.disconnect();
  }

  async #join(): Promise<void> {
    const { id } = this.#socket;
    while (this.#socket.connected && this.#socket.id === id) {
      this.#newest = 0;
      this.#early = [];
      const answer = await this.#socket
        .timeout(3_000)
        .emitWithAck('join_session', this.#conversation)
        .catch(() => undefined);
      if (answer?.success) return;
      await sleep(100);
    }
  }

  /** What was said before is read over HTTP, as the document has it. */
  async #resume(): Promise<void> {
    const joined = ++this.#joined;
    const path = `/api/chat/messages/${this.#conversation}?limit=100&page=`;
    const history: Shown[] = [];
    for (let page = 1, pages = 1; page <= pages; ) {
      const answer = await ask(this.#stack, 'GET', path + page, { authorization: `Bearer ${this.#token}` });
      if (joined !== this.#joined) return;
      if (answer?.status !== 200) {
        await sleep(100);
        continue;
      }
      const { messages, pagination } = answer.body.data;
      for (const { _id, message } of messages) history.push({ id: Number(_id), text: message });
      pages = pagination.pages;
      page++;
    }
    const early = this.#early ?? [];
    this.#early = undefined;
    this.wrongs.push(...missing(this.seen, history));
    this.seen = history;
    for (const shown of early) this.#show(shown);
  }

  #show(shown: Shown): void {
    const last = this.seen.at(-1)?.id ?? 0;
    if (shown.id > last) this.seen.push(shown);
    else if (!this.seen.some(({ id }) => id === shown.id)) this.wrongs.push(`${shown.text} came too late`);
  }
}

/** A program of the token document: it knows what it was answered, and never says anything again. */
export class Program implements Party {
  readonly name = 'program';
  readonly stored: string[] = [];
  readonly wrongs: string[] = [];
  readonly #stack: Stack;
  readonly #token: string;
  readonly #conversation: string;

  constructor(stack: Stack, conversation: string, token: string) {
    this.#stack = stack;
    this.#conversation = conversation;
    this.#token = token;
  }

  async say(text: string): Promise<void> {
    const body = { token: this.#token, targetId: this.#conversation, message: text };
    const answer = await ask(this.#stack, 'POST', '/?send-message-to-chat-api=true', {}, body);
    if (answer?.status === 200) this.stored.push(text);
    else await sleep(100);
  }

  close(): void {}
}

/** An answer in JSON; undefined where nobody answered in time. */
export async function ask(
  { url }: Stack,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: object,
  // biome-ignore lint/suspicious/noExplicitAny: any route's answer
): Promise<{ status: number; body: any } | undefined> {
  try {
    const answer = await fetch(url + path, {
      method,
      signal: AbortSignal.timeout(5_000),
      headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: answer.status, body: await answer.json() };
  } catch {
    // The very crash that is tested.
    return undefined;
  }
}

/** What was shown before and is not in the history in that order. */
function missing(before: readonly Shown[], history: readonly Shown[]): string[] {
  let from = 0;
  return before.flatMap(({ id, text }) => {
    const at = history.findIndex((message, index) => index >= from && message.id === id);
    if (at < 0) return [`${text} was shown, and is not where it was`];
    from = at + 1;
    return [];
  });
}

const numberOf = (id: string): number => Number(id.replace(/^msg_/, ''));
