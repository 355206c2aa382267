// The look, in one place: colours, sizes and the few rules that every part shares; light and dark.
import { css } from 'lit';

/** Custom properties, set where a tree of parts begins. `--n-accent` and `--n-on-accent` are the customer's. */
export const tokens = css`
  :host {
    --n-accent: #3056d3;
    --n-on-accent: #fff;
    --n-surface: #fff;
    --n-raised: #fff;
    --n-sunken: #f4f5f8;
    --n-text: #1b1f2a;
    --n-quiet: #5b6274;
    --n-line: #dfe2ea;
    --n-bubble: #eef0f5;
    --n-note: #fff5d6;
    --n-note-line: #e8cf83;
    --n-good: #1a7f4b;
    --n-warn: #96590a;
    --n-warn-surface: #fff3df;
    --n-bad: #b3261e;
    --n-bad-surface: #fdecea;
    --n-radius: 12px;
    --n-shadow: 0 12px 40px rgb(20 24 40 / 0.22), 0 2px 8px rgb(20 24 40 / 0.12);
    color: var(--n-text);
    font: 400 15px/1.45 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif;
    color-scheme: light dark;
    -webkit-text-size-adjust: 100%;
  }
  @media (prefers-color-scheme: dark) {
    :host {
      --n-surface: #171a21;
      --n-raised: #1f232c;
      --n-sunken: #11141a;
      --n-text: #e8eaf0;
      --n-quiet: #a3a9b8;
      --n-line: #333947;
      --n-bubble: #2a2f3b;
      --n-note: #3a3218;
      --n-note-line: #6b5a22;
      --n-good: #5fd39a;
      --n-warn: #f2bd6b;
      --n-warn-surface: #3a2c12;
      --n-bad: #ff9d94;
      --n-bad-surface: #42201d;
      --n-shadow: 0 12px 40px rgb(0 0 0 / 0.55), 0 2px 8px rgb(0 0 0 / 0.4);
    }
  }
`;

/** Rules for the inside of any part: box sizes, focus rings, buttons, fields, what only screen readers hear. */
export const basics = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  :focus-visible {
    outline: 2px solid var(--n-focus, color-mix(in srgb, var(--n-accent) 45%, var(--n-text)));
    outline-offset: 2px;
  }
  button,
  input,
  textarea,
  select {
    font: inherit;
    color: inherit;
  }
  button {
    cursor: pointer;
    border: 0;
    background: none;
    padding: 0;
  }
  button:disabled {
    cursor: default;
    opacity: 0.5;
  }
  .primary,
  .plain {
    min-height: 38px;
    padding: 7px 16px;
    border-radius: 9px;
    font-weight: 600;
  }
  .primary {
    background: var(--n-accent);
    color: var(--n-on-accent);
  }
  .primary:hover:not(:disabled) {
    filter: brightness(1.08);
  }
  .plain {
    border: 1px solid var(--n-line);
    background: var(--n-raised);
  }
  .plain:hover:not(:disabled) {
    background: var(--n-sunken);
  }
  .icon {
    display: inline-grid;
    place-items: center;
    width: 38px;
    height: 38px;
    border-radius: 9px;
    flex: none;
  }
  .icon:hover:not(:disabled) {
    background: color-mix(in srgb, currentColor 12%, transparent);
  }
  .field {
    display: grid;
    gap: 4px;
    font-size: 14px;
    font-weight: 550;
  }
  .field input:not([type='checkbox'], [type='color']),
  .field textarea,
  .field select,
  .input {
    width: 100%;
    min-height: 38px;
    padding: 8px 11px;
    border: 1px solid var(--n-line);
    border-radius: 9px;
    background: var(--n-raised);
    font-weight: 400;
  }
  .problem {
    margin: 0;
    padding: 9px 12px;
    border-radius: 9px;
    background: var(--n-bad-surface);
    color: var(--n-bad);
    font-size: 14px;
    overflow-wrap: anywhere;
  }
  .heard {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation-duration: 0.01ms !important;
      animation-iteration-count: 1 !important;
      transition-duration: 0.01ms !important;
      scroll-behavior: auto !important;
    }
  }
`;
