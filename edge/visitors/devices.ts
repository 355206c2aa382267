// With what somebody came, in the words of the token document (seed 000): "Mac", "Google Chrome".
import bowser from 'bowser';
import { LRUCache } from 'lru-cache';

export interface Device {
  readonly os?: string;
  readonly browser?: string;
}

const LONGEST = 500;
const known = new LRUCache<string, Device>({ max: 2_000 });

const SYSTEMS: Readonly<Record<string, string>> = { macOS: 'Mac' };
const BROWSERS: Readonly<Record<string, string>> = {
  Chrome: 'Google Chrome',
  'Samsung Internet for Android': 'Samsung Internet',
};

/** Operating system and browser of a user agent; what it does not tell is left out. */
export function deviceOf(userAgent: string | undefined): Device {
  const text = userAgent?.slice(0, LONGEST);
  if (!text) return {};
  let device = known.get(text);
  if (!device) {
    const { os, browser } = bowser.parse(text);
    device = { os: named(os.name, SYSTEMS), browser: named(browser.name, BROWSERS) };
    known.set(text, device);
  }
  return device;
}

function named(name: string | undefined, ours: Readonly<Record<string, string>>): string | undefined {
  return name ? (ours[name] ?? name) : undefined;
}
