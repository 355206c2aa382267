// What a request tells of the visitor who sent it, whichever door it came to.
import ipaddr from 'ipaddr.js';
import type { Origin } from '../../domain/conversation/values.ts';
import { clientAddress, type Trust, trustOf } from './client-address.ts';
import { type Header, PLACE_HEADERS, Places } from './places.ts';

/** What is kept of a request until a conversation is started with it. */
export interface Arrived {
  readonly header: Header;
  /** The client's own address, as far as proxies are trusted. */
  readonly ip: string;
  /** Whether it came through a proxy that is trusted. */
  readonly trusted: boolean;
}

/** Where a conversation was started: what the client says of its page. */
export interface VisitedPage {
  readonly pageUrl?: string;
  readonly referrer?: string;
}

/** Every header that an origin is made of. */
export const ORIGIN_HEADERS: readonly string[] = [
  'referer',
  'user-agent',
  'accept-language',
  ...PLACE_HEADERS,
];
const SHOWN = { agent: 500, url: 2_000, language: 35 } as const;

export class Visitors {
  /** Which proxies are believed. */
  readonly trust: Trust;
  readonly #places: Places;

  constructor(trust: Trust, places: Places) {
    this.trust = trust;
    this.#places = places;
  }

  /** `trustProxy`: how many proxies stand in front, or their addresses and ranges. */
  static async open(trustProxy: number | readonly string[]): Promise<Visitors> {
    return new Visitors(trustOf(trustProxy), await Places.open());
  }

  /** `peer`: the address of who connected to us. `header` is asked later as well. */
  arrived(peer: string, header: Header): Arrived {
    return {
      header,
      ip: clientAddress(this.trust, peer, header('x-forwarded-for')),
      trusted: this.trust(peer, 0),
    };
  }

  /** Where and with what a conversation was started, cut to the bounds of the log. `channel`: the dialect. */
  origin({ header, ip, trusted }: Arrived, channel: string, page: VisitedPage = {}): Origin {
    return {
      pageUrl: page.pageUrl ?? header('referer')?.slice(0, SHOWN.url),
      referrer: page.referrer,
      userAgent: header('user-agent')?.slice(0, SHOWN.agent),
      ip: ipaddr.isValid(ip) ? ip : undefined,
      place: this.#places.of(header, ip, trusted),
      language: header('accept-language')?.split(/[,;]/)[0]?.trim().slice(0, SHOWN.language) || undefined,
      channel,
    };
  }
}
