// One widget: the snippet to copy, and the few things that change how it looks and whether it is there.
import { css, html, LitElement } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { PublicWidgetConfig, WidgetRow } from '../client/api.ts';
import { basics } from '../parts/tokens.ts';
import { card } from './card.ts';

export interface WidgetChange {
  readonly siteKey: string;
  readonly change: Partial<WidgetRow>;
  /** Called once the server has it. */
  readonly done: () => void;
}

const POSITIONS = ['bottom-right', 'bottom-left', 'top-right', 'top-left'] as const;

/**
 * `<natter-widget-editor .widget=…>`
 * @event natter-change detail: WidgetChange
 */
@customElement('natter-widget-editor')
export class WidgetEditor extends LitElement {
  @property({ attribute: false }) widget!: WidgetRow;
  /** Where the snippet's script comes from, e.g. `https://chat.example.com`. */
  @property() base = '';
  @state() private said = '';

  static override styles = [
    basics,
    card,
    css`
      .grid {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(180px, 1fr));
        gap: 14px;
      }
      textarea {
        min-height: 64px;
        resize: vertical;
      }
      input[type='color'] {
        width: 100%;
        height: 38px;
        padding: 3px;
        border: 1px solid var(--n-line);
        border-radius: 9px;
        background: var(--n-raised);
      }
      pre {
        margin: 0;
        padding: 12px;
        overflow-x: auto;
        border-radius: 9px;
        background: var(--n-sunken);
        font-size: 13px;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
    `,
  ];

  override render() {
    const { widget } = this;
    return html`<form @submit=${this.#save} aria-label="Widget ${widget.business_name}">
      <h2 dir="auto">${widget.business_name}</h2>
      <div><pre dir="ltr" aria-label="Snippet">${this.#snippet}</pre></div>
      <div class="buttons"><button type="button" class="plain" @click=${this.#copy}>Copy snippet</button><span role="status">${this.said}</span></div>
      <div class="grid">
        <label class="field">Business<input name="business_name" required maxlength="255" dir="auto" .value=${widget.business_name} /></label>
        <label class="field">Title<input name="widget_title" maxlength="255" dir="auto" .value=${widget.widget_title} /></label>
      </div>
      <label class="field">Welcome message<textarea name="welcome_message" maxlength="2000" dir="auto" .value=${widget.welcome_message}></textarea></label>
      <div class="grid">
        <label class="field">Main colour<input type="color" name="primary_color" .value=${widget.primary_color} /></label>
        <label class="field">Second colour<input type="color" name="secondary_color" .value=${widget.secondary_color} /></label>
        <label class="field">Position<select name="position">${POSITIONS.map((each) => html`<option .selected=${each === widget.position}>${each}</option>`)}</select></label>
      </div>
      <label class="check"><input type="checkbox" name="is_active" .checked=${widget.is_active} />Shown on the site</label>
      <div class="buttons"><button class="primary">Save</button></div>
    </form>`;
  }

  get #snippet(): string {
    return `<script async src="${this.base}/widget.js" data-site-key="${this.widget.site_key}"></script>`;
  }

  async #copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.#snippet);
      this.said = 'Copied.';
    } catch {
      // Clipboards are refused outside https and localhost.
      this.said = 'Please copy it by hand.';
    }
  }

  #save(event: SubmitEvent): void {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const given = (name: string) => String(form.get(name) ?? '');
    const change: Partial<WidgetRow> = {
      business_name: given('business_name'),
      widget_title: given('widget_title'),
      welcome_message: given('welcome_message'),
      primary_color: given('primary_color'),
      secondary_color: given('secondary_color'),
      position: given('position') as PublicWidgetConfig['position'],
      is_active: form.get('is_active') !== null,
    };
    const done = () => {
      this.said = 'Saved.';
    };
    const detail: WidgetChange = { siteKey: this.widget.site_key, change, done };
    this.said = '';
    this.dispatchEvent(new CustomEvent('natter-change', { detail, bubbles: true, composed: true }));
  }
}
