// Where one writes: Enter sends, Shift+Enter breaks the line, files come by button, drop or paste.
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { clipIcon, closeIcon, fileIcon, sendIcon } from './icons.ts';
import { basics } from './tokens.ts';
import { sizeOf } from './wording.ts';

/** The server's bounds (domain/conversation/values.ts), said before an upload is wasted. */
const MOST_FILES = 5;
const MOST_BYTES = 10 * 1024 * 1024;
const MOST_TEXT = 10_000;
const ACCEPTED = '.jpg,.jpeg,.png,.gif,.webp,.pdf,.doc,.docx,.xls,.xlsx,.txt';

export interface Written {
  readonly text: string;
  readonly files: readonly File[];
}

/**
 * `<natter-composer>`
 * @event natter-send detail: Written
 * @event natter-typing detail: whether something is being written
 */
@customElement('natter-composer')
export class Composer extends LitElement {
  @property() placeholder = 'Write a message…';
  @property() label = 'Message';
  @property({ type: Boolean }) disabled = false;
  /** What is being written belongs to this box; each keeps its own draft while the page lives. */
  @property() box = '';
  /** Whether files may be attached. */
  @property({ type: Boolean }) files = true;
  @state() private chosen: readonly File[] = [];
  @state() private problem = '';
  @state() private over = false;
  @state() private hasText = false;
  @query('textarea') private readonly area!: HTMLTextAreaElement;
  @query('input') private readonly picker!: HTMLInputElement;
  static readonly drafts = new Map<string, Written>();
  #idle: ReturnType<typeof setTimeout> | undefined;

  static override styles = [
    basics,
    css`
      :host {
        display: block;
        border-block-start: 1px solid var(--n-line);
        background: var(--n-surface);
      }
      form {
        display: flex;
        align-items: flex-end;
        gap: 4px;
        padding: 8px 10px;
      }
      form.over {
        outline: 2px dashed var(--n-accent);
        outline-offset: -5px;
      }
      textarea {
        flex: 1;
        min-width: 0;
        min-height: 38px;
        max-height: 140px;
        padding: 8px 6px;
        border: 0;
        border-radius: 9px;
        background: none;
        resize: none;
        line-height: 22px;
      }
      textarea:focus-visible {
        outline: 2px solid color-mix(in srgb, var(--n-accent) 60%, var(--n-quiet));
        outline-offset: -1px;
      }
      textarea::placeholder {
        color: var(--n-quiet);
        opacity: 1;
      }
      .send {
        background: var(--n-accent);
        color: var(--n-on-accent);
      }
      .send:hover:not(:disabled) {
        background: var(--n-accent);
        filter: brightness(1.08);
      }
      :host(:dir(rtl)) .send svg {
        transform: scaleX(-1);
      }
      ul {
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
        margin: 0;
        padding: 8px 12px 0;
        list-style: none;
      }
      li {
        display: flex;
        align-items: center;
        gap: 6px;
        max-width: 100%;
        padding-inline-start: 9px;
        border: 1px solid var(--n-line);
        border-radius: 9px;
        background: var(--n-raised);
        font-size: 13.5px;
      }
      li span {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      li svg {
        flex: none;
      }
      li small {
        color: var(--n-quiet);
        flex: none;
      }
      .problem {
        margin: 8px 12px 0;
      }
    `,
  ];

  override focus(): void {
    this.area?.focus();
  }

  override updated(changed: Map<string, unknown>): void {
    if (!changed.has('box')) return;
    const draft = Composer.drafts.get(this.box);
    this.area.value = draft?.text ?? '';
    this.chosen = draft?.files ?? [];
    this.problem = '';
    this.#grow();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#idle);
  }

  override render() {
    return html`
      ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
      ${this.chosen.length > 0 ? html`<ul aria-label="Files to send">${this.chosen.map((file) => this.#file(file))}</ul>` : nothing}
      <form class=${this.over ? 'over' : ''} @submit=${this.#submit} @dragover=${this.#dragOver} @dragleave=${this.#dragLeave} @drop=${this.#drop}>
        ${this.files ? html`<button type="button" class="icon" aria-label="Attach files" title="Attach files" ?disabled=${this.disabled} @click=${() => this.picker.click()}>${clipIcon}</button>` : nothing}
        <input type="file" multiple hidden accept=${ACCEPTED} @change=${this.#picked} />
        <textarea rows="1" dir="auto" maxlength=${MOST_TEXT} aria-label=${this.label} placeholder=${this.placeholder} ?disabled=${this.disabled}
          @input=${this.#wrote} @keydown=${this.#key} @paste=${this.#paste}></textarea>
        <button type="submit" class="icon send" aria-label="Send" title="Send" ?disabled=${this.disabled || !(this.hasText || this.chosen.length > 0)}>${sendIcon}</button>
      </form>
    `;
  }

  #file(file: File) {
    const drop = () => {
      this.chosen = this.chosen.filter((each) => each !== file);
      this.#keep();
      this.focus();
    };
    return html`<li>${fileIcon}<span dir="auto">${file.name}</span><small>${sizeOf(file.size)}</small>
      <button type="button" class="icon" aria-label="Remove ${file.name}" @click=${drop}>${closeIcon}</button></li>`;
  }

  #submit(event: Event): void {
    event.preventDefault();
    this.#send();
  }

  #key(event: KeyboardEvent): void {
    // While an input method composes, Enter chooses a word.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#send();
  }

  #send(): void {
    const text = this.area.value.trim();
    if (this.disabled || (text === '' && this.chosen.length === 0)) return;
    this.#tell<Written>('natter-send', { text, files: this.chosen });
    this.area.value = '';
    this.chosen = [];
    this.problem = '';
    this.#wrote();
    this.focus();
  }

  #grow(): void {
    const { area } = this;
    this.hasText = area.value.trim() !== '';
    area.style.height = 'auto';
    area.style.height = `${area.scrollHeight}px`;
  }

  #keep(): void {
    const text = this.area.value;
    if (text || this.chosen.length > 0) Composer.drafts.set(this.box, { text, files: this.chosen });
    else Composer.drafts.delete(this.box);
  }

  #wrote(): void {
    this.#grow();
    this.#keep();
    clearTimeout(this.#idle);
    this.#tell('natter-typing', this.hasText);
    if (this.hasText) this.#idle = setTimeout(() => this.#tell('natter-typing', false), 5_000);
  }

  #picked(): void {
    this.#take([...(this.picker.files ?? [])]);
    this.picker.value = '';
  }

  #paste(event: ClipboardEvent): void {
    const pasted = [...(event.clipboardData?.files ?? [])];
    if (pasted.length === 0) return;
    event.preventDefault();
    this.#take(pasted);
  }

  #dragOver(event: DragEvent): void {
    if (!this.files || this.disabled || !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.over = true;
  }

  #dragLeave(): void {
    this.over = false;
  }

  #drop(event: DragEvent): void {
    event.preventDefault();
    this.over = false;
    this.#take([...(event.dataTransfer?.files ?? [])]);
  }

  #take(files: readonly File[]): void {
    if (!this.files || this.disabled || files.length === 0) return;
    const large = files.find((file) => file.size > MOST_BYTES);
    const fitting = files.filter((file) => file.size <= MOST_BYTES);
    const all = [...this.chosen, ...fitting];
    this.chosen = all.slice(0, MOST_FILES);
    this.#keep();
    if (large) this.problem = `${large.name} is larger than 10 MB.`;
    else this.problem = all.length > MOST_FILES ? `A message takes ${MOST_FILES} files at most.` : '';
    this.focus();
  }

  #tell<Detail>(name: string, detail: Detail): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}
