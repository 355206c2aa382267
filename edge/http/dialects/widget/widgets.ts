// Widgets: making, changing, and what a page is told of one (seed 004).
import { z } from 'zod';
import { isRefusal } from '../../../../domain/decider.ts';
import { stated } from '../../../../domain/stated.ts';
import { type WidgetConfig, widgetConfig } from '../../../../domain/workspace/values.ts';
import { ReadModelsDown } from '../../../../projections/read-models.ts';
import type { Edge } from '../../../context.ts';
import type { KnownWidget } from '../../../identity/directory.ts';
import { refused, widgetError, wrote } from '../../answers.ts';
import { adminsOnly, callerOfList, signedIn, userOf } from '../../callers.ts';
import type { App, Http } from '../../context.ts';
import { minSequence } from '../../lists.ts';
import { mayEmbed } from '../../origins.ts';

const shape = widgetConfig.shape;
/** The document's names, and our fields beyond it. */
const fields = z.object({
  business_name: shape.businessName.optional(),
  widget_title: shape.widgetTitle.optional(),
  welcome_message: shape.welcomeMessage.optional(),
  primary_color: shape.primaryColor.optional(),
  secondary_color: shape.secondaryColor.optional(),
  position: shape.position.optional(),
  enable_prechat_form: shape.enablePrechatForm.optional(),
  prechat_fields: shape.prechatFields.optional(),
  is_active: shape.isActive.optional(),
  require_visitor_token: shape.requireVisitorToken.optional(),
  allowed_origins: shape.allowedOrigins.optional(),
  reopen_days: shape.reopenDays.optional(),
});
const siteKey = z.object({ siteKey: z.string().max(100) });

export function widgetRoutes(app: App, http: Http): void {
  const { edge, lists } = http;
  const own = (workspace: string, key: string) => {
    const known = edge.directory.widget(key);
    return known?.workspace === workspace ? known : undefined;
  };
  const missing = (key: string) => widgetError(404, `Widget not found for site key: ${key}`);

  app.get(
    '/api/widgets',
    {
      onRequest: signedIn,
      schema: {
        querystring: z.object({
          page: z.coerce.number().int().min(1).max(10_000).default(1),
          limit: z.coerce.number().int().min(1).max(100).default(50),
          min_sequence: minSequence,
        }),
      },
    },
    async (request, reply) => {
      const { workspace } = userOf(request);
      const { page, limit, min_sequence } = request.query;
      if (!(await lists.directoryReady(reply, callerOfList(request), min_sequence))) return reply;
      const all = edge.directory.widgets(workspace).sort((a, b) => a.number - b.number);
      return {
        success: true,
        data: {
          widgets: all.slice((page - 1) * limit, page * limit).map(widgetShape),
          stats: await statsOf(edge, workspace, all),
          pagination: { page, limit, total: all.length },
        },
      };
    },
  );

  app.post(
    '/api/widgets',
    {
      onRequest: [signedIn, adminsOnly],
      schema: { body: fields.extend({ business_name: shape.businessName }) },
    },
    async (request, reply) => {
      const by = userOf(request);
      const { business_name, ...rest } = request.body;
      const config = { ...configOf(rest), businessName: business_name };
      const made = await edge.accounts.addWidget(by.workspace, config, by);
      if (isRefusal(made)) return refused(reply, made, widgetError);
      wrote(request, reply, lists, made);
      return reply.code(201).send({
        success: true,
        message: 'Widget created successfully',
        data: { widget: widgetShape(made.widget) },
      });
    },
  );

  app.get(
    '/api/widgets/:siteKey',
    { onRequest: signedIn, schema: { params: siteKey } },
    async (request, reply) => {
      const known = own(userOf(request).workspace, request.params.siteKey);
      if (!known) return reply.code(404).send(missing(request.params.siteKey));
      return { success: true, data: { widget: widgetShape(known) } };
    },
  );

  app.put(
    '/api/widgets/:siteKey',
    { onRequest: [signedIn, adminsOnly], schema: { params: siteKey, body: fields } },
    async (request, reply) => {
      const by = userOf(request);
      const known = own(by.workspace, request.params.siteKey);
      if (!known) return reply.code(404).send(missing(request.params.siteKey));
      const change = configOf(request.body);
      if (Object.keys(change).length > 0) {
        const changed = await edge.accounts.changeWidget(known, change, by);
        if (isRefusal(changed)) return refused(reply, changed, widgetError);
        wrote(request, reply, lists, changed);
      }
      const after = own(by.workspace, known.siteKey) ?? known;
      return {
        success: true,
        message: 'Widget updated successfully',
        data: { widget: widgetShape(after) },
      };
    },
  );

  app.delete(
    '/api/widgets/:siteKey',
    { onRequest: [signedIn, adminsOnly], schema: { params: siteKey } },
    async (request, reply) => {
      const by = userOf(request);
      const known = own(by.workspace, request.params.siteKey);
      if (!known) return reply.code(404).send(missing(request.params.siteKey));
      const removed = await edge.accounts.removeWidget(known, by);
      if (isRefusal(removed)) return refused(reply, removed, widgetError);
      wrote(request, reply, lists, removed);
      return { success: true, message: 'Widget deleted successfully' };
    },
  );

  app.get('/api/widgets/:siteKey/config', { schema: { params: siteKey } }, async (request, reply) => {
    const known = edge.directory.widget(request.params.siteKey);
    if (!known?.config.isActive) return reply.code(404).send(missing(request.params.siteKey));
    if (!mayEmbed(edge.settings, known, request.headers.origin, request.headers.host))
      return refused(reply, { refused: 'origin-not-allowed' }, widgetError);
    const { businessName, widgetTitle, welcomeMessage, primaryColor, secondaryColor } = known.config;
    const { position, enablePrechatForm, prechatFields } = known.config;
    reply.header('cache-control', 'no-cache');
    return {
      businessName,
      widgetTitle,
      welcomeMessage,
      primaryColor,
      secondaryColor,
      position,
      enablePrechatForm,
      prechatFields,
    };
  });
}

function widgetShape({ number, siteKey, config, createdAt }: KnownWidget) {
  return {
    id: number,
    site_key: siteKey,
    business_name: config.businessName,
    widget_title: config.widgetTitle,
    welcome_message: config.welcomeMessage,
    primary_color: config.primaryColor,
    secondary_color: config.secondaryColor,
    position: config.position,
    enable_prechat_form: config.enablePrechatForm,
    prechat_fields: config.prechatFields,
    created_at: createdAt,
    is_active: config.isActive,
    require_visitor_token: config.requireVisitorToken,
    allowed_origins: config.allowedOrigins,
    reopen_days: config.reopenDays,
  };
}

function configOf(body: Omit<z.infer<typeof fields>, 'business_name'> & { business_name?: string }) {
  return stated<Partial<WidgetConfig>>({
    businessName: body.business_name,
    widgetTitle: body.widget_title,
    welcomeMessage: body.welcome_message,
    primaryColor: body.primary_color,
    secondaryColor: body.secondary_color,
    position: body.position,
    enablePrechatForm: body.enable_prechat_form,
    prechatFields: body.prechat_fields,
    isActive: body.is_active,
    requireVisitorToken: body.require_visitor_token,
    allowedOrigins: body.allowed_origins,
    reopenDays: body.reopen_days,
  });
}

/** The figures of the workspace; those that come from read models are left out while these are away. */
async function statsOf(edge: Edge, workspace: string, widgets: readonly KnownWidget[]) {
  const active = widgets.filter((known) => known.config.isActive).length;
  const counts = {
    total_widgets: widgets.length,
    active_widgets: active,
    inactive_widgets: widgets.length - active,
  };
  try {
    const to = new Date(edge.now() + 60_000).toISOString();
    const figures = await edge.readModels.analytics.findChatAnalytics({ workspace, from: '2000-01-01', to });
    const { totalSessions, avgMessages, avgRating, responseTime } = figures;
    return {
      ...counts,
      total_chats: totalSessions,
      total_messages: Math.round((avgMessages ?? 0) * totalSessions),
      average_response_time: `${((responseTime.avg ?? 0) / 60_000).toFixed(1)} min`,
      customer_satisfaction: Math.round((avgRating ?? 0) * 10) / 10,
    };
  } catch (fault) {
    if (fault instanceof ReadModelsDown) return counts;
    throw fault;
  }
}
