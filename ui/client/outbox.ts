// What was written and is not yet stored by the server: sent once, in order, one at a time, by one tab, through reloads and dead lines.
import { delayBefore } from './backoff.ts';
import { Listeners } from './listeners.ts';
import type { OutboxStore, StoredMessage } from './outbox-store.ts';
import { uuidv7 } from './uuid.ts';

export interface Waiting extends StoredMessage {
  /** `sent`: acknowledged, its event not seen yet. */
  readonly state: 'queued' | 'sending' | 'sent' | 'failed';
  /** 0 to 1 while files go up. */
  readonly progress?: number;
}

/** `retry`: the server was too busy; try the same again. Thrown errors count as a lost line: try after `wake`. */
export type Delivered =
  | { readonly kind: 'stored' }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'retry'; readonly afterMs: number };

export interface OutboxOptions {
  readonly box: string;
  readonly store: OutboxStore;
  /** Delivers one message; may be called again with the same one. `keep` writes down uploaded files. */
  readonly deliver: (
    message: StoredMessage,
    steps: { keep(message: StoredMessage): Promise<void>; progress(share: number): void },
  ) => Promise<Delivered>;
}

type Told = { readonly changed: true } | { readonly sent: string };

export class Outbox {
  readonly onChange = new Listeners();
  readonly #options: OutboxOptions;
  readonly #channel: BroadcastChannel;
  #stored: readonly StoredMessage[] = [];
  #sent: readonly StoredMessage[] = [];
  #sending: string | undefined;
  #progress: number | undefined;
  #draining = false;
  #again = false;
  #closed = false;
  #failures = 0;
  /** Messages that are being written down. */
  #adding = 0;
  #later: ReturnType<typeof setTimeout> | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#channel = new BroadcastChannel(`natter-outbox:${options.box}`);
    this.#channel.onmessage = (told: MessageEvent<Told>) => {
      if ('sent' in told.data) this.#markSent(told.data.sent);
      void this.#refresh().then(() => this.wake());
    };
  }

  /** Everything that waits, in order: first what was sent and not yet seen, then the rest. */
  get waiting(): readonly Waiting[] {
    const stored = this.#stored.map((message): Waiting => {
      if (message.failed) return { ...message, state: 'failed' };
      if (message.command !== this.#sending) return { ...message, state: 'queued' };
      return { ...message, state: 'sending', progress: this.#progress };
    });
    return [...this.#sent.map((message): Waiting => ({ ...message, state: 'sent' })), ...stored];
  }

  /** Reads what an earlier page left, and begins to send. */
  async start(): Promise<void> {
    await this.#refresh();
    this.wake();
  }

  /** Writes a message down, then sends it in its turn. Settles when it is written down. */
  async add(message: { text: string; files: readonly File[]; kind?: 'message' | 'note' }): Promise<string> {
    this.#adding++;
    try {
      return await this.#add(message);
    } finally {
      this.#adding--;
      this.onChange.say();
    }
  }

  async #add(message: Parameters<Outbox['add']>[0]): Promise<string> {
    const command = uuidv7();
    const { text, kind = 'message' } = message;
    const files = message.files.map((file) => ({ name: file.name, blob: file as Blob }));
    await this.#options.store.put({
      command,
      box: this.#options.box,
      text,
      kind,
      files,
      attachments: [],
      at: new Date().toISOString(),
    });
    await this.#changed();
    this.wake();
    return command;
  }

  /** Settles once nothing is on its way, but what was refused; or after so many milliseconds. */
  settled(ms: number): Promise<void> {
    const isUnderWay = () => this.#adding > 0 || this.#stored.some((message) => !message.failed);
    if (!isUnderWay()) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(late);
        stop();
        resolve();
      };
      const stop = this.onChange.add(() => {
        if (!isUnderWay()) end();
      });
      const late = setTimeout(end, ms);
    });
  }

  /** Tries a refused message again, under its old id. */
  async retry(command: string): Promise<void> {
    const message = this.#stored.find((each) => each.command === command);
    if (!message) return;
    await this.#options.store.put({ ...message, failed: undefined });
    await this.#changed();
    this.wake();
  }

  async discard(command: string): Promise<void> {
    await this.#options.store.remove(command);
    await this.#changed();
  }

  /** The event of this command has been seen: there is nothing left to show here. */
  seen(command: string): void {
    if (!this.#sent.some((message) => message.command === command)) return;
    this.#sent = this.#sent.filter((message) => message.command !== command);
    this.onChange.say();
  }

  /** Something may go now: the line is back, or a message was added. */
  wake(): void {
    clearTimeout(this.#later);
    if (this.#draining) {
      this.#again = true;
      return;
    }
    this.#draining = true;
    void this.#drainAlone().finally(() => {
      this.#draining = false;
      if (this.#again && !this.#closed) {
        this.#again = false;
        this.wake();
      }
    });
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#later);
    this.#channel.close();
  }

  /** Only one tab sends from a box. Without Web Locks (plain http) ids still keep a message from being stored twice. */
  async #drainAlone(): Promise<void> {
    if (!navigator.locks) return this.#drain();
    await navigator.locks.request(`natter-outbox:${this.#options.box}`, () => this.#drain());
  }

  async #drain(): Promise<void> {
    for (;;) {
      if (this.#closed) return;
      await this.#refresh();
      const next = this.#stored.find((message) => !message.failed);
      if (!next) return;
      this.#sending = next.command;
      this.onChange.say();
      try {
        const delivered = await this.#deliver(next);
        this.#failures = 0;
        if (delivered.kind === 'retry')
          await new Promise((resolve) => setTimeout(resolve, delivered.afterMs));
      } catch {
        // The line is gone. Whoever sees it come back calls wake(); where nobody can, time does.
        if (!this.#closed)
          this.#later = setTimeout(() => this.wake(), delayBefore(this.#failures++, Math.random()));
        return;
      } finally {
        this.#sending = undefined;
        this.#progress = undefined;
        this.onChange.say();
      }
    }
  }

  async #deliver(message: StoredMessage): Promise<Delivered> {
    const { store } = this.#options;
    const delivered = await this.#options.deliver(message, {
      keep: (changed) => store.put(changed),
      progress: (share) => {
        this.#progress = share;
        this.onChange.say();
      },
    });
    if (delivered.kind === 'stored') {
      this.#markSent(message.command);
      await store.remove(message.command);
      this.#tell({ sent: message.command });
      await this.#refresh();
    } else if (delivered.kind === 'refused') {
      const kept = (await store.all(message.box)).find((each) => each.command === message.command) ?? message;
      await store.put({ ...kept, failed: delivered.message });
      await this.#changed();
    }
    return delivered;
  }

  #markSent(command: string): void {
    const message = this.#stored.find((each) => each.command === command);
    if (!message || this.#sent.includes(message)) return;
    this.#stored = this.#stored.filter((each) => each !== message);
    this.#sent = [...this.#sent, message];
    this.onChange.say();
  }

  async #refresh(): Promise<void> {
    const all = await this.#options.store.all(this.#options.box);
    // Between the acknowledgement and its removal a message is both stored and sent: sent wins.
    this.#stored = all.filter((message) => !this.#sent.some((sent) => sent.command === message.command));
    this.onChange.say();
  }

  async #changed(): Promise<void> {
    this.#tell({ changed: true });
    await this.#refresh();
  }

  #tell(told: Told): void {
    if (!this.#closed) this.#channel.postMessage(told);
  }
}
