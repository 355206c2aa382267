// A workspace's webhook (seed 000, "Receiving Messages"): its address, its switch, and what became of the last message.
import { z } from 'zod';
import { isRefusal } from '../../../../domain/decider.ts';
import { webhookUrl } from '../../../../domain/workspace/webhook.ts';
import { refused, wrote } from '../../../http/answers.ts';
import { adminsOnly, signedIn, userOf } from '../../../http/callers.ts';
import type { App, Http } from '../../../http/context.ts';
import { described } from '../../../http/described.ts';
import type { ShownWebhook } from '../../../out/webhooks/webhooks.ts';

const webhook = z
  .object({
    url: z.string(),
    enabled: z.boolean(),
    gone: z.boolean().describe('Switched off because its address answered 410'),
    pending: z
      .number()
      .int()
      .describe('Messages that failed so far and are tried again; 500 at most are counted'),
    delivered: z.number().int(),
    given_up: z.number().int().describe('Messages that failed for 24 hours'),
    last: z
      .object({
        at: z.string().describe('ISO 8601'),
        ok: z.boolean(),
        status: z.number().int().nullable().describe('What the address answered; null where it did not'),
        problem: z.string().nullable().describe('What was wrong, in a sentence'),
      })
      .nullable()
      .describe('What came of the last try; null where there was none'),
  })
  .meta({ id: 'Webhook' });
const answer = z.object({ success: z.literal(true), data: z.object({ webhook }) });

const example = {
  url: 'https://yoursite.com/api/chat-webhook.php',
  enabled: true,
  gone: false,
  pending: 0,
  delivered: 0,
  given_up: 0,
  last: null,
};

export function webhookRoutes(app: App, { edge, lists }: Http): void {
  const { webhooks } = edge;

  app.get(
    '/api/workspace/webhook',
    {
      onRequest: [signedIn, adminsOnly],
      schema: described({
        dialect: 'native',
        summary: 'The webhook of the workspace and what became of its last message',
        access: 'admin',
        answers: { 200: answer },
        examples: [
          {
            status: 200,
            answer: { success: true, data: { webhook: { ...example, url: '', enabled: false } } },
          },
        ],
      }),
    },
    async (request) => shapeOf(await webhooks.show(userOf(request).workspace)),
  );

  app.put(
    '/api/workspace/webhook',
    {
      onRequest: [signedIn, adminsOnly],
      schema: {
        body: z.object({ url: webhookUrl, enabled: z.boolean() }),
        ...described({
          dialect: 'native',
          summary: 'Sets the address of the webhook and switches it on or off',
          description:
            'Every message that a visitor writes from then on is posted to the address as JSON, as the token ' +
            'document has it (`session_data`, `message_text`), with the same `webhook-id` however often it is ' +
            'tried: for 24 hours, in order per session. Any status from 200 to 299 is taken for "received"; ' +
            '410 switches the webhook off. Redirects are not followed.',
          access: 'admin',
          answers: { 200: answer },
          examples: [
            {
              body: { url: example.url, enabled: true },
              status: 200,
              answer: { success: true, data: { webhook: example } },
            },
          ],
        }),
      },
    },
    async (request, reply) => {
      const by = userOf(request);
      const set = await webhooks.set(request.body, by);
      if (isRefusal(set)) return refused(reply, set);
      wrote(request, reply, lists, set);
      return shapeOf(await webhooks.show(by.workspace));
    },
  );

  app.post(
    '/api/workspace/webhook/test',
    {
      onRequest: [signedIn, adminsOnly],
      schema: described({
        dialect: 'native',
        summary: 'Posts one message to the address of the webhook now and says what came back',
        refusals: [400],
        access: 'admin',
        answers: {
          200: z.object({
            success: z.literal(true),
            data: z.object({
              test: z.object({
                ok: z.boolean(),
                status: z.number().int().nullable(),
                problem: z.string().nullable(),
                took: z.number().int().describe('Milliseconds'),
              }),
            }),
          }),
        },
      }),
    },
    async (request, reply) => {
      const tried = await webhooks.test(userOf(request));
      if (isRefusal(tried)) return refused(reply, tried);
      const { ok, status = null, problem = null, took } = tried;
      return { success: true, data: { test: { ok, status, problem, took } } };
    },
  );
}

function shapeOf({
  url,
  enabled,
  gone,
  pending,
  delivered,
  givenUp,
  last,
}: ShownWebhook): z.infer<typeof answer> {
  const { status = null, problem = null } = last ?? {};
  const shown = last ? { at: last.at, ok: last.ok, status, problem } : null;
  return {
    success: true,
    data: { webhook: { url, enabled, gone, pending, delivered, given_up: givenUp, last: shown } },
  };
}
