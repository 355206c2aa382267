// Every dialect over HTTP: whose routes there are, and in whose words the faults of each are told.
import { widgetError } from '../http/answers.ts';
import type { App, Http } from '../http/context.ts';
import { answerFault } from '../http/faults.ts';
import { liveChatAdmin } from './live-chat/http/admin.ts';
import { liveChatGuests } from './live-chat/http/guests.ts';
import { apiTokenRoutes } from './native/http/api-token.ts';
import { attachmentRoutes } from './native/http/attachments.ts';
import { availabilityRoutes } from './native/http/availability.ts';
import { conversationRoutes } from './native/http/conversations.ts';
import { customerRoutes } from './native/http/customers.ts';
import { inboxRoutes } from './native/http/inbox.ts';
import { knowledgeRoutes } from './native/http/knowledge.ts';
import { openingRoutes } from './native/http/opening.ts';
import { webhookRoutes } from './native/http/webhook.ts';
import { workspaceRoutes } from './native/http/workspace.ts';
import { supportRoutes } from './support/http/routes.ts';
import { tokenRoutes } from './token/http/chats.ts';
import { routeByFlags } from './token/http/flags.ts';
import { agentWorkRoutes } from './widget/http/agent-work.ts';
import { agentRoutes } from './widget/http/agents.ts';
import { authRoutes } from './widget/http/auth.ts';
import { widgetFigureRoutes } from './widget/http/figures.ts';
import { widgetSessionRoutes } from './widget/http/sessions.ts';
import { widgetRoutes } from './widget/http/widgets.ts';

/** Registers the routes of all dialects. To be called before any other route is registered: one dialect tells its own apart by a flag. */
export async function dialectRoutes(app: App, http: Http): Promise<void> {
  routeByFlags(app);
  await app.register(async (scope: App) => {
    for (const routes of [conversationRoutes, attachmentRoutes, inboxRoutes, customerRoutes])
      await routes(scope, http);
    for (const routes of [workspaceRoutes, webhookRoutes, apiTokenRoutes]) await routes(scope, http);
    for (const routes of [availabilityRoutes, openingRoutes, knowledgeRoutes]) await routes(scope, http);
    for (const routes of [liveChatGuests, liveChatAdmin, supportRoutes]) await routes(scope, http);
  });
  await app.register(async (scope: App) => {
    scope.setErrorHandler((fault, request, reply) =>
      answerFault(fault as never, request, reply, widgetError),
    );
    for (const routes of [authRoutes, agentRoutes, agentWorkRoutes]) await routes(scope, http);
    for (const routes of [widgetRoutes, widgetFigureRoutes, widgetSessionRoutes]) await routes(scope, http);
  });
  await app.register((scope: App) => tokenRoutes(scope, http));
}
