// The live-chat document's admin endpoints: one session at a time, for agents.
import { z } from 'zod';
import type { ConversationEvent } from '../../../../domain/conversation/events.ts';
import { department, LIMITS, priority, tag } from '../../../../domain/conversation/values.ts';
import { isRefusal, refuse } from '../../../../domain/decider.ts';
import { conversationId } from '../../../../domain/ids.ts';
import { factOf, type RecordedEvent } from '../../../../domain/log/commit.ts';
import { refused, wrote } from '../../../http/answers.ts';
import { adminsOnly, userOf, usersOnly } from '../../../http/callers.ts';
import type { App, Http } from '../../../http/context.ts';
import type { Directory } from '../../../identity/directory.ts';
import { absoluteLinks } from '../../../out/files.ts';
import { assignedShape, namesShape, sessionShape, statusShape } from '../shapes.ts';
import {
  ADD_NOTE,
  ASSIGN,
  CHANGE_SESSION,
  DELETE_SESSION,
  READ_SESSION_AS_AGENT,
  REPLY,
  TRANSFER,
} from './admin-descriptions.ts';
import { changeSession } from './change-session.ts';
import { liveChatLists } from './lists.ts';
import { messageShapes, postMessage } from './messages.ts';

const signedIn = usersOnly({
  missing: 'No token, authorization denied',
  invalid: 'Token is not valid',
});
const session = z.object({ sessionId: conversationId });
const agentId = (needed: string) =>
  z.union([z.string(), z.number()], needed).transform(String).pipe(z.string().min(1, needed).max(64));
const agentName = z.string().max(255).optional();
/** Messages shown of one session: the newest. */
const MOST_MESSAGES = 5_000;

export function liveChatAdmin(app: App, http: Http): void {
  const { edge, lists } = http;
  const { desk, directory } = edge;
  const links = absoluteLinks(edge.files, edge.settings.publicUrl);
  const path = '/api/admin/live-chat/sessions/:sessionId';
  liveChatLists(app, http, signedIn);

  app.get(
    path,
    { onRequest: signedIn, schema: { params: session, ...READ_SESSION_AS_AGENT } },
    async (request, reply) => {
      const by = userOf(request);
      const { sessionId } = request.params;
      const found = await desk.find(by, sessionId);
      if (isRefusal(found)) return refused(reply, found);
      const history = await desk.history(by, sessionId);
      if (isRefusal(history)) return refused(reply, history);
      const assigned = assignedShape(found.state.owner, by.workspace, directory, true);
      return {
        success: true,
        data: {
          session: {
            ...sessionShape(sessionId, found.state, 'agent', assigned),
            notes: noteShapes(history.events, by.workspace, directory),
          },
          messages: messageShapes(history.events, sessionId, links).slice(-MOST_MESSAGES),
        },
      };
    },
  );

  app.post(
    `${path}/reply`,
    { onRequest: signedIn, schema: { params: session, ...REPLY } },
    (request, reply) =>
      postMessage(
        http,
        request,
        reply,
        userOf(request),
        request.params.sessionId,
        links,
        'Reply sent successfully',
      ),
  );

  app.patch(
    `${path}/assign`,
    {
      onRequest: signedIn,
      schema: {
        params: session,
        body: z.object({ agentId: agentId('Agent ID is required'), agentName }),
        ...ASSIGN,
      },
    },
    async (request, reply) => {
      const { sessionId } = request.params;
      const done = await desk.ask(userOf(request), sessionId, {
        type: 'AssignAgent',
        data: { agent: request.body.agentId },
      });
      if (isRefusal(done)) return refused(reply, done);
      wrote(request, reply, lists, done);
      const { owner, status } = done.state;
      return {
        success: true,
        message: 'Session assigned successfully',
        data: { sessionId, ...ownerShape(owner), status: statusShape(status) },
      };
    },
  );

  app.patch(
    `${path}/status`,
    {
      onRequest: signedIn,
      schema: {
        params: session,
        body: z
          .object({
            status: z.enum(['pending', 'active', 'closed', 'archived']).optional(),
            priority: priority.optional(),
            department: department.optional(),
            tags: z.array(tag).max(LIMITS.tags).optional(),
          })
          .refine((body) => Object.values(body).some((value) => value !== undefined), {
            error: 'Name a status, priority, department or tags to change',
          }),
        ...CHANGE_SESSION,
      },
    },
    async (request, reply) => {
      const { sessionId } = request.params;
      const done = await changeSession(edge, userOf(request), sessionId, request.body);
      if (isRefusal(done)) return refused(reply, done);
      wrote(request, reply, lists, done);
      const { status, priority, department, tags } = done.state;
      return {
        success: true,
        message: 'Session updated successfully',
        data: { sessionId, status: statusShape(status), priority, department, tags },
      };
    },
  );

  app.post(
    `${path}/notes`,
    {
      onRequest: signedIn,
      schema: {
        params: session,
        body: z.object({
          content: z
            .string('Note content is required')
            .trim()
            .min(1, 'Note content is required')
            .max(LIMITS.note),
        }),
        ...ADD_NOTE,
      },
    },
    async (request, reply) => {
      const by = userOf(request);
      const { content } = request.body;
      const done = await desk.ask(by, request.params.sessionId, { type: 'AddNote', data: { text: content } });
      if (isRefusal(done)) return refused(reply, done);
      wrote(request, reply, lists, done);
      return reply.code(201).send({
        success: true,
        message: 'Note added successfully',
        data: { content, addedBy: String(by.user.number), addedAt: done.events[0]?.at },
      });
    },
  );

  app.post(
    `${path}/transfer`,
    {
      onRequest: signedIn,
      schema: {
        params: session,
        body: z.object({
          toAgentId: agentId('Target agent ID is required'),
          toAgentName: agentName,
          reason: z.string().max(500).optional(),
        }),
        ...TRANSFER,
      },
    },
    async (request, reply) => {
      const { sessionId } = request.params;
      const { toAgentId, reason } = request.body;
      const done = await desk.ask(userOf(request), sessionId, {
        type: 'TransferConversation',
        data: { to: toAgentId, reason },
      });
      if (isRefusal(done)) return refused(reply, done);
      wrote(request, reply, lists, done);
      return {
        success: true,
        message: 'Session transferred successfully',
        data: { sessionId, ...ownerShape(done.state.owner) },
      };
    },
  );

  app.delete(
    path,
    { onRequest: [signedIn, adminsOnly], schema: { params: session, ...DELETE_SESSION } },
    async (request, reply) => {
      const by = userOf(request);
      const { sessionId } = request.params;
      if ((await desk.locate(sessionId)) !== by.workspace)
        return refused(reply, refuse('conversation-not-found'));
      const done = await desk.ask(by, sessionId, {
        type: 'EraseConversation',
        data: { reason: 'deleted by an admin' },
      });
      if (isRefusal(done)) return refused(reply, done);
      wrote(request, reply, lists, done);
      return { success: true, message: 'Session and all messages deleted successfully' };
    },
  );
}

function ownerShape(owner: { readonly kind: string; readonly agent?: { id: string; name: string } }) {
  return { assignedAgent: owner.agent?.id, agentName: owner.agent?.name };
}

function noteShapes(events: readonly RecordedEvent[], workspace: string, directory: Directory) {
  return events.flatMap((event) => {
    const fact = factOf<ConversationEvent>(event);
    if (fact.type !== 'NoteAdded') return [];
    const { text, author } = fact.data;
    const name = directory.user(workspace, author.id)?.profile.fullName || author.name;
    return [{ content: text, addedBy: { _id: author.id, ...namesShape(name) }, addedAt: fact.at }];
  });
}
