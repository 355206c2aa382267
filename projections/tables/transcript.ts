// The transcript's table and its full-text index.
import type { Tables } from '../projection.ts';

/** An erasure looks for its conversation, in a large load as well: that index is there from the beginning. */
export const createTranscript = (t: Tables): string => `
  create table ${t('transcript')} (
    position bigint primary key,
    workspace text collate "C" not null,
    conversation text collate "C" not null,
    stream smallint not null,
    version integer not null,
    at timestamptz not null,
    author text not null,
    author_id text,
    author_name text,
    text text not null
  );
  create index ${t('transcript')}_by_conversation on ${t('transcript')} (workspace, conversation);`;

export const indexTranscript = (t: Tables): string[] => [
  `create index if not exists ${t('transcript')}_words on ${t('transcript')} using gin (workspace, to_tsvector('natter_text', text))`,
];
