// What can be asked about a workspace's knowledge: its articles, and the passages that fit a question best.
import { tablesOf } from '../projection.ts';
import type { Generations } from '../running/generations.ts';
import type { Runner, Statement } from '../sql.ts';
import { PASSAGE_WORDS } from '../tables/knowledge.ts';
import { type Page, windowOf } from './paging.ts';
import { askedWords, soughtWords } from './words.ts';

export interface ArticleRow {
  /** The id the outside knows. */
  readonly number: number;
  readonly title: string;
  /** The first 200 characters of the content. */
  readonly excerpt: string;
  /** How long the content is. */
  readonly characters: number;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface WholeArticle extends Omit<ArticleRow, 'excerpt' | 'characters'> {
  readonly content: string;
}

export interface FoundPassage {
  /** Public id of its article. */
  readonly article: string;
  readonly title: string;
  /** At most 1,200 characters of the article, as they were written. */
  readonly text: string;
  /** Above 0, up to 1: see findPassages. */
  readonly rank: number;
}

interface Stored {
  readonly number: number;
  readonly title: string;
  /** As text where they come in JSON. */
  readonly created_at: Date | string;
  readonly updated_at: Date | string;
}

interface StoredRow extends Stored {
  readonly excerpt: string;
  readonly characters: number;
}

/** Characters of an excerpt. */
const EXCERPT = 200;

/** A workspace's articles, those changed last first. `search`: only those that have all its words, be they only begun. */
export async function findArticles(
  sql: Runner,
  generations: Generations,
  { workspace, search, ...page }: { readonly workspace: string; readonly search?: string } & Page,
): Promise<{ rows: ArticleRow[]; total: number }> {
  const t = tablesOf(await generations.serving('knowledge'));
  const { limit, offset } = windowOf(page);
  const words = search === undefined || search.trim() === '' ? undefined : soughtWords(search);
  if (words?.length === 0) return { rows: [], total: 0 };
  // Found once for both the count and the page.
  const found = words
    ? sql`with found as materialized (
            select p.article
              from unnest(${words}::text[]) with ordinality as w(word, n)
             cross join lateral (select distinct article from ${sql(t('passages'))}
                                  where ${among(sql, workspace, sql`to_tsquery('natter_text', w.word)`)}) p
             group by p.article having count(*) = ${words.length}
          )`
    : sql``;
  const where = sql`where workspace = ${workspace} ${words ? sql`and id in (select article from found)` : sql``}`;
  const [answer] = await sql<{ total: number; rows: readonly StoredRow[] }>`${found}
    select (select count(*) from ${sql(t('articles'))} ${where})::float8 as total,
           (select coalesce(json_agg(p), '[]') from (
             select number, title, left(content, ${EXCERPT}) as excerpt, length(content) as characters, created_at, updated_at
               from ${sql(t('articles'))} ${where} order by updated_at desc, number desc limit ${limit} offset ${offset}) p) as rows`;
  const { total = 0, rows = [] } = answer ?? {};
  return {
    rows: rows.map(({ excerpt, characters, ...row }) => ({ ...shown(row), excerpt, characters })),
    total,
  };
}

/** One article by its public id, of that workspace alone; undefined where there is none. */
export async function findArticle(
  sql: Runner,
  generations: Generations,
  { workspace, number }: { readonly workspace: string; readonly number: number },
): Promise<WholeArticle | undefined> {
  const t = tablesOf(await generations.serving('knowledge'));
  const [row] = await sql<Stored & { content: string }>`
    select number::float8 as number, title, content, created_at, updated_at
      from ${sql(t('articles'))} where workspace = ${workspace} and number = ${number}`;
  return row && { ...shown(row), content: row.content };
}

/** The public ids of the articles with exactly these titles (1,000 at most), by title; of several the oldest. */
export async function findTitled(
  sql: Runner,
  generations: Generations,
  { workspace, titles }: { readonly workspace: string; readonly titles: readonly string[] },
): Promise<Map<string, number>> {
  const t = tablesOf(await generations.serving('knowledge'));
  const rows = await sql<{ title: string; number: number }>`
    select title, min(number)::float8 as number from ${sql(t('articles'))}
     where workspace = ${workspace} and title = any(${titles.slice(0, 1_000)}) group by title`;
  return new Map(rows.map(({ title, number }) => [title, number]));
}

/** Passages that one word may bring in, and those that are looked at closely: the ones with the rarest words. */
const HITS = 2_000;
const CANDIDATES = 100;
/** What a word is worth that is found in another form, and one that only resembles a word of the title. */
const LOOSE = 0.8;
const MISSPELLED = 0.6;

/**
 * The passages that fit a question in anybody's words, best first, `most` (1 to 20) at most; never a fault,
 * whatever the text is.
 *
 * `rank` is the share of the question's significant words that are found in the passage or the title of its
 * article. A word weighs 1 (it is in all of the workspace's passages) to 2 (in one of many); one that occurs
 * nowhere weighs as much as the others on average. It counts in full as it is or where something begins with
 * it, 0.8 in another form (`refunds`, `refund`), and 0.6 where it occurs nowhere and is much like a word of the
 * title (`refnud`). So 1 says that every significant word was found; a passage that has one word more than
 * another never ranks below it; and one word in common out of three or more, however rare, stays below 0.5.
 * Words of common languages that say nothing (`what`, `is`, `the`) do not count; where there are no others,
 * nothing is found.
 */
export async function findPassages(
  sql: Runner,
  generations: Generations,
  { workspace, text, most }: { readonly workspace: string; readonly text: string; readonly most: number },
): Promise<FoundPassage[]> {
  const words = askedWords(text);
  if (words.length === 0) return [];
  const t = tablesOf(await generations.serving('knowledge'));
  const { limit } = windowOf({ limit: most }, 20);
  const passages = sql(t('passages'));
  const found = await sql<FoundPassage>`
    with asked as materialized (
      select a.n, a.word, to_tsquery('natter_text', a.exact) as exact, to_tsquery('natter_text', a.loose) as loose
        from unnest(${words.map(({ word }) => word)}::text[], ${words.map(({ exact }) => exact)}::text[], ${words.map(({ loose }) => loose)}::text[])
             with ordinality as a(word, exact, loose, n)
    ), hits as materialized (
      select a.n, p.article, p.part from asked a cross join lateral (
        select article, part from ${passages}
         where ${among(sql, workspace, sql`a.loose`)} limit ${HITS}) p
    ), counted as (
      select n, count(*) as hits from hits group by n
    ), workspace_size as materialized (
      select coalesce(sum(passages), 0) as passages from ${sql(t('articles'))} where workspace = ${workspace}
    ), weighed as (
      select a.*, 1 + ln(greatest(s.passages, c.hits)::float8 / c.hits) / ln(1 + greatest(s.passages, c.hits)::float8) as weight
        from asked a cross join workspace_size s left join counted c using (n)
    ), weighty as materialized (
      select n, word, exact, loose, weight is null as missing,
             coalesce(weight, avg(weight) over (), 1::float8) as weight
        from weighed
    ), alike as materialized (
      select w.n, p.article, p.part from weighty w cross join lateral (
        select article, part from ${passages}
         where workspace = ${workspace} and spelled is not null and w.word <% spelled limit ${CANDIDATES}) p
       where w.missing and length(w.word) > 3
    ), candidates as (
      select article, part from (select * from hits union all select * from alike) found join weighty using (n)
       group by article, part order by sum(weight) desc, article, part limit ${CANDIDATES}
    ), read as materialized (
      select article, part, text, spelled, ${passageWords(sql)} as words
        from candidates join ${passages} using (article, part) where workspace = ${workspace}
    ), ranked as (
      select r.article, r.part, r.text,
             sum(w.weight * case
               when r.words @@ w.exact then 1::float8
               when r.words @@ w.loose then ${LOOSE}::float8
               when w.missing and length(w.word) > 3 and w.word <% r.spelled then ${MISSPELLED}::float8
               else 0 end) / sum(w.weight) as rank,
             sum(w.weight * (ts_filter(r.words, '{a}') @@ w.loose)::int) as titled
        from read r cross join weighty w group by r.article, r.part, r.text
    )
    select a.number::text as article, a.title, r.text, least(r.rank, 1)::float8 as rank
      from ranked r join ${sql(t('articles'))} a on a.workspace = ${workspace} and a.id = r.article
     where r.rank > 0
     order by r.rank desc, r.titled desc, a.number, r.part limit ${limit}`;
  return [...found];
}

/** Which passages of a workspace hold what `query` asks for, by their index and no other. */
function among(sql: Runner, workspace: string, query: Statement<object>) {
  // A query of no words would otherwise ask for the workspace alone.
  return sql`numnode(${query}) > 0 and ${passageWords(sql)} @@ (${query} && ${`'/${workspace}'`}::tsquery)
             and workspace || '' = ${workspace}`;
}

/** What is searched of a passage, spelled as its index has it. */
function passageWords(sql: Runner) {
  // As a template without values it is text, as everything between values is.
  const strings = Object.assign([PASSAGE_WORDS], { raw: [PASSAGE_WORDS] });
  return sql<object>(strings);
}

function shown({ number, title, created_at, updated_at }: Stored) {
  const iso = (moment: Date | string) => new Date(moment).toISOString();
  return { number, title, createdAt: iso(created_at), updatedAt: iso(updated_at) };
}
