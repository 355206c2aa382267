// The people of a workspace: agents and admins.
import { z } from 'zod';
import { isRefusal } from '../../../../domain/decider.ts';
import { stated } from '../../../../domain/stated.ts';
import { role, userProfile } from '../../../../domain/workspace/values.ts';
import { refused, widgetError, wrote } from '../../../http/answers.ts';
import { adminsOnly, callerOfList, signedIn, userOf } from '../../../http/callers.ts';
import type { App, Http } from '../../../http/context.ts';
import { minSequence } from '../../../http/lists.ts';
import { userShape } from '../shapes.ts';
import { ADD_AGENT, CHANGE_AGENT, LIST_AGENTS, REMOVE_AGENT } from './agent-descriptions.ts';
import { PASSWORD_MAX } from './auth.ts';

const { email, fullName, maxChats } = userProfile.shape;
const departments = userProfile.shape.departments.unwrap();
const skills = userProfile.shape.skills.unwrap();
/** `super_admin` is the installation's first user and nobody else. */
const givenRole = role.exclude(['super_admin']);
const id = z.object({ id: z.string().regex(/^\d{1,16}$/, 'is not a user id') });

export function agentRoutes(app: App, http: Http): void {
  const { edge, lists } = http;
  const least = edge.settings.passwordMinLength;

  app.get(
    '/api/agents',
    { onRequest: signedIn, schema: { querystring: z.object({ min_sequence: minSequence }), ...LIST_AGENTS } },
    async (request, reply) => {
      const { workspace } = userOf(request);
      if (!(await lists.directoryReady(reply, callerOfList(request), request.query.min_sequence)))
        return reply;
      const online = edge.online.agents(workspace);
      const agents = edge.directory
        .users(workspace)
        .sort((a, b) => a.number - b.number)
        .map((known) => ({
          ...userShape(known),
          max_chats: known.profile.maxChats,
          departments: known.profile.departments,
          skills: known.profile.skills,
          online: online.has(known.number),
          accepting: known.accepting,
          created_at: known.createdAt,
        }));
      return { success: true, data: { agents } };
    },
  );

  app.post(
    '/api/agents',
    {
      onRequest: [signedIn, adminsOnly],
      schema: {
        body: z.object({
          email,
          password: z
            .string('Password is required')
            .min(least, `Password must be at least ${least} characters`)
            .max(PASSWORD_MAX),
          full_name: fullName.min(1),
          username: userProfile.shape.username.optional(),
          role: givenRole.default('support'),
          max_chats: maxChats,
          departments: departments.optional(),
          skills: skills.optional(),
        }),
        ...ADD_AGENT,
      },
    },
    async (request, reply) => {
      const by = userOf(request);
      const { email, password, full_name, username, role, max_chats, departments, skills } = request.body;
      const person = {
        email,
        password,
        fullName: full_name,
        username: username ?? email.slice(0, email.indexOf('@')),
        maxChats: max_chats,
        departments,
        skills,
      };
      const made = await edge.accounts.add(by.workspace, person, role, by);
      if (isRefusal(made)) return refused(reply, made, widgetError);
      wrote(request, reply, lists, made);
      return reply.code(201).send({ success: true, data: { agent: userShape(made.user) } });
    },
  );

  app.patch(
    '/api/agents/:id',
    {
      onRequest: [signedIn, adminsOnly],
      schema: {
        params: id,
        body: z.object({
          full_name: fullName.min(1).optional(),
          username: userProfile.shape.username.optional(),
          role: givenRole.optional(),
          max_chats: maxChats,
          departments: departments.optional(),
          skills: skills.optional(),
        }),
        ...CHANGE_AGENT,
      },
    },
    async (request, reply) => {
      const by = userOf(request);
      const known = edge.directory.user(by.workspace, request.params.id);
      if (!known) return refused(reply, { refused: 'user-not-found' }, widgetError);
      const { full_name, username, role, max_chats, departments, skills } = request.body;
      const first = known.profile.role === 'super_admin' && role !== undefined;
      if (first) return refused(reply, { refused: 'last-admin' }, widgetError);
      const profile = stated({ fullName: full_name, username, maxChats: max_chats, departments, skills });
      const changed = await edge.accounts.change(known, { profile, role }, by);
      if (isRefusal(changed)) return refused(reply, changed, widgetError);
      wrote(request, reply, lists, changed);
      const after = edge.directory.user(by.workspace, known.number) ?? known;
      return { success: true, data: { agent: userShape(after) } };
    },
  );

  app.delete(
    '/api/agents/:id',
    { onRequest: [signedIn, adminsOnly], schema: { params: id, ...REMOVE_AGENT } },
    async (request, reply) => {
      const by = userOf(request);
      const known = edge.directory.user(by.workspace, request.params.id);
      if (!known) return refused(reply, { refused: 'user-not-found' }, widgetError);
      const removed = await edge.accounts.remove(known, by);
      if (isRefusal(removed)) return refused(reply, removed, widgetError);
      wrote(request, reply, lists, removed);
      return { success: true, message: 'Agent removed successfully' };
    },
  );
}
