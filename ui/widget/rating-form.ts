// How was it: one to five stars and a word, once a conversation has ended.
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { starIcon } from '../parts/icons.ts';
import { basics } from '../parts/tokens.ts';

const WORDS = ['Very bad', 'Bad', 'Fair', 'Good', 'Very good'];

export interface Rated {
  readonly score: number;
  readonly feedback: string;
}

/**
 * `<natter-rating .given=${rating}>`
 * @event natter-rated detail: Rated
 */
@customElement('natter-rating')
export class RatingForm extends LitElement {
  /** The rating that the server has; undefined: none yet. */
  @property({ attribute: false }) given: Rated | undefined;
  @property() problem = '';
  @state() private score = 0;

  static override styles = [
    basics,
    css`
      :host {
        display: block;
      }
      form {
        display: grid;
        gap: 10px;
      }
      fieldset {
        display: flex;
        justify-content: center;
        gap: 2px;
        margin: 0;
        padding: 0;
        border: 0;
      }
      legend {
        width: 100%;
        padding: 0;
        text-align: center;
        font-weight: 600;
      }
      label {
        padding: 4px;
        border-radius: 9px;
        color: var(--n-line);
        cursor: pointer;
        line-height: 0;
      }
      label.lit {
        color: #e8a317;
      }
      label:has(:focus-visible) {
        outline: 2px solid var(--n-accent);
      }
      fieldset input {
        position: absolute;
        opacity: 0;
        pointer-events: none;
      }
      textarea {
        min-height: 60px;
        resize: vertical;
      }
      p {
        margin: 0;
        text-align: center;
      }
    `,
  ];

  override render() {
    if (this.given)
      return html`<p role="status">You rated this chat ${this.given.score} of 5. Thank you!</p>`;
    return html`<form @submit=${this.#submit}>
      <fieldset>
        <legend>How was this chat?</legend>
        ${WORDS.map((word, index) => this.#star(index + 1, word))}
      </fieldset>
      ${
        this.score > 0
          ? html`<textarea class="input" name="feedback" maxlength="2000" dir="auto" aria-label="Your feedback" placeholder="Tell us more (optional)"></textarea>
            <button class="primary">Send rating</button>`
          : nothing
      }
      ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
    </form>`;
  }

  #star(score: number, word: string) {
    const choose = () => {
      this.score = score;
    };
    return html`<label class=${score <= this.score ? 'lit' : ''} title=${word}>
      <input type="radio" name="score" value=${score} aria-label="${score} of 5: ${word}" @change=${choose} />${starIcon}</label>`;
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    if (this.score === 0) return;
    const feedback = String(new FormData(event.target as HTMLFormElement).get('feedback') ?? '').trim();
    const detail: Rated = { score: this.score, feedback };
    this.dispatchEvent(new CustomEvent('natter-rated', { detail, bubbles: true, composed: true }));
  }
}
