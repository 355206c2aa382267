// The headers that every answer carries (seed 004), and what our pages may do in a browser.
import type { FastifyReply } from 'fastify';
import type { EdgeSettings } from '../context.ts';

/** For answers that are no pages: nothing may be done with them at all. */
const NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
/** For pages: our own scripts and styles alone, sockets and files of this server, and nobody may frame them. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self' ws: wss:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');
/** For files of strangers: inert even where a browser opens them. */
export const FILE_POLICY = "default-src 'none'; img-src 'self'; sandbox; frame-ancestors 'none'";

/** Sets them; a route may set its own policy later. */
export function setSecurityHeaders(settings: EdgeSettings, reply: FastifyReply): void {
  reply.headers({
    'content-security-policy': NOTHING,
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    'x-xss-protection': '1; mode=block',
    'referrer-policy': 'no-referrer',
  });
  if (settings.publicUrl.startsWith('https:')) reply.header('strict-transport-security', 'max-age=31536000');
}
