// The live-chat document's public endpoints: what a guest may do with their own session.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { LIMITS, score, visitor } from '../../../../domain/conversation/values.ts';
import { isRefusal, refuse } from '../../../../domain/decider.ts';
import { conversationId } from '../../../../domain/ids.ts';
import { sayTyping } from '../../../chat/signals.ts';
import { refused, wrote } from '../../../http/answers.ts';
import { eitherOf, guestOf } from '../../../http/callers.ts';
import type { App, Http } from '../../../http/context.ts';
import { pageQuery, pagesOf } from '../../../http/queries.ts';
import { originOf } from '../../../http/visitors.ts';
import { mayEmbed } from '../../../identity/embedding.ts';
import type { VisitorPrincipal } from '../../../identity/principals.ts';
import { absoluteLinks } from '../../../out/files.ts';
import {
  assignedShape,
  attachmentShape,
  messageShape,
  ratingShape,
  sessionShape,
  statusShape,
} from '../shapes.ts';
import {
  CREATE_SESSION,
  END_SESSION,
  RATE_SESSION,
  READ_MESSAGES,
  READ_SESSION,
  SAY_TYPING,
  SEND_MESSAGE,
  UPLOAD,
} from './guest-descriptions.ts';
import { messageShapes, postMessage } from './messages.ts';

const NEEDED = 'User name and email are required';
const person = z.object(
  {
    name: z.string(NEEDED).trim().min(1, NEEDED).max(120, 'User name may have at most 120 characters'),
    email: z.string(NEEDED).trim().min(1, NEEDED).max(254).pipe(z.email('User email is invalid')),
    phone: visitor.shape.phone,
  },
  NEEDED,
);
const session = z.object({ sessionId: conversationId });
const feedback = z.string().max(LIMITS.feedback).optional();

export function liveChatGuests(app: App, http: Http): void {
  const { edge, lists, uploads } = http;
  const { desk, directory } = edge;
  const links = absoluteLinks(edge.files, edge.settings.publicUrl);

  /** Runs a route as the session's guest, or answers why not. */
  const asGuest = async (
    request: FastifyRequest,
    reply: FastifyReply,
    sessionId: string,
    run: (guest: VisitorPrincipal) => Promise<unknown>,
  ): Promise<unknown> => {
    const guest = await guestOf(edge, request, sessionId);
    return isRefusal(guest) ? refused(reply, guest) : run(guest);
  };

  app.post(
    '/api/live-chat/sessions',
    {
      schema: {
        body: z.object(
          {
            sessionId: conversationId.optional(),
            user: person,
            pageUrl: z.string().max(2_000).optional(),
          },
          NEEDED,
        ),
        ...CREATE_SESSION,
      },
    },
    async (request, reply) => {
      const { sessionId, user, pageUrl } = request.body;
      const workspace = request.caller?.user?.workspace ?? directory.defaultWorkspace()?.id;
      const widget = workspace === undefined ? undefined : directory.defaultWidget(workspace);
      if (!widget) return refused(reply, refuse('no-workspace'));
      if (!mayEmbed(edge.settings, widget, request.headers.origin, request.headers.host))
        return refused(reply, refuse('origin-not-allowed'));
      const opened = await desk.start({
        widget,
        id: sessionId,
        visitor: user,
        origin: originOf(request, 'live-chat', { pageUrl, referrer: pageUrl && request.headers.referer }),
        welcome: `Welcome ${user.name}! A support agent will be with you shortly.`,
      });
      if (isRefusal(opened)) return refused(reply, opened);
      const { conversation, visitorToken, done } = opened;
      wrote(request, reply, lists, done);
      const welcome = done.events.find(({ type }) => type === 'MessagePosted');
      return reply.code(201).send({
        success: true,
        message: 'Chat session created successfully',
        data: {
          session: sessionShape(conversation, done.state, 'starter', undefined),
          welcomeMessage: welcome && messageShape(welcome, conversation, links),
          visitorToken,
        },
      });
    },
  );

  app.get(
    '/api/live-chat/sessions/:sessionId',
    { schema: { params: session, ...READ_SESSION } },
    (request, reply) =>
      asGuest(request, reply, request.params.sessionId, async (guest) => {
        const found = await desk.find(guest, guest.conversation);
        if (isRefusal(found)) return refused(reply, found);
        const assigned = assignedShape(found.state.owner, guest.workspace, directory, false);
        return { success: true, data: sessionShape(guest.conversation, found.state, 'guest', assigned) };
      }),
  );

  app.post(
    '/api/live-chat/sessions/:sessionId/messages',
    { schema: { params: session, ...SEND_MESSAGE } },
    (request, reply) =>
      asGuest(request, reply, request.params.sessionId, (guest) =>
        postMessage(http, request, reply, guest, guest.conversation, links, 'Message sent successfully'),
      ),
  );

  app.get(
    '/api/live-chat/sessions/:sessionId/messages',
    { schema: { params: session, querystring: z.object(pageQuery(50)), ...READ_MESSAGES } },
    (request, reply) =>
      asGuest(request, reply, request.params.sessionId, async (guest) => {
        const { page, limit } = request.query;
        const history = await desk.history(guest, guest.conversation);
        if (isRefusal(history)) return refused(reply, history);
        const all = messageShapes(history.events, guest.conversation, links);
        const data = all.slice((page - 1) * limit, page * limit);
        return {
          success: true,
          count: data.length,
          total: all.length,
          page,
          pages: pagesOf(all.length, limit),
          data,
        };
      }),
  );

  app.post('/api/live-chat/upload', { schema: UPLOAD }, async (request, reply) => {
    // Which session it is for stands in the form, maybe after the files.
    const uploaded = await uploads.withForm(request, async ({ fields, files }) => {
      const conversation = conversationId.safeParse(fields.get('sessionId'));
      if (!conversation.success) return refuse('session-id-required');
      const guest = await eitherOf(edge, request, conversation.data);
      if (isRefusal(guest)) return guest;
      if (files.length === 0) return refuse('no-file');
      return {
        conversation: conversation.data,
        stored: await uploads.store(guest, conversation.data, files),
      };
    });
    if (isRefusal(uploaded)) return refused(reply, uploaded);
    const { conversation, stored } = uploaded;
    if (isRefusal(stored)) return refused(reply, stored);
    wrote(request, reply, lists, stored);
    const attachments = stored.attachments.map((file) => attachmentShape(conversation, file, links));
    return reply
      .code(201)
      .send({ success: true, message: 'Files uploaded successfully', data: { attachments } });
  });

  app.patch(
    '/api/live-chat/sessions/:sessionId/end',
    {
      schema: {
        params: session,
        body: z.object({ rating: score.optional(), feedback }).nullish(),
        ...END_SESSION,
      },
    },
    (request, reply) =>
      asGuest(request, reply, request.params.sessionId, async (guest) => {
        const { rating, feedback } = request.body ?? {};
        const ended = await desk.ask(guest, guest.conversation, { type: 'CloseConversation', data: {} });
        if (isRefusal(ended)) return refused(reply, ended);
        let last = ended;
        if (rating !== undefined) {
          const rated = await desk.ask(guest, guest.conversation, {
            type: 'RateConversation',
            data: { score: rating, feedback },
          });
          if (isRefusal(rated)) return refused(reply, rated);
          last = rated;
        }
        wrote(request, reply, lists, last);
        const { status, endedAt } = last.state;
        return {
          success: true,
          message: 'Chat session ended',
          data: { sessionId: guest.conversation, status: statusShape(status), endedAt },
        };
      }),
  );

  app.post(
    '/api/live-chat/sessions/:sessionId/rate',
    { schema: { params: session, body: z.object({ score, feedback }), ...RATE_SESSION } },
    (request, reply) =>
      asGuest(request, reply, request.params.sessionId, async (guest) => {
        const rated = await desk.ask(guest, guest.conversation, {
          type: 'RateConversation',
          data: request.body,
        });
        if (isRefusal(rated)) return refused(reply, rated);
        wrote(request, reply, lists, rated);
        const { rating } = rated.state;
        return {
          success: true,
          message: 'Thank you for your feedback!',
          data: { rating: rating && ratingShape(rating) },
        };
      }),
  );

  app.post(
    '/api/live-chat/sessions/:sessionId/typing',
    { schema: { params: session, body: z.object({ isTyping: z.boolean() }), ...SAY_TYPING } },
    (request, reply) =>
      asGuest(request, reply, request.params.sessionId, async (guest) => {
        const found = await desk.find(guest, guest.conversation);
        if (isRefusal(found)) return refused(reply, found);
        sayTyping(edge.storage.signals, guest.workspace, guest.conversation, {
          from: 'visitor',
          isTyping: request.body.isTyping,
        });
        return { success: true, message: 'Typing indicator sent' };
      }),
  );
}
