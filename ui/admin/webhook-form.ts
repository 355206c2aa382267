// Options → Webhook (seed 000): where visitors' messages are posted to, the switch, and what came of the last one.
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Api, WebhookRow } from '../client/api.ts';
import { linkIcon } from '../parts/icons.ts';
import { basics } from '../parts/tokens.ts';
import { asked, card, momentOf } from './card.ts';

/** Milliseconds between two looks at what became of the messages, while somebody can see it. */
const LOOK_EVERY = 4_000;

/**
 * `<natter-webhook .api=…>`
 * @event natter-ended the session has ended
 */
@customElement('natter-webhook')
export class WebhookForm extends LitElement {
  @property({ attribute: false }) api!: Api;
  /** What the form began with: what is typed is not overwritten by a later look. */
  @state() private saved: WebhookRow | undefined;
  /** The same, as it is now. */
  @state() private now: WebhookRow | undefined;
  @state() private busy = false;
  @state() private said = '';
  @state() private problem = '';
  #timer: ReturnType<typeof setInterval> | undefined;

  static override styles = [
    basics,
    card,
    css`
      h2 {
        display: flex;
        align-items: center;
        gap: 8px;
      }
      .state {
        padding-block-start: 14px;
        border-block-start: 1px solid var(--n-line);
        overflow-wrap: anywhere;
      }
      .good {
        color: var(--n-good);
        font-weight: 600;
      }
      .bad {
        color: var(--n-bad);
        font-weight: 600;
      }
      input[type='url'] {
        direction: ltr;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#load();
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  override render() {
    const { saved, now } = this;
    return html`
      <h2>${linkIcon}Webhook</h2>
      <p class="quiet">Every message that a visitor sends is posted to your own script at once, as JSON.</p>
      ${
        saved
          ? html`<form @submit=${this.#save} aria-label="Webhook">
              <label class="field">URL<input name="url" type="url" maxlength="2000" placeholder="https://yoursite.com/api/chat-webhook.php"
                  autocomplete="off" spellcheck="false" .value=${saved.url} /></label>
              <label class="check"><input type="checkbox" name="enabled" .checked=${saved.enabled} />Enable sending</label>
              <div class="buttons">
                <button class="primary" aria-disabled=${this.busy}>Save</button>
                ${saved.url ? html`<button type="button" class="plain" aria-disabled=${this.busy} @click=${this.#test}>Send a test</button>` : nothing}
                <span role="status">${this.said}</span>
              </div>
            </form>`
          : nothing
      }
      ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
      ${now ? html`<div class="state">${stateOf(now)}</div>` : nothing}
    `;
  }

  async #load(): Promise<void> {
    this.problem = await asked(this, async () => this.#have(await this.api.webhook()));
  }

  #have(row: WebhookRow): void {
    this.saved = row;
    this.now = row;
  }

  /** Quiet: a look that fails says nothing, the next one will. */
  async #look(): Promise<void> {
    if (document.visibilityState !== 'visible' || this.busy || !this.saved) return;
    await asked(this, async () => {
      this.now = await this.api.webhook();
      // Switched off by the server: a form that still says "on" would switch it on again unasked.
      if (this.now.gone && !this.saved?.gone) this.saved = { ...this.now };
    });
  }

  async #save(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const wish = { url: String(form.get('url') ?? '').trim(), enabled: form.get('enabled') !== null };
    await this.#do(async () => {
      this.#have(await this.api.setWebhook(wish));
      this.said = 'Saved.';
    });
  }

  async #test(): Promise<void> {
    await this.#do(async () => {
      const { ok, status, problem } = await this.api.testWebhook();
      if (ok) this.said = `Your script has received the test (${status}).`;
      else this.problem = problem ?? '';
    });
  }

  /** A button that is switched off would lose the focus, so it only does nothing. */
  async #do(work: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.said = '';
    this.problem = '';
    const problem = await asked(this, work);
    if (problem) this.problem = problem;
    this.busy = false;
  }
}

function stateOf({ enabled, gone, pending, last }: WebhookRow) {
  const off = gone
    ? html`<p class="bad">Switched off: the address answered that it is gone.</p>`
    : enabled
      ? nothing
      : html`<p class="quiet">Sending is off.</p>`;
  const waiting =
    pending > 0
      ? html`<p>${pending === 1 ? 'One message waits and is tried again.' : `${pending} messages wait and are tried again.`}</p>`
      : nothing;
  if (!last) return html`${off}<p class="quiet">Nothing has been sent yet.</p>`;
  const result = last.ok
    ? html`<span class="good">Received (${last.status})</span>`
    : html`<span class="bad">Failed</span> ${last.problem}`;
  return html`${off}<p>Last delivery: ${result}</p>${waiting}<p class="quiet">${momentOf(last.at)}</p>`;
}
