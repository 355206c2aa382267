// The door of the console and the admin: e-mail and password, and registering where that is offered.
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { type Api, ApiRefusal, ApiUnreachable } from '../client/api.ts';
import type { Session } from '../client/session.ts';
import { basics } from './tokens.ts';

/**
 * `<natter-sign-in .api=… as="agent">`
 * @event natter-signed-in detail: Session
 */
@customElement('natter-sign-in')
export class SignIn extends LitElement {
  @property({ attribute: false }) api!: Api;
  @property() as: 'agent' | 'admin' = 'agent';
  @property() heading = 'Sign in';
  /** Why one stands at the door again, e.g. an ended session. */
  @property() notice = '';
  @state() private registering = false;
  @state() private problem = '';
  @state() private busy = false;

  static override styles = [
    basics,
    css`
      :host {
        display: grid;
        place-items: center;
        min-height: 100dvh;
        padding: 20px;
        background: var(--n-sunken);
      }
      form {
        display: grid;
        gap: 14px;
        width: min(380px, 100%);
        padding: 28px;
        border: 1px solid var(--n-line);
        border-radius: 16px;
        background: var(--n-surface);
      }
      h1 {
        margin: 0;
        font-size: 22px;
      }
      p {
        margin: 0;
      }
      .switch {
        color: var(--n-quiet);
        font-size: 14px;
      }
      .switch button {
        text-decoration: underline;
        color: var(--n-text);
      }
    `,
  ];

  override render() {
    const secret = this.registering ? 'new-password' : 'current-password';
    return html`<form @submit=${this.#submit}>
      <h1>${this.registering ? 'Create your workspace' : this.heading}</h1>
      ${this.notice && !this.problem ? html`<p role="status">${this.notice}</p>` : nothing}
      ${this.registering ? html`<label class="field">Name<input name="username" required maxlength="100" autocomplete="username" /></label>` : nothing}
      <label class="field">E-mail<input name="email" type="email" required maxlength="254" autocomplete="email" autofocus /></label>
      <label class="field">Password<input name="password" type="password" required minlength="6" maxlength="200" autocomplete=${secret} /></label>
      ${this.registering ? html`<label class="field">Set-up code (for the first account, if one was printed at start)<input name="code" maxlength="100" autocomplete="off" /></label>` : nothing}
      ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
      <button class="primary" ?disabled=${this.busy}>${this.registering ? 'Register' : 'Sign in'}</button>
      ${
        this.as === 'admin'
          ? html`<p class="switch">${this.registering ? 'You have an account?' : 'No account yet?'}
            <button type="button" @click=${this.#switch}>${this.registering ? 'Sign in' : 'Register'}</button></p>`
          : nothing
      }
    </form>`;
  }

  #switch(): void {
    this.registering = !this.registering;
    this.problem = '';
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const given = (name: string) => String(form.get(name) ?? '');
    this.busy = true;
    this.problem = '';
    try {
      const detail: Session = this.registering
        ? await this.api.register(
            given('username'),
            given('email'),
            given('password'),
            given('code').trim() || undefined,
          )
        : await this.api.signIn(given('email'), given('password'), this.as);
      this.dispatchEvent(new CustomEvent('natter-signed-in', { detail, bubbles: true, composed: true }));
    } catch (error) {
      if (!(error instanceof ApiRefusal || error instanceof ApiUnreachable)) throw error;
      this.problem = error.message;
    } finally {
      this.busy = false;
    }
  }
}
