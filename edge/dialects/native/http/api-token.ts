// The workspace's API token: shown to its admins, and replaced by them.
import { z } from 'zod';
import { adminsOnly, signedIn, userOf } from '../../../http/callers.ts';
import type { App, Http } from '../../../http/context.ts';
import { described } from '../../../http/described.ts';

const answer = z.object({
  success: z.literal(true),
  data: z
    .object({
      token: z.string().nullable().meta({
        description: 'Null where there is none yet, or where the secret it was sealed with was changed.',
      }),
      since: z.iso.datetime().nullable(),
    })
    .meta({ id: 'ApiToken' }),
});

export function apiTokenRoutes(app: App, { edge }: Http): void {
  app.get(
    '/api/workspace/api-token',
    {
      onRequest: [signedIn, adminsOnly],
      schema: {
        ...described({
          dialect: 'native',
          summary: 'Show the API token',
          description: 'The token that programs call this workspace with (seed 000: Admin Panel, Settings).',
          access: 'admin',
          answers: { 200: answer },
          examples: [
            {
              status: 200,
              answer: {
                success: true,
                data: { token: 'MOJrnzS8pQyizRynxuuEJ98y8tPeJMg6', since: '2023-10-27T10:00:00.000Z' },
              },
            },
          ],
        }),
      },
    },
    async (request, reply) => {
      const shown = await edge.apiTokens.show(userOf(request).workspace);
      reply.header('cache-control', 'no-store');
      return { success: true, data: { token: shown?.token ?? null, since: shown?.since ?? null } };
    },
  );

  app.post(
    '/api/workspace/api-token',
    {
      onRequest: [signedIn, adminsOnly],
      schema: {
        ...described({
          dialect: 'native',
          summary: 'Replace the API token',
          description:
            'Makes a new one, or the first. The old one is worth nothing from then on, nor is any token that was given for it: at once at the process that answers, within 2 seconds at others.',
          access: 'admin',
          answers: { 201: answer },
          examples: [
            {
              status: 201,
              answer: {
                success: true,
                data: { token: 'MOJrnzS8pQyizRynxuuEJ98y8tPeJMg6', since: '2023-10-27T10:00:00.000Z' },
              },
            },
          ],
        }),
      },
    },
    async (request, reply) => {
      const made = await edge.apiTokens.rotate(userOf(request).workspace);
      reply.header('cache-control', 'no-store');
      return reply.code(201).send({ success: true, data: { token: made.token ?? null, since: made.since } });
    },
  );
}
