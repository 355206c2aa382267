// The HTTP side of the edge, as our own pages use it.
import type { ConversationSummary, WireAttachment } from '../../domain/wire.ts';

/** The server said no, in one sentence for people. */
export class ApiRefusal extends Error {
  readonly status: number;
  /** Seconds after which to try again, where the server said so. */
  readonly retryAfter: number | undefined;
  constructor(status: number, message: string, retryAfter?: number) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
  /** Whether the same request may be accepted later. */
  get passing(): boolean {
    return this.status === 429 || this.status >= 500;
  }
}

/** Nobody answered: no network, or the server is away. */
export class ApiUnreachable extends Error {}

export interface PrechatField {
  readonly name: string;
  readonly label: string;
  readonly type: string;
  readonly required: boolean;
  readonly options?: readonly string[];
}

export interface PublicWidgetConfig {
  readonly businessName: string;
  readonly widgetTitle: string;
  readonly welcomeMessage: string;
  readonly primaryColor: string;
  readonly secondaryColor: string;
  readonly position: 'bottom-right' | 'bottom-left' | 'top-right' | 'top-left';
  readonly enablePrechatForm: boolean;
  readonly prechatFields: readonly PrechatField[];
}

/** Whether a widget's visitors are answered now. */
export interface Availability {
  readonly open: boolean;
  /** ISO 8601; null: it is open, or not known to open. */
  readonly opensAt: string | null;
  /** The AI answers first, at any hour. */
  readonly ai: boolean;
}

export interface Account {
  readonly id: number | string;
  readonly username: string;
  readonly email: string;
  readonly full_name?: string;
  readonly role?: string;
}

export interface AgentRow extends Account {
  /** Whether a socket of theirs is open; undefined: not told. */
  readonly online?: boolean;
}

/** A widget as its owner sees it (the widget dialect's fields). */
export interface WidgetRow {
  readonly id: number;
  readonly site_key: string;
  readonly business_name: string;
  readonly widget_title: string;
  readonly welcome_message: string;
  readonly primary_color: string;
  readonly secondary_color: string;
  readonly position: PublicWidgetConfig['position'];
  readonly enable_prechat_form: boolean;
  readonly prechat_fields: readonly PrechatField[];
  readonly created_at: string;
  readonly is_active: boolean;
}

/** The workspace's token for programs; `token` is null where there is none, or where it cannot be shown any more. */
export interface ApiTokenRow {
  readonly token: string | null;
  readonly since: string | null;
}

export interface OpeningSpanRow {
  readonly from: string;
  readonly to: string;
}

export interface DepartmentHoursRow {
  readonly time_zone: string;
  /** By `mon` to `sun`; a day that is left out is closed. */
  readonly weekly: Readonly<Record<string, readonly OpeningSpanRow[]>>;
  readonly overflow: string | null;
  readonly overflow_after_seconds: number | null;
}

/** The settings of the workspace, as far as our pages use them. */
export interface SettingsRow {
  readonly departments: readonly string[];
  readonly hours: Readonly<Record<string, DepartmentHoursRow>>;
  readonly away_after_minutes: number | null;
}

export interface WebhookRow {
  readonly url: string;
  readonly enabled: boolean;
  /** Switched off because its address is gone. */
  readonly gone: boolean;
  /** Messages that failed and are tried again. */
  readonly pending: number;
  readonly last: {
    readonly at: string;
    readonly ok: boolean;
    readonly status: number | null;
    readonly problem: string | null;
  } | null;
}

export type InboxStatus = 'queued' | 'open' | 'closed' | 'archived';
export interface InboxFilter {
  readonly status?: InboxStatus;
  /** A user's id, or `unassigned`. */
  readonly assigned?: string;
  readonly department?: string;
  readonly priority?: string;
  readonly search?: string;
}
export interface InboxPage {
  readonly conversations: readonly ConversationSummary[];
  readonly total: number;
  readonly page: number;
  readonly pages: number;
  readonly counts: Readonly<Record<InboxStatus, number>>;
}

export interface StartedConversation {
  readonly conversation: string;
  readonly visitorToken: string;
}

export type UploadRight = { readonly visitorToken: string } | { readonly token: string };

const UPLOAD_WITHIN = 120_000;
const SETTINGS = '/api/workspace/settings';
const WEBHOOK = '/api/workspace/webhook';

export class Api {
  readonly base: string;
  token: string | undefined;

  /** @param base the edge's origin, e.g. `https://chat.example.com` */
  constructor(base: string, token?: string) {
    this.base = base;
    this.token = token;
  }

  /** `wss://…/ws/v1` of this edge. */
  get socketUrl(): string {
    return `${this.base.replace(/^http/, 'ws')}/ws/v1`;
  }

  /** A link of the server's, which may be relative, made whole. */
  link(url: string): string {
    return new URL(url, this.base).href;
  }

  /** Starts a conversation; the same `command` again answers the same conversation. */
  startConversation(start: {
    siteKey: string;
    command: string;
    visitor?: object;
    pageUrl?: string;
    referrer?: string;
  }): Promise<StartedConversation> {
    return this.#ask('POST', '/api/conversations', start);
  }

  availability(siteKey: string): Promise<Availability> {
    return this.#ask('GET', `/api/widgets/${encodeURIComponent(siteKey)}/availability`);
  }

  /** Uploads up to 5 files of 10 MB; answers them in the same order. */
  upload(
    conversation: string,
    files: readonly { name: string; blob: Blob }[],
    right: UploadRight,
    progress: (share: number) => void,
  ): Promise<readonly WireAttachment[]> {
    const form = new FormData();
    for (const { name, blob } of files) form.append('files', blob, name);
    return new Promise((resolve, reject) => {
      // fetch cannot tell how far an upload is.
      const request = new XMLHttpRequest();
      request.open('POST', `${this.base}/api/conversations/${encodeURIComponent(conversation)}/attachments`);
      if ('token' in right) request.setRequestHeader('Authorization', `Bearer ${right.token}`);
      else request.setRequestHeader('X-Visitor-Token', right.visitorToken);
      request.timeout = UPLOAD_WITHIN;
      request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
      request.onerror =
        request.ontimeout =
        request.onabort =
          () => reject(new ApiUnreachable('The upload was cut off.'));
      request.onload = () => {
        const body = parsed(request.responseText);
        if (request.status < 300 && body) resolve(body.attachments as readonly WireAttachment[]);
        else reject(new ApiRefusal(request.status, sentence(body, request.status)));
      };
      request.send(form);
    });
  }

  /** Signs in as agent or admin; keeps the token for what follows. */
  async signIn(
    email: string,
    password: string,
    as: 'agent' | 'admin',
  ): Promise<{ account: Account; token: string }> {
    const path = as === 'agent' ? '/api/auth/agent-login' : '/api/auth/login';
    return this.#signedIn(await this.#ask('POST', path, { email, password }));
  }

  async register(
    username: string,
    email: string,
    password: string,
    setUpCode?: string,
  ): Promise<{ account: Account; token: string }> {
    const account = { username, email, password, set_up_code: setUpCode };
    return this.#signedIn(await this.#ask('POST', '/api/auth/register', account));
  }

  async signOut(): Promise<void> {
    await this.#ask('POST', '/api/auth/logout');
    this.token = undefined;
  }

  inbox(filter: InboxFilter, page: number, limit: number): Promise<InboxPage> {
    const query = new URLSearchParams({ page: String(page), limit: String(limit) });
    for (const [name, value] of Object.entries(filter)) if (value) query.set(name, value);
    return this.#ask('GET', `/api/inbox?${query}`);
  }

  async agents(): Promise<readonly AgentRow[]> {
    const { data } = await this.#ask<{ data: { agents: readonly AgentRow[] } }>('GET', '/api/agents');
    return data.agents;
  }

  async settings(): Promise<SettingsRow> {
    return (await this.#ask<{ data: { settings: SettingsRow } }>('GET', SETTINGS)).data.settings;
  }

  /** Changes what is named; answers what holds then. */
  async changeSettings(change: Partial<SettingsRow>): Promise<SettingsRow> {
    return (await this.#ask<{ data: { settings: SettingsRow } }>('PATCH', SETTINGS, change)).data.settings;
  }

  /** Takes new conversations from now on, or no more; answers what holds. */
  async setAvailability(accepting: boolean): Promise<boolean> {
    const { data } = await this.#ask<{ data: { accepting: boolean } }>('PUT', '/api/availability', {
      accepting,
    });
    return data.accepting;
  }

  async addAgent(agent: { email: string; password: string; full_name: string; role: string }): Promise<void> {
    await this.#ask('POST', '/api/agents', agent);
  }

  async widgets(): Promise<readonly WidgetRow[]> {
    const { data } = await this.#ask<{ data: { widgets: readonly WidgetRow[] } }>('GET', '/api/widgets');
    return data.widgets;
  }

  async createWidget(businessName: string): Promise<WidgetRow> {
    const { data } = await this.#ask<{ data: { widget: WidgetRow } }>('POST', '/api/widgets', {
      business_name: businessName,
    });
    return data.widget;
  }

  async changeWidget(siteKey: string, change: Partial<WidgetRow>): Promise<WidgetRow> {
    const { data } = await this.#ask<{ data: { widget: WidgetRow } }>(
      'PUT',
      `/api/widgets/${encodeURIComponent(siteKey)}`,
      change,
    );
    return data.widget;
  }

  async apiToken(): Promise<ApiTokenRow> {
    return (await this.#ask<{ data: ApiTokenRow }>('GET', '/api/workspace/api-token')).data;
  }

  /** Makes a new one; the old one is worth nothing from then on. */
  async replaceApiToken(): Promise<ApiTokenRow> {
    return (await this.#ask<{ data: ApiTokenRow }>('POST', '/api/workspace/api-token')).data;
  }

  async webhook(): Promise<WebhookRow> {
    return (await this.#ask<{ data: { webhook: WebhookRow } }>('GET', WEBHOOK)).data.webhook;
  }

  async setWebhook(wish: { url: string; enabled: boolean }): Promise<WebhookRow> {
    return (await this.#ask<{ data: { webhook: WebhookRow } }>('PUT', WEBHOOK, wish)).data.webhook;
  }

  /** Posts one message to the webhook's address now. */
  async testWebhook(): Promise<{ ok: boolean; status: number | null; problem: string | null }> {
    type Answer = { data: { test: { ok: boolean; status: number | null; problem: string | null } } };
    return (await this.#ask<Answer>('POST', `${WEBHOOK}/test`)).data.test;
  }

  #signedIn(answer: { data: { user?: Account; agent?: Account; token: string } }): {
    account: Account;
    token: string;
  } {
    const { user, agent, token } = answer.data;
    const account = agent ?? user;
    if (!account) throw new Error('the sign-in answered no account');
    this.token = token;
    return { account, token };
  }

  async #ask<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    const headers: Record<string, string> = {};
    if (body) headers['Content-Type'] = 'application/json';
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    const response = await fetch(this.base + path, {
      method,
      headers,
      body: body && JSON.stringify(body),
    }).catch(() => {
      throw new ApiUnreachable('The server cannot be reached.');
    });
    const answer = parsed(await response.text());
    if (response.ok && answer) return answer as Answer;
    throw new ApiRefusal(
      response.status,
      sentence(answer, response.status),
      Number(response.headers.get('Retry-After')) || undefined,
    );
  }
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // Not JSON: an answer of some proxy in between; its status says enough.
    return undefined;
  }
}

function sentence(answer: Record<string, unknown> | undefined, status: number): string {
  const errors = answer?.errors;
  if (errors && typeof errors === 'object') {
    const first = Object.values(errors)[0];
    if (typeof first === 'string') return first;
  }
  if (typeof answer?.message === 'string') return answer.message;
  if (typeof answer?.error === 'string') return answer.error;
  return status === 413 ? 'This file is too large.' : `The server answered ${status}.`;
}
