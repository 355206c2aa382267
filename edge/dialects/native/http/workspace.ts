// The settings of a workspace.
import { z } from 'zod';
import { department } from '../../../../domain/conversation/values.ts';
import { isRefusal } from '../../../../domain/decider.ts';
import { isTimeZone } from '../../../../domain/policies/hours.ts';
import { stated } from '../../../../domain/stated.ts';
import { departmentHours, type Hours } from '../../../../domain/workspace/opening-hours.ts';
import { type WorkspaceSettings, workspaceSettings } from '../../../../domain/workspace/values.ts';
import { refused, wrote } from '../../../http/answers.ts';
import { adminsOnly, signedIn, userOf } from '../../../http/callers.ts';
import type { App, Http } from '../../../http/context.ts';
import { described } from '../../../http/described.ts';

const shape = workspaceSettings.shape;
const rule = departmentHours.shape;

const hoursShape = z
  .record(
    department,
    z
      .strictObject({
        time_zone: rule.timeZone
          .refine(isTimeZone, 'must be a time zone such as Europe/Berlin')
          .describe('An IANA name.'),
        weekly: rule.weekly.describe('By the clocks of that time zone. A day that is left out is closed.'),
        overflow: rule.overflow
          .default(null)
          .describe('The department whose agents take its conversations while it is closed; null: none.'),
        overflow_after_seconds: rule.overflowAfterSeconds
          .default(null)
          .describe(
            'How long a visitor may wait, while it is open, until the overflow’s agents may take them as well; null: for ever.',
          ),
      })
      .meta({ id: 'DepartmentHours' }),
  )
  .superRefine((all, context) => {
    for (const [name, { overflow }] of Object.entries(all))
      if (overflow === name)
        context.addIssue({
          code: 'custom',
          path: [name, 'overflow'],
          message: 'must be another department',
        });
  })
  .describe('By department. One that is not named is always open.');

const awayShape = shape.awayAfterMinutes.describe(
  'Minutes without a sign of activity after which an agent gets no new conversations; null: they always do.',
);

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
        hours: hoursShape,
        away_after_minutes: awayShape,
      })
      .meta({ id: 'WorkspaceSettings' }),
  }),
});
const shown = {
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
    },
  },
};
const READ = described({
  dialect: 'native',
  summary: 'The settings of the workspace',
  access: 'user',
  answers: { 200: answer },
  examples: [{ status: 200, answer: shown }],
});
const CHANGE = described({
  dialect: 'native',
  summary: 'Change settings of the workspace',
  description: 'What is left out stays as it is; `hours` is replaced as a whole.',
  access: 'admin',
  answers: { 200: answer },
  examples: [
    { body: { max_chats: 2 }, status: 200, answer: shown },
    { body: { hours: shown.data.settings.hours, away_after_minutes: 10 }, status: 200, answer: shown },
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
          hours: hoursShape.optional(),
          away_after_minutes: awayShape.optional(),
        }),
        ...CHANGE,
      },
    },
    async (request, reply) => {
      const by = userOf(request);
      const { name, routing, sticky_agent, max_chats, departments, agents_may_join, ai_daily_tokens } =
        request.body;
      const { hours, away_after_minutes } = request.body;
      const change = stated<Partial<WorkspaceSettings>>({
        name,
        routing,
        stickyAgent: sticky_agent,
        maxChats: max_chats,
        departments,
        agentsMayJoin: agents_may_join,
        aiDailyTokens: ai_daily_tokens,
        hours: hours && hoursOf(hours),
        awayAfterMinutes: away_after_minutes,
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
  const { hours, awayAfterMinutes } = settings;
  return {
    name,
    routing,
    sticky_agent: stickyAgent,
    max_chats: maxChats,
    departments,
    agents_may_join: agentsMayJoin,
    ai_daily_tokens: aiDailyTokens,
    hours: Object.fromEntries(
      Object.entries(hours).map(([name, { timeZone, weekly, overflow, overflowAfterSeconds }]) => [
        name,
        { time_zone: timeZone, weekly, overflow, overflow_after_seconds: overflowAfterSeconds },
      ]),
    ),
    away_after_minutes: awayAfterMinutes,
  };
}

function hoursOf(said: z.infer<typeof hoursShape>): Hours {
  return Object.fromEntries(
    Object.entries(said).map(([name, { time_zone, weekly, overflow, overflow_after_seconds }]) => [
      name,
      { timeZone: time_zone, weekly, overflow, overflowAfterSeconds: overflow_after_seconds },
    ]),
  );
}
