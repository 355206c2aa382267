// Gathers the routes as they are registered, with what each says of itself: the documents are made of nothing else.
import type { FastifyInstance, FastifySchema } from 'fastify';
import type { z } from 'zod';
import type { Description } from '../described.ts';

/** A route of this edge. `path` as fastify has it: `/api/widgets/:siteKey`. */
export interface DescribedRoute {
  readonly method: string;
  readonly path: string;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Undefined where the route says nothing of itself, which a test does not let pass unless `hidden` says why. */
  readonly description?: Description;
  readonly hidden?: string;
}

/** Notes every route that is registered on `app` from now on, in that order. HEAD and OPTIONS follow from the others. */
export function gatherRoutes(app: FastifyInstance): readonly DescribedRoute[] {
  const routes: DescribedRoute[] = [];
  app.addHook('onRoute', ({ method, url, schema = {}, constraints = {} }) => {
    for (const one of Array.isArray(method) ? method : [method]) {
      if (one === 'HEAD' || one === 'OPTIONS') continue;
      routes.push({
        method: one,
        path: addressed(url, constraints),
        params: zodOf(schema.params),
        query: zodOf(schema.querystring),
        body: zodOf(schema.body),
        description: schema['x-natter'],
        hidden: hiddenBy(schema),
      });
    }
  });
  return routes;
}

/** Several routes may lie at one path and differ by a flag in the query: to a reader it belongs to the path. */
function addressed(url: string, constraints: object): string {
  const flag = 'flag' in constraints ? constraints.flag : undefined;
  return typeof flag === 'string' ? `${url}?${flag}=true` : url;
}

function hiddenBy(schema: FastifySchema & { readonly hide?: boolean }): string | undefined {
  if (schema['x-natter-hidden'] !== undefined) return schema['x-natter-hidden'];
  // The reference page's own files say it in its library's way.
  return schema.hide ? 'part of the reference page' : undefined;
}

function zodOf(schema: unknown): z.ZodType | undefined {
  // All our schemas are zod's: the validator compiler takes no others.
  return schema === undefined ? undefined : (schema as z.ZodType);
}
