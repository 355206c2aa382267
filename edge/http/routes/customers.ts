// Who has written to a workspace, by e-mail address.
import { z } from 'zod';
import { callerOfList, signedIn, userOf } from '../callers.ts';
import type { App, Http } from '../context.ts';
import { pageQuery, pagesOf, searchWords } from '../queries.ts';

export function customerRoutes(app: App, { edge, lists }: Http): void {
  app.get(
    '/api/customers',
    {
      onRequest: signedIn,
      schema: { querystring: z.object({ ...pageQuery(20), search: searchWords }) },
    },
    async (request, reply) => {
      const { workspace } = userOf(request);
      const { page, limit, min_sequence, search } = request.query;
      if (!(await lists.ready(reply, callerOfList(request), min_sequence, ['customers']))) return reply;
      const { rows, total } = await edge.readModels.customers.findCustomers({
        workspace,
        search,
        page,
        limit,
      });
      return { customers: rows, total, page, pages: pagesOf(total, limit) };
    },
  );
}
