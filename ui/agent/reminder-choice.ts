// When an agent wants to be reminded of a conversation: three choices, one of them free, and the way to take it back.
import { css, html, LitElement } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { closeIcon } from '../parts/icons.ts';
import { basics } from '../parts/tokens.ts';
import { localMinute, momentOf, tomorrowMorning } from '../parts/wording.ts';

const HOUR = 3_600_000;

export interface Remind {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly text: string;
}

/**
 * `<natter-reminder .reminder=…>`
 * @event natter-remind detail: Remind
 * @event natter-unremind
 */
@customElement('natter-reminder')
export class ReminderChoice extends LitElement {
  /** The one that is set; undefined: none. */
  @property({ attribute: false }) reminder: Remind | undefined;
  @state() private choosing = false;
  @query('select') private readonly select!: HTMLSelectElement | null;
  @query('[name=at]') private readonly moment!: HTMLInputElement | null;

  static override styles = [
    basics,
    css`
      :host,
      form {
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
        align-items: center;
      }
      .input,
      button:not(.icon) {
        min-height: 34px;
        padding: 4px 12px;
        font-size: 14px;
        width: auto;
      }
      select.input {
        max-width: 150px;
      }
      [name='text'] {
        flex: 1;
        min-width: 120px;
      }
      p {
        margin: 0;
        font-size: 13px;
        color: var(--n-quiet);
        max-width: 260px;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
    `,
  ];

  override render() {
    const { reminder } = this;
    if (reminder) {
      const said = `Reminder: ${momentOf(reminder.at)}`;
      return html`<p title=${reminder.text || said} dir="auto">${said}${reminder.text ? ` – ${reminder.text}` : ''}</p>
        <button class="icon" aria-label="Clear the reminder" title="Clear the reminder" @click=${() => this.dispatchEvent(new CustomEvent('natter-unremind'))}>${closeIcon}</button>`;
    }
    if (this.choosing) return this.#form();
    return html`<select class="input" aria-label="Remind me" .value=${''} @change=${this.#chosen}>
      <option value="">Remind me…</option>
      <option value="hour">In 1 hour</option>
      <option value="tomorrow">Tomorrow, 9:00</option>
      <option value="other">Choose a time…</option>
    </select>`;
  }

  #form() {
    const now = new Date();
    return html`<form aria-label="Reminder" @submit=${this.#set} @keydown=${this.#key}>
      <input class="input" type="datetime-local" name="at" aria-label="When" required min=${localMinute(now)} value=${localMinute(tomorrowMorning(now))} />
      <input class="input" name="text" aria-label="What for" placeholder="What for?" maxlength="500" dir="auto" autocomplete="off" />
      <button class="primary">Set</button>
      <button class="plain" type="button" @click=${this.#cancel}>Cancel</button>
    </form>`;
  }

  #chosen(event: Event): void {
    const select = event.target as HTMLSelectElement;
    const { value } = select;
    select.value = '';
    const now = new Date();
    if (value === 'hour') this.#say(new Date(now.getTime() + HOUR), '');
    else if (value === 'tomorrow') this.#say(tomorrowMorning(now), '');
    else if (value === 'other') {
      this.choosing = true;
      void this.updateComplete.then(() => this.moment?.focus());
    }
  }

  #set(event: SubmitEvent): void {
    event.preventDefault();
    const fields = new FormData(event.target as HTMLFormElement);
    const at = new Date(String(fields.get('at')));
    if (Number.isNaN(at.getTime())) return;
    this.choosing = false;
    this.#say(at, String(fields.get('text') ?? '').trim());
  }

  #key(event: KeyboardEvent): void {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    this.#cancel();
  }

  #cancel(): void {
    this.choosing = false;
    void this.updateComplete.then(() => this.select?.focus());
  }

  #say(at: Date, text: string): void {
    this.dispatchEvent(new CustomEvent<Remind>('natter-remind', { detail: { at: at.toISOString(), text } }));
  }
}
