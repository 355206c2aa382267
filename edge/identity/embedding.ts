// From whose pages somebody may use a widget: ours, and those that its owner named.
import type { EdgeSettings } from '../context.ts';
import type { KnownWidget } from './directory.ts';

/** Whether a page of that origin may use the widget: any until its owner names some, and ours always. */
export function mayEmbed(
  settings: EdgeSettings,
  widget: KnownWidget,
  origin: string | undefined,
  host: string | undefined,
): boolean {
  const { allowedOrigins } = widget.config;
  if (origin === undefined || allowedOrigins.length === 0) return true;
  return allowedOrigins.includes(origin) || isOurs(settings, origin, host);
}

/** Whether a page is one of ours: of our own address, or of one that the settings name. `host`: of the request that carried `origin`. */
export function isOurs(settings: EdgeSettings, origin: string, host: string | undefined): boolean {
  if (settings.frontendUrls.includes(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const from = new URL(origin);
  if (from.origin === new URL(settings.publicUrl).origin) return true;
  // A proxy that ends TLS leaves us the host, not the scheme.
  if (host !== undefined && from.host === host) return true;
  return settings.environment === 'development' && ['localhost', '127.0.0.1'].includes(from.hostname);
}
