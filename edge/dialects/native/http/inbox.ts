// The list of conversations and the search in what was written, for the agent console.
import { z } from 'zod';
import { author } from '../../../../domain/conversation/events.ts';
import { department, priority } from '../../../../domain/conversation/values.ts';
import { conversationSummary } from '../../../../domain/wire.ts';
import { summaryFor } from '../../../chat/audience.ts';
import { callerOfList, signedIn, userOf } from '../../../http/callers.ts';
import type { App, Http } from '../../../http/context.ts';
import { described } from '../../../http/described.ts';
import { pageQuery, pagesOf, searchWords, unlessEmpty } from '../../../http/queries.ts';

const whole = z.number().int();
const pages = { total: whole, page: whole, pages: whole };
const inboxPage = z.object({
  conversations: z.array(conversationSummary),
  ...pages,
  counts: z.object({ queued: whole, open: whole, closed: whole, archived: whole }),
});
const foundMessage = z
  .object({
    conversation: z.string(),
    version: whole,
    sequence: whole.describe('The position.'),
    author,
    text: z.string(),
    headline: z.string().describe('A part of the text; each found word stands between U+0002 and U+0003.'),
    at: z.iso.datetime(),
  })
  .meta({ id: 'FoundMessage' });

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
        ...described({
          dialect: 'native',
          summary: 'The conversations of the workspace, for the agent console',
          description:
            '`counts` counts what the other filters select, whatever `status` and `page` say. `assigned` is a user id or `unassigned`.',
          access: 'user',
          answers: { 200: inboxPage },
          examples: [
            {
              query: { status: 'queued', limit: 20 },
              status: 200,
              answer: {
                conversations: [
                  {
                    conversation: '5kq2xw7m3dnv4ajb6tzr2hcyfe',
                    number: 4503599627370497,
                    version: 2,
                    status: 'queued',
                    owner: { kind: 'nobody' },
                    visitor: { name: 'John Doe', email: 'john@example.com' },
                    widget: 'widget-abc234def567',
                    department: 'general',
                    priority: 'medium',
                    tags: [],
                    messageCount: 1,
                    unread: 1,
                    lastMessage: { text: 'Hello', author: 'visitor', at: '2024-12-04T12:00:00.000Z' },
                    startedAt: '2024-12-04T12:00:00.000Z',
                    updatedAt: '2024-12-04T12:00:00.000Z',
                    queuedAt: '2024-12-04T12:00:00.000Z',
                  },
                ],
                total: 1,
                page: 1,
                pages: 1,
                counts: { queued: 1, open: 0, closed: 0, archived: 0 },
              },
            },
          ],
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
        ...described({
          dialect: 'native',
          summary: 'Search in what was written',
          access: 'user',
          answers: { 200: z.object({ messages: z.array(foundMessage), ...pages }) },
          examples: [
            {
              query: { q: 'refund' },
              status: 200,
              answer: {
                messages: [
                  {
                    conversation: '5kq2xw7m3dnv4ajb6tzr2hcyfe',
                    version: 2,
                    sequence: 4503599627370498,
                    author: { kind: 'visitor', name: 'John Doe' },
                    text: 'I would like a refund',
                    headline: 'I would like a \u0002refund\u0003',
                    at: '2024-12-04T12:00:00.000Z',
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
