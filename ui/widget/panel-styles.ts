// The look of the open chat: a sheet beside the launcher, the whole screen on a phone.
import { css } from 'lit';

export const panelStyles = css`
  :host {
    position: fixed;
    right: 20px;
    bottom: 92px;
    width: min(392px, calc(100vw - 40px));
    height: min(640px, calc(100dvh - 116px));
    z-index: 1;
  }
  :host([position$='left']) {
    right: auto;
    left: 20px;
  }
  :host([position^='top']) {
    bottom: auto;
    top: 92px;
  }
  section {
    display: flex;
    flex-direction: column;
    height: 100%;
    border-radius: 16px;
    overflow: hidden;
    background: var(--n-surface);
    box-shadow: var(--n-shadow);
    animation: rise 0.18s ease-out;
  }
  @keyframes rise {
    from {
      opacity: 0;
      transform: translateY(12px);
    }
  }
  header {
    display: flex;
    align-items: center;
    gap: 10px;
    padding: 12px 10px 12px 16px;
    background: var(--n-accent);
    color: var(--n-on-accent);
    --n-focus: var(--n-on-accent);
  }
  :host(:dir(rtl)) header {
    padding: 12px 16px 12px 10px;
  }
  header div {
    flex: 1;
    min-width: 0;
  }
  h2 {
    margin: 0;
    font-size: 16.5px;
    line-height: 1.25;
    overflow-wrap: anywhere;
  }
  header p {
    margin: 1px 0 0;
    font-size: 13px;
    opacity: 0.92;
    overflow-wrap: anywhere;
  }
  .confirm,
  .after {
    display: grid;
    gap: 10px;
    padding: 14px 16px;
    border-block-start: 1px solid var(--n-line);
    background: var(--n-surface);
  }
  .pause {
    flex: 1;
  }
  .thanks {
    margin: 0;
    padding: 10px 16px;
    background: var(--n-sunken);
    font-size: 14px;
    overflow-wrap: anywhere;
  }
  .person {
    display: grid;
    justify-items: center;
    padding: 6px 16px;
    background: var(--n-surface);
  }
  .confirm {
    border-block: 0 1px solid var(--n-line);
  }
  .confirm p {
    margin: 0;
    font-weight: 600;
  }
  .buttons {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .buttons button {
    flex: 1;
    white-space: nowrap;
  }
  @media (max-width: 480px) {
    :host,
    :host([position$='left']),
    :host([position^='top']) {
      inset: 0;
      width: auto;
      height: auto;
    }
    section {
      border-radius: 0;
    }
  }
`;
