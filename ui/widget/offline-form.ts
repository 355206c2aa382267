// What a visitor can leave while nobody is there: who they are, where to answer, and what they want.
import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { basics } from '../parts/tokens.ts';
import { closedSentence } from '../parts/wording.ts';
import { formStyles } from './form-styles.ts';
import type { VisitorDetails } from './visit.ts';

export interface LeftMessage {
  readonly name: string;
  readonly email: string;
  readonly text: string;
}

/** What the server takes as an address, so that it does not have to refuse one. */
const EMAIL =
  "(?!\\.)(?!.*\\.\\.)[A-Za-z0-9_'+\\-.]*[A-Za-z0-9_+\\-]@([A-Za-z0-9][A-Za-z0-9\\-]*\\.)+[A-Za-z]{2,}";

/**
 * `<natter-offline .opensAt=… .visitor=…>`
 * @event natter-left detail: LeftMessage
 */
@customElement('natter-offline')
export class OfflineForm extends LitElement {
  /** ISO 8601; null: not known. */
  @property({ attribute: false }) opensAt: string | null = null;
  /** Who the visitor is, as far as that is known. */
  @property({ attribute: false }) visitor: VisitorDetails = {};

  static override styles = [
    basics,
    formStyles,
    css`
      p {
        font-weight: 600;
      }
      textarea {
        min-height: 110px;
      }
    `,
  ];

  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>('input')?.focus();
  }

  override render() {
    const { name = '', email = '' } = this.visitor;
    return html`
      <p>${closedSentence(this.opensAt)}</p>
      <form @submit=${this.#submit}>
        <label class="field">Name (optional)<input name="name" maxlength="120" dir="auto" autocomplete="name" .value=${name} /></label>
        <label class="field">E-mail<input type="email" name="email" required maxlength="254" pattern=${EMAIL} title="An e-mail address such as name@example.com" autocomplete="email" .value=${email} /></label>
        <label class="field">Message<textarea name="text" required maxlength="10000" dir="auto"></textarea></label>
        <button class="primary">Send message</button>
      </form>
    `;
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const said = new FormData(form);
    const of = (name: string) => String(said.get(name) ?? '').trim();
    const detail: LeftMessage = { name: of('name'), email: of('email'), text: of('text') };
    // Spaces alone satisfy the browser.
    if (!detail.text) return form.querySelector('textarea')?.focus();
    this.dispatchEvent(new CustomEvent('natter-left', { detail, bubbles: true, composed: true }));
  }
}
