// Settings → API Token (seed 000): the workspace's token for programs: shown, copied, replaced.
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Api, ApiTokenRow } from '../client/api.ts';
import { basics } from '../parts/tokens.ts';
import { asked, card, momentOf } from './card.ts';

/**
 * `<natter-api-token .api=…>`
 * @event natter-ended the session has ended
 */
@customElement('natter-api-token')
export class ApiToken extends LitElement {
  @property({ attribute: false }) api!: Api;
  @state() private row: ApiTokenRow | undefined;
  @state() private revealed = false;
  /** Whether the next click replaces the token. */
  @state() private sure = false;
  @state() private busy = false;
  @state() private said = '';
  @state() private problem = '';

  static override styles = [
    basics,
    card,
    css`
      .input {
        font-family: ui-monospace, monospace;
        text-overflow: ellipsis;
        /* A token reads from left to right, whatever the page does. */
        direction: ltr;
      }
      .danger {
        border-color: var(--n-bad);
        color: var(--n-bad);
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#ask(async () => {
      this.row = await this.api.apiToken();
    });
  }

  override render() {
    return html`
      <h2>API Token</h2>
      <p class="quiet">With it a program lists the active chats and writes into them. Whoever has it can do that, so keep it secret.</p>
      ${this.row ? this.#shown(this.row) : nothing}
      ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
    `;
  }

  #shown({ token, since }: ApiTokenRow) {
    const made = since ? html`<p class="quiet">Made ${momentOf(since)}.</p>` : nothing;
    const field = token
      ? html`<input class="input" aria-label="API Token" readonly autocomplete="off" spellcheck="false"
            type=${this.revealed ? 'text' : 'password'} .value=${token} @focus=${(event: FocusEvent) => (event.target as HTMLInputElement).select()} />
          <div class="buttons">
            <button class="plain" aria-pressed=${this.revealed} @click=${() => (this.revealed = !this.revealed)}>${this.revealed ? 'Hide' : 'Show'}</button>
            <button class="plain" @click=${() => this.#copy(token)}>Copy</button>
            ${this.#replace('Replace token')}
          </div>`
      : html`<p>${since ? 'This token can no longer be shown, but it still works.' : 'There is no token yet.'}</p>
          <div class="buttons">${since ? this.#replace('Replace token') : this.#make()}</div>`;
    return html`${field}${made}<p role="status">${this.sure ? 'The old token stops working at once. Click again to replace it.' : this.said}</p>`;
  }

  #make() {
    return html`<button class="primary" aria-disabled=${this.busy} @click=${this.#first}>Make a token</button>`;
  }

  /** One button, clicked twice: where it stands the second click is as quick as it is deliberate. */
  #replace(label: string) {
    const again = () => (this.sure ? this.#new() : this.#warn());
    return html`<button class="plain replace ${this.sure ? 'danger' : ''}" aria-disabled=${this.busy} @click=${again}>${this.sure ? 'Replace it now' : label}</button>
      ${this.sure ? html`<button class="plain" @click=${this.#cancel}>Cancel</button>` : nothing}`;
  }

  #warn(): void {
    this.sure = true;
    this.said = '';
  }

  async #cancel(): Promise<void> {
    this.sure = false;
    await this.#focusOn('.replace');
  }

  async #first(): Promise<void> {
    await this.#new();
    await this.#focusOn('input');
  }

  /** The button that was pressed is gone: whoever works by keyboard goes on here. */
  async #focusOn(selector: string): Promise<void> {
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(selector)?.focus();
  }

  /** A button that is switched off would lose the focus, so it only does nothing. */
  async #new(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    await this.#ask(async () => {
      this.row = await this.api.replaceApiToken();
      this.revealed = true;
      this.said = 'This is the new token.';
    });
    this.sure = false;
    this.busy = false;
  }

  async #copy(token: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(token);
      this.said = 'Copied.';
    } catch {
      // Clipboards are refused outside https and localhost.
      this.revealed = true;
      await this.updateComplete;
      this.renderRoot.querySelector('input')?.select();
      this.said = 'Please copy it by hand: it is selected.';
    }
  }

  async #ask(ask: () => Promise<void>): Promise<void> {
    this.problem = await asked(this, ask);
  }
}
