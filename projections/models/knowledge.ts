// A workspace's articles as rows, each in passages that are found by their words.
import { factOf } from '../../domain/log/commit.ts';
import { type Article, type ArticleEvent, article } from '../../domain/workspace/article.ts';
import type { Model, Projection, Tables, Transaction } from '../projection.ts';
import { asJson } from '../rows.ts';
import type { Batch } from '../running/batch.ts';
import { createKnowledge, indexKnowledge } from '../tables/knowledge.ts';
import { passagesOf } from './passages.ts';
import { folded, wordsIn } from './words.ts';

export const knowledge: Projection = {
  name: 'knowledge',
  version: 1,
  family: 'workspace',
  tables: ['articles', 'passages'],
  create: createKnowledge,
  indexes: indexKnowledge,
  open: (tables, stream) => new KnowledgeModel(tables, stream.shard),
};

interface StoredArticle {
  readonly key: string;
  readonly number: number;
  readonly title: string;
  readonly content: string;
  readonly created_at: Date;
  readonly updated_at: Date;
}

class KnowledgeModel implements Model {
  readonly #tables: Tables;
  readonly #shard: number;

  constructor(tables: Tables, shard: number) {
    this.#tables = tables;
    this.#shard = shard;
  }

  async apply(tx: Transaction, batch: Batch): Promise<void> {
    const touched = batch.aggregates.filter(({ kind }) => kind === 'article');
    if (touched.length === 0) return;
    const keys = asJson(touched.map(({ key, workspace, id }) => ({ key, workspace, id })));
    const stored = await tx.unsafe<StoredArticle>(
      `select k.key, a.number::float8 as number, a.title, a.content, a.created_at, a.updated_at
         from json_to_recordset($1::text::json) as k(key text, workspace text, id text)
         join ${this.#tables('articles')} a on a.workspace = k.workspace collate "C" and a.id = k.id collate "C"`,
      [keys],
    );
    const before = new Map(stored.map((row) => [row.key, foldOf(row)]));
    const articles: object[] = [];
    const passages: object[] = [];
    for (const { key, workspace, id, events } of touched) {
      const now = events.reduce(
        (state, event) => article.evolve(state, factOf<ArticleEvent>(event)),
        before.get(key) ?? article.initial,
      );
      if (now.status !== 'live') continue;
      const { number, title, content, createdAt: created_at, updatedAt: updated_at } = now;
      const parts = passagesOf(content);
      articles.push({
        workspace,
        id,
        number,
        title,
        content,
        passages: parts.length,
        created_at,
        updated_at,
      });
      const title_words = wordsIn(title).join(' ');
      for (const [part, text] of parts.entries())
        passages.push({
          workspace,
          article: id,
          part,
          text,
          title_words,
          text_words: wordsIn(text).join(' '),
          spelled: part === 0 ? folded(title) : null,
        });
    }
    await this.#replace(tx, keys, articles, passages);
  }

  /** Remembers nothing: articles change rarely. */
  forget(): void {}

  async #replace(
    tx: Transaction,
    keys: string,
    articles: readonly object[],
    passages: readonly object[],
  ): Promise<void> {
    for (const [table, id] of [
      [this.#tables('articles'), 'id'],
      [this.#tables('passages'), 'article'],
    ] as const)
      await tx.unsafe(
        `delete from ${table} d using json_to_recordset($1::text::json) as k(workspace text, id text)
          where d.workspace = k.workspace collate "C" and d.${id} = k.id collate "C"`,
        [keys],
      );
    if (articles.length === 0) return;
    await tx.unsafe(
      `insert into ${this.#tables('articles')} (workspace, id, stream, number, title, content, passages, created_at, updated_at)
       select workspace, id, ${this.#shard}, number, title, content, passages, created_at, updated_at
         from json_to_recordset($1::text::json) as r(workspace text, id text, number bigint, title text, content text, passages smallint,
              created_at timestamptz, updated_at timestamptz)`,
      [asJson(articles)],
    );
    await tx.unsafe(
      `insert into ${this.#tables('passages')} (workspace, article, part, stream, text, title_words, text_words, spelled)
       select workspace, article, part, ${this.#shard}, text, title_words, text_words, spelled
         from json_to_recordset($1::text::json) as r(workspace text, article text, part smallint, text text,
              title_words text, text_words text, spelled text)`,
      [asJson(passages)],
    );
  }
}

function foldOf({ number, title, content, created_at, updated_at }: StoredArticle): Article {
  return {
    status: 'live',
    number,
    title,
    content,
    createdAt: created_at.toISOString(),
    updatedAt: updated_at.toISOString(),
  };
}
