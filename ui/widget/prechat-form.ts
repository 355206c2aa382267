// The questions that a business asks before the chat begins, as its configuration names them.
import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { PrechatField } from '../client/api.ts';
import { basics } from '../parts/tokens.ts';
import { formStyles } from './form-styles.ts';
import type { VisitorDetails } from './visit.ts';

export interface Introduction {
  readonly visitor: VisitorDetails;
  /** The other answers, a line each: `Label: answer`. */
  readonly answers: string;
}

/**
 * `<natter-prechat .fields=…>`
 * @event natter-introduced detail: Introduction
 */
@customElement('natter-prechat')
export class PrechatForm extends LitElement {
  @property({ attribute: false }) fields: readonly PrechatField[] = [];
  @property() welcome = '';

  static override styles = [
    basics,
    formStyles,
    css`
      p {
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      .check {
        grid-template-columns: auto 1fr;
        align-items: center;
        gap: 10px;
      }
      textarea {
        min-height: 80px;
      }
    `,
  ];

  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>('input, select, textarea, button')?.focus();
  }

  override render() {
    return html`
      <p dir="auto">${this.welcome}</p>
      <form @submit=${this.#submit}>
        ${this.fields.map((field) => html`<label class="field ${field.type === 'checkbox' ? 'check' : ''}">${this.#input(field)}</label>`)}
        <button class="primary">Start chat</button>
      </form>
    `;
  }

  #input(field: PrechatField) {
    const { name, required } = field;
    const label = html`<span dir="auto">${field.label || name}${required ? '' : ' (optional)'}</span>`;
    switch (field.type) {
      case 'checkbox':
        return html`<input type="checkbox" name=${name} ?required=${required} value="yes" />${label}`;
      case 'textarea':
        return html`${label}<textarea name=${name} ?required=${required} maxlength="2000" dir="auto"></textarea>`;
      case 'select':
        return html`${label}<select name=${name} ?required=${required}><option value=""></option>${(field.options ?? []).map((option) => html`<option>${option}</option>`)}</select>`;
      default:
        return html`${label}<input type=${field.type} name=${name} ?required=${required} maxlength="250" dir="auto" autocomplete=${autocomplete(field)} />`;
    }
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const visitor: Record<string, string> = {};
    const answers: string[] = [];
    for (const field of this.fields) {
      const answer = String(form.get(field.name) ?? '').trim();
      if (!answer) continue;
      const detail = detailOf(field);
      if (detail && !visitor[detail]) visitor[detail] = answer;
      else answers.push(`${field.label || field.name}: ${answer}`);
    }
    const detail: Introduction = { visitor, answers: answers.join('\n') };
    this.dispatchEvent(new CustomEvent('natter-introduced', { detail, bubbles: true, composed: true }));
  }
}

/** Which of a visitor's details a field asks for; undefined: none. */
function detailOf(field: PrechatField): Exclude<keyof VisitorDetails, 'id'> | undefined {
  if (field.type === 'email') return 'email';
  if (field.type === 'tel') return 'phone';
  return /^(full|your|customer|visitor)?[ _-]?name$/i.test(field.name) ? 'name' : undefined;
}

function autocomplete(field: PrechatField): string {
  return { name: 'name', email: 'email', phone: 'tel', none: 'off' }[detailOf(field) ?? 'none'];
}
