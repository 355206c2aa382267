// The list of conversations and the search in what was written, for the agent console.
import { z } from 'zod';
import { department, priority } from '../../../domain/conversation/values.ts';
import { summaryFor } from '../../socket/audience.ts';
import { callerOfList, signedIn, userOf } from '../callers.ts';
import type { App, Http } from '../context.ts';
import { pageQuery, pagesOf, searchWords, unlessEmpty } from '../queries.ts';

export function inboxRoutes(app: App, { edge, lists }: Http): void {
  app.get(
    '/api/inbox',
    {
      onRequest: signedIn,
      schema: {
        querystring: z.object({
          ...pageQuery(20),
          status: unlessEmpty(z.enum(['queued', 'open', 'closed', 'archived'])),
          assigned: unlessEmpty(z.string().regex(/^(?:\d{1,16}|unassigned)$/, 'is no user id')),
          department: unlessEmpty(department),
          priority: unlessEmpty(priority),
          search: searchWords,
        }),
      },
    },
    async (request, reply) => {
      const { workspace } = userOf(request);
      const { page, limit, min_sequence, ...filter } = request.query;
      if (!(await lists.ready(reply, callerOfList(request), min_sequence, ['inbox']))) return reply;
      const found = await edge.readModels.inbox.findInbox({ workspace, page, limit, ...filter });
      const conversations = found.rows.flatMap(
        (row) =>
          summaryFor(
            'agent',
            row.conversation,
            row,
            row.version,
            edge.directory.widgetById(row.widget)?.siteKey ?? '',
          ) ?? [],
      );
      return {
        conversations,
        total: found.total,
        page,
        pages: pagesOf(found.total, limit),
        counts: found.counts,
      };
    },
  );

  app.get(
    '/api/messages/search',
    {
      onRequest: signedIn,
      schema: {
        querystring: z.object({ ...pageQuery(20), q: z.string('q is required').trim().min(1).max(500) }),
      },
    },
    async (request, reply) => {
      const { workspace } = userOf(request);
      const { page, limit, min_sequence, q } = request.query;
      if (!(await lists.ready(reply, callerOfList(request), min_sequence, ['transcript']))) return reply;
      const { rows, total } = await edge.readModels.transcript.searchMessages({
        workspace,
        query: q,
        page,
        limit,
      });
      const messages = rows.map(({ position, ...message }) => ({ ...message, sequence: position }));
      return { messages, total, page, pages: pagesOf(total, limit) };
    },
  );
}
