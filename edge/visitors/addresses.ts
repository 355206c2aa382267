// Addresses of clients as text: the bytes that uWS gives, spelled as Node spells them.
import ipaddr from 'ipaddr.js';

/** `127.0.0.1` or `::1`; an IPv4 address inside IPv6 is told as IPv4. */
export function addressOf(binary: ArrayBuffer): string {
  const bytes = new Uint8Array(binary);
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16) return '';
  const mapped = bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (mapped) return bytes.subarray(12).join('.');
  const view = new DataView(binary);
  const words = Array.from({ length: 8 }, (_, at) => view.getUint16(at * 2).toString(16)).join(':');
  // The URL parser knows the shortest spelling.
  return new URL(`http://[${words}]`).hostname.slice(1, -1);
}

/**
 * What stands for one client in limits: an IPv4 address, or the /64 that one IPv6 client can choose from. Proxies may
 * spell an address with its port, or IPv4 as IPv6; what is no address is nobody in particular.
 */
export function networkOf(address: string): string {
  const [, host = address] = /^\[([^\]]+)\](?::\d+)?$|^([\d.]+):\d+$/.exec(address)?.filter(Boolean) ?? [];
  if (!ipaddr.isValid(host)) return 'unknown';
  const ip = ipaddr.process(host);
  if (ip instanceof ipaddr.IPv4) return ip.toString();
  return `${ip.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}
