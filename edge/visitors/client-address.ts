// From which address a request really comes: proxies are believed as far as the setting says, over HTTP and for sockets alike.
import ipaddr from 'ipaddr.js';

/** Whether what stands at that hop is believed in what it says of the one before. Hop 0 is who connected to us. */
export type Trust = (address: string, hop: number) => boolean;

/** Addresses of one `X-Forwarded-For` that are looked at: more have no honest reason. */
const MAX_HOPS = 32;

/** `setting`: how many proxies stand in front (0: none), or their addresses and CIDR ranges. */
export function trustOf(setting: number | readonly string[]): Trust {
  if (typeof setting === 'number') return (_address, hop) => hop < setting;
  const ranges = setting.map((entry) => {
    if (entry.includes('/')) return ipaddr.parseCIDR(entry);
    const address = ipaddr.process(entry);
    return [address, address.kind() === 'ipv4' ? 32 : 128] as [typeof address, number];
  });
  return (text) => {
    if (!ipaddr.isValid(text)) return false;
    const address = ipaddr.process(text);
    return ranges.some(([range, bits]) => range.kind() === address.kind() && address.match(range, bits));
  };
}

/** The address of whoever asked first, as far back as proxies are trusted. `peer`: who connected to us. */
export function clientAddress(trust: Trust, peer: string, forwardedFor: string | undefined): string {
  const chain = (forwardedFor ?? '').split(',').slice(-MAX_HOPS);
  let address = peer;
  for (let hop = 0; chain.length > 0 && trust(address, hop); hop++) {
    const before = chain.pop()?.trim() ?? '';
    // A proxy that does not know says `unknown`, or nothing: then it is the last one of whom we know anything.
    if (!ipaddr.isValid(before)) break;
    address = before;
  }
  return address;
}
