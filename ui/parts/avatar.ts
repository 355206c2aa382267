// A person as a coloured disc with initials: the same person, the same colour.
import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { initialsOf } from './wording.ts';

/** How many colours there are; each is dark enough for white letters. */
const HUES = 8;

/** `<natter-avatar name="…">` */
@customElement('natter-avatar')
export class Avatar extends LitElement {
  @property() name = '';
  /** What the colour hangs on, where several people share a name. */
  @property() seed = '';

  static override styles = css`
    :host {
      display: inline-grid;
      flex: none;
    }
    span {
      display: grid;
      place-items: center;
      width: var(--n-avatar, 34px);
      height: var(--n-avatar, 34px);
      border-radius: 50%;
      background: var(--n-avatar-colour, hsl(calc(var(--n-hue) * 45) 45% 38%));
      color: var(--n-on-avatar, #fff);
      font-size: calc(var(--n-avatar, 34px) * 0.38);
      font-weight: 650;
      user-select: none;
    }
    .h0 { --n-hue: 0; } .h1 { --n-hue: 1; } .h2 { --n-hue: 2; } .h3 { --n-hue: 3; }
    .h4 { --n-hue: 4; } .h5 { --n-hue: 5; } .h6 { --n-hue: 6; } .h7 { --n-hue: 7; }
  `;

  override render() {
    let hash = 0;
    for (const letter of this.seed || this.name) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
    return html`<span class="h${hash % HUES}" aria-hidden="true">${initialsOf(this.name)}</span>`;
  }
}
