// Natter's own API as its admin uses it: what the bench sets a workspace up with.
import { randomBytes } from 'node:crypto';
import { v7 } from 'uuid';
import type { VisitorSeat } from '../load/line.ts';
import { ask } from './system.ts';

export const ADMIN = { email: 'bench@example.com', password: 'bench-of-natter' };

export interface MadeAgent {
  /** Its public number. */
  readonly id: string;
  readonly token: string;
}

export interface AgentOptions {
  /** Conversations at once; left out: the workspace's figure. */
  readonly maxChats?: number;
  readonly departments?: readonly string[];
}

export interface WorkspaceChange {
  readonly routing?: 'auto' | 'manual';
  readonly max_chats?: number;
}

/** Every method throws where Natter does not answer with success. */
export class NatterApi {
  /** `http://host:port` */
  readonly url: string;
  readonly #admin: string;
  readonly #siteKey: string;

  private constructor(url: string, admin: string, siteKey: string) {
    this.url = url;
    this.#admin = admin;
    this.#siteKey = siteKey;
  }

  /** Signs in as the admin who was made at the start. */
  static async enter(url: string): Promise<NatterApi> {
    const admin = await signIn(url, ADMIN);
    const answer = await ask<{ data: { widgets: { site_key: string }[] } }>(
      `${url}/api/widgets`,
      'GET',
      admin,
    );
    const [widget] = answer.data.widgets;
    if (!widget) throw new Error('the workspace has no widget');
    return new NatterApi(url, admin, widget.site_key);
  }

  /** As a visitor's widget does it. */
  async startConversation(name: string, department?: string): Promise<VisitorSeat> {
    const visitor = { name, email: `${name.toLowerCase().replaceAll(/\W/g, '')}@example.com` };
    const siteKey = this.#siteKey;
    const body = { siteKey, command: v7(), visitor, pageUrl: 'https://example.com/pricing', department };
    const made = await ask<{ conversation: string; visitorToken: string }>(
      `${this.url}/api/conversations`,
      'POST',
      undefined,
      body,
    );
    return { conversation: made.conversation, token: made.visitorToken };
  }

  /** A new agent, signed in. */
  async addAgent({ maxChats, departments }: AgentOptions = {}): Promise<MadeAgent> {
    const email = `agent-${randomBytes(6).toString('hex')}@example.com`;
    const who = { email, password: 'bench-agent-pass' };
    const body = { ...who, full_name: 'Bench Agent', max_chats: maxChats, departments };
    const made = await ask<{ data: { agent: { id: number } } }>(
      `${this.url}/api/agents`,
      'POST',
      this.#admin,
      body,
    );
    return { id: String(made.data.agent.id), token: await signIn(this.url, who) };
  }

  async changeWorkspace(change: WorkspaceChange): Promise<void> {
    await ask(`${this.url}/api/workspace/settings`, 'PATCH', this.#admin, change);
  }

  /** The agent's own switch: whether they take new conversations. */
  async setAccepting(token: string, accepting: boolean): Promise<void> {
    await ask(`${this.url}/api/availability`, 'PUT', token, { accepting });
  }
}

async function signIn(url: string, who: { email: string; password: string }): Promise<string> {
  const answer = await ask<{ data: { token: string } }>(`${url}/api/auth/login`, 'POST', undefined, who);
  return answer.data.token;
}
