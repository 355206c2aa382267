// Where an address lies: as a CDN in front of us says, else as a file beside us knows. Nobody else is ever asked.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import ipaddr from 'ipaddr.js';
import { type CountryResponse, Reader } from 'mmdb-lib';
import type { Place } from '../../domain/conversation/values.ts';

/** A request's header by its name in small letters; undefined where there is none. */
export type Header = (name: string) => string | undefined;

/** The public-domain country database (CC0): one record for each network, `{country_code}`. */
const FILE = '@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb';
const LENGTH = 100;

interface Names {
  /** Its name; the first that is there is taken. */
  readonly country?: string;
  /** Its two letters. */
  readonly code: string;
  readonly region: string;
  readonly city: string;
}

/** What CDNs call it: Cloudflare, CloudFront, Vercel, Google's front end, and what Fastly's own examples set. */
const CDNS: readonly Names[] = [
  { code: 'cf-ipcountry', region: 'cf-region', city: 'cf-ipcity' },
  {
    country: 'cloudfront-viewer-country-name',
    code: 'cloudfront-viewer-country',
    region: 'cloudfront-viewer-country-region-name',
    city: 'cloudfront-viewer-city',
  },
  { code: 'x-vercel-ip-country', region: 'x-vercel-ip-country-region', city: 'x-vercel-ip-city' },
  { code: 'x-appengine-country', region: 'x-appengine-region', city: 'x-appengine-city' },
  { code: 'x-geo-country', region: 'x-geo-region', city: 'x-geo-city' },
];

/** Every header that `Places.of` may look at. */
export const PLACE_HEADERS: readonly string[] = CDNS.flatMap(({ country, code, region, city }) => [
  ...(country ? [country] : []),
  code,
  region,
  city,
]);

export class Places {
  readonly #reader: Reader<CountryResponse>;
  readonly #names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });

  private constructor(database: Buffer) {
    this.#reader = new Reader(database);
  }

  /** Reads the database (8 MB); it is kept in memory. */
  static async open(): Promise<Places> {
    return new Places(await readFile(createRequire(import.meta.url).resolve(FILE)));
  }

  /** In English; undefined where nothing is known, as of private addresses. `trusted`: whether who handed the request on is believed. */
  of(header: Header, ip: string, trusted: boolean): Place | undefined {
    return (trusted ? this.#toldBy(header) : undefined) ?? this.#lookUp(ip);
  }

  #toldBy(header: Header): Place | undefined {
    for (const names of CDNS) {
      const country =
        (names.country && textOf(header(names.country))) ?? this.#nameOf(textOf(header(names.code)));
      if (!country) continue;
      const region = textOf(header(names.region));
      // Some say only a region's number or letters, which tell a reader nothing.
      return {
        country,
        region: region && /[^\W\d_]{4}/u.test(region) ? region : undefined,
        city: textOf(header(names.city)),
      };
    }
    return undefined;
  }

  #lookUp(ip: string): Place | undefined {
    if (!ipaddr.isValid(ip)) return undefined;
    const address = ipaddr.process(ip);
    if (address.range() !== 'unicast') return undefined;
    // This file's records are flat; the reader's types know only MaxMind's own.
    const found = this.#reader.get(address.toString()) as { readonly country_code?: string } | null;
    const country = this.#nameOf(found?.country_code);
    return country ? { country } : undefined;
  }

  #nameOf(code: string | undefined): string | undefined {
    // XX and T1 are what Cloudflare says of addresses that lie nowhere; ZZ is the standard's own word for it.
    return code && /^[A-Za-z]{2}$/.test(code) && !/^(?:xx|zz)$/i.test(code)
      ? this.#names.of(code.toUpperCase())
      : undefined;
  }
}

/** A header's text: percent-encoded where its sender had more than ASCII to say. */
function textOf(value: string | undefined): string | undefined {
  if (!value) return undefined;
  let text = value;
  try {
    text = decodeURIComponent(value);
  } catch {
    // Not encoded, then: as it stands.
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  const clean = text.replace(/[\u0000-\u001f\u007f]/g, ' ').trim();
  return clean === '' || clean === '?' ? undefined : clean.slice(0, LENGTH).trim();
}
