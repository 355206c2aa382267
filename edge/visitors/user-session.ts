// Where a visitor is and with what, as one line for people.
import type { Origin } from '../../domain/conversation/values.ts';
import { deviceOf } from './devices.ts';

/**
 * `Ukraine, Kyiv Oblast, Olenivka (31.43.52.185), Mac, Google Chrome` (seed 000). What is not known is left
 * out; undefined where nothing is.
 */
export function userSession(origin: Origin): string | undefined {
  const { country, region, city } = origin.place ?? {};
  const where = [country, region, city].filter(Boolean).join(', ');
  const address = origin.ip && where ? `${where} (${origin.ip})` : where || origin.ip;
  const { os, browser } = deviceOf(origin.userAgent);
  return [address, os, browser].filter(Boolean).join(', ') || undefined;
}
