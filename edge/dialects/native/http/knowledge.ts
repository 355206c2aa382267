// The workspace's knowledge: articles that visitors are answered from, written by its admins.
import { z } from 'zod';
import { isRefusal } from '../../../../domain/decider.ts';
import { stated } from '../../../../domain/stated.ts';
import { type Article, articleContent, articleTitle } from '../../../../domain/workspace/article.ts';
import { plainError, refused, wrote } from '../../../http/answers.ts';
import { adminsOnly, callerOfList, signedIn, userOf } from '../../../http/callers.ts';
import type { App, Http } from '../../../http/context.ts';
import { pageQuery, pagesOf, searchWords, unlessEmpty } from '../../../http/queries.ts';
import { sectionsOf } from '../../../knowledge/sections.ts';
import {
  CHANGE_ARTICLE,
  CREATE_ARTICLE,
  DELETE_ARTICLE,
  IMPORT_ARTICLES,
  LIST_ARTICLES,
  READ_ARTICLE,
} from './knowledge-descriptions.ts';

const params = z.object({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) });
/** Milliseconds that an import waits for the read models: they say which titles there are. */
const PATIENCE = 5_000;

export async function knowledgeRoutes(app: App, http: Http): Promise<void> {
  const { edge, lists } = http;
  const { articles, directory } = edge;

  app.get(
    '/api/knowledge',
    {
      onRequest: signedIn,
      schema: { querystring: z.object({ ...pageQuery(20), search: searchWords }), ...LIST_ARTICLES },
    },
    async (request, reply) => {
      const { workspace } = userOf(request);
      const { page, limit, min_sequence, search } = request.query;
      const key = callerOfList(request);
      if (!(await lists.ready(reply, key, min_sequence, ['knowledge']))) return reply;
      if (!(await lists.directoryReady(reply, key, min_sequence))) return reply;
      const found = await edge.readModels.knowledge.findArticles({ workspace, search, page, limit });
      // What was deleted is gone from here on, also while the read models lag.
      const there = found.rows.filter(({ number }) => directory.hasArticle(workspace, number));
      const { total } = found;
      return {
        success: true,
        data: {
          articles: there.map(({ number: id, title, excerpt, characters, createdAt, updatedAt }) => {
            return { id, title, excerpt, characters, created_at: createdAt, updated_at: updatedAt };
          }),
          total,
          page,
          pages: pagesOf(total, limit),
        },
      };
    },
  );

  app.post(
    '/api/knowledge',
    {
      onRequest: [signedIn, adminsOnly],
      schema: { body: z.object({ title: articleTitle, content: articleContent }), ...CREATE_ARTICLE },
    },
    async (request, reply) => {
      const made = await articles.create(request.body, userOf(request));
      if (isRefusal(made)) return refused(reply, made);
      wrote(request, reply, lists, made);
      return reply.code(201).send(shapeOf(made.article));
    },
  );

  app.get(
    '/api/knowledge/:id',
    { onRequest: signedIn, schema: { params, ...READ_ARTICLE } },
    async (request, reply) => {
      const found = await articles.find(userOf(request).workspace, request.params.id);
      return isRefusal(found) ? refused(reply, found) : shapeOf(found);
    },
  );

  app.patch(
    '/api/knowledge/:id',
    {
      onRequest: [signedIn, adminsOnly],
      schema: {
        params,
        body: z.object({ title: articleTitle.optional(), content: articleContent.optional() }),
        ...CHANGE_ARTICLE,
      },
    },
    async (request, reply) => {
      const changed = await articles.change(request.params.id, stated(request.body), userOf(request));
      if (isRefusal(changed)) return refused(reply, changed);
      wrote(request, reply, lists, changed);
      return shapeOf(changed.article);
    },
  );

  app.delete(
    '/api/knowledge/:id',
    { onRequest: [signedIn, adminsOnly], schema: { params, ...DELETE_ARTICLE } },
    async (request, reply) => {
      const removed = await articles.remove(request.params.id, userOf(request));
      if (isRefusal(removed)) return refused(reply, removed);
      wrote(request, reply, lists, removed);
      return { success: true, message: 'Article deleted successfully' };
    },
  );

  await app.register((scope: App) => importRoute(scope, http));
}

async function importRoute(app: App, { edge, lists }: Http): Promise<void> {
  for (const [type, format] of [
    ['text/markdown', 'markdown'],
    ['text/plain', 'text'],
  ] as const)
    app.addContentTypeParser(type, { parseAs: 'string' }, (_request, text, done) =>
      done(null, { text, format }),
    );

  app.post(
    '/api/knowledge/import',
    {
      onRequest: [signedIn, adminsOnly],
      schema: {
        querystring: z.object({ title: unlessEmpty(articleTitle) }),
        body: z.object({
          text: z.string().min(1).describe('The file.'),
          format: z.enum(['markdown', 'text']),
          title: articleTitle.optional().describe('Of what stands under no heading.'),
        }),
        ...IMPORT_ARTICLES,
      },
    },
    async (request, reply) => {
      const by = userOf(request);
      const sections = sectionsOf({ ...request.body, title: request.body.title ?? request.query.title });
      if ('misfit' in sections) return reply.code(400).send(plainError(400, sections.misfit));
      // Titles are looked up among all that was written so far, or one might be made twice.
      const { readModels, storage } = edge;
      const place = { stream: 'WORKSPACE', sequence: await storage.log.head('WORKSPACE') };
      if ((await readModels.freshness.waitFor(['knowledge'], place, PATIENCE)) !== 'fresh')
        return refused(reply, { refused: 'lists-away' });
      const titles = sections.map(({ title }) => title);
      const titled = await readModels.knowledge.findTitled({ workspace: by.workspace, titles });
      const imported = await edge.articles.import(sections, titled, by);
      if (isRefusal(imported)) return refused(reply, imported);
      wrote(request, reply, lists, imported);
      const count = (what: string) => imported.articles.filter(({ outcome }) => outcome === what).length;
      return {
        success: true,
        data: {
          created: count('created'),
          changed: count('changed'),
          unchanged: count('unchanged'),
          articles: imported.articles.map(({ number: id, title, outcome }) => ({ id, title, outcome })),
        },
      };
    },
  );
}

function shapeOf({ number: id, title, content, createdAt, updatedAt }: Article) {
  const article = { id, title, content, created_at: createdAt, updated_at: updatedAt };
  return { success: true, data: { article } };
}
