// Which addresses a webhook may reach: public ones. Whoever may enter an address must not look around in our own network with it.
import ipaddr from 'ipaddr.js';
import { type Refusal, refuse } from '../../../domain/decider.ts';

/** What ALLOW_PRIVATE_WEBHOOKS adds: for development and tests. Never link-local: clouds keep their secrets there. */
const PRIVATE = new Set(['loopback', 'private', 'uniqueLocal']);

/** Whether an IP address, in any spelling, may be connected to. */
export function mayReach(address: string, allowPrivate: boolean): boolean {
  if (address.includes('%') || !ipaddr.isValid(address)) return false;
  const ip = ipaddr.process(address);
  // Of IPv6 only 2000::/3 is public; the rest that is called unicast is unallocated, or an IPv4 address in disguise.
  if (ip instanceof ipaddr.IPv6 && ip.range() === 'unicast') return ((ip.parts[0] ?? 0) & 0xe000) === 0x2000;
  const range = ip.range();
  return range === 'unicast' || (allowPrivate && PRIVATE.has(range));
}

/** The host of a URL as the resolver wants it: without the brackets of IPv6. */
export function hostOf(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

/**
 * An address as an admin enters it, spelled as it is sent to. Refused: `webhook-url-wrong`,
 * `webhook-url-credentials`, `webhook-address-private` (an IP address that may not be reached; names are
 * looked at whenever they are connected to).
 */
export function checkedUrl(entered: string, allowPrivate: boolean): URL | Refusal {
  if (!URL.canParse(entered)) return refuse('webhook-url-wrong');
  const url = new URL(entered);
  if (!['http:', 'https:'].includes(url.protocol) || url.hostname === '') return refuse('webhook-url-wrong');
  if (url.username !== '' || url.password !== '') return refuse('webhook-url-credentials');
  url.hash = '';
  const host = hostOf(url.hostname);
  if (ipaddr.isValid(host) && !mayReach(host, allowPrivate)) return refuse('webhook-address-private');
  return url;
}
