// The settings of a workspace.
import { z } from 'zod';
import { isRefusal } from '../../../domain/decider.ts';
import { stated } from '../../../domain/stated.ts';
import { type WorkspaceSettings, workspaceSettings } from '../../../domain/workspace/values.ts';
import { refused, wrote } from '../answers.ts';
import { adminsOnly, signedIn, userOf } from '../callers.ts';
import type { App, Http } from '../context.ts';

const shape = workspaceSettings.shape;

export function workspaceRoutes(app: App, { edge, lists }: Http): void {
  app.get('/api/workspace/settings', { onRequest: signedIn }, async (request, reply) => {
    const known = edge.directory.workspace(userOf(request).workspace);
    if (!known) return refused(reply, { refused: 'workspace-not-found' });
    return { success: true, data: { settings: settingsShape(known.settings) } };
  });

  app.patch(
    '/api/workspace/settings',
    {
      onRequest: [signedIn, adminsOnly],
      schema: {
        body: z.object({
          name: shape.name.optional(),
          routing: shape.routing.optional(),
          max_chats: shape.maxChats.optional(),
          departments: shape.departments.optional(),
          agents_may_join: shape.agentsMayJoin.optional(),
        }),
      },
    },
    async (request, reply) => {
      const by = userOf(request);
      const { name, routing, max_chats, departments, agents_may_join } = request.body;
      const change = stated<Partial<WorkspaceSettings>>({
        name,
        routing,
        maxChats: max_chats,
        departments,
        agentsMayJoin: agents_may_join,
      });
      if (Object.keys(change).length > 0) {
        const changed = await edge.accounts.changeSettings(change, by);
        if (isRefusal(changed)) return refused(reply, changed);
        wrote(request, reply, lists, changed);
      }
      const known = edge.directory.workspace(by.workspace);
      if (!known) return refused(reply, { refused: 'workspace-not-found' });
      return { success: true, data: { settings: settingsShape(known.settings) } };
    },
  );
}

function settingsShape(settings: WorkspaceSettings) {
  const { name, routing, maxChats, departments, agentsMayJoin } = settings;
  return { name, routing, max_chats: maxChats, departments, agents_may_join: agentsMayJoin };
}
