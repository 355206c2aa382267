// Files going in (before the message that shows them) and coming out (by sealed links).
import { z } from 'zod';
import { isRefusal, refuse } from '../../../../domain/decider.ts';
import { conversationId } from '../../../../domain/ids.ts';
import { type WireAttachment, wireAttachment } from '../../../../domain/wire.ts';
import { refused, wrote } from '../../../http/answers.ts';
import { eitherOf } from '../../../http/callers.ts';
import type { App, Http } from '../../../http/context.ts';
import { described } from '../../../http/described.ts';
import { Downloads, inSlices } from '../../../http/downloads.ts';
import { FILE_POLICY } from '../../../http/security-headers.ts';

/** Images that a browser may show in place; everything else is only ever saved. */
const SHOWN = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);

export function attachmentRoutes(app: App, { edge, lists, uploads }: Http): void {
  const { desk, files, conversations, storage } = edge;
  const downloads = new Downloads();

  app.post(
    '/api/conversations/:id/attachments',
    {
      schema: {
        params: z.object({ id: conversationId }),
        ...described({
          dialect: 'native',
          summary: 'Upload files before the message that shows them',
          description: 'The ids it answers go into `attachments` of a `PostMessage`.',
          access: 'either',
          body: z.object({}),
          accepts: ['multipart/form-data'],
          answers: { 201: z.object({ attachments: z.array(wireAttachment) }) },
          refusals: [409],
        }),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const principal = await eitherOf(edge, request, id);
      if (isRefusal(principal)) return refused(reply, principal);
      const found = await desk.find(principal, id);
      if (isRefusal(found)) return refused(reply, found);
      const stored = await uploads.withForm(request, async (form) =>
        form.files.length === 0 ? refuse('no-file') : uploads.store(principal, id, form.files),
      );
      if (isRefusal(stored)) return refused(reply, stored);
      wrote(request, reply, lists, stored);
      const attachments = stored.attachments.map((attachment): WireAttachment => {
        const { id: file, name, type, size, width, height } = attachment;
        return { id: file, name, type, size, width, height, ...files.link(id, attachment) };
      });
      return reply.code(201).send({ attachments });
    },
  );

  app.get(
    '/files/:conversation/:attachment',
    {
      schema: {
        params: z.object({ conversation: z.string().max(64), attachment: z.string().max(64) }),
        querystring: z.object({
          e: z.string().max(20).default(''),
          s: z.string().max(64).default(''),
          preview: z.string().max(4).optional().describe('`1`: the small picture of an image.'),
        }),
        ...described({
          dialect: 'native',
          summary: 'A file, by the sealed link that came with its message',
          description: '`e` and `s` are the seal and when it ends: a link is taken as it is, never made.',
          access: 'public',
          media: 'application/octet-stream',
          answers: { 200: z.string().describe('The bytes, under their own media type.'), 304: z.undefined() },
        }),
      },
    },
    async (request, reply) => {
      const { conversation, attachment } = request.params;
      const { e, s, preview } = request.query;
      // The seal covers both ids, so nothing unchecked goes on.
      const expiry = /^\d{1,12}$/.test(e) ? Number(e) : 0;
      if (!files.mayOpen(conversation, attachment, expiry, s)) return reply.callNotFound();
      const workspace = await desk.locate(conversation);
      if (!workspace) return reply.callNotFound();
      const { state } = await conversations.load(storage.log.subjects.conversation(workspace, conversation));
      const sealed = Object.hasOwn(state.attachments, attachment) ? state.attachments[attachment] : undefined;
      if (!sealed) return reply.callNotFound();
      const small = preview === '1';
      const etag = `"${small ? 'p' : 'f'}-${sealed.sha256.slice(0, 32)}"`;
      reply.headers({
        etag,
        'cache-control': 'private, max-age=86400',
        'content-security-policy': FILE_POLICY,
      });
      if (request.headers['if-none-match'] === etag) return reply.code(304).send();
      const bytes = await downloads.read(`${conversation}/${attachment}/${small}`, () =>
        files.open(workspace, conversation, sealed, small),
      );
      if (!bytes) return reply.callNotFound();
      if ('refused' in bytes) return refused(reply.removeHeader('etag').removeHeader('cache-control'), bytes);
      const type = small ? 'image/webp' : sealed.type;
      const name = small ? `${sealed.name}.webp` : sealed.name;
      reply.headers({
        'content-type': type === 'text/plain' ? 'text/plain; charset=utf-8' : type,
        'content-disposition': `${SHOWN.has(type) ? 'inline' : 'attachment'}; ${nameParameters(name)}`,
      });
      reply.header('content-length', String(bytes.length));
      return reply.send(inSlices(bytes));
    },
  );
}

/** A file's name for a header: plain for old clients, RFC 5987 for all others. */
function nameParameters(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `filename="${plain}"; filename*=UTF-8''${encoded}`;
}
