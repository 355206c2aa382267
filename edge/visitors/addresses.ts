// Addresses of clients as text: the bytes that uWS gives, spelled as Node spells them.

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

/** What stands for one client in limits: an IPv4 address, or the /64 that one IPv6 client can choose from. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail = ''] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const zeros = address.includes('::')
    ? Array.from({ length: 8 - left.length - right.length }, () => '0')
    : [];
  return `${[...left, ...zeros, ...right].slice(0, 4).join(':')}::/64`;
}
