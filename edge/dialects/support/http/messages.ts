// The support document's messages over HTTP (seed 002): read page by page, and sent where Socket.IO does not get through.
import { z } from 'zod';
import { isRefusal, refuse } from '../../../../domain/decider.ts';
import { commandId, conversationId } from '../../../../domain/ids.ts';
import { refused, wrote } from '../../../http/answers.ts';
import type { App, Http } from '../../../http/context.ts';
import { described } from '../../../http/described.ts';
import { pagesOf, unlessEmpty } from '../../../http/queries.ts';
import { absoluteLinks } from '../../../out/files.ts';
import { exampleMessage } from '../examples.ts';
import { answerOf, messageShape, supportMessage, supportText, userIdOf } from '../shapes.ts';
import { supportOnly, withinSession } from './callers.ts';

const params = z.object({ sessionId: conversationId });
const exampleParams = { sessionId: 'session_abc123' };

export function supportMessages(app: App, http: Http): void {
  const { edge, lists } = http;
  const { desk } = edge;
  const links = absoluteLinks(edge.files, edge.settings.publicUrl);

  app.get(
    '/api/chat/messages/:sessionId',
    {
      onRequest: supportOnly,
      schema: {
        params,
        querystring: z.object({
          page: unlessEmpty(z.coerce.number().int().min(1).max(10_000)).transform((page) => page ?? 1),
          limit: unlessEmpty(z.coerce.number().int().min(1).max(100)).transform((limit) => limit ?? 50),
          order: unlessEmpty(z.enum(['asc', 'desc'])).transform((order) => order ?? 'asc'),
        }),
        ...described({
          dialect: 'support',
          summary: 'Get session messages',
          description:
            'Oldest first, page 1 the oldest; `order=desc`: newest first, page 1 the newest. `limit`: 50 where it is not said, 100 at most.',
          access: 'support',
          answers: {
            200: answerOf(
              z.object({
                messages: z.array(supportMessage),
                pagination: z.object({
                  page: z.number().int(),
                  limit: z.number().int(),
                  total: z.number().int(),
                  pages: z.number().int(),
                }),
              }),
            ),
          },
          examples: [
            {
              params: exampleParams,
              query: { page: 1, limit: 50 },
              status: 200,
              answer: {
                success: true,
                data: {
                  messages: [exampleMessage],
                  pagination: { page: 1, limit: 50, total: 1, pages: 1 },
                },
              },
            },
          ],
        }),
      },
    },
    (request, reply) =>
      withinSession(edge, request, reply, request.params.sessionId, async (principal) => {
        const { sessionId } = request.params;
        const { page, limit, order } = request.query;
        const found = await desk.find(principal, sessionId);
        if (isRefusal(found)) return refused(reply, found);
        const history = await desk.history(principal, sessionId);
        if (isRefusal(history)) return refused(reply, history);
        const all = history.events.filter(({ type }) => type === 'MessagePosted');
        if (order === 'desc') all.reverse();
        const owner = userIdOf(sessionId, found.state);
        const messages = all
          .slice((page - 1) * limit, page * limit)
          .map((event) => messageShape(event, sessionId, owner, links));
        const pagination = { page, limit, total: all.length, pages: pagesOf(all.length, limit) };
        return { success: true, data: { messages, pagination } };
      }),
  );

  app.post(
    '/api/chat/send-message/:sessionId',
    {
      onRequest: supportOnly,
      schema: {
        params,
        body: z.object({ message: supportText, messageId: commandId.optional() }, 'A message is required'),
        ...described({
          dialect: 'support',
          summary: 'Send a message',
          description:
            'The HTTP fallback of the Socket.IO event `send_message`. What a user writes in an ended session is refused with 409; an agent who writes opens it again. With `messageId`, a UUIDv7 of the client, a message that is sent again is stored once.',
          access: 'support',
          answers: { 201: answerOf(z.object({ message: supportMessage })) },
          refusals: [409],
          examples: [
            {
              params: exampleParams,
              body: { message: 'Hello, I need help' },
              status: 201,
              answer: { success: true, data: { message: exampleMessage } },
            },
          ],
        }),
      },
    },
    (request, reply) =>
      withinSession(edge, request, reply, request.params.sessionId, async (principal) => {
        const { sessionId } = request.params;
        const { message, messageId } = request.body;
        const begun = performance.now();
        const posted = await desk.ask(principal, sessionId, {
          type: 'PostMessage',
          data: { text: message },
          command: messageId,
          mayReopen: false,
        });
        if (isRefusal(posted)) return refused(reply, posted);
        http.metrics.appended((performance.now() - begun) / 1_000);
        wrote(request, reply, lists, posted);
        const known = posted.repeated ? await desk.history(principal, sessionId) : posted;
        if (isRefusal(known)) return refused(reply, known);
        const event = known.events.find(
          ({ type, command }) => type === 'MessagePosted' && (!posted.repeated || command === messageId),
        );
        // An id that another kind of command had is no message's.
        if (!event) return refused(reply, refuse('message-id-taken'));
        const owner = userIdOf(sessionId, posted.state);
        return reply
          .code(201)
          .send({ success: true, data: { message: messageShape(event, sessionId, owner, links) } });
      }),
  );
}
