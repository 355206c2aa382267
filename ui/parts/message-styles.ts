// The look of the transcript.
import { css } from 'lit';

export const messageStyles = css`
  :host {
    position: relative;
    display: flex;
    flex-direction: column;
    min-height: 0;
    flex: 1;
  }
  .scroll {
    flex: 1;
    overflow-y: auto;
    overscroll-behavior: contain;
    padding: 14px;
    scrollbar-width: thin;
  }
  .scroll:focus-visible {
    outline-offset: -2px;
  }
  .earlier {
    display: block;
    margin: 0 auto;
    font-size: 14px;
  }
  .day,
  .happening {
    margin: 12px auto;
    text-align: center;
    color: var(--n-quiet);
    font-size: 12.5px;
    overflow-wrap: anywhere;
  }
  .pressing {
    color: var(--n-warn);
    font-weight: 600;
  }
  .row {
    display: flex;
    gap: 8px;
    margin-top: 3px;
    align-items: flex-end;
  }
  .row.first {
    margin-top: 12px;
  }
  .row.own {
    flex-direction: row-reverse;
  }
  .row > natter-avatar,
  .gap {
    --n-avatar: 28px;
    width: 28px;
    flex: none;
  }
  .body {
    display: flex;
    flex-direction: column;
    align-items: flex-start;
    max-width: min(82%, 560px);
    min-width: 0;
  }
  .own .body {
    align-items: flex-end;
  }
  .name {
    margin: 0 4px 2px;
    color: var(--n-quiet);
    font-size: 12.5px;
  }
  .bubble {
    padding: 8px 12px;
    border-radius: 16px;
    background: var(--n-bubble);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    max-width: 100%;
  }
  .own .bubble {
    background: var(--n-accent);
    color: var(--n-on-accent);
    --n-focus: var(--n-text);
  }
  .note .bubble {
    background: var(--n-note);
    border: 1px solid var(--n-note-line);
    color: var(--n-text);
  }
  .waiting .bubble {
    opacity: 0.72;
  }
  .failed .bubble {
    opacity: 1;
    outline: 2px solid var(--n-bad);
  }
  .bubble a {
    color: inherit;
    text-decoration: underline;
  }
  .ai {
    margin-inline-start: 6px;
    padding: 0 5px;
    border: 1px solid currentColor;
    border-radius: 6px;
    font-size: 11px;
    font-weight: 600;
    text-decoration: none;
  }
  .sources {
    margin: 3px 4px 0;
    color: var(--n-quiet);
    font-size: 12.5px;
    overflow-wrap: anywhere;
  }
  .foot {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 8px;
    margin: 2px 4px 0;
    color: var(--n-quiet);
    font-size: 12px;
  }
  .foot button {
    text-decoration: underline;
    font-weight: 600;
  }
  .foot .bad {
    color: var(--n-bad);
  }
  .files {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    margin-top: 4px;
    max-width: 100%;
  }
  .own .files {
    justify-content: flex-end;
  }
  .picture {
    display: block;
    border-radius: 12px;
    overflow: hidden;
    border: 1px solid var(--n-line);
    background: var(--n-sunken);
    line-height: 0;
    max-width: min(260px, 100%);
  }
  .picture img {
    max-width: 100%;
    min-width: 40px;
    min-height: 40px;
    max-height: 220px;
    width: auto;
    height: auto;
    object-fit: contain;
  }
  .chip {
    display: flex;
    align-items: center;
    gap: 8px;
    max-width: 100%;
    padding: 8px 12px;
    border: 1px solid var(--n-line);
    border-radius: 12px;
    background: var(--n-raised);
    color: inherit;
    text-decoration: none;
    font-size: 14px;
  }
  a.chip:hover {
    background: var(--n-sunken);
  }
  .chip svg {
    flex: none;
  }
  .chip .file {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    min-width: 0;
  }
  .chip small {
    flex: none;
    color: var(--n-quiet);
  }
  .dots {
    display: inline-flex;
    gap: 4px;
    padding: 12px 14px;
  }
  .dots i {
    width: 7px;
    height: 7px;
    border-radius: 50%;
    background: var(--n-quiet);
    animation: blink 1.2s infinite;
  }
  .dots i:nth-child(2) {
    animation-delay: 0.2s;
  }
  .dots i:nth-child(3) {
    animation-delay: 0.4s;
  }
  @keyframes blink {
    0%,
    60%,
    100% {
      opacity: 0.3;
    }
    30% {
      opacity: 1;
    }
  }
  .newer {
    position: absolute;
    inset-block-end: 10px;
    inset-inline-start: 50%;
    transform: translateX(-50%);
    padding: 6px 14px;
    border-radius: 999px;
    background: var(--n-raised);
    border: 1px solid var(--n-line);
    box-shadow: var(--n-shadow);
    font-size: 13.5px;
    font-weight: 600;
  }
  :host(:dir(rtl)) .newer {
    transform: translateX(50%);
  }
`;
