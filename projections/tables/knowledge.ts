// The tables of a workspace's knowledge: its articles, and the passages that they are found by.
import type { Tables } from '../projection.ts';

/**
 * What is searched of a passage: its workspace behind a slash, which no word has, the words of its article's
 * title (A) and its own, as words.ts has them, so that Postgres' own idea of a word, which knows paths and
 * addresses, plays no part. The workspace is one of the words so that this index alone answers a search: Postgres
 * knows no figures right after a large import, and would look through a whole workspace by another one.
 */
export const PASSAGE_WORDS = `(array_to_tsvector(array['/' || workspace]) || setweight(to_tsvector('natter_text', title_words), 'A') || to_tsvector('natter_text', text_words))`;

/** `spelled`: the folded title, once an article, for titles that somebody misspelled. */
export const createKnowledge = (t: Tables): string => `
  create table ${t('articles')} (
    workspace text collate "C" not null,
    id text collate "C" not null,
    stream smallint not null,
    number bigint not null,
    title text collate "C" not null,
    content text not null,
    passages smallint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (workspace, id)
  );
  create table ${t('passages')} (
    workspace text collate "C" not null,
    article text collate "C" not null,
    part smallint not null,
    stream smallint not null,
    text text not null,
    title_words text not null,
    text_words text not null,
    spelled text,
    primary key (workspace, article, part)
  );`;

export const indexKnowledge = (t: Tables): string[] => [
  `create index if not exists ${t('articles')}_by_number on ${t('articles')} (workspace, number)`,
  `create index if not exists ${t('articles')}_by_title on ${t('articles')} (workspace, title)`,
  `create index if not exists ${t('articles')}_by_time on ${t('articles')} (workspace, updated_at desc, number desc)`,
  `create index if not exists ${t('passages')}_words on ${t('passages')} using gin (${PASSAGE_WORDS})`,
  `create index if not exists ${t('passages')}_spelled on ${t('passages')} using gin (workspace, spelled gin_trgm_ops) where spelled is not null`,
];
