// Who the visitor is and how the conversation is filed: details, department, priority, tags, rating.
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { closeIcon } from '../parts/icons.ts';
import { basics } from '../parts/tokens.ts';
import { browserOf, dayOf, timeOf } from '../parts/wording.ts';
import { departmentsWith, PRIORITIES, titled } from './choices.ts';
import type { Desk } from './desk.ts';

/**
 * `<natter-customer .desk=…>`
 * @event natter-details hide these details
 */
@customElement('natter-customer')
export class CustomerPanel extends LitElement {
  @property({ attribute: false }) desk!: Desk;
  #stop: (() => void) | undefined;

  static override styles = [
    basics,
    css`
      :host {
        display: block;
        overflow-y: auto;
        padding: 14px 16px;
        background: var(--n-surface);
        scrollbar-width: thin;
      }
      header {
        display: flex;
        align-items: center;
        justify-content: space-between;
      }
      h3 {
        margin: 0;
        font-size: 15px;
      }
      dl {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 6px 12px;
        margin: 10px 0 18px;
        font-size: 14px;
      }
      dt {
        color: var(--n-quiet);
      }
      dd {
        margin: 0;
        min-width: 0;
        overflow-wrap: anywhere;
      }
      .field {
        margin-block-end: 12px;
      }
      ul {
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: flex;
        align-items: center;
        max-width: 100%;
        padding-inline-start: 9px;
        border-radius: 8px;
        background: var(--n-bubble);
        font-size: 13.5px;
        overflow-wrap: anywhere;
      }
      li .icon {
        width: 28px;
        height: 28px;
      }
      li svg {
        width: 14px;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop = this.desk.onChange.add(() => this.requestUpdate());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
  }

  override render() {
    const { desk } = this;
    const { view } = desk.live ?? {};
    if (!view) return nothing;
    const { visitor, origin, rating } = view;
    const departments = departmentsWith(desk.departments, [view.department]);
    return html`
      <header><h3>Visitor</h3><button class="icon" aria-label="Hide details" @click=${this.#hide}>${closeIcon}</button></header>
      <dl>
        ${fact('Name', visitor.name)}${fact('E-mail', visitor.email)}${fact('Phone', visitor.phone)}${fact('Customer id', visitor.id)}
        ${fact('Place', [origin.place?.city, origin.place?.region, origin.place?.country].filter(Boolean).join(', '))}${fact('Page', origin.pageUrl)}${fact('Came from', origin.referrer)}${fact('Language', origin.language)}${fact('Browser', origin.userAgent && browserOf(origin.userAgent))}
        ${fact('Started', view.startedAt && `${dayOf(view.startedAt)}, ${timeOf(view.startedAt)}`)}
        ${fact('Rating', rating && `${rating.score} of 5${rating.feedback ? `: ${rating.feedback}` : ''}`)}
      </dl>
      <label class="field">Department
        <select @change=${(event: Event) => desk.tell('SetDepartment', { department: (event.target as HTMLSelectElement).value })}>
          ${departments.map((each) => html`<option value=${each} .selected=${each === view.department}>${titled(each)}</option>`)}
        </select></label>
      <label class="field">Priority
        <select @change=${(event: Event) => desk.tell('SetPriority', { priority: (event.target as HTMLSelectElement).value as (typeof PRIORITIES)[number] })}>
          ${PRIORITIES.map((each) => html`<option value=${each} .selected=${each === view.priority}>${titled(each)}</option>`)}
        </select></label>
      <form @submit=${this.#addTag}>
        <label class="field">Tags<input name="tag" maxlength="60" placeholder="Add a tag and press Enter" dir="auto" autocomplete="off" /></label>
      </form>
      <ul aria-label="Tags">${view.tags.map((tag) => html`<li dir="auto">${tag}<button class="icon" aria-label="Remove tag ${tag}" @click=${() => this.#removeTag(tag)}>${closeIcon}</button></li>`)}</ul>
    `;
  }

  #addTag(event: SubmitEvent): void {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const tag = String(new FormData(form).get('tag') ?? '').trim();
    const tags = this.desk.live?.view.tags ?? [];
    form.reset();
    if (tag && !tags.includes(tag)) void this.desk.tell('SetTags', { tags: [...tags, tag] });
  }

  #removeTag(tag: string): void {
    const tags = this.desk.live?.view.tags ?? [];
    void this.desk.tell('SetTags', { tags: tags.filter((each) => each !== tag) });
  }

  #hide(): void {
    this.dispatchEvent(new CustomEvent('natter-details', { bubbles: true, composed: true }));
  }
}

function fact(name: string, value: string | undefined) {
  return value ? html`<dt>${name}</dt><dd dir="auto">${value}</dd>` : nothing;
}
