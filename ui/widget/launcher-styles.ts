// The launcher's look, as text: the loader carries no Lit. `!important` on the host keeps the customer's page out.

export const launcherStyles = `
:host {
  all: initial !important;
  position: fixed !important;
  z-index: 2147483000 !important;
  display: block !important;
  bottom: 20px !important;
  right: 20px !important;
  --n-accent: #3056d3;
  --n-on-accent: #fff;
}
:host([data-position$='left']) { right: auto !important; left: 20px !important; }
:host([data-position^='top']) { bottom: auto !important; top: 20px !important; }
button {
  all: unset;
  position: relative;
  display: grid;
  place-items: center;
  width: 58px;
  height: 58px;
  border-radius: 50%;
  background: var(--n-accent);
  color: var(--n-on-accent);
  cursor: pointer;
  box-shadow: 0 6px 20px rgb(20 24 40 / 0.28), 0 1px 4px rgb(20 24 40 / 0.2);
  transition: transform 0.15s, filter 0.15s;
}
button:hover { filter: brightness(1.08); transform: scale(1.04); }
button:focus-visible { outline: 3px solid var(--n-accent); outline-offset: 3px; }
button[aria-busy] { opacity: 0.75; }
svg { grid-area: 1 / 1; width: 27px; height: 27px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
.cross { display: none; }
:host([data-open]) .cross { display: block; }
:host([data-open]) .chat { display: none; }
span {
  position: absolute;
  top: -4px;
  right: -4px;
  min-width: 22px;
  height: 22px;
  padding: 0 6px;
  box-sizing: border-box;
  border-radius: 11px;
  background: #c62828;
  color: #fff;
  font: 700 12px/22px system-ui, sans-serif;
  text-align: center;
}
[hidden] { display: none; }
@media (max-width: 480px) {
  :host([data-open]) button { display: none; }
}
@media (prefers-reduced-motion: reduce) { button { transition: none; } }
@media print { :host { display: none !important; } }
`;
