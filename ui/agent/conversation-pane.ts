// The open conversation of an agent: who it is with, what to do with it, the transcript, and where to answer or note.
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { keyed } from 'lit/directives/keyed.js';
import type { Composer, Written } from '../parts/composer.ts';
import '../parts/composer.ts';
import { backIcon, personIcon } from '../parts/icons.ts';
import type { MessageList } from '../parts/message-list.ts';
import '../parts/message-list.ts';
import { basics } from '../parts/tokens.ts';
import { titled } from './choices.ts';
import type { Desk } from './desk.ts';
import { visitorName } from './inbox-list.ts';
import './reminder-choice.ts';
import type { Remind } from './reminder-choice.ts';

/** Before a department's name among those to whom a conversation may be handed over. */
const DEPARTMENT = 'department ';

/**
 * `<natter-conversation .desk=…>`
 * @event natter-back to the list (narrow screens)
 * @event natter-details show or hide the visitor's details
 */
@customElement('natter-conversation')
export class ConversationPane extends LitElement {
  @property({ attribute: false }) desk!: Desk;
  @state() private noting = false;
  @query('natter-composer') private readonly composer!: Composer | null;
  @query('natter-messages') private readonly list!: MessageList | null;
  #shown = '';
  #stop: (() => void) | undefined;
  readonly #visible = () => this.#seen();

  static override styles = [
    basics,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-height: 0;
        min-width: 0;
        background: var(--n-surface);
      }
      header {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 6px 8px;
        padding: 8px 12px;
        border-block-end: 1px solid var(--n-line);
      }
      .who {
        flex: 1;
        min-width: 120px;
      }
      h2 {
        margin: 0;
        font-size: 16px;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .who p {
        margin: 0;
        color: var(--n-quiet);
        font-size: 13px;
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
        align-items: center;
      }
      .actions .primary,
      .actions .plain,
      .actions select {
        min-height: 34px;
        padding: 4px 12px;
        font-size: 14px;
        width: auto;
      }
      .actions select {
        max-width: 150px;
      }
      .modes {
        display: flex;
        gap: 2px;
        padding: 6px 12px 0;
        border-block-start: 1px solid var(--n-line);
      }
      .modes button {
        padding: 4px 12px;
        border-radius: 8px;
        color: var(--n-quiet);
        font-size: 13.5px;
        font-weight: 600;
      }
      .modes [aria-pressed='true'] {
        background: var(--n-bubble);
        color: var(--n-text);
      }
      .noting .modes [aria-pressed='true'] {
        background: var(--n-note);
      }
      natter-composer {
        border: 0;
      }
      .noting natter-composer {
        --n-surface: var(--n-note);
      }
      .problem {
        margin: 8px 12px;
      }
      .none {
        display: grid;
        place-items: center;
        flex: 1;
        padding: 24px;
        color: var(--n-quiet);
        text-align: center;
      }
      .back {
        display: none;
      }
      @media (max-width: 760px) {
        .back {
          display: inline-grid;
        }
      }
      :host(:dir(rtl)) .back svg {
        transform: scaleX(-1);
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop = this.desk.onChange.add(() => this.requestUpdate());
    document.addEventListener('visibilitychange', this.#visible);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
    document.removeEventListener('visibilitychange', this.#visible);
  }

  override updated(): void {
    const conversation = this.desk.live?.view.conversation ?? '';
    if (conversation !== this.#shown) {
      this.#shown = conversation;
      this.noting = false;
      if (conversation) {
        this.composer?.focus();
        void this.list?.updateComplete.then(() => this.list?.toEnd());
      }
    }
    this.#seen();
  }

  override render() {
    const { live, problem } = this.desk;
    if (!live)
      return html`<div class="none"><p>Choose a conversation to read and answer it.</p>${problem ? html`<p class="problem" role="alert">${problem}</p>` : nothing}</div>`;
    const { view } = live;
    const name = visitorName(view);
    const archived = view.status === 'archived' || view.status === 'erased';
    const typing = live.typing ? live.typing.name || name : undefined;
    return html`
      <header>
        <button class="icon back" aria-label="Back to the list" @click=${() => this.#say('natter-back')}>${backIcon}</button>
        <div class="who"><h2 dir="auto">${name}</h2><p>${this.#standing()}</p></div>
        <div class="actions">${this.#actions()}
          <button class="icon" aria-label="Visitor and details" title="Visitor and details" @click=${() => this.#say('natter-details')}>${personIcon}</button>
        </div>
      </header>
      ${live.problem || problem ? html`<p class="problem" role="alert">${live.problem || problem}</p>` : nothing}
      <natter-messages side="agent" .lines=${view.lines} .waiting=${live.waiting} .readUpTo=${view.readBy.visitor} .shortened=${view.shortened} .typing=${typing}
        .draft=${live.writing} .names=${{ visitor: name, agent: 'Agent' }} .link=${(url: string) => this.desk.api.link(url)} empty=${view.version === 0 ? 'Loading…' : 'Nothing was written yet.'}
        @natter-at-end=${this.#seen} @natter-retry=${(event: CustomEvent<string>) => void live.retry(event.detail)} @natter-discard=${(event: CustomEvent<string>) => void live.discard(event.detail)}></natter-messages>
      ${
        archived
          ? nothing
          : html`<div class=${this.noting ? 'noting' : ''}>
            <div class="modes" role="group" aria-label="What to write">
              <button aria-pressed=${!this.noting} @click=${() => this.#write(false)}>Reply</button>
              <button aria-pressed=${this.noting} @click=${() => this.#write(true)}>Note</button>
            </div>
            <natter-composer .box=${view.conversation} .files=${!this.noting} label=${this.noting ? 'Note for your team' : 'Reply'}
              placeholder=${this.noting ? 'A note that only your team sees…' : view.status === 'closed' ? 'Writing reopens this conversation…' : 'Write a reply…'}
              @natter-send=${this.#send} @natter-typing=${this.#typed}></natter-composer>
          </div>`
      }
    `;
  }

  #standing(): string {
    const { owner, status } = this.desk.live?.view ?? { status: 'none' };
    if (status === 'none') return '';
    if (status === 'erased') return 'Erased';
    if (status === 'archived') return 'Archived';
    if (status === 'closed') return 'Closed';
    if (owner?.kind === 'agent')
      return this.#isMe(owner.agent.id) ? 'Assigned to you' : `Assigned to ${owner.agent.name}`;
    return owner?.kind === 'ai' ? 'The assistant answers' : 'Waiting in the queue';
  }

  #actions() {
    const { desk } = this;
    const { view } = desk.live ?? {};
    if (!view || view.status === 'none' || view.status === 'archived' || view.status === 'erased')
      return nothing;
    // Another conversation's half-made choice is none of this one's: so it is keyed.
    const reminder = keyed(
      view.conversation,
      html`<natter-reminder .reminder=${view.reminder} @natter-remind=${(event: CustomEvent<Remind>) => desk.tell('SetReminder', event.detail)} @natter-unremind=${() => desk.tell('ClearReminder', {})}></natter-reminder>`,
    );
    if (view.status === 'closed')
      return html`${reminder}<button class="plain" @click=${() => desk.tell('ReopenConversation', {})}>Reopen</button>`;
    const owner = view.owner.kind === 'agent' ? view.owner.agent.id : undefined;
    const others = desk.agents.filter((agent) => String(agent.id) !== desk.me && String(agent.id) !== owner);
    return html`
      ${this.#take(owner)}
      <select class="input" aria-label="Hand over to" .value=${''} @change=${this.#handOver}>
        <option value="">Hand over…</option>
        ${others.map((agent) => html`<option value=${agent.id}>${agent.full_name || agent.username}${agent.online === false ? ' (away)' : ''}</option>`)}
        ${
          desk.departments.length > 1
            ? html`<optgroup label="Department">
              ${desk.departments.filter((each) => each !== view.department).map((each) => html`<option value=${DEPARTMENT + each}>${titled(each)}</option>`)}
            </optgroup>`
            : nothing
        }
        ${view.owner.kind === 'nobody' ? nothing : html`<option value="queue">Back to the queue</option>`}
        ${view.owner.kind === 'ai' ? nothing : html`<option value="ai">Back to the AI</option>`}
      </select>
      ${reminder}
      <button class="plain" @click=${() => desk.tell('CloseConversation', {})}>Close</button>
    `;
  }

  /** From the queue it is accepted, which never is more than one takes; from a colleague it is taken over. */
  #take(owner: string | undefined) {
    const { desk } = this;
    if (owner === undefined)
      return html`<button class="primary" @click=${() => desk.tell('AcceptConversation', {})}>Accept</button>`;
    return this.#isMe(owner)
      ? nothing
      : html`<button class="primary" @click=${() => desk.tell('AssignAgent', { agent: desk.me })}>Assign to me</button>`;
  }

  #isMe(agent: string): boolean {
    return agent === this.desk.me;
  }

  #handOver(event: Event): void {
    const select = event.target as HTMLSelectElement;
    const to = select.value;
    select.value = '';
    if (to.startsWith(DEPARTMENT))
      void this.desk.tell('QueueConversation', { department: to.slice(DEPARTMENT.length) });
    else if (to === 'queue') void this.desk.tell('QueueConversation', {});
    else if (to === 'ai') void this.desk.tell('ReturnToAi', {});
    else if (to) void this.desk.tell('TransferConversation', { to });
  }

  #write(note: boolean): void {
    this.noting = note;
    this.composer?.focus();
  }

  #send(event: CustomEvent<Written>): void {
    const { live } = this.desk;
    const { text, files } = event.detail;
    if (this.noting) void live?.note(text);
    else void live?.post(text, files);
  }

  #typed(event: CustomEvent<boolean>): void {
    this.desk.live?.setTyping(event.detail && !this.noting);
  }

  #seen(): void {
    if (document.visibilityState === 'visible' && this.list?.atEnd) void this.desk.live?.markRead();
  }

  #say(name: string): void {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true }));
  }
}
