// What the documents say of the knowledge routes.
import { z } from 'zod';
import { described } from '../../../http/described.ts';

const whole = z.number().int();
const id = whole.describe('The id of the article.');
const times = { created_at: z.iso.datetime(), updated_at: z.iso.datetime() };

const article = z
  .object({
    id,
    title: z.string(),
    content: z.string().describe('Text as it was written, never HTML to be run.'),
    ...times,
  })
  .meta({ id: 'Article' });
const listed = z
  .object({
    id,
    title: z.string(),
    excerpt: z.string().describe('The first 200 characters.'),
    characters: whole.describe('How long the content is.'),
    ...times,
  })
  .meta({ id: 'ListedArticle' });
const imported = z
  .object({ id, title: z.string(), outcome: z.enum(['created', 'changed', 'unchanged']) })
  .meta({ id: 'ImportedArticle' });
const success = z.literal(true);
const one = z.object({ success, data: z.object({ article }) });

const shown = {
  id: 2_818_304,
  title: 'Returns',
  content: 'You may send an order back within 30 days.',
  created_at: '2026-11-01T10:00:00.000Z',
  updated_at: '2026-11-01T10:00:00.000Z',
};
const { content, ...head } = shown;

export const LIST_ARTICLES = described({
  dialect: 'native',
  summary: 'The articles of the knowledge base',
  description:
    'Those changed last first. `search` finds the articles that have all its words, which may be only begun. A workspace has at most 5,000 articles.',
  access: 'user',
  answers: {
    200: z.object({
      success,
      data: z.object({ articles: z.array(listed), total: whole, page: whole, pages: whole }),
    }),
  },
  examples: [
    {
      query: { search: 'returns', limit: 20 },
      status: 200,
      answer: {
        success: true,
        data: {
          articles: [{ ...head, excerpt: content, characters: content.length }],
          total: 1,
          page: 1,
          pages: 1,
        },
      },
    },
  ],
});

export const CREATE_ARTICLE = described({
  dialect: 'native',
  summary: 'Add an article to the knowledge base',
  description:
    'The AI answers visitors from it and names it as its source. Line breaks become `\\n`; control characters are taken out.',
  access: 'admin',
  answers: { 201: one },
  refusals: [409],
  examples: [
    {
      body: { title: shown.title, content },
      status: 201,
      answer: { success: true, data: { article: shown } },
    },
  ],
});

export const READ_ARTICLE = described({
  dialect: 'native',
  summary: 'An article of the knowledge base',
  access: 'user',
  answers: { 200: one },
  examples: [
    { params: { id: shown.id }, status: 200, answer: { success: true, data: { article: shown } } },
    {
      name: 'No such article',
      params: { id: 65_792 },
      status: 404,
      answer: { success: false, message: 'Article not found' },
    },
  ],
});

export const CHANGE_ARTICLE = described({
  dialect: 'native',
  summary: 'Change an article of the knowledge base',
  description: 'What is left out stays as it is.',
  access: 'admin',
  answers: { 200: one },
  examples: [
    {
      params: { id: shown.id },
      body: { content: 'You may send an order back within 60 days.' },
      status: 200,
      answer: {
        success: true,
        data: {
          article: {
            ...shown,
            content: 'You may send an order back within 60 days.',
            updated_at: '2026-11-02T10:00:00.000Z',
          },
        },
      },
    },
  ],
});

export const DELETE_ARTICLE = described({
  dialect: 'native',
  summary: 'Delete an article of the knowledge base',
  description: 'Nothing is answered from it any more.',
  access: 'admin',
  answers: { 200: z.object({ success, message: z.string() }) },
  examples: [
    {
      params: { id: shown.id },
      status: 200,
      answer: { success: true, message: 'Article deleted successfully' },
    },
  ],
});

export const IMPORT_ARTICLES = described({
  dialect: 'native',
  summary: 'Import Markdown or plain text into the knowledge base',
  description:
    'Markdown becomes an article for each heading of the first two levels (`#`, `##`), and one called `title` of what stands before the first; ' +
    'plain text becomes one article called `title`. An article that has such a title already is changed, so that the same file imported twice changes nothing. ' +
    'Sections with the same heading become one article; a heading with nothing under it becomes none. Where something does not fit, nothing is imported. ' +
    'As `text/markdown` or `text/plain` the body is the file itself; `title` may then stand in the query. Up to 256 KB and 500 articles at once.',
  access: 'admin',
  accepts: ['application/json', 'text/markdown', 'text/plain'],
  answers: {
    200: z.object({
      success,
      data: z.object({ created: whole, changed: whole, unchanged: whole, articles: z.array(imported) }),
    }),
  },
  refusals: [409],
  examples: [
    {
      body: { text: '# Returns\n\nWithin 30 days.\n\n# Shipping\n\nTwo days.', format: 'markdown' },
      status: 200,
      answer: {
        success: true,
        data: {
          created: 1,
          changed: 1,
          unchanged: 0,
          articles: [
            { id: shown.id, title: 'Returns', outcome: 'changed' },
            { id: 2_949_376, title: 'Shipping', outcome: 'created' },
          ],
        },
      },
    },
  ],
});
