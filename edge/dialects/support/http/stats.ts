// The support document's system statistics (seed 002): every figure counted from the log's lists.
import { z } from 'zod';
import { callerOfList } from '../../../http/callers.ts';
import type { App, Http } from '../../../http/context.ts';
import { described } from '../../../http/described.ts';
import { minSequence } from '../../../http/lists.ts';
import { supportCaller, supportOnly } from './callers.ts';

const count = z.number().int().nonnegative();
const stats = z.object({
  sessions: z.object({ total: count, waiting: count, active: count, ended: count }),
  messages: z.object({ total: count }),
  agents: z.object({ total: count, online: count, available: count }),
});

/** From the first conversation that can be to the last one that is. */
const EVER = '1970-01-01T00:00:00.000Z';

export function supportStats(app: App, { edge, lists }: Http): void {
  app.get(
    '/api/chat/stats',
    {
      onRequest: supportOnly,
      schema: {
        querystring: z.object({ min_sequence: minSequence }),
        ...described({
          dialect: 'support',
          summary: 'System statistics',
          description:
            "The workspace's figures, for any token, as the document has it. `available`: agents online who have fewer open sessions than they take at once.",
          access: 'support',
          answers: { 200: z.object({ success: z.literal(true), data: stats }) },
          examples: [
            {
              headers: { 'x-api-key': 'your-api-key-here' },
              status: 200,
              answer: {
                success: true,
                data: {
                  sessions: { total: 12, waiting: 1, active: 2, ended: 9 },
                  messages: { total: 148 },
                  agents: { total: 3, online: 2, available: 1 },
                },
              },
            },
          ],
        }),
      },
    },
    async (request, reply) => {
      const { workspace } = supportCaller(request);
      const key = callerOfList(request);
      if (!(await lists.ready(reply, key, request.query.min_sequence, ['inbox', 'analytics']))) return reply;
      const { readModels, directory, online, queue } = edge;
      const [{ counts }, analytics, standing] = await Promise.all([
        readModels.inbox.findInbox({ workspace, page: 1, limit: 1 }),
        readModels.analytics.findChatAnalytics({
          workspace,
          from: EVER,
          // What starts at this very moment, by another machine's clock, is meant as well.
          to: new Date(edge.now() + 86_400_000).toISOString(),
        }),
        queue.stats(workspace),
      ]);
      const here = online.agents(workspace);
      const people = directory.users(workspace);
      const ended = counts.closed + counts.archived;
      return {
        success: true,
        data: {
          sessions: {
            total: counts.queued + counts.open + ended,
            waiting: counts.queued,
            active: counts.open,
            ended,
          },
          // The list of figures has the mean: times its conversations it is the whole number that it was made of.
          messages: { total: Math.round((analytics.avgMessages ?? 0) * analytics.totalSessions) },
          agents: {
            total: people.length,
            online: people.filter(({ number }) => here.has(number)).length,
            available: standing.availableAgents,
          },
        },
      };
    },
  );
}
