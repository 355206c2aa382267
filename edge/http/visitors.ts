// What a request tells of the visitor who sent it.
import type { FastifyRequest } from 'fastify';
import type { Origin } from '../../domain/conversation/values.ts';

const SHOWN = { agent: 500, url: 2_000, language: 35, ip: 45 } as const;

/** Where and with what a conversation was started, cut to the bounds of the log. */
export function originOf(
  request: FastifyRequest,
  channel: string,
  page: { readonly pageUrl?: string; readonly referrer?: string },
): Origin {
  const { headers, ip } = request;
  return {
    pageUrl: page.pageUrl ?? headers.referer?.slice(0, SHOWN.url),
    referrer: page.referrer,
    userAgent: headers['user-agent']?.slice(0, SHOWN.agent),
    ip: ip ? ip.slice(0, SHOWN.ip) : undefined,
    language: headers['accept-language']?.split(/[,;]/)[0]?.trim().slice(0, SHOWN.language) || undefined,
    channel,
  };
}
