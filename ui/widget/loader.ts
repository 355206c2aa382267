// The snippet's script: draws the launcher, asks for the widget's configuration, and fetches the panel only when it is needed.
import type { PublicWidgetConfig } from '../client/api.ts';
import { readableOn } from '../parts/readable-on.ts';
import { launcherStyles } from './launcher-styles.ts';
import type { mountPanel, PanelHandle } from './panel.ts';
import { readVisit, type VisitorDetails } from './visit.ts';

const LOADED = Symbol.for('natter.widgets');
const CHAT = 'M5 4h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z';
const CROSS = 'M6 6l12 12M18 6 6 18';

const defaults: PublicWidgetConfig = {
  businessName: '',
  widgetTitle: 'Chat with us',
  welcomeMessage: '',
  primaryColor: '#3056d3',
  secondaryColor: '#6c757d',
  position: 'bottom-right',
  enablePrechatForm: false,
  prechatFields: [],
};

const script = document.currentScript;
const siteKey = script?.getAttribute('data-site-key');
if (script instanceof HTMLScriptElement && siteKey && once(siteKey)) {
  const base = new URL('.', script.src).href.replace(/\/$/, '');
  const { userId: id, userName: name, userEmail: email } = script.dataset;
  const visitor = { id, name, email };
  if (document.body) draw(base, siteKey, visitor);
  else addEventListener('DOMContentLoaded', () => draw(base, siteKey, visitor), { once: true });
} else if (!siteKey) console.warn('Natter: the widget script needs data-site-key="widget-…"');

/** A snippet pasted twice still makes one launcher. */
function once(key: string): boolean {
  const page = window as unknown as Record<symbol, Set<string> | undefined>;
  page[LOADED] ??= new Set();
  const fresh = !page[LOADED].has(key);
  page[LOADED].add(key);
  return fresh;
}

function draw(base: string, key: string, visitor: VisitorDetails): void {
  const host = document.createElement('div');
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(launcherStyles);
  root.adoptedStyleSheets = [sheet];
  const button = document.createElement('button');
  button.type = 'button';
  button.setAttribute('aria-haspopup', 'dialog');
  const badge = document.createElement('span');
  badge.hidden = true;
  button.append(picture(CHAT, 'chat'), picture(CROSS, 'cross'), badge);
  root.append(button);

  let unread = 0;
  let opened = false;
  let panel: PanelHandle | undefined;
  let loading: Promise<PanelHandle | undefined> | undefined;
  let config = defaults;
  let configured: Promise<void>;

  const label = () => {
    const news = unread > 0 && !opened ? `, ${unread} unread ${unread === 1 ? 'message' : 'messages'}` : '';
    button.setAttribute('aria-label', opened ? 'Close chat' : `${config.widgetTitle}${news}`);
    button.setAttribute('aria-expanded', String(opened));
    badge.hidden = unread === 0 || opened;
    badge.textContent = unread > 99 ? '99+' : String(unread);
    host.toggleAttribute('data-open', opened);
  };

  const load = async (): Promise<PanelHandle | undefined> => {
    await configured;
    const { mountPanel: mount } = (await import(/* @vite-ignore */ `${base}/assets/widget-panel.js`)) as {
      mountPanel: typeof mountPanel;
    };
    panel = mount(root, {
      base,
      siteKey: key,
      config,
      visitor,
      onUnread: (count) => {
        unread = count;
        label();
      },
      onClose: () => {
        opened = false;
        label();
        button.focus();
      },
    });
    return panel;
  };
  const ready = () => {
    loading ??= load().catch((error: unknown) => {
      // Offline, perhaps: the next press tries again.
      console.warn('Natter: the chat could not be loaded', error);
      loading = undefined;
      return undefined;
    });
    return loading;
  };

  button.addEventListener('click', async () => {
    opened = !opened;
    label();
    if (!opened) return panel?.close();
    button.setAttribute('aria-busy', 'true');
    const loaded = await ready();
    button.removeAttribute('aria-busy');
    if (loaded && opened) loaded.open();
    else if (!loaded) opened = false;
    label();
  });

  configured = fetch(`${base}/api/widgets/${encodeURIComponent(key)}/config`)
    .then(async (response) => {
      if (response.ok) config = { ...defaults, ...((await response.json()) as PublicWidgetConfig) };
      else if (response.status === 404 || response.status === 403) {
        console.warn(`Natter: there is no active widget with the site key ${key}`);
        host.remove();
      }
    })
    .catch(() => {
      // No network: the launcher stands with its defaults, and what is written waits in the outbox.
    })
    .then(() => {
      host.style.setProperty('--n-accent', config.primaryColor);
      host.style.setProperty('--n-on-accent', readableOn(config.primaryColor));
      host.dataset.position = config.position;
      label();
      const visit = readVisit(key);
      // Only a visitor whose conversation runs, or whose words are still to go, is worth a socket before the chat is opened.
      const running = visit?.conversation && !visit.ended;
      if ((running || visit?.unsent) && host.isConnected) return void ready();
    });

  label();
  document.body.append(host);
}

function picture(path: string, name: string): SVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', name);
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}
