// One safe integer for every event of an installation: sequence · 2^16 + stream · 2^10 + index.
import type { Address, Family } from './subjects.ts';

/** Events one commit may hold. */
export const MAX_EVENTS = 256;

/** An index needs 8 of its 10 bits; the two to spare tell the families apart, so that no two events share a number. */
const OFFSET: Record<Family, number> = { chat: 0, workspace: 256, delivery: 512, routing: 768 };

/** The highest offset first. */
const FAMILIES: readonly Family[] = ['routing', 'delivery', 'workspace', 'chat'];

/**
 * The position of the event number `index` (from 0) of the commit stored at `sequence`.
 * Comparable within one stream only.
 */
export function positionOf(
  address: Pick<Address, 'family' | 'shard'>,
  sequence: number,
  index: number,
): number {
  return sequence * 65_536 + address.shard * 1_024 + OFFSET[address.family] + index;
}

/** Takes a position apart again. */
export function placeOf(position: number): {
  family: Family;
  shard: number;
  sequence: number;
  index: number;
} {
  const low = position % 65_536;
  const index = low % 1_024;
  const family = FAMILIES.find((each) => index >= OFFSET[each]) ?? 'chat';
  return {
    family,
    shard: Math.floor(low / 1_024),
    sequence: Math.floor(position / 65_536),
    index: index - OFFSET[family],
  };
}
