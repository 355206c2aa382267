// The agent console: sign-in, then list, conversation and visitor side by side, or one at a time on a narrow screen.
import { css, html, LitElement, nothing } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { Api, type InboxFilter } from '../client/api.ts';
import { readSession, type Session, writeSession } from '../client/session.ts';
import '../parts/avatar.ts';
import '../parts/connection-bar.ts';
import '../parts/sign-in.ts';
import { basics, tokens } from '../parts/tokens.ts';
import './conversation-pane.ts';
import './customer-panel.ts';
import { Desk } from './desk.ts';
import './inbox-list.ts';

/** `<natter-console>`: the whole page. The open conversation is the address's fragment, so a reload keeps it. */
@customElement('natter-console')
export class AgentConsole extends LitElement {
  @state() private desk: Desk | undefined;
  @state() private notice = '';
  @state() private details = window.innerWidth > 1180;
  readonly #api = new Api(location.origin);
  readonly #addressed = () => this.desk?.open(addressed());

  static override styles = [
    tokens,
    basics,
    css`
      :host {
        display: block;
        height: 100dvh;
        background: var(--n-sunken);
      }
      .page {
        display: flex;
        flex-direction: column;
        height: 100%;
      }
      .top {
        display: flex;
        align-items: center;
        gap: 10px;
        padding: 8px 14px;
        border-block-end: 1px solid var(--n-line);
        background: var(--n-surface);
        --n-avatar: 30px;
      }
      .top b {
        font-size: 17px;
      }
      .top span {
        flex: 1;
        min-width: 0;
        text-align: end;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        color: var(--n-quiet);
        font-size: 14px;
      }
      .top .plain {
        flex: none;
        min-height: 32px;
        padding: 3px 12px;
        font-size: 14px;
      }
      .accepting {
        display: flex;
        align-items: center;
        gap: 8px;
        margin-inline-start: 8px;
      }
      .accepting::before {
        content: '';
        width: 10px;
        height: 10px;
        border: 2px solid var(--n-quiet);
        border-radius: 50%;
      }
      .accepting[aria-checked='true']::before {
        border-color: var(--n-good);
        background: var(--n-good);
      }
      .away {
        margin: 0;
        padding: 4px 12px;
        border-radius: 8px;
        background: var(--n-warn-surface);
        color: var(--n-warn);
        font-size: 14px;
      }
      main {
        flex: 1;
        display: grid;
        grid-template-columns: minmax(300px, 360px) minmax(0, 1fr);
        gap: 1px;
        min-height: 0;
        background: var(--n-line);
      }
      main.details {
        grid-template-columns: minmax(280px, 340px) minmax(0, 1fr) 300px;
      }
      @media (max-width: 1080px) {
        main.details {
          grid-template-columns: minmax(280px, 340px) minmax(0, 1fr);
        }
        main.details natter-conversation {
          display: none;
        }
      }
      @media (max-width: 480px) {
        .top b {
          display: none;
        }
        .accepting {
          margin-inline-start: 0;
        }
      }
      @media (max-width: 760px) {
        .top {
          flex-wrap: wrap;
        }
        .away {
          order: 1;
          flex-basis: 100%;
        }
        main,
        main.details {
          grid-template-columns: minmax(0, 1fr);
        }
        main.chosen natter-inbox,
        main:not(.chosen) natter-conversation,
        main:not(.chosen) natter-customer {
          display: none;
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener('hashchange', this.#addressed);
    const session = readSession('agent');
    if (session) this.#enter(session);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener('hashchange', this.#addressed);
    this.desk?.close();
  }

  override render() {
    const { desk } = this;
    if (!desk) {
      return html`<natter-sign-in as="agent" heading="Agent console" .api=${this.#api} .notice=${this.notice}
        @natter-signed-in=${(event: CustomEvent<Session>) => this.#enter(event.detail)}></natter-sign-in>`;
    }
    const { account } = desk.session;
    const name = account.full_name || account.username;
    const details = this.details && desk.live;
    return html`<div class="page">
      <div class="top"><b>Natter</b>${desk.accepting === undefined ? nothing : html`<button class="plain accepting" role="switch" aria-label="Accepting chats" aria-checked=${String(desk.accepting)} @click=${() => void desk.accept(!desk.accepting)}>${desk.accepting ? 'Accepting' : 'Paused'}</button>`}${desk.away ? html`<p class="away" role="status">Away: you get no new conversations. Move the mouse or press a key to come back.</p>` : nothing}<span dir="auto">${name}</span><natter-avatar .name=${name}></natter-avatar><button class="plain" @click=${() => desk.signOut()}>Sign out</button></div>
      <natter-connection-bar .state=${desk.connection} @natter-retry=${() => desk.retryNow()} @natter-again=${() => location.reload()}></natter-connection-bar>
      <main class="${desk.live ? 'chosen' : ''} ${details ? 'details' : ''}" @natter-back=${() => this.#choose('')} @natter-details=${this.#toggleDetails}>
        <natter-inbox .rows=${desk.rows} .departments=${desk.departments} .counts=${desk.counts} .me=${desk.me} .selected=${desk.live?.view.conversation ?? ''} .more=${desk.more} .loading=${desk.loading}
          @natter-filter=${(event: CustomEvent<InboxFilter>) => void desk.look(event.detail)} @natter-open=${(event: CustomEvent<string>) => this.#choose(event.detail)}
          @natter-more=${() => void desk.loadMore()}></natter-inbox>
        <natter-conversation .desk=${desk}></natter-conversation>
        ${details ? html`<natter-customer .desk=${desk}></natter-customer>` : nothing}
      </main>
    </div>`;
  }

  #enter(session: Session): void {
    writeSession('agent', session);
    this.#api.token = session.token;
    const desk = new Desk(this.#api, session);
    desk.onChange.add(() => this.#changed(desk));
    desk.onSignedOut.add((reason) => this.#leave(reason));
    this.notice = '';
    this.desk = desk;
    void desk.begin();
    desk.open(addressed());
  }

  #leave(reason: string): void {
    writeSession('agent', undefined);
    this.#api.token = undefined;
    this.notice = reason;
    this.desk = undefined;
    document.title = 'Natter: agent console';
  }

  #changed(desk: Desk): void {
    const waiting = desk.counts.queued;
    document.title = waiting > 0 ? `(${waiting}) Natter` : 'Natter: agent console';
    this.requestUpdate();
  }

  #choose(conversation: string): void {
    location.hash = conversation;
  }

  #toggleDetails(): void {
    this.details = !this.details;
  }
}

function addressed(): string | undefined {
  const id = location.hash.slice(1);
  return /^[A-Za-z0-9_-]{1,64}$/.test(id) ? id : undefined;
}
