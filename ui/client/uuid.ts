// Makes command ids: UUIDv7, so that they sort by time and a retry can carry the same one.

let lastTime = 0;
let counter = 0;

/**
 * A new UUIDv7 in lower case; ids made in one page ascend strictly, even within one millisecond.
 * @param now milliseconds since 1970
 */
export function uuidv7(now: number = Date.now()): string {
  if (now > lastTime) {
    lastTime = now;
    counter = 0;
  } else {
    counter += 1;
    // 12 bits of counter: past them, borrow the next millisecond rather than repeat.
    if (counter > 0xfff) {
      lastTime += 1;
      counter = 0;
    }
  }
  const random = crypto.getRandomValues(new Uint8Array(8));
  random[0] = ((random[0] ?? 0) & 0x3f) | 0x80;
  const time = lastTime.toString(16).padStart(12, '0');
  const tail = [...random].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const step = counter.toString(16).padStart(3, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${step}-${tail.slice(0, 4)}-${tail.slice(4)}`;
}
