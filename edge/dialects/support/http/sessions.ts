// The support document's sessions over HTTP (seed 002): begun, given to an agent, read and ended.
import { z } from 'zod';
import { visitor } from '../../../../domain/conversation/values.ts';
import { isRefusal, type Refusal, refuse } from '../../../../domain/decider.ts';
import { conversationId } from '../../../../domain/ids.ts';
import { awaitOwner } from '../../../chat/awaited.ts';
import { refused, wrote } from '../../../http/answers.ts';
import type { App, Http } from '../../../http/context.ts';
import { described } from '../../../http/described.ts';
import { originOf } from '../../../http/visitors.ts';
import { mayEmbed } from '../../../identity/embedding.ts';
import { exampleSession } from '../examples.ts';
import { answerOf, type Party, party, sessionShape, supportSession } from '../shapes.ts';
import { type SupportCaller, supportCaller, supportOnly, withinSession } from './callers.ts';
import { userId } from './token.ts';

const params = z.object({ sessionId: conversationId });
const reason = z.string().trim().max(500).nullish();
const held = answerOf(z.object({ sessionId: z.string(), session: supportSession }));

const exampleParams = { sessionId: 'session_abc123' };

export function supportSessions(app: App, http: Http): void {
  const { edge, lists } = http;
  const { desk, directory } = edge;

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
        forPeople: true,
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
      const taken = await awaitOwner(edge, caller.workspace, conversation);
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
      withinSession(edge, request, reply, request.params.sessionId, async (principal) => {
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
      withinSession(edge, request, reply, request.params.sessionId, async (principal) => {
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
