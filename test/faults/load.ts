// A small honest load for fault tests: visitors and an agent on real sockets, who keep on sending through every crash and note what was acknowledged.
import { setTimeout as sleep } from 'node:timers/promises';
import { v7 } from 'uuid';
import WebSocket from 'ws';
import type { Stack } from '../parts/stack.ts';

export interface Heard {
  readonly version: number;
  readonly previous: number;
  readonly type: string;
  readonly text?: string;
}

/** One end of a conversation: sends each message until it is acknowledged, resumes after every break, notes what it saw. */
export class Speaker {
  readonly conversation: string;
  /** Texts in the order in which they were sent, each with the version of its acknowledgement. */
  readonly acknowledged: { text: string; version: number }[] = [];
  /** Events in the order in which they were shown: what a person would have seen. */
  readonly seen: Heard[] = [];
  /** Frames that did not follow what was seen before: each made the speaker resume. */
  gaps = 0;
  readonly #address: () => string;
  #socket: WebSocket | undefined;
  #frame = 0;
  #waiting = new Map<
    number,
    (answer: { ok?: boolean; refused?: string; version?: number } | undefined) => void
  >();
  #closed = false;

  constructor(conversation: string, address: () => string) {
    this.conversation = conversation;
    this.#address = address;
  }

  /** Connects and keeps connected until `close`. */
  async run(): Promise<void> {
    while (!this.#closed) {
      await this.#connection();
      if (!this.#closed) await sleep(100);
    }
  }

  /** Says it, however often the connection breaks; the same command id each time. Resolves when acknowledged. */
  async say(text: string): Promise<void> {
    const command = v7();
    for (let tries = 0; tries < 600; tries++) {
      const answer = await this.#ask({
        command: { type: 'PostMessage', conversation: this.conversation, command, data: { text } },
      });
      if (answer?.ok && answer.version !== undefined) {
        this.acknowledged.push({ text, version: answer.version });
        return;
      }
      if (answer?.refused && !['busy', 'unavailable'].includes(answer.refused))
        throw new Error(`refused: ${answer.refused}`);
      await sleep(100);
    }
    throw new Error(`"${text}" was not acknowledged within a minute`);
  }

  close(): void {
    this.#closed = true;
    this.#socket?.close();
  }

  #ask(frame: object): Promise<{ ok?: boolean; refused?: string; version?: number } | undefined> {
    const socket = this.#socket;
    if (!socket || socket.readyState !== WebSocket.OPEN) return Promise.resolve(undefined);
    const id = ++this.#frame;
    return new Promise((resolve) => {
      const late = setTimeout(() => resolve(undefined), 15_000);
      this.#waiting.set(id, (answer) => {
        clearTimeout(late);
        this.#waiting.delete(id);
        resolve(answer);
      });
      socket.send(JSON.stringify({ id, ...frame }));
    });
  }

  #connection(): Promise<void> {
    return new Promise((resolve) => {
      const socket = new WebSocket(this.#address());
      this.#socket = socket;
      socket.on('open', () => this.#resume());
      socket.on('message', (data) => this.#hear(JSON.parse(data.toString())));
      socket.on('error', () => socket.terminate());
      socket.on('close', () => {
        for (const answer of [...this.#waiting.values()]) answer(undefined);
        resolve();
      });
    });
  }

  #resume(): void {
    void this.#ask({ resume: { conversation: this.conversation, after: this.seen.at(-1)?.version ?? 0 } });
  }

  #hear(frame: {
    re?: number;
    ok?: boolean;
    refused?: string;
    version?: number;
    event?: Heard & { conversation: string; data: { text?: string } };
    heartbeat?: { heads: Record<string, number> };
  }): void {
    if (typeof frame.re === 'number') this.#waiting.get(frame.re)?.(frame);
    const last = this.seen.at(-1)?.version ?? 0;
    const head = frame.heartbeat?.heads[this.conversation];
    if (head !== undefined && head > last) this.#resume();
    const { event } = frame;
    if (!event || event.conversation !== this.conversation || event.version <= last) return;
    if (event.previous !== last) {
      this.gaps++;
      this.#resume();
      return;
    }
    this.seen.push({
      version: event.version,
      previous: event.previous,
      type: event.type,
      text: event.data.text,
    });
  }
}

/** Starts a conversation; tries until the server is there. */
export async function startConversation(
  stack: Stack,
): Promise<{ conversation: string; visitorToken: string }> {
  const answer = await fetch(`${stack.url}/api/conversations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ siteKey: stack.siteKey, command: v7(), visitor: { name: 'Faulty Visitor' } }),
  });
  if (answer.status !== 201)
    throw new Error(`POST /api/conversations answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as { conversation: string; visitorToken: string };
}

/** A visitor's end. */
export function visitor(stack: Stack, of: { conversation: string; visitorToken: string }): Speaker {
  const query = `conversation=${of.conversation}&visitorToken=${encodeURIComponent(of.visitorToken)}`;
  return new Speaker(of.conversation, () => `ws://localhost:${stack.port}/ws/v1?${query}`);
}

/** An agent's end of the same conversation. */
export function agent(stack: Stack, conversation: string): Speaker {
  return new Speaker(
    conversation,
    () => `ws://localhost:${stack.port}/ws/v1?token=${encodeURIComponent(stack.agent.token)}`,
  );
}
