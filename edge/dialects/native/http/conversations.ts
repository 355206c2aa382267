// Starting a conversation, as our own widget does it; everything after goes over its socket.
import { z } from 'zod';
import { department, visitor } from '../../../../domain/conversation/values.ts';
import { isRefusal } from '../../../../domain/decider.ts';
import { commandId } from '../../../../domain/ids.ts';
import { refused, wrote } from '../../../http/answers.ts';
import type { App, Http } from '../../../http/context.ts';
import { described } from '../../../http/described.ts';
import { originOf } from '../../../http/visitors.ts';
import { mayEmbed } from '../../../identity/embedding.ts';

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
        ...described({
          dialect: 'native',
          summary: 'Start a conversation as a visitor',
          description:
            'The rest goes over the socket `/ws/v1`. `command` is a UUIDv7 of the client: the same one sent again starts nothing new.',
          access: 'public',
          answers: {
            201: z.object({
              conversation: z.string(),
              visitorToken: z
                .string()
                .describe('Proves that its holder is the visitor of this conversation.'),
              version: z.number().int(),
              sequence: z.number().int(),
            }),
          },
          refusals: [403, 404, 409],
          examples: [
            {
              body: {
                siteKey: 'widget-abc234def567',
                command: '019aa5d0-7c00-7000-8000-000000000001',
                visitor: { name: 'John Doe', email: 'john@example.com' },
                pageUrl: 'https://example.com/pricing',
              },
              status: 201,
              answer: {
                conversation: '5kq2xw7m3dnv4ajb6tzr2hcyfe',
                visitorToken: 'eyJhbGciOiJIUzI1NiJ9...',
                version: 1,
                sequence: 4503599627370497,
              },
            },
            {
              name: 'A site key that nobody has',
              body: { siteKey: 'widget-unknown', command: '019aa5d0-7c00-7000-8000-000000000002' },
              status: 404,
              answer: { success: false, message: 'Widget not found' },
            },
          ],
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
