// The live-chat document's lists and figures: sessions, customer history, analytics. They come from the read models.
import type { onRequestAsyncHookHandler } from 'fastify';
import { z } from 'zod';
import { department, priority } from '../../../../domain/conversation/values.ts';
import { callerOfList, userOf } from '../../../http/callers.ts';
import type { App, Http } from '../../../http/context.ts';
import { minSequence } from '../../../http/lists.ts';
import { pageQuery, pagesOf, searchWords, unlessEmpty } from '../../../http/queries.ts';
import { assignedShape, STATUS_OF, sessionShape, statusShape } from '../shapes.ts';
import { ANALYTICS, CUSTOMER_HISTORY, LIST_SESSIONS } from './admin-descriptions.ts';

const DAY = 86_400_000;
/** Analytics without a start go this far back. */
const USUAL_DAYS = 30;
/** What fits into the database's and the language's idea of a date, and may hold a chat. */
const EARLIEST = 0;
const LATEST = Date.UTC(9998, 11, 31);

const moment = () =>
  unlessEmpty(
    z
      .string()
      .max(40)
      .regex(/^\d{4}-\d\d-\d\d/, 'must be a date in ISO format')
      .transform((text) => Date.parse(text))
      .refine((time) => time >= EARLIEST && time <= LATEST, { error: 'must be a date from 1970 to 9998' }),
  );

export function liveChatLists(app: App, http: Http, signedIn: onRequestAsyncHookHandler): void {
  const { edge, lists } = http;
  const { directory, readModels } = edge;

  app.get(
    '/api/admin/live-chat/sessions',
    {
      onRequest: signedIn,
      schema: {
        querystring: z.object({
          ...pageQuery(20),
          status: unlessEmpty(z.enum(['pending', 'active', 'closed', 'archived'])).describe(
            'Filter by status',
          ),
          department: unlessEmpty(department).describe('Filter by department'),
          priority: unlessEmpty(priority).describe('Filter by priority'),
          assignedAgent: unlessEmpty(z.string().max(64)).describe('Filter by agent ID or `unassigned`'),
          search: searchWords.describe('Search by user name, email, or session ID'),
        }),
        ...LIST_SESSIONS,
      },
    },
    async (request, reply) => {
      const { workspace } = userOf(request);
      const { page, limit, min_sequence, status, assignedAgent, ...filter } = request.query;
      if (!(await lists.ready(reply, callerOfList(request), min_sequence, ['inbox']))) return reply;
      const { rows, total, counts } = await readModels.inbox.findInbox({
        workspace,
        page,
        limit,
        ...filter,
        status: status && STATUS_OF[status],
        assigned: assignedAgent,
      });
      return {
        success: true,
        count: rows.length,
        total,
        page,
        pages: pagesOf(total, limit),
        statusCounts: {
          pending: counts.queued,
          active: counts.open,
          closed: counts.closed,
          archived: counts.archived,
        },
        data: rows.map((row) =>
          sessionShape(row.conversation, row, 'agent', assignedShape(row.owner, workspace, directory, true)),
        ),
      };
    },
  );

  app.get(
    '/api/admin/live-chat/analytics',
    {
      onRequest: signedIn,
      schema: {
        querystring: z
          .object({
            startDate: moment().describe(
              'Start date (ISO format); 30 days before the end where it is left out',
            ),
            endDate: moment().describe('End date (ISO format); now where it is left out'),
            min_sequence: minSequence,
          })
          .refine(({ startDate, endDate }) => !startDate || !endDate || startDate <= endDate, {
            path: ['startDate'],
            error: 'must not be after endDate',
          }),
        ...ANALYTICS,
      },
    },
    async (request, reply) => {
      const { workspace } = userOf(request);
      const { startDate, endDate, min_sequence } = request.query;
      if (!(await lists.ready(reply, callerOfList(request), min_sequence, ['analytics']))) return reply;
      const end = endDate ?? edge.now();
      const start = startDate ?? end - USUAL_DAYS * DAY;
      const found = await readModels.analytics.findChatAnalytics({
        workspace,
        from: new Date(start).toISOString(),
        // The document's period has its end in it.
        to: new Date(end + 1).toISOString(),
      });
      const { responseTime } = found;
      return {
        success: true,
        data: {
          period: { start: new Date(start).toISOString(), end: new Date(end).toISOString() },
          overview: {
            totalSessions: found.totalSessions,
            avgMessages: rounded(found.avgMessages),
            closedSessions: found.closedSessions,
            avgRating: rounded(found.avgRating),
          },
          responseTime: {
            avgResponseTime: Math.round(responseTime.avg ?? 0),
            minResponseTime: Math.round(responseTime.min ?? 0),
            maxResponseTime: Math.round(responseTime.max ?? 0),
          },
          sessionsByDay: found.sessionsByDay.map(({ day, count }) => ({ _id: day, count })),
          topAgents: found.topAgents.map(({ agent, sessionsHandled, avgRating }) => ({
            _id: agent,
            sessionsHandled,
            avgRating: rounded(avgRating),
          })),
        },
      };
    },
  );

  app.get(
    '/api/admin/live-chat/customers/:email/history',
    {
      onRequest: signedIn,
      schema: {
        params: z.object({ email: z.string().min(1).max(254) }),
        querystring: z.object(pageQuery(20)),
        ...CUSTOMER_HISTORY,
      },
    },
    async (request, reply) => {
      const { workspace } = userOf(request);
      const { page, limit, min_sequence } = request.query;
      const models = ['customers', 'inbox'] as const;
      if (!(await lists.ready(reply, callerOfList(request), min_sequence, models))) return reply;
      const { rows, total } = await readModels.customers.findCustomerHistory({
        workspace,
        email: request.params.email,
        page,
        limit,
      });
      return {
        success: true,
        count: rows.length,
        total,
        page,
        pages: pagesOf(total, limit),
        data: rows.map((row) => ({
          sessionId: row.conversation,
          status: statusShape(row.status),
          messageCount: row.messageCount,
          rating: row.rating && { score: row.rating.score, feedback: row.rating.feedback },
          createdAt: row.startedAt,
          endedAt: row.endedAt,
        })),
      };
    },
  );
}

/** Two decimals; nothing to average is 0 in the document's numbers. */
function rounded(average: number | null): number {
  return Math.round((average ?? 0) * 100) / 100;
}
