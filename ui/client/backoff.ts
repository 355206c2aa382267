// How long to wait before the next try: longer each time, and never all clients at once.

export const FIRST_DELAY = 400;
export const LONGEST_DELAY = 30_000;

/**
 * Milliseconds before try number `tries` (0: the first after a loss), with full jitter above half.
 * @param random 0 to 1
 */
export function delayBefore(tries: number, random: number): number {
  const ceiling = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** Math.min(tries, 16));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}
