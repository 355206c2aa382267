// What an HTTP request tells of the visitor who sent it.
import type { FastifyRequest } from 'fastify';
import type { Origin } from '../../domain/conversation/values.ts';
import type { VisitedPage, Visitors } from '../visitors/visitors.ts';

declare module 'fastify' {
  interface FastifyInstance {
    visitors: Visitors;
  }
}

/** Where and with what a conversation was started. `channel`: the dialect it was started in. */
export function originOf(request: FastifyRequest, channel: string, page: VisitedPage): Origin {
  const { visitors } = request.server;
  const header = (name: string) => {
    const value = request.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  };
  const peer = request.socket.remoteAddress ?? '';
  return visitors.origin(visitors.arrived(peer, header), channel, page);
}
