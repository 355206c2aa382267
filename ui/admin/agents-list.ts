// Who answers: the workspace's people, and a form to add one.
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { type AgentRow, type Api, ApiRefusal, ApiUnreachable } from '../client/api.ts';
import '../parts/avatar.ts';
import { basics } from '../parts/tokens.ts';

/**
 * `<natter-agents .agents=… .api=…>`
 * @event natter-added an agent was added
 */
@customElement('natter-agents')
export class AgentsList extends LitElement {
  @property({ attribute: false }) agents: readonly AgentRow[] = [];
  @property({ attribute: false }) api!: Api;
  @state() private problem = '';

  static override styles = [
    basics,
    css`
      :host {
        display: grid;
        gap: 16px;
        padding: 18px;
        border: 1px solid var(--n-line);
        border-radius: 14px;
        background: var(--n-surface);
      }
      ul {
        display: grid;
        gap: 10px;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: flex;
        align-items: center;
        gap: 10px;
      }
      li div {
        flex: 1;
        min-width: 0;
        overflow-wrap: anywhere;
      }
      small {
        display: block;
        color: var(--n-quiet);
      }
      .on {
        color: var(--n-good);
        font-weight: 600;
        font-size: 14px;
      }
      .off {
        color: var(--n-quiet);
        font-size: 14px;
      }
      form {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(170px, 1fr));
        gap: 12px;
        align-items: end;
        padding-block-start: 16px;
        border-block-start: 1px solid var(--n-line);
      }
      .problem {
        grid-column: 1 / -1;
      }
    `,
  ];

  override render() {
    return html`
      <ul>${this.agents.map((agent) => this.#agent(agent))}</ul>
      <form @submit=${this.#add} aria-label="Add an agent">
        <label class="field">Name<input name="full_name" required maxlength="120" dir="auto" autocomplete="off" /></label>
        <label class="field">E-mail<input name="email" type="email" required maxlength="254" autocomplete="off" /></label>
        <label class="field">Password<input name="password" type="password" required minlength="6" maxlength="200" autocomplete="new-password" /></label>
        <label class="field">Role<select name="role"><option value="support">Agent</option><option value="admin">Admin</option></select></label>
        <button class="primary">Add</button>
        ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
      </form>
    `;
  }

  #agent(agent: AgentRow) {
    const name = agent.full_name || agent.username;
    const role = agent.role === 'support' ? 'Agent' : 'Admin';
    return html`<li><natter-avatar .name=${name}></natter-avatar><div><span dir="auto">${name}</span><small>${agent.email} · ${role}</small></div>
      ${agent.online === undefined ? nothing : html`<span class=${agent.online ? 'on' : 'off'}>${agent.online ? 'Online' : 'Away'}</span>`}</li>`;
  }

  async #add(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const data = new FormData(form);
    const given = (name: string) => String(data.get(name) ?? '');
    try {
      await this.api.addAgent({
        full_name: given('full_name'),
        email: given('email'),
        password: given('password'),
        role: given('role'),
      });
      this.problem = '';
      form.reset();
      this.dispatchEvent(new CustomEvent('natter-added', { bubbles: true, composed: true }));
    } catch (error) {
      if (!(error instanceof ApiRefusal || error instanceof ApiUnreachable)) throw error;
      this.problem = error.message;
    }
  }
}
