// What agents work on: who waits, what is theirs, how they do (seed 004, agent operations).
import { z } from 'zod';
import type { Origin } from '../../../../domain/conversation/values.ts';
import { callerOfList, signedIn, userOf } from '../../../http/callers.ts';
import type { App, Http } from '../../../http/context.ts';
import { minSequence } from '../../../http/lists.ts';
import { pageQuery } from '../../../http/queries.ts';
import { deviceOf } from '../../../visitors/devices.ts';
import { meanMinutes, meanRating, NAMELESS, waitingShape } from '../shapes.ts';
import { ACTIVE_CHATS, AGENT_STATS, WAITING_SESSIONS } from './agent-descriptions.ts';

const fresh = z.object({ min_sequence: minSequence });
const CHATS = 100;

export function agentWorkRoutes(app: App, { edge, lists }: Http): void {
  const { directory, queue, readModels } = edge;

  app.get(
    '/api/agents/stats',
    { onRequest: signedIn, schema: { querystring: fresh, ...AGENT_STATS } },
    async (request, reply) => {
      const { workspace, user } = userOf(request);
      const { min_sequence } = request.query;
      if (!(await lists.ready(reply, callerOfList(request), min_sequence, ['inbox', 'analytics'])))
        return reply;
      const agent = String(user.number);
      const [figures, { total }] = await Promise.all([
        readModels.analytics.findAgentFigures({ workspace, agent }),
        readModels.inbox.findInbox({ workspace, status: 'open', assigned: agent, limit: 1 }),
      ]);
      return {
        success: true,
        data: {
          chatsHandled: figures.sessionsHandled,
          activeChats: total,
          avgResponseTime: meanMinutes(figures.avgResponseMs, 'min'),
          customerSatisfaction: meanRating(figures.avgRating),
        },
      };
    },
  );

  app.get(
    '/api/agents/waiting-sessions',
    { onRequest: signedIn, schema: { querystring: fresh, ...WAITING_SESSIONS } },
    async (request, reply) => {
      const { workspace } = userOf(request);
      if (!(await lists.ready(reply, callerOfList(request), request.query.min_sequence, ['inbox'])))
        return reply;
      const waiting = await queue.waiting(workspace);
      const now = edge.now();
      return { success: true, sessions: waiting.map((one) => waitingShape(one, directory, now)) };
    },
  );

  app.get(
    '/api/agents/active-chats',
    { onRequest: signedIn, schema: { querystring: z.object(pageQuery(CHATS)), ...ACTIVE_CHATS } },
    async (request, reply) => {
      const { workspace, user } = userOf(request);
      const { page, limit, min_sequence } = request.query;
      if (!(await lists.ready(reply, callerOfList(request), min_sequence, ['inbox']))) return reply;
      const { rows } = await readModels.inbox.findInbox({
        workspace,
        status: 'open',
        assigned: String(user.number),
        page,
        limit,
      });
      return {
        success: true,
        data: rows.map(({ conversation, visitor, widget, messageCount, startedAt, origin }) => {
          const known = directory.widgetById(widget);
          return {
            session_id: conversation,
            site_key: known?.siteKey ?? '',
            visitor_name: visitor.name || NAMELESS,
            business_name: known?.config.businessName ?? '',
            messageCount,
            started_at: startedAt,
            visitor_info: visitorInfo(origin),
          };
        }),
      };
    },
  );
}

function visitorInfo({ userAgent, place = {} }: Origin) {
  return {
    // This document says "Chrome" where another says "Google Chrome".
    browser: deviceOf(userAgent).browser?.replace(/^Google /, '') ?? null,
    location: place.city ?? place.region ?? place.country ?? null,
  };
}
