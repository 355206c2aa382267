// A visitor's side of the chat without any picture: the visit, its outbox, and the conversation once it was started.
import { Api, ApiRefusal } from '../client/api.ts';
import { Connection, ConnectionLost, type ConnectionState } from '../client/connection.ts';
import { type Destination, deliverTo } from '../client/deliver.ts';
import { Listeners } from '../client/listeners.ts';
import { LiveConversation } from '../client/live-conversation.ts';
import { Outbox, type Waiting } from '../client/outbox.ts';
import { openOutboxStore } from '../client/outbox-store.ts';
import { uuidv7 } from '../client/uuid.ts';
import { readVisit, type Visit, type VisitorDetails, visitKey, visitOrNew, writeVisit } from './visit.ts';

/** Close codes after which this visitor cannot have the conversation back: the token or the conversation is gone. */
const OUT_OF_REACH = new Set([4401, 4403, 4404]);

/** Everything that belongs to one visit and goes when another begins. */
interface Running {
  readonly visit: Visit;
  readonly connection: Connection;
  readonly outbox: Outbox;
  live?: LiveConversation;
  stopHearing: (() => void)[];
}

export class VisitorChat {
  readonly onChange = new Listeners();
  readonly api: Api;
  readonly #siteKey: string;
  readonly #host: VisitorDetails;
  readonly #store = openOutboxStore();
  #now: Running | undefined;
  /** What was written so far is written down: the next waits for it, so that the order is that of writing. */
  #writing: Promise<unknown> = Promise.resolve();
  #identified = false;

  /** `host`: who the page around us says the visitor is. */
  constructor(base: string, siteKey: string, host: VisitorDetails = {}) {
    this.api = new Api(base);
    this.#siteKey = siteKey;
    this.#host = host;
    addEventListener('storage', ({ key }) => key === visitKey(siteKey) && this.#followOtherTab());
  }

  get visit(): Visit | undefined {
    return this.#now && (readVisit(this.#siteKey) ?? this.#now.visit);
  }

  get live(): LiveConversation | undefined {
    return this.#now?.live;
  }

  get waiting(): readonly Waiting[] {
    return this.live?.waiting ?? this.#now?.outbox.waiting ?? [];
  }

  get connection(): ConnectionState {
    return this.#now?.connection.state ?? { kind: 'idle' };
  }

  /** Takes up the visit that this browser remembers, or begins one. */
  begin(): void {
    let visit = visitOrNew(this.#siteKey);
    // Somebody else has signed in on this device: the conversation so far is not theirs.
    if (this.#host.id && visit.customer && visit.customer !== this.#host.id)
      visit = writeVisit(this.#siteKey, { id: uuidv7() });
    this.#take(visit);
  }

  /** Says who the visitor is, before the first message. */
  introduce(visitor: VisitorDetails, answers: string): void {
    this.#remember({ visitor, answers: answers || undefined, introduced: true });
  }

  /** Begins a conversation with a message that is answered later, by e-mail or here. */
  leave(visitor: VisitorDetails & { readonly email: string }, text: string): Promise<void> {
    this.#remember({ visitor, answerTo: visitor.email, answers: undefined, introduced: true });
    return this.post(text, []);
  }

  /** Writes a message down; it goes as soon as it can. */
  post(text: string, files: readonly File[]): Promise<void> {
    const now = this.#now;
    if (!now) return Promise.reject(new Error('the chat has not begun'));
    const written = this.#writing.then(() => this.#write(now, text, files));
    // Who posted hears of a failure; the next message is written all the same.
    this.#writing = written.catch(() => undefined);
    return written;
  }

  async #write(now: Running, text: string, files: readonly File[]): Promise<void> {
    const { answers } = this.visit ?? {};
    if (answers) {
      await now.outbox.add({ text: answers, files: [] });
      this.#remember({ answers: undefined });
    }
    if (now.live) await now.live.post(text, files);
    else await now.outbox.add({ text, files });
  }

  retry(command: string): void {
    void this.#now?.outbox.retry(command);
  }

  discard(command: string): void {
    void this.#now?.outbox.discard(command);
  }

  retryNow(): void {
    this.#now?.connection.retryNow();
  }

  /** After the line was ended from the other side: the same conversation again, or a new one where that is out of reach. */
  again(): void {
    const { connection } = this;
    if (connection.kind !== 'ended') return;
    if (OUT_OF_REACH.has(connection.code)) this.startNew();
    else this.#now?.connection.open();
  }

  /** Ends the conversation; answers why not, in one sentence, where it could not. */
  end(): Promise<string | undefined> {
    return this.#tell((live) => live.command('CloseConversation', {}));
  }

  /** Asks for a person in the AI's stead; answers why not, in one sentence, where it could not. */
  callPerson(): Promise<string | undefined> {
    return this.#tell((live) => live.command('RequestHuman', {}));
  }

  rate(score: number, feedback: string): Promise<string | undefined> {
    return this.#tell((live) => live.command('RateConversation', { score, feedback }));
  }

  /** Leaves this conversation as it is and begins another. */
  startNew(): void {
    const { visitor, introduced } = this.visit ?? {};
    writeVisit(this.#siteKey, { id: uuidv7(), visitor, introduced });
    this.begin();
  }

  #take(visit: Visit): void {
    if (this.#now?.visit.id === visit.id) {
      this.#connect(this.#now);
      return;
    }
    this.#letGo();
    const connection = new Connection({
      url: this.api.socketUrl,
      auth: () => ({ conversation: this.visit?.conversation, visitorToken: this.visit?.visitorToken }),
    });
    const outbox: Outbox = new Outbox({
      box: `visit:${this.#siteKey}:${visit.id}`,
      store: this.#store,
      deliver: deliverTo(this.api, connection, () => this.#locate(visit.id)),
    });
    const now: Running = { visit, connection, outbox, stopHearing: [] };
    now.stopHearing.push(
      connection.onState.add(() => this.onChange.say()),
      outbox.onChange.add(() => this.#written(now)),
    );
    this.#now = now;
    this.#connect(now);
    void outbox.start();
    this.onChange.say();
  }

  /** Opens the line once there is a conversation to hear. */
  #connect(now: Running): void {
    const conversation = this.visit?.conversation;
    if (!conversation || now.live) return;
    const { connection, outbox } = now;
    now.live = new LiveConversation({ connection, conversation, side: 'visitor', outbox });
    now.stopHearing.push(now.live.onChange.add(() => this.#changed(now)));
    connection.open();
    this.onChange.say();
  }

  /** Where messages of this visit go. The first one starts the conversation, once, however often it is tried. */
  async #locate(id: string): Promise<Destination> {
    const { visit } = this;
    if (visit?.id !== id) throw new ConnectionLost('another conversation has begun');
    if (visit.conversation && visit.visitorToken)
      return { conversation: visit.conversation, right: { visitorToken: visit.visitorToken } };
    const { conversation, visitorToken } = await this.api.startConversation({
      siteKey: this.#siteKey,
      command: visit.id,
      visitor: { ...this.#host, ...visit.visitor },
      pageUrl: location.href.slice(0, 2_000),
      referrer: document.referrer.slice(0, 2_000) || undefined,
    });
    this.#remember({ conversation, visitorToken, customer: this.#host.id });
    if (this.#now) this.#connect(this.#now);
    return { conversation, right: { visitorToken } };
  }

  /** Whoever signed in after the conversation began is made known to those who answer. */
  #identify({ live, connection }: Running): void {
    const { id } = this.#host;
    const { status, visitor } = live?.view ?? { status: 'none' };
    if (!id || visitor?.id === id || (status !== 'open' && status !== 'queued')) return;
    if (this.#identified || !connection.online) return;
    // Once a page: where it went wrong, the next page says it again.
    this.#identified = true;
    this.#remember({ customer: id });
    void this.#tell((live) => live.command('IdentifyVisitor', { visitor: this.#host }));
  }

  #changed(now: Running): void {
    this.#identify(now);
    const { status } = now.live?.view ?? { status: 'none' };
    const ended = status === 'closed' || status === 'archived' || status === 'erased';
    if (status !== 'none' && (this.visit?.ended ?? false) !== ended) this.#remember({ ended });
    this.onChange.say();
  }

  /** Notes whether something waits, and whose it is, for a page that comes before it is acknowledged. */
  #written({ visit: { id }, outbox }: Running): void {
    const { visit } = this;
    const unsent = outbox.waiting.some(({ state }) => state !== 'sent');
    if (visit?.id !== id || (visit.unsent ?? false) === unsent) return this.onChange.say();
    const customer = unsent ? (visit.customer ?? this.#host.id) : visit.customer;
    this.#remember({ unsent, customer });
  }

  #remember(change: Partial<Visit>): void {
    const { visit } = this;
    if (!visit || visit.id !== this.#now?.visit.id) return;
    writeVisit(this.#siteKey, { ...visit, ...change });
    this.onChange.say();
  }

  /** Another tab started, ended or replaced the conversation. */
  #followOtherTab(): void {
    const visit = readVisit(this.#siteKey);
    if (visit && this.#now) this.#take(visit);
  }

  #letGo(): void {
    const now = this.#now;
    this.#now = undefined;
    for (const stop of now?.stopHearing ?? []) stop();
    now?.live?.close();
    now?.outbox.close();
    now?.connection.close();
  }

  async #tell(
    ask: (live: LiveConversation) => ReturnType<LiveConversation['command']>,
  ): Promise<string | undefined> {
    // What was written before it goes before it.
    await this.#writing;
    const { live } = this;
    if (!live) return 'There is no conversation yet.';
    try {
      const answer = await ask(live);
      return 'refused' in answer ? answer.message : undefined;
    } catch (error) {
      if (error instanceof ConnectionLost)
        return 'There is no connection right now. Please try again in a moment.';
      if (error instanceof ApiRefusal) return error.message;
      throw error;
    }
  }
}
