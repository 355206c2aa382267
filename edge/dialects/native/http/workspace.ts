// The settings of a workspace.
import { z } from 'zod';
import { isRefusal } from '../../../../domain/decider.ts';
import { stated } from '../../../../domain/stated.ts';
import { type WorkspaceSettings, workspaceSettings } from '../../../../domain/workspace/values.ts';
import { refused, wrote } from '../../../http/answers.ts';
import { adminsOnly, signedIn, userOf } from '../../../http/callers.ts';
import type { App, Http } from '../../../http/context.ts';
import { described } from '../../../http/described.ts';
import { hoursAsked, hoursChanged, hoursShape, hoursShown } from './hours-settings.ts';
import { timersAsked, timersChanged, timersShape, timersShown } from './timer-settings.ts';

const shape = workspaceSettings.shape;

const answer = z.object({
  success: z.literal(true),
  data: z.object({
    settings: z
      .object({
        name: shape.name,
        routing: shape.routing.describe(
          '`auto`: conversations go to whoever is free. `manual`: agents take them.',
        ),
        sticky_agent: shape.stickyAgent.describe(
          'Whether a visitor who comes back goes to the agent they had last, if that agent has room.',
        ),
        max_chats: shape.maxChats.describe(
          'Conversations an agent has at once: nobody is given more, but by an admin.',
        ),
        departments: shape.departments,
        agents_may_join: shape.agentsMayJoin.describe('Whether agents may write in what another one has.'),
        ai_daily_tokens: shape.aiDailyTokens.describe(
          'Tokens that the AI may use on one day (UTC), give or take the answers under way; null: no limit.',
        ),
        ...timersShown,
        ...hoursShown,
      })
      .meta({ id: 'WorkspaceSettings' }),
  }),
});
const shownWith = (rules: object) => ({
  success: true,
  data: {
    settings: {
      name: 'My Company',
      routing: 'manual',
      sticky_agent: false,
      max_chats: 2,
      departments: ['general', 'sales', 'support', 'billing', 'technical'],
      agents_may_join: true,
      ai_daily_tokens: null,
      ...rules,
    },
  },
});
const HOURS = {
  hours: {
    sales: {
      time_zone: 'Europe/Berlin',
      weekly: {
        mon: [{ from: '09:00', to: '17:30' }],
        fri: [
          { from: '09:00', to: '12:00' },
          { from: '13:00', to: '16:00' },
        ],
      },
      overflow: 'support',
      overflow_after_seconds: 120,
    },
  },
  away_after_minutes: 10,
};
const TIMERS = {
  idle: { warn_after_minutes: 10, close_after_minutes: 15 },
  targets: { urgent: { first_response_minutes: 5, resolution_minutes: 240 } },
};
const NO_RULES = {
  idle: { warn_after_minutes: null, close_after_minutes: null },
  targets: {},
  hours: {},
  away_after_minutes: null,
};
const READ = described({
  dialect: 'native',
  summary: 'The settings of the workspace',
  access: 'user',
  answers: { 200: answer },
  examples: [{ status: 200, answer: shownWith(NO_RULES) }],
});
const CHANGE = described({
  dialect: 'native',
  summary: 'Change settings of the workspace',
  description:
    'What is left out stays as it is, also within `idle` and `targets`; `hours` is replaced as a whole; null switches a timer off.',
  access: 'admin',
  answers: { 200: answer },
  examples: [
    { body: { max_chats: 2, ...TIMERS, ...HOURS }, status: 200, answer: shownWith({ ...TIMERS, ...HOURS }) },
  ],
});

export function workspaceRoutes(app: App, { edge, lists }: Http): void {
  app.get('/api/workspace/settings', { onRequest: signedIn, schema: READ }, async (request, reply) => {
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
          sticky_agent: shape.stickyAgent.optional(),
          max_chats: shape.maxChats.optional(),
          departments: shape.departments.optional(),
          agents_may_join: shape.agentsMayJoin.optional(),
          ai_daily_tokens: shape.aiDailyTokens.optional(),
          ...timersAsked,
          ...hoursAsked,
        }),
        ...CHANGE,
      },
    },
    async (request, reply) => {
      const by = userOf(request);
      const { name, routing, sticky_agent, max_chats, departments, agents_may_join, ai_daily_tokens } =
        request.body;
      const before = edge.directory.workspace(by.workspace);
      const change = stated<Partial<WorkspaceSettings>>({
        name,
        routing,
        stickyAgent: sticky_agent,
        maxChats: max_chats,
        departments,
        agentsMayJoin: agents_may_join,
        aiDailyTokens: ai_daily_tokens,
        ...(before ? timersChanged(request.body, before.settings) : {}),
        ...hoursChanged(request.body),
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
  const { name, routing, stickyAgent, maxChats, departments, agentsMayJoin, aiDailyTokens } = settings;
  return {
    name,
    routing,
    sticky_agent: stickyAgent,
    max_chats: maxChats,
    departments,
    agents_may_join: agentsMayJoin,
    ai_daily_tokens: aiDailyTokens,
    ...timersShape(settings),
    ...hoursShape(settings),
  };
}
