// The list of conversations with its tabs, search and filters; one row tells at a glance who waits and for how long.
import { html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { ConversationSummary } from '../../domain/wire.ts';
import type { InboxFilter, InboxStatus } from '../client/api.ts';
import '../parts/avatar.ts';
import { basics } from '../parts/tokens.ts';
import { ageOf } from '../parts/wording.ts';
import { departmentsWith, titled } from './choices.ts';
import { inboxStyles } from './inbox-styles.ts';

type Tab = 'queued' | 'mine' | 'open' | 'closed';
const TABS: readonly { readonly tab: Tab; readonly label: string; readonly count?: InboxStatus }[] = [
  { tab: 'queued', label: 'Queue', count: 'queued' },
  { tab: 'mine', label: 'Mine' },
  { tab: 'open', label: 'All open', count: 'open' },
  { tab: 'closed', label: 'Closed', count: 'closed' },
];
const SEARCH_AFTER = 250;
const AGES_EVERY = 30_000;

/**
 * `<natter-inbox>`
 * @event natter-filter detail: InboxFilter
 * @event natter-open detail: conversation id
 * @event natter-more
 */
@customElement('natter-inbox')
export class InboxList extends LitElement {
  @property({ attribute: false }) rows: readonly ConversationSummary[] = [];
  @property({ attribute: false }) counts: Readonly<Record<InboxStatus, number>> = {
    queued: 0,
    open: 0,
    closed: 0,
    archived: 0,
  };
  /** The workspace's departments. */
  @property({ attribute: false }) departments: readonly string[] = [];
  @property() me = '';
  @property() selected = '';
  @property({ type: Boolean }) more = false;
  @property({ type: Boolean }) loading = false;
  @state() private tab: Tab = 'queued';
  @state() private department = '';
  #search = '';
  #typing: ReturnType<typeof setTimeout> | undefined;
  #ages: ReturnType<typeof setInterval> | undefined;

  static override styles = [basics, inboxStyles];

  override connectedCallback(): void {
    super.connectedCallback();
    this.#ages = setInterval(() => this.requestUpdate(), AGES_EVERY);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#ages);
    clearTimeout(this.#typing);
  }

  override render() {
    const used = this.rows.map((row) => row.department);
    const departments = departmentsWith(this.departments, used);
    return html`
      <div class="tabs" role="group" aria-label="Which conversations">
        ${TABS.map(({ tab, label, count }) => html`<button aria-pressed=${tab === this.tab} @click=${() => this.#look({ tab })}>${label}${count ? html` <b>${this.counts[count]}</b>` : nothing}</button>`)}
      </div>
      <div class="filters">
        <input class="input" type="search" aria-label="Search" placeholder="Search name, e-mail, id" maxlength="200" @input=${this.#searched} />
        <select class="input" aria-label="Department" @change=${(event: Event) => this.#look({ department: (event.target as HTMLSelectElement).value })}>
          <option value="">All departments</option>
          ${departments.map((each) => html`<option value=${each} ?selected=${each === this.department}>${titled(each)}</option>`)}
        </select>
      </div>
      <div class="rows" role="list" aria-label="Conversations" @keydown=${this.#moved}>
        ${repeat(
          this.rows,
          (row) => row.conversation,
          (row) => this.#row(row),
        )}
        ${this.rows.length === 0 ? html`<p class="none">${this.loading ? 'Loading…' : 'Nothing here.'}</p>` : nothing}
        ${this.more ? html`<button class="plain" ?disabled=${this.loading} @click=${() => this.#say('natter-more')}>Load more</button>` : nothing}
      </div>
    `;
  }

  #row(row: ConversationSummary) {
    const name = visitorName(row);
    const since =
      row.status === 'queued' ? (row.queuedAt ?? row.startedAt) : (row.lastMessage?.at ?? row.updatedAt);
    const selected = row.conversation === this.selected;
    return html`<div role="listitem"><button class="row" aria-current=${selected ? 'true' : nothing} data-conversation=${row.conversation} @click=${() => this.#say('natter-open', row.conversation)}>
      <natter-avatar .name=${name} .seed=${row.conversation}></natter-avatar>
      <span class="what">
        <span class="top"><span class="name" dir="auto">${name}</span><time datetime=${since} dir="ltr">${ageOf(since)}</time></span>
        <span class="top"><span class="last" dir="auto">${lastSaid(row)}</span>${row.unread > 0 ? html`<b class="unread" aria-label="${row.unread} unread">${row.unread > 99 ? '99+' : row.unread}</b>` : nothing}</span>
        <span class="tags">
          ${row.priority === 'high' || row.priority === 'urgent' ? html`<i class=${row.priority}>${titled(row.priority)}</i>` : nothing}
          ${row.department && row.department !== 'general' ? html`<i>${titled(row.department)}</i>` : nothing}
          ${row.owner.kind === 'agent' ? html`<i>${row.owner.id === this.me ? 'You' : row.owner.name}</i>` : row.owner.kind === 'ai' ? html`<i>Assistant</i>` : nothing}
          ${row.tags.slice(0, 3).map((tag) => html`<i dir="auto">${tag}</i>`)}
        </span>
      </span>
    </button></div>`;
  }

  #look(change: { tab?: Tab; department?: string }): void {
    this.tab = change.tab ?? this.tab;
    this.department = change.department ?? this.department;
    const status: InboxStatus = this.tab === 'mine' ? 'open' : this.tab;
    const filter: InboxFilter = {
      status,
      assigned: this.tab === 'mine' ? this.me : undefined,
      department: this.department || undefined,
      search: this.#search || undefined,
    };
    this.#say('natter-filter', filter);
  }

  #searched(event: Event): void {
    this.#search = (event.target as HTMLInputElement).value.trim();
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#look({}), SEARCH_AFTER);
  }

  /** Arrow keys walk the list. */
  #moved(event: KeyboardEvent): void {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const buttons = [...this.renderRoot.querySelectorAll<HTMLElement>('.row')];
    const at = buttons.findIndex((button) => button.matches(':focus'));
    const next = buttons[at + (event.key === 'ArrowDown' ? 1 : -1)];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }

  #say(name: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

/** What to call a visitor in a list. */
export function visitorName(row: Pick<ConversationSummary, 'visitor' | 'conversation'>): string {
  return row.visitor.name || row.visitor.email || `Visitor ${row.conversation.slice(-4)}`;
}

function lastSaid(row: ConversationSummary): string {
  if (!row.lastMessage) return 'No message yet';
  const text = row.lastMessage.text || 'Sent a file';
  return row.lastMessage.author === 'visitor' ? text : `↩ ${text}`;
}
