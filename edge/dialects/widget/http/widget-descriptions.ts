// What the routes of widgets say of themselves (seed 004).
import { z } from 'zod';
import { widgetConfig } from '../../../../domain/workspace/values.ts';
import { described } from '../../../http/described.ts';
import { widgetAnswer } from '../shapes.ts';

const success = z.literal(true);
const config = widgetConfig.shape;

/** The document's widget, with the fields that ours has beyond it. */
const WIDGET = {
  id: 1,
  site_key: 'widget-abc123',
  business_name: 'Acme Corp',
  widget_title: 'Support Chat',
  welcome_message: 'Hello! How can we help?',
  primary_color: '#007bff',
  secondary_color: '#6c757d',
  position: 'bottom-right',
  enable_prechat_form: false,
  prechat_fields: [],
  created_at: '2024-01-15T10:30:00Z',
  is_active: true,
  require_visitor_token: false,
  allowed_origins: [],
  reopen_days: 7,
  skills: [],
  ai_enabled: null,
  ai: {
    prompt: '',
    tone: '',
    model: null,
    temperature: 0.3,
    hand_over: { keywords: [], min_confidence: 0.35, max_failures: 2 },
  },
};

const widgetStats = z
  .object({
    total_widgets: z.number().int(),
    active_widgets: z.number().int(),
    inactive_widgets: z.number().int(),
    total_chats: z.number().int().optional(),
    total_messages: z.number().int().optional(),
    average_response_time: z.string().optional(),
    customer_satisfaction: z.number().optional(),
  })
  .meta({
    id: 'WidgetStats',
    description:
      'Figures of the workspace since its beginning. `average_response_time`: from a chat’s start to the first answer of a person, as `2.5 min`, `n/a` where nobody has answered yet. `customer_satisfaction`: mean of the ratings that stand, 1 to 5; 0 where nobody has rated. The last four are left out while the read models are away.',
  });

export const LIST_WIDGETS = described({
  dialect: 'widget',
  summary: 'List All Widgets',
  description: 'Oldest first; 50 a page unless `limit` says otherwise, 100 at most.',
  access: 'user',
  answers: {
    200: z.object({
      success,
      data: z.object({
        widgets: z.array(widgetAnswer),
        stats: widgetStats,
        pagination: z.object({ page: z.number(), limit: z.number(), total: z.number() }),
      }),
    }),
  },
  examples: [
    {
      query: { page: 1, limit: 50 },
      status: 200,
      answer: {
        success: true,
        data: {
          widgets: [WIDGET],
          stats: {
            total_widgets: 1,
            active_widgets: 1,
            inactive_widgets: 0,
            total_chats: 15,
            total_messages: 245,
            average_response_time: '2.5 min',
            customer_satisfaction: 4.2,
          },
          pagination: { page: 1, limit: 50, total: 1 },
        },
      },
    },
  ],
});

const NEW_BUSINESS = {
  business_name: 'New Business',
  widget_title: 'Chat Support',
  welcome_message: 'Welcome! How can we assist you?',
  primary_color: '#ff6b6b',
  secondary_color: '#4ecdc4',
  position: 'bottom-left',
  enable_prechat_form: true,
  prechat_fields: [
    { name: 'name', label: 'Your Name', type: 'text', required: true },
    { name: 'email', label: 'Email Address', type: 'email', required: true },
  ],
};

export const CREATE_WIDGET = described({
  dialect: 'widget',
  summary: 'Create New Widget',
  description:
    'What is left out has the document’s defaults: `Chat with us`, `Hello! How can we help you today?`, `#007bff`, `#6c757d`, `bottom-right`, no form.',
  access: 'admin',
  answers: { 201: z.object({ success, message: z.string(), data: z.object({ widget: widgetAnswer }) }) },
  examples: [
    {
      body: NEW_BUSINESS,
      status: 201,
      answer: {
        success: true,
        message: 'Widget created successfully',
        data: { widget: { ...WIDGET, ...NEW_BUSINESS, id: 2, site_key: 'widget-def456' } },
      },
    },
    {
      name: 'Create Widget (cURL)',
      body: { business_name: 'Test Business', widget_title: 'Test Chat', primary_color: '#ff0000' },
      status: 201,
    },
  ],
});

const one = { 200: z.object({ success, data: z.object({ widget: widgetAnswer }) }) };
const params = { siteKey: 'widget-abc123' };
const NOT_FOUND = {
  name: 'Not Found',
  params: { siteKey: 'invalid-key' },
  status: 404,
  answer: { success: false, message: 'Widget not found for site key: invalid-key' },
};

export const READ_WIDGET = described({
  dialect: 'widget',
  summary: 'Get Single Widget',
  access: 'user',
  answers: one,
  examples: [{ params, status: 200, answer: { success: true, data: { widget: WIDGET } } }, NOT_FOUND],
});

export const UPDATE_WIDGET = described({
  dialect: 'widget',
  summary: 'Update Widget',
  description: 'Partial updates allowed: what is left out stays.',
  access: 'admin',
  answers: { 200: z.object({ success, message: z.string(), data: z.object({ widget: widgetAnswer }) }) },
  examples: [
    {
      params,
      body: { widget_title: 'Updated Chat Title', primary_color: '#00ff00', is_active: false },
      status: 200,
      answer: {
        success: true,
        message: 'Widget updated successfully',
        data: {
          widget: {
            ...WIDGET,
            widget_title: 'Updated Chat Title',
            primary_color: '#00ff00',
            is_active: false,
          },
        },
      },
    },
  ],
});

export const DELETE_WIDGET = described({
  dialect: 'widget',
  summary: 'Delete Widget',
  description: 'Its chats stay. The last widget of a workspace cannot be deleted (409).',
  access: 'admin',
  answers: { 200: z.object({ success, message: z.string() }) },
  refusals: [409],
  examples: [{ params, status: 200, answer: { success: true, message: 'Widget deleted successfully' } }],
});

export const WIDGET_CONFIG = described({
  dialect: 'widget',
  summary: 'Get Widget Configuration (Public)',
  description: 'Used by the widget on customer websites. A widget that is switched off is not found.',
  access: 'public',
  answers: {
    200: z
      .object({
        businessName: config.businessName,
        widgetTitle: config.widgetTitle,
        welcomeMessage: config.welcomeMessage,
        primaryColor: config.primaryColor,
        secondaryColor: config.secondaryColor,
        position: config.position,
        enablePrechatForm: config.enablePrechatForm,
        prechatFields: config.prechatFields,
      })
      .meta({ id: 'WidgetConfig', description: 'What a page is told of its widget (seed 004).' }),
  },
  refusals: [403, 404],
  examples: [
    {
      params,
      status: 200,
      answer: {
        businessName: 'Acme Corp',
        widgetTitle: 'Support Chat',
        welcomeMessage: 'Hello! How can we help?',
        primaryColor: '#007bff',
        secondaryColor: '#6c757d',
        position: 'bottom-right',
        enablePrechatForm: false,
        prechatFields: [],
      },
    },
    NOT_FOUND,
  ],
});

export const WIDGET_STATS = described({
  dialect: 'widget',
  summary: 'Get Widget Statistics',
  access: 'user',
  answers: { 200: z.object({ success, data: z.object({ stats: widgetStats }) }) },
  examples: [
    {
      status: 200,
      answer: {
        success: true,
        data: {
          stats: {
            total_widgets: 5,
            active_widgets: 3,
            inactive_widgets: 2,
            total_chats: 150,
            total_messages: 2450,
            average_response_time: '2.3 min',
            customer_satisfaction: 4.5,
          },
        },
      },
    },
  ],
});

export const QUEUE_STATS = described({
  dialect: 'widget',
  summary: 'Get Queue Stats',
  description:
    '`waitingSessions`: chats of this widget that wait for an agent. `availableAgents`: of the workspace, online and with fewer open chats than they take. `averageWaitTime`: mean of this widget’s waits that ended with an agent within the last 24 hours, as `3.5 minutes`; `n/a` where none did.',
  access: 'user',
  answers: {
    200: z.object({
      success,
      data: z.object({
        stats: z
          .object({
            waitingSessions: z.number().int(),
            availableAgents: z.number().int(),
            averageWaitTime: z.string(),
          })
          .meta({ id: 'WidgetQueueStats' }),
      }),
    }),
  },
  examples: [
    {
      params,
      status: 200,
      answer: {
        success: true,
        data: { stats: { waitingSessions: 5, availableAgents: 2, averageWaitTime: '3.5 minutes' } },
      },
    },
  ],
});
