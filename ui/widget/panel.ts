// The open chat: welcome, questions, conversation, rating. Loaded by the launcher when it is needed.
import { html, LitElement, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { PublicWidgetConfig } from '../client/api.ts';
import type { Line } from '../client/conversation-view.ts';
import type { Place } from '../client/live-conversation.ts';
import type { Composer, Written } from '../parts/composer.ts';
import '../parts/composer.ts';
import '../parts/connection-bar.ts';
import { closeIcon, endIcon } from '../parts/icons.ts';
import type { MessageList } from '../parts/message-list.ts';
import '../parts/message-list.ts';
import { readableOn } from '../parts/readable-on.ts';
import { basics, tokens } from '../parts/tokens.ts';
import { closedSentence } from '../parts/wording.ts';
import { hostVisitor } from './host-visitor.ts';
import type { LeftMessage } from './offline-form.ts';
import { panelStyles } from './panel-styles.ts';
import './offline-form.ts';
import { Opening } from './opening.ts';
import type { Introduction } from './prechat-form.ts';
import './prechat-form.ts';
import type { Rated } from './rating-form.ts';
import './rating-form.ts';
import type { VisitorDetails } from './visit.ts';
import { VisitorChat } from './visitor-chat.ts';

export interface PanelContext {
  /** Where the edge is, e.g. `https://chat.example.com`. */
  readonly base: string;
  readonly siteKey: string;
  readonly config: PublicWidgetConfig;
  /** Who the page says the visitor is. */
  readonly visitor: VisitorDetails;
  readonly onUnread: (count: number) => void;
  readonly onClose: () => void;
}

export interface PanelHandle {
  open(): void;
  close(): void;
}

/** Puts the (closed) panel into the launcher's shadow root and takes up the visitor's conversation. */
export function mountPanel(root: ShadowRoot, context: PanelContext): PanelHandle {
  const panel = new WidgetPanel(context);
  panel.hidden = true;
  root.append(panel);
  return { open: () => panel.show(), close: () => panel.hide() };
}

@customElement('natter-panel')
export class WidgetPanel extends LitElement {
  @property({ reflect: true }) position: string;
  @state() private confirming = false;
  @state() private continuing = false;
  @state() private problem = '';
  /** A person is being called. */
  @state() private calling = false;
  @query('natter-composer') private readonly composer: Composer | undefined | null;
  @query('natter-messages') private readonly list: MessageList | undefined | null;
  readonly #context: PanelContext;
  readonly #chat: VisitorChat;
  readonly #opening: Opening;

  static override styles = [tokens, basics, panelStyles];

  constructor(context: PanelContext) {
    super();
    this.#context = context;
    this.position = context.config.position;
    this.style.setProperty('--n-accent', context.config.primaryColor);
    this.style.setProperty('--n-on-accent', readableOn(context.config.primaryColor));
    this.style.setProperty('--n-avatar-colour', context.config.secondaryColor);
    this.style.setProperty('--n-on-avatar', readableOn(context.config.secondaryColor));
    this.#chat = new VisitorChat(context.base, context.siteKey, hostVisitor(context.visitor));
    this.#chat.onChange.add(() => {
      this.requestUpdate();
      context.onUnread(this.#chat.live?.unread ?? 0);
    });
    this.#opening = new Opening(this.#chat.api, context.siteKey, () => this.requestUpdate());
    this.#chat.begin();
    this.addEventListener('keydown', (event) => event.key === 'Escape' && this.#escape(event));
    document.addEventListener('visibilitychange', () => this.#seen());
  }

  show(): void {
    this.hidden = false;
    this.#chat.begin();
    void this.#shown();
  }

  async #shown(): Promise<void> {
    await this.#lookIn();
    await this.updateComplete;
    this.list?.toEnd();
    this.#focusFirst();
    this.#seen();
  }

  hide(): void {
    this.hidden = true;
    this.#chat.live?.setTyping(false);
  }

  override updated(): void {
    this.#seen();
  }

  override render() {
    const { config } = this.#context;
    const chat = this.#chat;
    const { live, visit } = chat;
    const begun = visit?.conversation ?? visit?.answerTo ?? chat.waiting[0];
    const closedUntil = begun ? undefined : this.#opening.closedUntil;
    const unknown = !begun && !this.#opening.settled;
    const asks =
      config.enablePrechatForm &&
      config.prechatFields.length > 0 &&
      !visit?.introduced &&
      !visit?.conversation;
    return html`<section role="dialog" aria-label=${config.widgetTitle || 'Chat'}>
      <header>
        <div><h2 dir="auto">${config.widgetTitle || 'Chat'}</h2><p dir="auto">${this.#subtitle()}</p></div>
        ${this.#running ? html`<button class="icon" aria-label="End chat" title="End chat" @click=${this.#askToEnd}>${endIcon}</button>` : nothing}
        <button class="icon" aria-label="Close chat window" title="Close" @click=${this.#close}>${closeIcon}</button>
      </header>
      <natter-connection-bar .state=${chat.connection} @natter-retry=${() => chat.retryNow()} @natter-again=${() => chat.again()}></natter-connection-bar>
      ${this.confirming ? this.#confirmation() : nothing}
      ${
        unknown
          ? html`<div class="pause"></div>`
          : closedUntil !== undefined
            ? html`<natter-offline .opensAt=${closedUntil} .visitor=${{ ...hostVisitor(this.#context.visitor), ...visit?.visitor }} @natter-left=${this.#left}></natter-offline>`
            : asks
              ? html`<natter-prechat .fields=${config.prechatFields} .welcome=${config.welcomeMessage} @natter-introduced=${this.#introduced}></natter-prechat>`
              : html`<natter-messages side="visitor" .lines=${this.#lines()} .waiting=${chat.waiting} .readUpTo=${live?.view.readBy.agent ?? 0} .shortened=${live?.view.shortened ?? false}
              .draft=${live?.writing} .typing=${live?.typing ? live.typing.name || config.businessName || 'Agent' : undefined} .names=${{ visitor: 'You', agent: config.businessName || 'Agent' }}
              .link=${(url: string) => chat.api.link(url)} @natter-at-end=${this.#seen}
              @natter-retry=${(event: CustomEvent<string>) => chat.retry(event.detail)} @natter-discard=${(event: CustomEvent<string>) => chat.discard(event.detail)}></natter-messages>
            ${this.#withAi ? html`<div class="person"><button class="plain" ?disabled=${this.calling} @click=${this.#callPerson}>Talk to a person</button></div>` : nothing}
            ${this.#thanks()}
            ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
            ${this.#over && !this.continuing ? this.#after() : html`<natter-composer @natter-send=${this.#send} @natter-typing=${this.#typed}></natter-composer>`}`
      }
    </section>`;
  }

  get #over(): boolean {
    const status = this.#chat.live?.view.status;
    return status === 'closed' || status === 'archived' || status === 'erased';
  }

  get #withAi(): boolean {
    const { status, owner } = this.#chat.live?.view ?? {};
    return status === 'queued' && owner?.kind === 'ai';
  }

  get #running(): boolean {
    const status = this.#chat.live?.view.status;
    return status === 'open' || status === 'queued';
  }

  /** The welcome stands before everything, unless the conversation itself begins with it. */
  #lines(): readonly Line[] {
    const lines = this.#chat.live?.view.lines ?? [];
    const text = this.#context.config.welcomeMessage;
    if (!text || lines.some((line) => line.kind === 'message' && line.author.kind === 'system')) return lines;
    const at = this.#chat.live?.view.startedAt || this.#chat.waiting[0]?.at || new Date().toISOString();
    return [{ kind: 'message', version: 0, at, text, attachments: [], author: { kind: 'system' } }, ...lines];
  }

  #subtitle(): string {
    const { live } = this.#chat;
    const { owner, status } = live?.view ?? {};
    if (status === 'closed' || status === 'archived') return 'This conversation has ended';
    if (this.#withAi) return 'You are talking to our AI assistant';
    if (owner?.kind === 'agent') return `You are talking to ${owner.agent.name || 'an agent'}`;
    if (status === 'queued' && owner?.kind === 'nobody') return waiting(live?.place);
    return this.#context.config.businessName;
  }

  #confirmation() {
    const stay = () => {
      this.confirming = false;
      this.composer?.focus();
    };
    return html`<div class="confirm" role="alertdialog" aria-label="End this chat?">
      <p>End this chat?</p>
      <div class="buttons"><button class="primary" @click=${this.#end}>End chat</button><button class="plain" @click=${stay}>Go on</button></div>
    </div>`;
  }

  #after() {
    const { view } = this.#chat.live ?? {};
    const goOn = () => {
      this.continuing = true;
      void this.updateComplete.then(() => this.composer?.focus());
    };
    return html`<div class="after">
      ${view?.status === 'closed' ? html`<natter-rating .given=${view.rating} @natter-rated=${this.#rated}></natter-rating>` : nothing}
      <div class="buttons">
        <button class="plain" @click=${this.#startNew}>New conversation</button>
        ${view?.status === 'closed' ? html`<button class="plain" @click=${goOn}>Continue this one</button>` : nothing}
      </div>
    </div>`;
  }

  #introduced(event: CustomEvent<Introduction>): void {
    this.#chat.introduce(event.detail.visitor, event.detail.answers);
    void this.updateComplete.then(() => this.composer?.focus());
  }

  #left({ detail: { name, email, text } }: CustomEvent<LeftMessage>): void {
    void this.#chat.leave({ ...this.#chat.visit?.visitor, ...(name ? { name } : {}), email }, text);
    void this.updateComplete.then(() => this.composer?.focus());
  }

  /** Said until somebody answers. */
  #thanks() {
    const { answerTo, conversation } = this.#chat.visit ?? {};
    const { owner, status = 'queued' } = this.#chat.live?.view ?? {};
    const refused = this.#chat.waiting.some(({ state }) => state === 'failed');
    if (
      !answerTo ||
      !conversation ||
      refused ||
      owner?.kind === 'agent' ||
      (status !== 'queued' && status !== 'none')
    )
      return nothing;
    return html`<p class="thanks" role="status" dir="auto">Thank you. We will answer you at ${answerTo}, or here when you come back.</p>`;
  }

  /** Before a conversation has begun it matters whether anybody is there. */
  async #lookIn(): Promise<void> {
    if (!this.#chat.visit?.conversation) await this.#opening.look();
  }

  #send(event: CustomEvent<Written>): void {
    this.continuing = false;
    this.problem = '';
    void this.#chat.post(event.detail.text, event.detail.files);
  }

  #typed(event: CustomEvent<boolean>): void {
    this.#chat.live?.setTyping(event.detail);
  }

  #askToEnd(): void {
    this.confirming = true;
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<HTMLElement>('.confirm button')?.focus(),
    );
  }

  async #end(): Promise<void> {
    this.confirming = false;
    this.problem = (await this.#chat.end()) ?? '';
  }

  async #callPerson(): Promise<void> {
    this.calling = true;
    this.problem = (await this.#chat.callPerson()) ?? '';
    this.calling = false;
    this.composer?.focus();
  }

  async #rated(event: CustomEvent<Rated>): Promise<void> {
    this.problem = (await this.#chat.rate(event.detail.score, event.detail.feedback)) ?? '';
  }

  async #startNew(): Promise<void> {
    this.continuing = false;
    this.problem = '';
    this.#chat.startNew();
    await this.#lookIn();
    await this.updateComplete;
    this.#focusFirst();
  }

  /** What is on the screen of someone who looks at it has been read. */
  #seen(): void {
    const looking = !this.hidden && document.visibilityState === 'visible' && this.list?.atEnd;
    if (looking) void this.#chat.live?.markRead();
  }

  #escape(event: Event): void {
    event.stopPropagation();
    if (this.confirming) this.confirming = false;
    else this.#close();
  }

  #close(): void {
    this.hide();
    this.#context.onClose();
  }

  #focusFirst(): void {
    const first =
      this.renderRoot.querySelector<HTMLElement>('natter-offline, natter-prechat') ??
      this.composer ??
      this.renderRoot.querySelector<HTMLElement>('.after button');
    first?.focus();
  }
}

/** What a visitor who waits is told: the place, and how long it takes where that was measured. */
function waiting(place: Place | undefined): string {
  if (!place) return 'We will be with you shortly';
  const { position, estimatedWait, opensAt } = place;
  if (opensAt !== undefined) return closedSentence(opensAt);
  const where = position === 1 ? 'You are next' : `You are number ${position} in the queue`;
  if (estimatedWait === null) return where;
  return `${where}, about ${estimatedWait} ${estimatedWait === 1 ? 'minute' : 'minutes'}`;
}
