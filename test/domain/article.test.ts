// What may happen to an article of the workspace's knowledge, and what its text may be.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { system } from '../../domain/actor.ts';
import { encodeCommit, encodeEvent, MAX_COMMIT_BYTES } from '../../domain/log/commit.ts';
import {
  ARTICLE_LIMITS,
  type ArticleEvent,
  type ArticleRequest,
  article,
  articleEvent,
  articleText,
} from '../../domain/workspace/article.ts';
import { given, later, NOON } from '../given.ts';

const text = { title: 'Returns', content: 'Within 30 days.' };
const created: ArticleEvent = { type: 'ArticleCreated', data: text };
const deleted: ArticleEvent = { type: 'ArticleDeleted', data: {} };
const ask = (request: ArticleRequest) => ({ ...request, actor: system });
const create = ask({ type: 'CreateArticle', data: text });
const change = (data: Partial<typeof text>) => ask({ type: 'ChangeArticle', data });
const remove = ask({ type: 'DeleteArticle', data: {} });

describe('an article', () => {
  test('is created once, and known outside by the position of that', () => {
    given(article)
      .when(create)
      .then(created)
      .leaving({ status: 'live', ...text });
    given(article, created).is({ number: 65_536, createdAt: NOON, updatedAt: NOON });
    given(article, created).when(create).thenRefused('article-exists');
  });
  test('changes what is named and keeps the rest', () =>
    given(article, created)
      .when(change({ content: 'Within 60 days.' }))
      .then({ type: 'ArticleChanged', data: { content: 'Within 60 days.' } })
      .leaving({ title: 'Returns', content: 'Within 60 days.', updatedAt: later(NOON, 60_000) }));
  test('that is as asked stays as it is', () => {
    given(article, created).when(change({})).thenNothing();
    given(article, created).when(change(text)).thenNothing();
    given(article, created)
      .when(change({ ...text, title: 'Sending back' }))
      .then({ type: 'ArticleChanged', data: { title: 'Sending back' } });
  });
  test('that is deleted says nothing any more, and can be deleted again', () => {
    given(article, created).when(remove).then(deleted).leaving({ status: 'deleted', title: '', content: '' });
    given(article, created, deleted).when(remove).thenNothing();
    given(article, created, deleted).when(change(text)).thenRefused('article-not-found');
  });
  test('leaves its place to another one, which has another number', () => {
    given(article, created, deleted).when(create).then(created);
    given(article, created, deleted, created).is({ status: 'live', number: 3 * 65_536 });
  });
  test('that never was can be neither changed nor deleted', () => {
    given(article).when(change(text)).thenRefused('article-not-found');
    given(article).when(remove).thenRefused('article-not-found');
  });
  test('has events that its schema knows', () => {
    for (const event of [created, deleted, { type: 'ArticleChanged', data: { title: 'T' } }])
      expect(articleEvent.parse(event)).toEqual(event);
  });
});

describe('its text', () => {
  test('has one kind of line break, no control characters and no half characters', () => {
    const odd = { title: ' A\u0000 \n title\t', content: '\n1\r\n2\r3\u0007\u009f\ttab \ud800 cafe\u0301\n' };
    expect(articleText.parse(odd)).toEqual({ title: 'A title', content: '1\n2\n3\ttab \ufffd caf\u00e9' });
  });
  test('is bounded, and never empty', () => {
    const long = (title: number, content: number) =>
      articleText.safeParse({ title: 'x'.repeat(title), content: 'x'.repeat(content) }).success;
    expect(long(200, 50_000)).toBe(true);
    for (const [title, content] of [
      [201, 1],
      [1, 50_001],
      [0, 1],
      [1, 0],
    ] as const)
      expect([title, content, long(title, content)]).toEqual([title, content, false]);
    expect(articleText.safeParse({ title: '\u0000', content: ' \n ' }).success).toBe(false);
  });
  test('fits into one commit, whatever is in it', () => {
    const unit = fc.oneof(
      fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
      fc.constantFrom('"', '\\', '\u0001', '\ud800', '\u2028', '中', '\u007f', '\u0344', '\ufb2c'),
    );
    fc.assert(
      fc.property(unit, unit, (one, other) => {
        const read = articleText.safeParse({
          title: (one + other).repeat(ARTICLE_LIMITS.title / 2),
          content: (one + other).repeat(ARTICLE_LIMITS.content / 2),
        });
        if (!read.success) return;
        const event = {
          type: 'ArticleCreated',
          data: read.data,
          actor: { kind: 'agent', id: 'x'.repeat(64) },
          command: 'x'.repeat(36),
        } as const;
        expect(encodeCommit(1, NOON, [encodeEvent(event)]).length).toBeLessThan(MAX_COMMIT_BYTES);
      }),
      { numRuns: 300 },
    );
  });
});
