// Who has written to a workspace, by e-mail address.
import { z } from 'zod';
import { callerOfList, signedIn, userOf } from '../../../http/callers.ts';
import type { App, Http } from '../../../http/context.ts';
import { described } from '../../../http/described.ts';
import { pageQuery, pagesOf, searchWords } from '../../../http/queries.ts';

const whole = z.number().int();
const customer = z
  .object({
    email: z.string().describe('In lower case.'),
    name: z.string().optional().describe('As of the latest conversation that named one.'),
    phone: z.string().optional(),
    conversations: whole,
    firstAt: z.iso.datetime().describe('When the first conversation started.'),
    lastAt: z.iso.datetime(),
  })
  .meta({ id: 'Customer' });

export function customerRoutes(app: App, { edge, lists }: Http): void {
  app.get(
    '/api/customers',
    {
      onRequest: signedIn,
      schema: {
        querystring: z.object({ ...pageQuery(20), search: searchWords }),
        ...described({
          dialect: 'native',
          summary: 'Who has written to the workspace, by e-mail address',
          access: 'user',
          answers: {
            200: z.object({ customers: z.array(customer), total: whole, page: whole, pages: whole }),
          },
          examples: [
            {
              query: { search: 'john' },
              status: 200,
              answer: {
                customers: [
                  {
                    email: 'john@example.com',
                    name: 'John Doe',
                    conversations: 2,
                    firstAt: '2024-11-15T10:00:00.000Z',
                    lastAt: '2024-12-04T12:00:00.000Z',
                  },
                ],
                total: 1,
                page: 1,
                pages: 1,
              },
            },
          ],
        }),
      },
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
