// Says when what is on the screen may not be all there is, and what happens to what is written meanwhile.
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { ConnectionState } from '../client/connection.ts';
import { basics } from './tokens.ts';

/** A line that comes and goes within this time is nobody's concern, in ms. */
const PATIENCE = 1_200;

/**
 * `<natter-connection-bar .state=${connection.state}>`
 * @event natter-retry the reader wants to try at once
 * @event natter-again it has ended and the reader wants to begin anew
 */
@customElement('natter-connection-bar')
export class ConnectionBar extends LitElement {
  @property({ attribute: false }) state: ConnectionState = { kind: 'idle' };
  @state() private patient = true;
  #since: ReturnType<typeof setTimeout> | undefined;

  static override styles = [
    basics,
    css`
      div {
        display: flex;
        align-items: center;
        gap: 8px;
        padding: 6px 14px;
        background: var(--n-warn-surface);
        color: var(--n-warn);
        font-size: 13.5px;
      }
      span {
        flex: 1;
      }
      button {
        text-decoration: underline;
        font-weight: 600;
      }
    `,
  ];

  override willUpdate(changed: Map<string, unknown>): void {
    if (!changed.has('state')) return;
    const fine = this.state.kind === 'online' || this.state.kind === 'idle';
    if (fine) {
      clearTimeout(this.#since);
      this.#since = undefined;
      this.patient = true;
    } else if (!this.#since) {
      this.#since = setTimeout(() => {
        this.patient = false;
      }, PATIENCE);
    }
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#since);
    this.#since = undefined;
  }

  override render() {
    const { kind } = this.state;
    const said = html`<span class="heard" role="status">${kind === 'online' ? 'Connected' : ''}</span>`;
    if (kind === 'idle' || kind === 'online') return said;
    if (kind === 'offline')
      return html`<div role="status"><span>You are offline. What you write is sent when you are back.</span></div>`;
    if (kind === 'ended') {
      if (this.state.code === 1000) return said;
      return html`<div role="alert"><span>${ended(this.state.code)}</span><button @click=${() => this.#say('natter-again')}>Try again</button></div>`;
    }
    if (this.patient) return nothing;
    const waiting = kind === 'waiting';
    return html`<div role="status"><span>Connecting…</span>${waiting ? html`<button @click=${() => this.#say('natter-retry')}>Try now</button>` : nothing}</div>`;
  }

  #say(name: string): void {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true }));
  }
}

function ended(code: number): string {
  if (code === 4401 || code === 4403) return 'Your access has ended.';
  if (code === 4404) return 'This conversation is not there any more.';
  if (code === 4409) return 'You are connected somewhere else.';
  return 'The connection was closed.';
}
