// The transcript: what was said, by whom and when, what waits to be sent, and who is writing; it stays at the newest unless the reader looks back.
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Line, Side } from '../client/conversation-view.ts';
import type { Waiting } from '../client/outbox.ts';
import { attachmentList } from './attachments.ts';
import './avatar.ts';
import { fileIcon } from './icons.ts';
import { linkify } from './linkify.ts';
import { messageStyles } from './message-styles.ts';
import { basics } from './tokens.ts';
import { dayOf, momentOf, sizeOf, timeOf } from './wording.ts';

/** Pixels from the end within which the reader counts as being at the newest. */
const NEAR_END = 60;
/** How many lines are drawn at first, and how many more at each wish. */
const DRAWN = 200;

/**
 * `<natter-messages>`
 * @event natter-retry detail: command id of a message that failed
 * @event natter-discard detail: command id
 * @event natter-at-end the newest message is in view
 */
@customElement('natter-messages')
export class MessageList extends LitElement {
  @property({ attribute: false }) lines: readonly Line[] = [];
  @property({ attribute: false }) waiting: readonly Waiting[] = [];
  @property() side: Side = 'visitor';
  /** Version up to which the other side has read. */
  @property({ type: Number }) readUpTo = 0;
  /** Name of whoever is writing on the other side; undefined: nobody. */
  @property() typing: string | undefined;
  /** What the AI has written so far of an answer; undefined: it is not writing. */
  @property() draft: string | undefined;
  /** The name shown for authors who have none, by kind. */
  @property({ attribute: false }) names: { readonly visitor: string; readonly agent: string } = {
    visitor: 'Visitor',
    agent: 'Agent',
  };
  @property({ attribute: false }) link: (url: string) => string = (url) => url;
  @property() empty = '';
  /** Whether there is older history that is not here. */
  @property({ type: Boolean }) shortened = false;
  @state() private newer = false;
  @state() private drawn = DRAWN;
  @query('.scroll') private readonly scroller!: HTMLElement;
  #atEnd = true;
  #sizes: ResizeObserver | undefined;

  static override styles = [basics, messageStyles];

  get atEnd(): boolean {
    return this.#atEnd;
  }

  /** Moves to the newest message. */
  toEnd(): void {
    this.#atEnd = true;
    this.newer = false;
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  override firstUpdated(): void {
    // Pictures arrive after their message and keyboards shrink the view: stay at the end through both.
    this.#sizes = new ResizeObserver(() => this.#atEnd && this.toEnd());
    this.#sizes.observe(this.scroller);
    const content = this.scroller.firstElementChild;
    if (content) this.#sizes.observe(content);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#sizes?.disconnect();
  }

  override updated(changed: Map<string, unknown>): void {
    const before = changed.get('lines') as readonly Line[] | undefined;
    const wroteMyself =
      changed.has('waiting') &&
      this.waiting.length > ((changed.get('waiting') as readonly Waiting[] | undefined)?.length ?? 0);
    if (this.#atEnd || wroteMyself) this.toEnd();
    else if (before && this.lines.length > before.length) this.newer = true;
  }

  override render() {
    const earlier = this.lines.length - this.drawn;
    const rows = [
      ...this.lines.slice(-this.drawn).map((line) => ({ key: keyOf(line), line, message: undefined })),
      ...this.waiting.map((message) => ({ key: message.command, line: undefined, message })),
    ];
    const last = this.lines.findLast((line) => line.kind === 'message' && this.#own(line));
    return html`
      <div class="scroll" role="log" aria-live="polite" aria-label="Messages" tabindex="0" @scroll=${this.#scrolled}>
        <div>
          ${earlier > 0 ? html`<button class="plain earlier" @click=${this.#drawMore}>Earlier messages</button>` : nothing}
          ${earlier <= 0 && this.shortened ? html`<p class="happening">Earlier messages are not shown here.</p>` : nothing}
          ${rows.length === 0 && this.empty ? html`<p class="happening">${this.empty}</p>` : nothing}
          ${repeat(
            rows,
            (row) => row.key,
            (row, index) => {
              const before = index > 0 ? rows[index - 1] : undefined;
              const at = (row.line ?? row.message)?.at ?? '';
              const atBefore = (before?.line ?? before?.message)?.at;
              const day =
                !atBefore || dayOf(atBefore) !== dayOf(at)
                  ? html`<div class="day">${dayOf(at)}</div>`
                  : nothing;
              return html`${day}${row.line ? this.#line(row.line, before?.line, row.line === last && this.waiting.length === 0) : this.#waiting(row.message)}`;
            },
          )}
          ${this.draft ? this.#draft(this.draft) : this.typing ? this.#typing(this.typing) : nothing}
        </div>
      </div>
      ${this.newer ? html`<button class="newer" @click=${this.toEnd}>New messages</button>` : nothing}
    `;
  }

  #line(line: Line, before: Line | undefined, last: boolean): TemplateResult {
    if (line.kind === 'happening') return happening(line);
    const own = this.#own(line);
    const name = this.#name(line);
    const first =
      !before || before.kind !== line.kind || this.#name(before) !== name || this.#own(before) !== own;
    const files = line.kind === 'message' ? attachmentList(line.attachments, this.link) : nothing;
    const note = line.kind === 'note';
    const ai = line.kind === 'message' && line.author.kind === 'ai';
    const sources = line.kind === 'message' && line.sources?.length ? line.sources : undefined;
    const foot = note ? `Note, for your team only · ${timeOf(line.at)}` : timeOf(line.at);
    const mark = last ? html`<span>${this.readUpTo >= line.version ? 'Read' : 'Delivered'}</span>` : nothing;
    return html`<div class="row ${own ? 'own' : ''} ${first ? 'first' : ''} ${note ? 'note' : ''}">
      ${own ? nothing : first ? html`<natter-avatar name=${name}></natter-avatar>` : html`<span class="gap"></span>`}
      <div class="body">
        ${first && !(own && this.side === 'visitor') ? html`<span class="name" dir="auto">${name}${ai ? AI_MARK : nothing}</span>` : html`<span class="heard">${own && this.side === 'visitor' ? 'You' : name}:</span>`}
        ${line.text ? html`<div class="bubble" dir="auto">${written(line.text)}</div>` : nothing}${files}
        ${sources ? html`<p class="sources" dir="auto">Sources: ${sources.map((title, index) => `[${index + 1}] ${title}`).join(', ')}</p>` : nothing}
        <div class="foot"><time datetime=${line.at} dir="auto">${foot}</time>${mark}</div>
      </div>
    </div>`;
  }

  #waiting(message: Waiting): TemplateResult {
    const files = message.files.map(
      ({ name, blob }) =>
        html`<span class="chip">${fileIcon}<span class="file" dir="auto">${name}</span><small>${sizeOf(blob.size)}</small></span>`,
    );
    const failed = message.state === 'failed';
    return html`<div class="row own first waiting ${failed ? 'failed' : ''} ${message.kind === 'note' ? 'note' : ''}">
      <div class="body">
        ${message.text ? html`<div class="bubble" dir="auto">${written(message.text)}</div>` : nothing}
        ${files.length > 0 ? html`<div class="files">${files}</div>` : nothing}
        <div class="foot">
          <span class=${failed ? 'bad' : ''}>${stateOf(message)}</span>
          ${failed ? html`<button @click=${() => this.#say('natter-retry', message.command)}>Try again</button><button @click=${() => this.#say('natter-discard', message.command)}>Discard</button>` : nothing}
        </div>
      </div>
    </div>`;
  }

  /** Grows while it is read: whoever hears the page is told once, by the message itself. */
  #draft(text: string): TemplateResult {
    return html`<div class="row first" aria-live="off" aria-busy="true"><natter-avatar name="AI Assistant"></natter-avatar>
      <div class="body"><span class="name">AI Assistant${AI_MARK}</span><div class="bubble draft" dir="auto">${written(text)}</div></div></div>`;
  }

  #typing(name: string): TemplateResult {
    return html`<div class="row first"><natter-avatar name=${name}></natter-avatar>
      <div class="body"><div class="bubble dots"><i></i><i></i><i></i><span class="heard">${name} is writing</span></div></div></div>`;
  }

  #own(line: Line): boolean {
    if (line.kind === 'happening') return false;
    if (line.kind === 'note') return this.side === 'agent';
    return (line.author.kind === 'visitor') === (this.side === 'visitor');
  }

  #name(line: Line): string {
    if (line.kind === 'happening') return '';
    if (line.kind === 'note') return line.author.name || this.names.agent;
    const { kind, name } = line.author;
    if (kind === 'system') return this.names.agent;
    if (name) return name;
    return kind === 'visitor' ? this.names.visitor : kind === 'ai' ? 'AI Assistant' : this.names.agent;
  }

  #scrolled(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.#atEnd = scrollHeight - scrollTop - clientHeight < NEAR_END;
    if (!this.#atEnd) return;
    this.newer = false;
    this.dispatchEvent(new CustomEvent('natter-at-end', { bubbles: true, composed: true }));
  }

  /** Draws more above, and leaves what is being read where it is. */
  async #drawMore(): Promise<void> {
    const { scroller } = this;
    const fromEnd = scroller.scrollHeight - scroller.scrollTop;
    this.drawn += DRAWN;
    await this.updateComplete;
    scroller.scrollTop = scroller.scrollHeight - fromEnd;
  }

  #say(name: string, detail: string): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

function keyOf(line: Line): string {
  return 'command' in line && line.command ? line.command : `${line.kind} ${line.version}`;
}

function happening({
  text,
  when,
  about,
  pressing,
  at,
}: Extract<Line, { kind: 'happening' }>): TemplateResult {
  const moment = when ? `: ${momentOf(when)}` : '';
  return html`<p class="happening ${pressing ? 'pressing' : ''}">${text}${moment}${about ? html` – <span dir="auto">${about}</span>` : nothing} · ${timeOf(at)}</p>`;
}

const AI_MARK = html`<abbr class="ai" title="Written by an AI assistant">AI</abbr>`;

/** What a person wrote, as text nodes and checked links: never markup. */
function written(text: string): unknown {
  return linkify(text).map((piece) =>
    piece.href
      ? html`<a href=${piece.href} target="_blank" rel="noopener noreferrer nofollow">${piece.text}</a>`
      : piece.text,
  );
}

function stateOf(message: Waiting): string {
  switch (message.state) {
    case 'queued':
      return 'Waiting to send';
    case 'sending':
      return message.progress === undefined ? 'Sending…' : `Sending… ${Math.round(message.progress * 100)} %`;
    case 'sent':
      return 'Sent';
    case 'failed':
      return `Not sent: ${message.failed}`;
  }
}
