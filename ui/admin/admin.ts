// The admin: sign-in, widgets with their snippet and looks, agents, the API token and the webhook. Small; later issues grow it.
import { css, html, LitElement, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { type AgentRow, Api, ApiRefusal, type WidgetRow } from '../client/api.ts';
import { readSession, type Session, writeSession } from '../client/session.ts';
import '../parts/sign-in.ts';
import { basics, tokens } from '../parts/tokens.ts';
import './agents-list.ts';
import './api-token.ts';
import './hours.ts';
import './webhook-form.ts';
import type { WidgetChange } from './widget-editor.ts';
import './widget-editor.ts';

/** Headings of the page; the last two are where seed 000 sends its reader. */
const SECTIONS = ['Widgets', 'Agents', 'Settings', '⚙️ Options'] as const;

/** `<natter-admin>`: the whole page. */
@customElement('natter-admin')
export class Admin extends LitElement {
  @state() private session: Session | undefined;
  @state() private widgets: readonly WidgetRow[] = [];
  @state() private agents: readonly AgentRow[] = [];
  @state() private problem = '';
  @state() private notice = '';
  readonly #api = new Api(location.origin);

  static override styles = [
    tokens,
    basics,
    css`
      :host {
        display: block;
        min-height: 100dvh;
        background: var(--n-sunken);
      }
      .top {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 12px;
        padding: 10px 20px;
        border-block-end: 1px solid var(--n-line);
        background: var(--n-surface);
      }
      .top b {
        flex: 1;
        font-size: 17px;
      }
      .top a,
      nav button {
        color: inherit;
      }
      nav {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 16px;
      }
      nav button {
        padding: 4px 0;
        text-decoration: underline;
      }
      main {
        display: grid;
        gap: 20px;
        max-width: 860px;
        margin: 0 auto;
        padding: 24px 16px 60px;
      }
      .heading {
        display: flex;
        align-items: center;
        justify-content: space-between;
      }
      h1 {
        margin: 0;
        font-size: 21px;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    const session = readSession('admin');
    if (session) this.#enter(session);
  }

  override render() {
    const { session } = this;
    if (!session) {
      return html`<natter-sign-in as="admin" heading="Natter admin" .api=${this.#api} .notice=${this.notice}
        @natter-signed-in=${(event: CustomEvent<Session>) => this.#enter(event.detail)}></natter-sign-in>`;
    }
    return html`
      <div class="top"><b>Natter</b><a href="/test-widget.html" target="_blank">Test page</a><a href="/agent" target="_blank">Agent console</a>
        <button class="plain" @click=${this.#signOut}>Sign out</button></div>
      <main>
        ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
        <nav aria-label="On this page">${SECTIONS.map((name) => html`<button @click=${() => this.#show(name)}>${name}</button>`)}</nav>
        <div class="heading"><h1 tabindex="-1">Widgets</h1><button class="plain" @click=${this.#addWidget}>Add a widget</button></div>
        ${this.widgets.map((widget) => html`<natter-widget-editor .widget=${widget} .base=${location.origin} @natter-change=${this.#change}></natter-widget-editor>`)}
        <div class="heading"><h1 tabindex="-1">Agents</h1></div>
        <natter-agents .agents=${this.agents} .api=${this.#api} @natter-added=${() => void this.#load()}></natter-agents>
        <div class="heading"><h1 tabindex="-1">Settings</h1></div>
        <natter-hours .api=${this.#api} @natter-ended=${this.#ended}></natter-hours>
        <natter-api-token .api=${this.#api} @natter-ended=${this.#ended}></natter-api-token>
        <div class="heading"><h1 tabindex="-1">⚙️ Options</h1></div>
        <natter-webhook .api=${this.#api} @natter-ended=${this.#ended}></natter-webhook>
      </main>
    `;
  }

  #show(name: string): void {
    const heading = [...this.renderRoot.querySelectorAll('h1')].find((each) => each.textContent === name);
    heading?.scrollIntoView({ block: 'start' });
    heading?.focus({ preventScroll: true });
  }

  #enter(session: Session): void {
    writeSession('admin', session);
    this.#api.token = session.token;
    this.session = session;
    this.notice = '';
    void this.#load();
  }

  async #load(): Promise<void> {
    await this.#guard(async () => {
      [this.widgets, this.agents] = await Promise.all([this.#api.widgets(), this.#api.agents()]);
    });
  }

  async #addWidget(): Promise<void> {
    await this.#guard(async () => {
      const widget = await this.#api.createWidget(`${this.session?.account.username ?? 'My'} site`);
      this.widgets = [...this.widgets.filter((each) => each.site_key !== widget.site_key), widget];
    });
  }

  async #change(event: CustomEvent<WidgetChange>): Promise<void> {
    const { siteKey, change, done } = event.detail;
    await this.#guard(async () => {
      const changed = await this.#api.changeWidget(siteKey, change);
      this.widgets = this.widgets.map((widget) => (widget.site_key === siteKey ? changed : widget));
      done();
    });
  }

  async #signOut(): Promise<void> {
    // The token dies on the server too; where that cannot be reached it dies with its tab.
    await this.#api.signOut().catch(() => undefined);
    this.#leave('');
  }

  #ended(): void {
    this.#leave('Your session has ended. Please sign in again.');
  }

  #leave(notice: string): void {
    writeSession('admin', undefined);
    this.#api.token = undefined;
    this.session = undefined;
    this.widgets = [];
    this.agents = [];
    this.notice = notice;
  }

  async #guard(ask: () => Promise<void>): Promise<void> {
    try {
      await ask();
      this.problem = '';
    } catch (error) {
      if (error instanceof ApiRefusal && error.status === 401) this.#ended();
      else this.problem = error instanceof Error ? error.message : String(error);
    }
  }
}
