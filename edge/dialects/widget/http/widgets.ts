// Widgets: making, changing, and what a page is told of one (seed 004).
import { z } from 'zod';
import { isRefusal } from '../../../../domain/decider.ts';
import { stated } from '../../../../domain/stated.ts';
import {
  type WidgetAi,
  type WidgetConfig,
  widgetConfig,
  widgetDefaults,
} from '../../../../domain/workspace/values.ts';
import { refused, widgetError, wrote } from '../../../http/answers.ts';
import { adminsOnly, signedIn, userOf } from '../../../http/callers.ts';
import type { App, Http } from '../../../http/context.ts';
import { pageQuery } from '../../../http/queries.ts';
import { mayEmbed } from '../../../identity/embedding.ts';
import { widgetShape } from '../shapes.ts';
import { figuresReady, statsOf } from './figures.ts';
import { missingWidget, ownWidget, siteKey } from './own-widget.ts';
import {
  CREATE_WIDGET,
  DELETE_WIDGET,
  LIST_WIDGETS,
  READ_WIDGET,
  UPDATE_WIDGET,
  WIDGET_CONFIG,
} from './widget-descriptions.ts';

const shape = widgetConfig.shape;
const ai = shape.ai.shape;
const rules = ai.handOver.shape;
/** What is left out of `ai` stays as it is, too. */
const aiFields = z.object({
  prompt: ai.prompt.optional(),
  tone: ai.tone.optional(),
  model: ai.model.optional(),
  temperature: ai.temperature.optional(),
  hand_over: z
    .object({
      keywords: rules.keywords.optional(),
      min_confidence: rules.minConfidence.optional(),
      max_failures: rules.maxFailures.optional(),
    })
    .optional(),
});
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
  skills: shape.skills.optional(),
  ai_enabled: shape.aiEnabled.optional(),
  ai: aiFields.optional(),
});

export function widgetRoutes(app: App, http: Http): void {
  const { edge, lists } = http;
  app.get(
    '/api/widgets',
    {
      onRequest: signedIn,
      schema: {
        querystring: z.object(pageQuery(50)),
        ...LIST_WIDGETS,
      },
    },
    async (request, reply) => {
      const { workspace } = userOf(request);
      const { page, limit, min_sequence } = request.query;
      if (!(await figuresReady(http, request, reply, min_sequence))) return reply;
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
      schema: { body: fields.extend({ business_name: shape.businessName }), ...CREATE_WIDGET },
    },
    async (request, reply) => {
      const by = userOf(request);
      const { business_name, ...rest } = request.body;
      const config = { ...configOf(rest, widgetDefaults.ai), businessName: business_name };
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
    { onRequest: signedIn, schema: { params: siteKey, ...READ_WIDGET } },
    async (request, reply) => {
      const known = ownWidget(edge, userOf(request).workspace, request.params.siteKey);
      if (!known) return missingWidget(reply, request.params.siteKey);
      return { success: true, data: { widget: widgetShape(known) } };
    },
  );

  app.put(
    '/api/widgets/:siteKey',
    { onRequest: [signedIn, adminsOnly], schema: { params: siteKey, body: fields, ...UPDATE_WIDGET } },
    async (request, reply) => {
      const by = userOf(request);
      const known = ownWidget(edge, by.workspace, request.params.siteKey);
      if (!known) return missingWidget(reply, request.params.siteKey);
      const change = configOf(request.body, known.config.ai);
      if (Object.keys(change).length > 0) {
        const changed = await edge.accounts.changeWidget(known, change, by);
        if (isRefusal(changed)) return refused(reply, changed, widgetError);
        wrote(request, reply, lists, changed);
      }
      const after = ownWidget(edge, by.workspace, known.siteKey) ?? known;
      return {
        success: true,
        message: 'Widget updated successfully',
        data: { widget: widgetShape(after) },
      };
    },
  );

  app.delete(
    '/api/widgets/:siteKey',
    { onRequest: [signedIn, adminsOnly], schema: { params: siteKey, ...DELETE_WIDGET } },
    async (request, reply) => {
      const by = userOf(request);
      const known = ownWidget(edge, by.workspace, request.params.siteKey);
      if (!known) return missingWidget(reply, request.params.siteKey);
      const removed = await edge.accounts.removeWidget(known, by);
      if (isRefusal(removed)) return refused(reply, removed, widgetError);
      wrote(request, reply, lists, removed);
      return { success: true, message: 'Widget deleted successfully' };
    },
  );

  app.get(
    '/api/widgets/:siteKey/config',
    { schema: { params: siteKey, ...WIDGET_CONFIG } },
    async (request, reply) => {
      const known = edge.directory.widget(request.params.siteKey);
      if (!known?.config.isActive) return missingWidget(reply, request.params.siteKey);
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
    },
  );
}

/** `before`: how its AI answered until now. */
function configOf(
  body: Omit<z.infer<typeof fields>, 'business_name'> & { business_name?: string },
  before: WidgetAi,
) {
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
    skills: body.skills,
    aiEnabled: body.ai_enabled,
    ai: body.ai && aiOf(body.ai, before),
  });
}

function aiOf({ hand_over, ...said }: z.infer<typeof aiFields>, before: WidgetAi): WidgetAi {
  const { keywords, min_confidence, max_failures } = hand_over ?? {};
  const handOver = stated({ keywords, minConfidence: min_confidence, maxFailures: max_failures });
  return { ...before, ...stated(said), handOver: { ...before.handOver, ...handOver } };
}
