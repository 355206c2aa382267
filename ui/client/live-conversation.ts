// One conversation, live: its view kept true over a connection that comes and goes, what waits in its outbox, who is typing.
import type { ServerFrame, WireCommandInput, WireEvent } from '../../domain/wire.ts';
import { type Answer, type Connection, ConnectionLost } from './connection.ts';
import {
  type ConversationView,
  emptyView,
  fold,
  newestFromOther,
  restore,
  type Side,
  unreadFor,
} from './conversation-view.ts';
import { Listeners } from './listeners.ts';
import type { Outbox, Waiting } from './outbox.ts';
import { uuidv7 } from './uuid.ts';

export interface LiveOptions {
  readonly connection: Connection;
  readonly conversation: string;
  readonly side: Side;
  readonly outbox: Outbox;
}

/** A word of typing is good for so long, in ms; writers repeat theirs more often than that. */
const TYPING_FOR = 6_000;
const TYPING_AGAIN = 3_000;
/** Milliseconds that a command waits for what was written before it. */
const WRITTEN_WITHIN = 5_000;
/** What the AI was writing is shown for so long without a word of more. */
const WRITING_FOR = 20_000;
const MESSAGE_WITHIN = 2_000;

/** `estimatedWait`: whole minutes; null: nobody knows. `opensAt`: nobody is there before that, ISO 8601; null: not known when; left out: somebody is. */
export interface Place {
  readonly position: number;
  readonly estimatedWait: number | null;
  readonly opensAt?: string | null;
}

type Signal = Extract<ServerFrame, { signal: object }>['signal'];
type CommandOf<Type extends WireCommandInput['type']> = Extract<WireCommandInput, { type: Type }>;

export class LiveConversation {
  readonly onChange = new Listeners();
  readonly side: Side;
  view: ConversationView;
  /** Who on the other side is writing; undefined: nobody. */
  typing: { readonly from: string; readonly name?: string } | undefined;
  /** Why this conversation cannot be shown, in one sentence. */
  problem: string | undefined;
  readonly #connection: Connection;
  readonly #outbox: Outbox;
  #place: Place | undefined;
  #writing: string | undefined;
  #writingEnds: ReturnType<typeof setTimeout> | undefined;
  #resuming = false;
  #resumeAgain = false;
  #typingEnds: ReturnType<typeof setTimeout> | undefined;
  #saidTyping = 0;
  #asked = 0;
  readonly #leave: (() => void)[];

  constructor({ connection, conversation, side, outbox }: LiveOptions) {
    this.#connection = connection;
    this.#outbox = outbox;
    this.side = side;
    this.view = emptyView(conversation);
    this.#leave = [
      connection.onState.add((state) => (state.kind === 'online' ? this.#cameOnline() : this.#wentAway())),
      connection.onFrame.add((frame) => this.#hear(frame)),
      outbox.onChange.add(() => this.onChange.say()),
    ];
    if (connection.online) this.#cameOnline();
  }

  get waiting(): readonly Waiting[] {
    const here = new Set(
      this.view.lines.flatMap((line) => ('command' in line && line.command ? [line.command] : [])),
    );
    return this.#outbox.waiting.filter((message) => !here.has(message.command));
  }

  /** A visitor's place in the queue as it was last told; undefined: does not wait, or was not told yet. */
  get place(): Place | undefined {
    return this.#waits ? this.#place : undefined;
  }

  /** What the AI has written so far of the answer under way; undefined: it is not writing. */
  get writing(): string | undefined {
    return this.view.owner.kind === 'ai' ? this.#writing : undefined;
  }

  get unread(): number {
    return unreadFor(this.view, this.side);
  }

  post(text: string, files: readonly File[]): Promise<string> {
    this.setTyping(false);
    return this.#outbox.add({ text, files });
  }

  note(text: string): Promise<string> {
    return this.#outbox.add({ text, files: [], kind: 'note' });
  }

  retry(command: string): Promise<void> {
    return this.#outbox.retry(command);
  }

  discard(command: string): Promise<void> {
    return this.#outbox.discard(command);
  }

  /**
   * Sends a command that wants an answer now, after what was written before it: a reply that came after the end
   * would open the conversation again. Rejects with ConnectionLost where there is no line.
   */
  async command<Type extends Exclude<WireCommandInput['type'], 'PostMessage' | 'AddNote'>>(
    type: Type,
    data: CommandOf<Type>['data'],
  ): Promise<Answer> {
    if (type !== 'MarkRead' && this.#connection.online) await this.#outbox.settled(WRITTEN_WITHIN);
    // The union of data shapes cannot be followed through the generic; each call is checked where it is made.
    const command = {
      type,
      conversation: this.view.conversation,
      command: uuidv7(),
      data,
    } as WireCommandInput;
    return this.#connection.ask({ command });
  }

  /** Tells the other side that everything up to now has been seen; nothing where nothing is new. */
  async markRead(): Promise<void> {
    const upTo = newestFromOther(this.view, this.side);
    if (upTo <= this.view.readBy[this.side] || upTo <= this.#asked || !this.#connection.online) return;
    this.#asked = upTo;
    try {
      await this.command('MarkRead', { upTo });
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error;
      this.#asked = 0;
    }
  }

  /** Tells the other side whether something is being written; told again only when it would fade. */
  setTyping(isTyping: boolean): void {
    const now = Date.now();
    if (isTyping ? now - this.#saidTyping < TYPING_AGAIN : this.#saidTyping === 0) return;
    this.#saidTyping = isTyping ? now : 0;
    if (this.view.version > 0) this.#connection.signal(this.view.conversation, isTyping);
  }

  /** Stops hearing it. */
  close(): void {
    for (const leave of this.#leave) leave();
    clearTimeout(this.#typingEnds);
    clearTimeout(this.#writingEnds);
    if (this.side === 'agent' && this.#connection.online) {
      this.#connection.ask({ leave: { conversation: this.view.conversation } }).catch(ignoreLostLine);
    }
  }

  #cameOnline(): void {
    this.#asked = 0;
    this.#resume();
    this.#outbox.wake();
    this.onChange.say();
  }

  #wentAway(): void {
    this.#nobodyTypes();
    this.#place = undefined;
    this.#writing = undefined;
    this.onChange.say();
  }

  #hear(frame: ServerFrame): void {
    const { conversation } = this.view;
    if ('event' in frame && frame.event.conversation === conversation) this.#apply(frame.event);
    else if ('snapshot' in frame && frame.snapshot.conversation === conversation) {
      this.view = restore(frame.snapshot);
      for (const event of frame.snapshot.events) if (event.command) this.#outbox.seen(event.command);
      this.onChange.say();
    } else if ('signal' in frame && frame.signal.conversation === conversation)
      this.#hearSignal(frame.signal);
    else if ('heartbeat' in frame && (frame.heartbeat.heads[conversation] ?? 0) > this.view.version)
      this.#resume();
  }

  #apply(event: WireEvent): void {
    const { view, outcome } = fold(this.view, event);
    if (outcome === 'gap') this.#resume();
    if (outcome !== 'applied') return;
    const waited = this.#waits;
    this.view = view;
    // What is replayed may end an earlier wait than the one whose place was told.
    if (waited && !this.#waits && !this.#resuming) this.#place = undefined;
    if (event.command) this.#outbox.seen(event.command);
    if (event.type === 'MessagePosted' && event.actor.kind !== this.side) {
      this.#nobodyTypes();
      this.#writing = undefined;
    }
    this.onChange.say();
  }

  #hearSignal(signal: Signal): void {
    if (signal.type === 'typing') this.#hearTyping(signal);
    else if (signal.type === 'ai') this.#hearAi(signal);
    else {
      const { position, estimatedWait, opensAt } = signal;
      this.#place = { position, estimatedWait, opensAt };
      this.onChange.say();
    }
  }

  #hearAi({ answers, text, done }: Extract<Signal, { type: 'ai' }>): void {
    const { owner, lines } = this.view;
    const old = lines.some(
      (line) => line.kind === 'message' && line.author.kind === 'ai' && line.version > answers,
    );
    clearTimeout(this.#writingEnds);
    // Once it is done its message is about to come, and takes the place.
    this.#writing = old || owner.kind !== 'ai' ? undefined : text;
    // A word of its end may be lost.
    if (this.#writing !== undefined)
      this.#writingEnds = setTimeout(
        () => {
          this.#writing = undefined;
          this.onChange.say();
        },
        done ? MESSAGE_WITHIN : WRITING_FOR,
      );
    this.onChange.say();
  }

  get #waits(): boolean {
    const { status, owner } = this.view;
    return status === 'queued' && owner.kind === 'nobody';
  }

  #hearTyping(signal: Extract<Signal, { type: 'typing' }>): void {
    if (signal.from === this.side) return;
    this.#nobodyTypes();
    if (signal.isTyping) {
      this.typing = { from: signal.from, name: signal.name };
      this.#typingEnds = setTimeout(() => {
        this.#nobodyTypes();
        this.onChange.say();
      }, TYPING_FOR);
    }
    this.onChange.say();
  }

  #nobodyTypes(): void {
    clearTimeout(this.#typingEnds);
    this.typing = undefined;
  }

  #resume(): void {
    if (this.#resuming) {
      this.#resumeAgain = true;
      return;
    }
    this.#resuming = true;
    this.#resumeAgain = false;
    const resume = { conversation: this.view.conversation, after: this.view.version };
    this.#connection
      .ask({ resume })
      .then((answer) => {
        this.problem = 'refused' in answer ? answer.message : undefined;
        if (this.problem) this.onChange.say();
      })
      .catch(ignoreLostLine)
      .finally(() => {
        this.#resuming = false;
        if (this.#resumeAgain && this.#connection.online) this.#resume();
      });
  }
}

/** A lost line is shown by the connection's state, and coming back resumes; anything else is a fault. */
function ignoreLostLine(error: unknown): void {
  if (!(error instanceof ConnectionLost)) throw error;
}
