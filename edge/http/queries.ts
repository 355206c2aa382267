// What the queries of lists have in common: pages, and words that may be left empty.
import { z } from 'zod';
import { minSequence } from './lists.ts';

/** An empty value in a query is one that was left out. */
export function unlessEmpty<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value) => (value === '' ? undefined : value), schema.optional());
}

/** `page` from 1, `limit` up to 100 (`usual` where it is not said), `min_sequence`. */
export function pageQuery(usual: number) {
  return {
    page: unlessEmpty(z.coerce.number().int().min(1).max(10_000))
      .transform((page) => page ?? 1)
      .describe('From 1, which is where it begins if nothing is said.'),
    limit: unlessEmpty(z.coerce.number().int().min(1).max(100))
      .transform((limit) => limit ?? usual)
      .describe(`How many at once; ${usual} if nothing is said.`),
    min_sequence: minSequence,
  };
}

export const searchWords = unlessEmpty(z.string().max(200));

/** How many pages there are: at least one. */
export function pagesOf(total: number, limit: number): number {
  return Math.max(1, Math.ceil(total / limit));
}
