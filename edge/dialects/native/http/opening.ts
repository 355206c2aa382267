// What a page may tell a visitor before they write: whether anybody answers now, and else from when on.
import { z } from 'zod';
import { availabilityOf } from '../../../../domain/policies/hours.ts';
import { refused } from '../../../http/answers.ts';
import type { App, Http } from '../../../http/context.ts';
import { described } from '../../../http/described.ts';
import { mayEmbed } from '../../../identity/embedding.ts';

const params = z.object({ siteKey: z.string().max(100) });
const SITE_KEY = { siteKey: 'widget-abc234def567' };

export function openingRoutes(app: App, { edge }: Http): void {
  app.get(
    '/api/widgets/:siteKey/availability',
    {
      schema: {
        params,
        ...described({
          dialect: 'native',
          summary: 'Whether a widget’s visitors are answered now',
          description:
            'Of the department in which its conversations begin; its overflow counts as open. Which hours departments have is among the settings of the workspace.',
          access: 'public',
          answers: {
            200: z
              .object({
                open: z.boolean(),
                opensAt: z
                  .string()
                  .nullable()
                  .describe('ISO 8601, UTC. Null: it is open, or not known to open.'),
                ai: z.boolean().describe('Conversations begin with the AI, which answers at any hour.'),
              })
              .meta({ id: 'WidgetAvailability' }),
          },
          refusals: [403, 404],
          examples: [
            { params: SITE_KEY, status: 200, answer: { open: true, opensAt: null, ai: false } },
            {
              name: 'A site key that nobody has',
              params: { siteKey: 'widget-unknown' },
              status: 404,
              answer: { success: false, message: 'Widget not found' },
            },
          ],
        }),
      },
    },
    async (request, reply) => {
      const widget = edge.directory.widget(request.params.siteKey);
      const settings = widget && edge.directory.workspace(widget.workspace)?.settings;
      if (!widget?.config.isActive || !settings) return refused(reply, { refused: 'widget-not-found' });
      if (!mayEmbed(edge.settings, widget, request.headers.origin, request.headers.host))
        return refused(reply, { refused: 'origin-not-allowed' });
      const { open, opensAt } = availabilityOf(
        settings.departments[0] ?? 'general',
        settings.hours,
        edge.now(),
      );
      reply.header('cache-control', 'no-cache');
      return {
        open,
        opensAt: opensAt === undefined ? null : new Date(opensAt).toISOString(),
        ai: edge.desk.beginsWithAi(widget),
      };
    },
  );
}
