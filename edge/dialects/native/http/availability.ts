// Whether a signed-in agent takes new conversations: a switch of theirs, beside being connected.
import { z } from 'zod';
import { isRefusal } from '../../../../domain/decider.ts';
import { refused, wrote } from '../../../http/answers.ts';
import { signedIn, userOf } from '../../../http/callers.ts';
import type { App, Http } from '../../../http/context.ts';
import { described } from '../../../http/described.ts';

const answer = z.object({
  success: z.literal(true),
  data: z
    .object({
      online: z.boolean().describe('A socket of theirs is open, at whichever edge.'),
      accepting: z
        .boolean()
        .describe('Who does not accept is given no conversation, and keeps those they have.'),
    })
    .meta({ id: 'Availability' }),
});

export function availabilityRoutes(app: App, { edge, lists }: Http): void {
  const { directory, online, accounts } = edge;

  app.get(
    '/api/availability',
    {
      onRequest: signedIn,
      schema: {
        ...described({
          dialect: 'native',
          summary: 'Whether one is online and takes new conversations',
          access: 'user',
          answers: { 200: answer },
          examples: [{ status: 200, answer: { success: true, data: { online: false, accepting: true } } }],
        }),
      },
    },
    async (request) => {
      const { workspace, user } = userOf(request);
      const { accepting } = directory.user(workspace, user.number) ?? user;
      return { success: true, data: { online: online.agents(workspace).has(user.number), accepting } };
    },
  );

  app.put(
    '/api/availability',
    {
      onRequest: signedIn,
      schema: {
        body: z.object({ accepting: z.boolean('must be true or false') }),
        ...described({
          dialect: 'native',
          summary: 'Take new conversations, or no more',
          description: 'Holds for the person, in every tab and on every device, until it is changed again.',
          access: 'user',
          answers: { 200: answer },
          examples: [
            {
              body: { accepting: false },
              status: 200,
              answer: { success: true, data: { online: false, accepting: false } },
            },
          ],
        }),
      },
    },
    async (request, reply) => {
      const by = userOf(request);
      const { accepting } = request.body;
      const written = await accounts.setAvailability(by.user, accepting, by);
      if (isRefusal(written)) return refused(reply, written);
      wrote(request, reply, lists, written);
      const here = online.agents(by.workspace).has(by.user.number);
      return { success: true, data: { online: here, accepting } };
    },
  );
}
