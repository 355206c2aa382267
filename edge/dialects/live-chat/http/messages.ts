// Messages of the live-chat document: read from a history, written from JSON or a form with files.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ConversationEvent } from '../../../../domain/conversation/events.ts';
import { LIMITS, text } from '../../../../domain/conversation/values.ts';
import { isRefusal, refuse } from '../../../../domain/decider.ts';
import { factOf, type RecordedEvent } from '../../../../domain/log/commit.ts';
import { refused, wrote } from '../../../http/answers.ts';
import type { Http } from '../../../http/context.ts';
import type { Principal } from '../../../identity/principals.ts';
import type { Links } from '../../../out/files.ts';
import { messageShape } from '../shapes.ts';

/** A message in JSON: text, ids of files uploaded before, or both. */
export const message = z.object({
  content: text.default(''),
  attachments: z.array(z.string().max(64)).max(LIMITS.attachmentsPerMessage).default([]),
});

/** All messages of a history, oldest first, with when the other side read them. */
export function messageShapes(
  events: readonly RecordedEvent[],
  conversation: string,
  links: Links,
): Record<string, unknown>[] {
  // Read backwards: what was read up to a version covers every message before it, at the earliest such moment.
  const reads = { visitor: [] as Read[], agent: [] as Read[] };
  for (const event of events) {
    const fact = factOf<ConversationEvent>(event);
    if (fact.type !== 'MessagesRead') continue;
    const { by, upTo } = fact.data;
    if (upTo > (reads[by].at(-1)?.upTo ?? 0)) reads[by].push({ upTo, at: fact.at });
  }
  const next = { visitor: 0, agent: 0 };
  return events.flatMap((event) => {
    const fact = factOf<ConversationEvent>(event);
    if (fact.type !== 'MessagePosted') return [];
    const reader = fact.data.author.kind === 'visitor' ? 'agent' : 'visitor';
    while ((reads[reader][next[reader]]?.upTo ?? Number.POSITIVE_INFINITY) < event.version) next[reader]++;
    return [messageShape(event, conversation, links, reads[reader][next[reader]]?.at)];
  });
}

interface Read {
  readonly upTo: number;
  readonly at: string;
}

/** Posts what the request holds as the principal, and answers with the message as stored. */
export async function postMessage(
  http: Http,
  request: FastifyRequest,
  reply: FastifyReply,
  principal: Principal,
  conversation: string,
  links: Links,
  said: string,
): Promise<FastifyReply> {
  const { edge, uploads, lists } = http;
  const post = (content: string, attachments: readonly string[]) =>
    edge.desk.ask(principal, conversation, {
      type: 'PostMessage',
      data: { text: content, attachments: [...attachments] },
    });
  const begun = performance.now();
  const posted = request.isMultipart()
    ? await uploads.withForm(request, async (form) => {
        const content = text.safeParse(form.fields.get('content') ?? '');
        if (!content.success) return refuse('message-too-long');
        const stored = await uploads.store(principal, conversation, form.files);
        if (isRefusal(stored)) return stored;
        return post(
          content.data,
          stored.attachments.map(({ id }) => id),
        );
      })
    : await (async () => {
        const read = message.safeParse(request.body ?? {});
        return read.success ? post(read.data.content, read.data.attachments) : refuse(wrongWith(read.error));
      })();
  if (isRefusal(posted)) return refused(reply, posted);
  http.metrics.appended((performance.now() - begun) / 1_000);
  wrote(request, reply, lists, posted);
  const event = posted.events.find(({ type }) => type === 'MessagePosted');
  if (!event) throw new Error('a message was posted but its event is not known');
  return reply
    .code(201)
    .send({ success: true, message: said, data: messageShape(event, conversation, links) });
}

function wrongWith(error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue?.path[0] === 'attachments') return 'attachments-wrong';
  return issue?.code === 'too_big' ? 'message-too-long' : 'message-wrong';
}
