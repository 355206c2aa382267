// What every process knows of the articles: which there are, and nothing of what they say.
import { afterEach, expect, test } from 'vitest';
import { system } from '../../../domain/actor.ts';
import { Aggregates } from '../../../domain/log/aggregates.ts';
import { memoryStorage } from '../../../domain/log/memory.ts';
import {
  type Article,
  type ArticleEvent,
  type ArticleRequest,
  article,
} from '../../../domain/workspace/article.ts';
import { Directory } from '../../../edge/identity/directory.ts';

const workspace = 'waaaaaaaaaaaa';
const foreign = 'wbbbbbbbbbbbb';
const opened: Directory[] = [];
afterEach(async () => {
  for (const directory of opened.splice(0)) await directory.close();
});

async function open(log: ReturnType<typeof memoryStorage>['log']): Promise<Directory> {
  const directory = await Directory.open(log, (fault) => expect.unreachable(String(fault)));
  opened.push(directory);
  return directory;
}

test('articles are counted as they come and go, once each, wherever they were written', async () => {
  const { log } = memoryStorage();
  const writer = await open(log);
  const articles = new Aggregates<Article, ArticleRequest, ArticleEvent>({
    log,
    decider: article,
    now: () => Date.parse('2026-11-01T10:00:00.000Z'),
  });
  // Own writes at once, and once more from the stream.
  articles.onStored((stored) => writer.observe(stored));
  let commands = 0;
  const ask = async (of: string, id: string, request: ArticleRequest) => {
    const command = `0193a3f0-0000-7000-8000-${String(++commands).padStart(12, '0')}`;
    const outcome = await articles.handle(log.subjects.aggregate(of, 'article', id), {
      ...request,
      actor: system,
      command,
    });
    if ('refused' in outcome) throw new Error(outcome.refused);
    return outcome.state.number;
  };
  const secret = 'nobody keeps this sentence';
  const create = (of: string, id: string) =>
    ask(of, id, { type: 'CreateArticle', data: { title: 'Returns', content: secret } });

  const first = await create(workspace, 'a');
  expect(writer.countArticles(workspace)).toBe(1);
  const second = await create(workspace, 'b');
  const theirs = await create(foreign, 'a');
  await ask(workspace, 'a', { type: 'ChangeArticle', data: { content: `${secret}, changed` } });
  await ask(workspace, 'b', { type: 'DeleteArticle', data: {} });
  await ask(workspace, 'b', { type: 'DeleteArticle', data: {} });

  const reader = await open(log);
  for (const directory of [writer, reader]) {
    await directory.reach(await log.head('WORKSPACE'), 5_000);
    expect([workspace, foreign, 'wccccccccccccc'].map((of) => directory.countArticles(of))).toEqual([
      1, 1, 0,
    ]);
    expect(directory.hasArticle(workspace, first)).toBe(true);
    expect(directory.hasArticle(workspace, second)).toBe(false);
    expect(directory.hasArticle(workspace, theirs)).toBe(false);
  }
  const again = await create(workspace, 'b');
  expect(again).toBeGreaterThan(second);
  expect(writer.countArticles(workspace)).toBe(2);
  expect(writer.hasArticle(workspace, second)).toBe(false);
  expect(writer.hasArticle(workspace, again)).toBe(true);
  for (const [of, id] of [
    [workspace, 'a'],
    [workspace, 'b'],
    [foreign, 'a'],
  ] as const)
    await ask(of, id, { type: 'DeleteArticle', data: {} });
  await reader.reach(await log.head('WORKSPACE'), 5_000);
  for (const directory of [writer, reader])
    expect([directory.countArticles(workspace), directory.countArticles(foreign)]).toEqual([0, 0]);
});
