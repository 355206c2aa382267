// The token document's two endpoints (seed 000): which chats are active, and a message into one of them.
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { LIMITS } from '../../../../domain/conversation/values.ts';
import { isRefusal, refuse } from '../../../../domain/decider.ts';
import { conversationId } from '../../../../domain/ids.ts';
import { callerOf, refused, wrote } from '../../../http/answers.ts';
import { callerOfList } from '../../../http/callers.ts';
import type { App, Http } from '../../../http/context.ts';
import { described } from '../../../http/described.ts';
import { answerFault } from '../../../http/faults.ts';
import { minSequence } from '../../../http/lists.ts';
import { unlessEmpty } from '../../../http/queries.ts';
import type { ApiPrincipal } from '../../../identity/principals.ts';
import { explain } from '../../../refusals.ts';
import { sessionShape } from '../shapes.ts';
import { tokenError, withToken } from './admission.ts';
import { LIST, SEND } from './flags.ts';
import { readMultipart, takeForms } from './forms.ts';

/** Sessions that one answer holds: the document's list has no pages. */
const MOST = 1_000;
const MISSING = 'Missing targetId or message';

const token = z.string().nullish().meta({ description: "The workspace's API token" });
const session = z
  .object({
    session_id: z.string(),
    metadata: z.object({
      user_session: z.string().optional(),
      user_id: z.string().optional(),
      user_name: z.string().optional(),
      user_email: z.string().optional(),
    }),
    updated_at: z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
  })
  .meta({ id: 'TokenSession' });
const sent = z.object({ status: z.literal('success'), sent_to: z.string() }).meta({ id: 'TokenSent' });
const message = {
  token,
  targetId: z.string().nullish().meta({ description: 'The session_id of whom to write to' }),
  message: z
    .string()
    .max(LIMITS.text, explain('message-too-long').message)
    .nullish()
    .meta({ description: 'The text' }),
};
const wanted = {
  token,
  page: unlessEmpty(z.coerce.number().int().min(1).max(10_000)),
  limit: unlessEmpty(z.coerce.number().int().min(1).max(MOST)),
};
const listQuery = z.object({ ...wanted, min_sequence: minSequence });
const listBody = z.object(wanted).nullish();
const sendQuery = z.object(message);
const sendBody = z.object(message).nullish();

const EXAMPLE = 'MOJrnzS8pQyizRynxuuEJ98y8tPeJMg6';
const sessions = [
  {
    session_id: 'user_k92lx8',
    metadata: { user_name: 'Vitaliy', user_email: 'dev@test.com' },
    updated_at: '2023-10-27 10:00:00',
  },
];
const success = { status: 'success', sent_to: 'user_k92lx8' };
const ABOUT_LIST = `The sessions that wait or are talked in, the one changed last first; at most ${MOST.toLocaleString('en')}. \`page\` and \`limit\` lead to more, \`X-Total-Count\` says how many there are. \`updated_at\` is in UTC. What is not known of a visitor is left out of \`metadata\`.`;
const ABOUT_SENDING =
  'The message is one of the support team: everybody in the session sees it, in every dialect. `token`, `targetId` and `message` may stand in the query or in the body; what the body says comes first. A closed or archived session takes none (409).';

/** Routes of a scope of its own: its errors are `{error}`. */
export async function tokenRoutes(scope: App, http: Http): Promise<void> {
  const { edge, lists, metrics } = http;
  const admitted = withToken(http);
  answerAsTheDocument(scope);
  takeForms(scope);

  const list = async (
    request: FastifyRequest,
    reply: FastifyReply,
    given: Pick<z.infer<typeof listQuery>, 'page' | 'limit' | 'min_sequence'>,
  ): Promise<FastifyReply> => {
    const { page = 1, limit = MOST, min_sequence } = given;
    if (!(await lists.ready(reply, callerOfList(request), min_sequence, ['inbox']))) return reply;
    const { rows, total } = await edge.readModels.inbox.findInbox({
      workspace: programOf(request).workspace,
      status: ['queued', 'open'],
      page,
      limit,
    });
    reply.header('x-total-count', String(total));
    return reply.send(rows.map((row) => sessionShape(row.conversation, row)));
  };

  scope.get(
    '/',
    {
      constraints: { flag: LIST },
      preValidation: admitted,
      schema: {
        querystring: listQuery,
        ...described({
          dialect: 'token',
          summary: 'Active chat sessions',
          description: ABOUT_LIST,
          access: 'api',
          answers: { 200: z.array(session) },
          examples: [{ query: { token: EXAMPLE }, status: 200, answer: sessions }],
        }),
      },
    },
    (request, reply) => list(request, reply, request.query),
  );

  scope.post(
    '/',
    {
      constraints: { flag: LIST },
      preValidation: [readMultipart, admitted],
      schema: {
        querystring: listQuery,
        body: listBody,
        ...described({
          dialect: 'token',
          summary: 'Active chat sessions, with the token in the body',
          description: `${ABOUT_LIST} So asked, the token stands in no address, and in no proxy's log.`,
          access: 'api',
          accepts: ['application/json', 'application/x-www-form-urlencoded'],
          answers: { 200: z.array(session) },
          examples: [{ body: { token: EXAMPLE }, status: 200, answer: sessions }],
        }),
      },
    },
    (request, reply) => {
      const { query, body } = request;
      return list(request, reply, {
        page: body?.page ?? query.page,
        limit: body?.limit ?? query.limit,
        min_sequence: query.min_sequence,
      });
    },
  );

  const send = async (
    request: FastifyRequest,
    reply: FastifyReply,
    given: { readonly targetId?: string | null; readonly message?: string | null },
  ): Promise<FastifyReply> => {
    const { targetId, message } = given;
    if (!targetId || !message?.trim()) return reply.code(400).send(tokenError(400, MISSING));
    const target = conversationId.safeParse(targetId);
    if (!target.success) return refused(reply, refuse('conversation-not-found'), tokenError);
    const begun = performance.now();
    const posted = await edge.desk.ask(programOf(request), target.data, {
      type: 'PostMessage',
      data: { text: message },
    });
    if (isRefusal(posted)) return refused(reply, posted, tokenError);
    metrics.appended((performance.now() - begun) / 1_000);
    wrote(request, reply, lists, posted);
    return reply.send({ status: 'success', sent_to: target.data });
  };

  scope.get(
    '/',
    {
      constraints: { flag: SEND },
      // A question about headers must not write anything.
      exposeHeadRoute: false,
      preValidation: admitted,
      schema: {
        querystring: sendQuery,
        ...described({
          dialect: 'token',
          summary: 'Send a message, for quick tests',
          writes: true,
          description: ABOUT_SENDING,
          access: 'api',
          answers: { 200: sent },
          refusals: [404, 409],
          examples: [
            {
              query: {
                token: EXAMPLE,
                targetId: 'user_k92lx8',
                message: 'Hello from the API',
              },
              status: 200,
              answer: success,
            },
          ],
        }),
      },
    },
    (request, reply) => send(request, reply, request.query),
  );

  scope.post(
    '/',
    {
      constraints: { flag: SEND },
      preValidation: [readMultipart, admitted],
      schema: {
        querystring: sendQuery,
        body: sendBody,
        ...described({
          dialect: 'token',
          summary: 'Send a message',
          description: ABOUT_SENDING,
          access: 'api',
          accepts: ['application/json', 'application/x-www-form-urlencoded'],
          answers: { 200: sent },
          refusals: [404, 409],
          examples: [
            {
              body: { token: EXAMPLE, targetId: 'user_k92lx8', message: 'Hello from the JS console!' },
              status: 200,
              answer: success,
            },
          ],
        }),
      },
    },
    (request, reply) => {
      const { query, body } = request;
      return send(request, reply, {
        targetId: body?.targetId ?? query.targetId,
        message: body?.message ?? query.message,
      });
    },
  );
}

/** What parts that are shared between dialects say is said in this document's shape, too. */
function answerAsTheDocument(scope: App): void {
  scope.addHook('preSerialization', async (_request, reply, payload) => {
    const said = payload as { readonly success?: unknown; readonly message?: unknown } | null;
    return said?.success === false && typeof said.message === 'string'
      ? tokenError(reply.statusCode, said.message)
      : payload;
  });
  scope.setErrorHandler((fault: FastifyError, request, reply) => {
    const said = OWN_WORDS[fault.code];
    return said
      ? reply.code(said.status).send(tokenError(said.status, said.message))
      : answerFault(fault, request, reply, tokenError);
  });
}

/** Where what the shared words offer is nothing that this endpoint takes. */
const OWN_WORDS: Readonly<Record<string, { readonly status: number; readonly message: string }>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    message: 'Unsupported content type; send application/json or application/x-www-form-urlencoded',
  },
  FST_FILES_LIMIT: { status: 400, message: 'Files cannot be sent here, only token, targetId and message' },
};

/** The program that was admitted. */
function programOf(request: FastifyRequest): ApiPrincipal {
  const { api } = callerOf(request);
  if (!api) throw new Error('a route for programs ran without one');
  return api;
}
