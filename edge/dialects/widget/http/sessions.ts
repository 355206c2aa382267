// One session over HTTP: escalating it, which may begin it, its place in the queue, its history (seed 004, chat operations).
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ConversationEvent } from '../../../../domain/conversation/events.ts';
import { neverWaited, waitAfter } from '../../../../domain/conversation/wait.ts';
import { isRefusal, type Refusal, refuse } from '../../../../domain/decider.ts';
import { conversationId } from '../../../../domain/ids.ts';
import { factOf, type RecordedEvent } from '../../../../domain/log/commit.ts';
import { ReadModelsDown } from '../../../../projections/read-models.ts';
import type { Opened } from '../../../chat/desk.ts';
import { refused, widgetError, wrote } from '../../../http/answers.ts';
import { guestOf, signedIn, userOf } from '../../../http/callers.ts';
import type { App, Http } from '../../../http/context.ts';
import { originOf } from '../../../http/visitors.ts';
import { mayEmbed } from '../../../identity/embedding.ts';
import type { VisitorPrincipal } from '../../../identity/principals.ts';
import { messageShapes, NAMELESS, wholeMinutes } from '../shapes.ts';
import { missingWidget } from './own-widget.ts';
import { ESCALATE, QUEUE_POSITION, SESSION_MESSAGES } from './session-descriptions.ts';

const REASON_LENGTH = 500;
const place = z.object({ siteKey: z.string().max(100), sessionId: conversationId });
/** The document's two fields; what else a client adds is its own affair. */
const extras = z
  .looseObject({
    reason: z.string().trim().max(REASON_LENGTH).optional(),
    customer_frustrated: z.boolean().optional(),
  })
  .nullish();

export function widgetSessionRoutes(app: App, http: Http): void {
  const { edge, lists } = http;
  const { desk, directory, queue } = edge;

  /** The guest of a session of that very widget; undefined: answered. */
  const guestAt = async (
    request: FastifyRequest,
    reply: FastifyReply,
    { siteKey, sessionId }: z.infer<typeof place>,
  ): Promise<VisitorPrincipal | undefined> => {
    const no = (refusal: Refusal) => {
      refused(reply, refusal, widgetError);
      return undefined;
    };
    const widget = directory.widget(siteKey);
    if (!widget) {
      missingWidget(reply, siteKey);
      return undefined;
    }
    const guest = await guestOf(edge, request, sessionId);
    if (isRefusal(guest)) return no(guest);
    const found = await desk.find(guest, sessionId);
    if (isRefusal(found)) return no(found);
    if (found.state.widget === widget.id) return guest;
    missingWidget(reply, siteKey);
    return undefined;
  };

  /**
   * Begins a session that nobody has begun yet: a visitor may ask for a person before a word is written, and
   * their socket, which makes no session, hears of this one. Undefined: it is there, or its id is nobody's to have.
   */
  const begin = async (
    request: FastifyRequest,
    { siteKey, sessionId }: z.infer<typeof place>,
  ): Promise<Opened | Refusal | undefined> => {
    const widget = directory.widget(siteKey);
    if (!widget || request.caller?.visitorClaimed) return undefined;
    const there = await desk.visitor(sessionId, undefined);
    if (!isRefusal(there) || there.refused !== 'conversation-not-found') return undefined;
    const { origin, host } = request.headers;
    if (!mayEmbed(edge.settings, widget, origin, host)) return refuse('origin-not-allowed');
    const opened = await desk.start({
      forPeople: true,
      widget,
      id: sessionId,
      visitor: {},
      origin: originOf(request, 'widget', {}),
    });
    // Another tab was first, or it was somebody's and is erased.
    return isRefusal(opened) && opened.refused === 'conversation-exists' ? undefined : opened;
  };

  app.post(
    '/api/widgets/escalate/:siteKey/:sessionId',
    { schema: { params: place, body: extras, ...ESCALATE } },
    async (request, reply) => {
      const { sessionId } = request.params;
      const begun = await begin(request, request.params);
      if (begun && isRefusal(begun)) return refused(reply, begun, widgetError);
      const guest = begun
        ? ({ kind: 'visitor', workspace: begun.workspace, conversation: sessionId, proven: true } as const)
        : await guestAt(request, reply, request.params);
      if (!guest) return reply;
      const { reason, customer_frustrated } = request.body ?? {};
      const said = [reason, customer_frustrated ? 'customer frustrated' : ''].filter(Boolean).join('; ');
      const done = await desk.ask(guest, sessionId, {
        type: 'RequestHuman',
        data: { reason: said.slice(0, REASON_LENGTH) },
      });
      if (isRefusal(done)) return refused(reply, done, widgetError);
      wrote(request, reply, lists, done);
      const { position, estimatedWait } = await standing(guest).catch((fault: unknown) => {
        // It is escalated, which the log has; only the queue cannot be looked at.
        if (fault instanceof ReadModelsDown) return { position: null, estimatedWait: null };
        throw fault;
      });
      const data = { sessionId, queuePosition: position, estimatedWait };
      const visitorToken = begun?.visitorToken;
      return reply.code(begun ? 201 : 200).send({
        success: true,
        message: 'Chat escalated to human agent',
        data: visitorToken === undefined ? data : { ...data, visitorToken },
      });
    },
  );

  app.get(
    '/api/widgets/queue-position/:siteKey/:sessionId',
    { schema: { params: place, ...QUEUE_POSITION } },
    async (request, reply) => {
      const guest = await guestAt(request, reply, request.params);
      if (!guest) return reply;
      return { success: true, data: await standing(guest) };
    },
  );

  app.get(
    '/api/widgets/sessions/:sessionId/messages',
    {
      onRequest: signedIn,
      schema: { params: z.object({ sessionId: conversationId }), ...SESSION_MESSAGES },
    },
    async (request, reply) => {
      const by = userOf(request);
      const { sessionId } = request.params;
      const found = await desk.find(by, sessionId);
      if (isRefusal(found)) return refused(reply, found, widgetError);
      const history = await desk.history(by, sessionId);
      if (isRefusal(history)) return refused(reply, history, widgetError);
      const { visitor, widget } = found.state;
      return {
        success: true,
        messages: messageShapes(history.events, sessionId, edge.files),
        customerInfo: {
          name: visitor.name || NAMELESS,
          email: visitor.email ?? null,
          business: directory.widgetById(widget)?.config.businessName ?? '',
          waitingTime: wholeMinutes(waited(history.events, edge.now())),
        },
      };
    },
  );

  const standing = async ({ workspace, conversation }: VisitorPrincipal) =>
    (await queue.standing(workspace, conversation)) ?? { position: 0, estimatedWait: 0 };
}

/** Milliseconds that the customer has been waiting, or had waited when an agent took the chat. */
function waited(events: readonly RecordedEvent[], now: number): number {
  const { waitingSince, waitedMs } = events
    .map((event) => factOf<ConversationEvent>(event))
    .reduce(waitAfter, neverWaited);
  return waitingSince === null ? (waitedMs ?? 0) : Math.max(0, now - Date.parse(waitingSince));
}
