// The widget that an address names by its site key.
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Edge } from '../../../context.ts';
import { widgetError } from '../../../http/answers.ts';
import type { KnownWidget } from '../../../identity/directory.ts';

export const siteKey = z.object({ siteKey: z.string().max(100) });

/** A widget of that workspace. */
export function ownWidget(edge: Edge, workspace: string, key: string): KnownWidget | undefined {
  const known = edge.directory.widget(key);
  return known?.workspace === workspace ? known : undefined;
}

/** What the document says of a site key that leads nowhere. */
export function missingWidget(reply: FastifyReply, key: string): FastifyReply {
  return reply.code(404).send(widgetError(404, `Widget not found for site key: ${key}`));
}
