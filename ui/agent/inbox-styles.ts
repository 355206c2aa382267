// The look of the list of conversations.
import { css } from 'lit';

export const inboxStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-height: 0;
    background: var(--n-surface);
  }
  .tabs {
    display: flex;
    gap: 2px;
    padding: 8px 8px 0;
  }
  .tabs button {
    flex: 1;
    padding: 7px 4px;
    border-radius: 9px;
    color: var(--n-quiet);
    font-size: 14px;
    font-weight: 550;
    white-space: nowrap;
  }
  .tabs button:hover {
    background: var(--n-sunken);
  }
  .tabs [aria-pressed='true'] {
    background: var(--n-bubble);
    color: var(--n-text);
  }
  .tabs b {
    font-size: 12.5px;
    font-weight: 600;
    color: var(--n-quiet);
  }
  .filters {
    display: grid;
    grid-template-columns: 1fr 1fr;
    gap: 6px;
    padding: 8px;
    border-block-end: 1px solid var(--n-line);
  }
  .filters .input {
    min-width: 0;
    padding-inline: 8px;
    font-size: 13.5px;
  }
  .rows {
    flex: 1;
    overflow-y: auto;
    scrollbar-width: thin;
  }
  .rows > .plain {
    display: block;
    margin: 12px auto;
  }
  .row {
    display: flex;
    gap: 10px;
    width: 100%;
    padding: 10px 12px;
    text-align: start;
    border-block-end: 1px solid var(--n-line);
  }
  .row:hover {
    background: var(--n-sunken);
  }
  .row:focus-visible {
    outline-offset: -2px;
  }
  .row[aria-current] {
    background: color-mix(in srgb, var(--n-accent) 14%, var(--n-surface));
  }
  .what {
    flex: 1;
    min-width: 0;
  }
  .top {
    display: flex;
    align-items: center;
    gap: 8px;
  }
  .name,
  .last {
    flex: 1;
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .name {
    font-weight: 600;
  }
  .last {
    color: var(--n-quiet);
    font-size: 14px;
  }
  time {
    flex: none;
    color: var(--n-quiet);
    font-size: 12.5px;
  }
  .unread {
    flex: none;
    min-width: 20px;
    padding: 0 6px;
    border-radius: 10px;
    background: var(--n-accent);
    color: var(--n-on-accent);
    font-size: 12px;
    line-height: 20px;
    text-align: center;
  }
  .tags {
    display: flex;
    gap: 4px;
    overflow: hidden;
  }
  .tags i {
    flex: none;
    margin-top: 4px;
    padding: 0 7px;
    border-radius: 6px;
    background: var(--n-bubble);
    color: var(--n-quiet);
    font-size: 12px;
    font-style: normal;
  }
  .tags .high {
    background: var(--n-warn-surface);
    color: var(--n-warn);
  }
  .tags .urgent {
    background: var(--n-bad-surface);
    color: var(--n-bad);
  }
  .none {
    padding: 32px 16px;
    text-align: center;
    color: var(--n-quiet);
  }
`;
