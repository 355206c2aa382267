// The widget document's figures: of the workspace, and of a widget's queue (seed 004).
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ProjectionName } from '../../../../projections/all.ts';
import { ReadModelsDown } from '../../../../projections/read-models.ts';
import type { Edge } from '../../../context.ts';
import { callerOfList, signedIn, userOf } from '../../../http/callers.ts';
import type { App, Http } from '../../../http/context.ts';
import { minSequence } from '../../../http/lists.ts';
import type { KnownWidget } from '../../../identity/directory.ts';
import { meanMinutes, meanRating } from '../shapes.ts';
import { missingWidget, ownWidget, siteKey } from './own-widget.ts';
import { QUEUE_STATS, WIDGET_STATS } from './widget-descriptions.ts';

/** No chat is older. */
const BEGINNING = '2000-01-01T00:00:00.000Z';
/** Milliseconds that another process's clock may be ahead of ours. */
const AHEAD = 60_000;

export function widgetFigureRoutes(app: App, http: Http): void {
  const { edge, lists } = http;
  const fresh = z.object({ min_sequence: minSequence });

  app.get(
    '/api/widgets/stats/overview',
    { onRequest: signedIn, schema: { querystring: fresh, ...WIDGET_STATS } },
    async (request, reply) => {
      const { workspace } = userOf(request);
      if (!(await figuresReady(http, request, reply, request.query.min_sequence))) return reply;
      return { success: true, data: { stats: await statsOf(edge, workspace) } };
    },
  );

  app.get(
    '/api/widgets/:siteKey/queue-stats',
    { onRequest: signedIn, schema: { params: siteKey, querystring: fresh, ...QUEUE_STATS } },
    async (request, reply) => {
      const { workspace } = userOf(request);
      const known = ownWidget(edge, workspace, request.params.siteKey);
      if (!known) return missingWidget(reply, request.params.siteKey);
      const models: readonly ProjectionName[] = ['inbox', 'analytics'];
      if (!(await lists.ready(reply, callerOfList(request), request.query.min_sequence, models)))
        return reply;
      const { waiting, availableAgents, averageWaitMs } = await edge.queue.stats(workspace, known.id);
      return {
        success: true,
        data: {
          stats: {
            waitingSessions: waiting,
            availableAgents,
            averageWaitTime: meanMinutes(averageWaitMs, 'minutes'),
          },
        },
      };
    },
  );
}

/** Waits for what `statsOf` tells of. False: answered. Without read models there are fewer figures, but there are some. */
export async function figuresReady(
  { lists }: Http,
  request: FastifyRequest,
  reply: FastifyReply,
  min: number | undefined,
): Promise<boolean> {
  const caller = callerOfList(request);
  if (!(await lists.directoryReady(reply, caller, min))) return false;
  try {
    return await lists.ready(reply, caller, min, ['analytics']);
  } catch (fault) {
    if (fault instanceof ReadModelsDown && min === undefined) return true;
    throw fault;
  }
}

/** The figures of the workspace; those that come from read models are left out while these are away. */
export async function statsOf(
  edge: Edge,
  workspace: string,
  widgets: readonly KnownWidget[] = edge.directory.widgets(workspace),
) {
  const active = widgets.filter((known) => known.config.isActive).length;
  const counts = {
    total_widgets: widgets.length,
    active_widgets: active,
    inactive_widgets: widgets.length - active,
  };
  try {
    const to = new Date(edge.now() + AHEAD).toISOString();
    const figures = await edge.readModels.analytics.findChatAnalytics({ workspace, from: BEGINNING, to });
    const { totalSessions, avgMessages, avgRating, responseTime } = figures;
    return {
      ...counts,
      total_chats: totalSessions,
      total_messages: Math.round((avgMessages ?? 0) * totalSessions),
      average_response_time: meanMinutes(responseTime.avg, 'min'),
      customer_satisfaction: meanRating(avgRating),
    };
  } catch (fault) {
    if (fault instanceof ReadModelsDown) return counts;
    throw fault;
  }
}
