// The support document's sessions and messages over HTTP (seed 002): begun, read, written in and ended.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { visitor } from '../../../../domain/conversation/values.ts';
import { isRefusal, type Refusal, refuse } from '../../../../domain/decider.ts';
import { commandId, conversationId } from '../../../../domain/ids.ts';
import type { Assignment } from '../../../chat/assignment.ts';
import type { Principal } from '../../../identity/principals.ts';
import { refused, wrote } from '../../answers.ts';
import type { App, Http } from '../../context.ts';
import { described } from '../../described.ts';
import { mayEmbed } from '../../origins.ts';
import { pagesOf, unlessEmpty } from '../../queries.ts';
import { originOf } from '../../visitors.ts';
import { absoluteLinks } from '../live-chat/shapes.ts';
import { principalIn, type SupportCaller, supportCaller, supportOnly } from './callers.ts';
import {
  MESSAGE_LENGTH,
  messageShape,
  type Party,
  party,
  sessionShape,
  supportMessage,
  supportSession,
  userIdOf,
} from './shapes.ts';
import { userId } from './token.ts';

/** What is written in a session, over HTTP and over Socket.IO alike. */
export const supportText = z
  .string()
  .refine((text) => text.trim() !== '', 'must not be empty')
  .max(MESSAGE_LENGTH);

const params = z.object({ sessionId: conversationId });
const reason = z.string().trim().max(500).nullish();
const answerOf = <Data extends z.ZodType>(data: Data) =>
  z.object({ success: z.literal(true), message: z.string().optional(), data });
const held = answerOf(z.object({ sessionId: z.string(), session: supportSession }));

const exampleSession = {
  _id: 'session_abc123',
  sessionId: 'session_abc123',
  userId: 'user123',
  userType: 'user',
  agentId: null,
  status: 'waiting',
  createdAt: '2024-01-15T10:30:00.000Z',
  updatedAt: '2024-01-15T10:30:00.000Z',
  endedAt: null,
  endReason: null,
  messageCount: 0,
} as const;
const exampleMessage = {
  _id: '65536',
  sessionId: 'session_abc123',
  senderId: 'user123',
  senderType: 'user',
  message: 'Hello, I need help',
  timestamp: '2024-01-15T10:31:00.000Z',
} as const;
const exampleParams = { sessionId: 'session_abc123' };

export function supportSessions(app: App, http: Http, assignment: Assignment): void {
  const { edge, lists } = http;
  const { desk, directory } = edge;
  const links = absoluteLinks(edge.files, edge.settings.publicUrl);

  /** Runs a route as whoever the caller is in that session, or answers why not. */
  const within = async (
    request: FastifyRequest,
    reply: FastifyReply,
    sessionId: string,
    run: (principal: Principal) => Promise<unknown>,
  ): Promise<unknown> => {
    const principal = await principalIn(edge, request, sessionId);
    return isRefusal(principal) ? refused(reply, principal) : run(principal);
  };

  app.post(
    '/api/chat/start-session',
    {
      onRequest: supportOnly,
      schema: {
        body: z
          .object({
            userId: userId.optional(),
            userType: party.optional(),
            sessionId: conversationId.optional(),
            userName: visitor.shape.name,
            userEmail: visitor.shape.email,
          })
          .nullish(),
        ...described({
          dialect: 'support',
          summary: 'Create a chat session',
          description:
            "A `user` token starts sessions for its own userId, which may then be left out; agents and programs start them for anybody. The session is given at once to the online agent who has the fewest, two for each at most (`max_chats`); where nobody is free it waits. `visitorToken` is good for the other dialects' doors and for widgets that want one (`X-Visitor-Token`).",
          access: 'support',
          answers: {
            201: answerOf(
              z.object({ sessionId: z.string(), session: supportSession, visitorToken: z.string() }),
            ),
          },
          refusals: [409],
          examples: [
            {
              body: { userId: 'user123', userType: 'user' },
              status: 201,
              answer: {
                success: true,
                message: 'Chat session created successfully',
                data: {
                  sessionId: 'session_abc123',
                  session: exampleSession,
                  visitorToken: 'eyJhbGciOi…',
                },
              },
            },
          ],
        }),
      },
    },
    async (request, reply) => {
      const caller = supportCaller(request);
      const { sessionId, userName, userEmail, ...said } = request.body ?? {};
      const person = personOf(caller, said);
      if (isRefusal(person)) return refused(reply, person);
      const widget = directory.defaultWidget(caller.workspace);
      if (!widget) return refused(reply, refuse('no-workspace'));
      if (!mayEmbed(edge.settings, widget, request.headers.origin, request.headers.host))
        return refused(reply, refuse('origin-not-allowed'));
      const opened = await desk.start({
        widget,
        id: sessionId,
        visitor: { id: person.userId, name: userName, email: userEmail },
        origin: {
          ...originOf(request, 'support', {}),
          ...(person.userType === 'user' ? {} : { party: person.userType }),
        },
      });
      if (isRefusal(opened)) return refused(reply, opened);
      const { conversation, visitorToken, done } = opened;
      const taken = await assignment.given(caller.workspace, conversation, done);
      wrote(request, reply, lists, taken ?? done);
      const session = sessionShape(conversation, (taken ?? done).state);
      return reply.code(201).send({
        success: true,
        message: 'Chat session created successfully',
        data: { sessionId: conversation, session, visitorToken },
      });
    },
  );

  app.get(
    '/api/chat/session/:sessionId',
    {
      onRequest: supportOnly,
      schema: {
        params,
        ...described({
          dialect: 'support',
          summary: 'Get session details',
          access: 'support',
          answers: { 200: held },
          examples: [
            {
              params: exampleParams,
              status: 200,
              answer: { success: true, data: { sessionId: 'session_abc123', session: exampleSession } },
            },
          ],
        }),
      },
    },
    (request, reply) =>
      within(request, reply, request.params.sessionId, async (principal) => {
        const { sessionId } = request.params;
        const found = await desk.find(principal, sessionId);
        if (isRefusal(found)) return refused(reply, found);
        return { success: true, data: { sessionId, session: sessionShape(sessionId, found.state) } };
      }),
  );

  app.post(
    '/api/chat/end-session/:sessionId',
    {
      onRequest: supportOnly,
      schema: {
        params,
        body: z.object({ reason }).nullish(),
        ...described({
          dialect: 'support',
          summary: 'End a chat session',
          description: 'Ending it again answers the same: the first end and its reason stay.',
          access: 'support',
          answers: { 200: held },
          examples: [
            {
              params: exampleParams,
              body: { reason: 'Resolved' },
              status: 200,
              answer: {
                success: true,
                message: 'Chat session ended',
                data: {
                  sessionId: 'session_abc123',
                  session: {
                    ...exampleSession,
                    status: 'ended',
                    updatedAt: '2024-01-15T10:45:00.000Z',
                    endedAt: '2024-01-15T10:45:00.000Z',
                    endReason: 'Resolved',
                  },
                },
              },
            },
          ],
        }),
      },
    },
    (request, reply) =>
      within(request, reply, request.params.sessionId, async (principal) => {
        const { sessionId } = request.params;
        const ended = await desk.ask(principal, sessionId, {
          type: 'CloseConversation',
          data: { reason: request.body?.reason || undefined },
        });
        if (isRefusal(ended)) return refused(reply, ended);
        wrote(request, reply, lists, ended);
        const session = sessionShape(sessionId, ended.state);
        return { success: true, message: 'Chat session ended', data: { sessionId, session } };
      }),
  );

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
      within(request, reply, request.params.sessionId, async (principal) => {
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
            'The HTTP fallback of the Socket.IO event `send_message`. A message of an ended session is refused with 409. With `messageId`, a UUIDv7 of the client, a message that is sent again is stored once.',
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
      within(request, reply, request.params.sessionId, async (principal) => {
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

/** Whom a session is for. A guest is who their token says, agents and programs speak for anybody. */
function personOf(
  caller: SupportCaller,
  said: { readonly userId?: string; readonly userType?: Party },
): { readonly userId: string; readonly userType: Party } | Refusal {
  switch (caller.kind) {
    case 'guest':
      if (said.userId !== undefined && said.userId !== caller.userId) return refuse('token-of-another-user');
      return said.userType === undefined || said.userType === 'user'
        ? { userId: caller.userId, userType: 'user' }
        : refuse('user-type-not-yours');
    case 'user':
      return said.userId === undefined
        ? { userId: String(caller.user.number), userType: 'agent' }
        : { userId: said.userId, userType: said.userType ?? 'user' };
    case 'api':
      return said.userId === undefined
        ? refuse('user-id-required')
        : { userId: said.userId, userType: said.userType ?? 'user' };
  }
}
