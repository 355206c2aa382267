// Starting a conversation, as our own widget does it; everything after goes over its socket.
import { z } from 'zod';
import { department, visitor } from '../../../domain/conversation/values.ts';
import { isRefusal } from '../../../domain/decider.ts';
import { commandId } from '../../../domain/ids.ts';
import { refused, wrote } from '../answers.ts';
import type { App, Http } from '../context.ts';
import { mayEmbed } from '../origins.ts';
import { originOf } from '../visitors.ts';

const url = z.string().max(2_000).optional();

export function conversationRoutes(app: App, { edge, lists }: Http): void {
  app.post(
    '/api/conversations',
    {
      schema: {
        body: z.object({
          siteKey: z.string().max(100),
          command: commandId,
          visitor: visitor.default({}),
          pageUrl: url,
          referrer: url,
          department: department.optional(),
        }),
      },
    },
    async (request, reply) => {
      const { siteKey, command, visitor, pageUrl, referrer, department } = request.body;
      const widget = edge.directory.widget(siteKey);
      if (!widget) return refused(reply, { refused: 'widget-not-found' });
      if (!mayEmbed(edge.settings, widget, request.headers.origin, request.headers.host))
        return refused(reply, { refused: 'origin-not-allowed' });
      const opened = await edge.desk.start({
        widget,
        command,
        visitor,
        origin: originOf(request, 'native', { pageUrl, referrer }),
        department,
      });
      if (isRefusal(opened)) return refused(reply, opened);
      const { conversation, visitorToken, done } = opened;
      wrote(request, reply, lists, done);
      return reply
        .code(201)
        .send({ conversation, visitorToken, version: done.version, sequence: done.position });
    },
  );
}
