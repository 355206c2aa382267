// The tables that all projections share: how far each has come, and which generation is read.

/** Migrations, in order; one that was released is never changed, a new one is added. */
export const migrations: readonly { readonly name: string; readonly sql: string }[] = [
  {
    name: '001-generations-and-checkpoints',
    sql: `
      create extension if not exists pg_trgm;
      create extension if not exists btree_gin;
      create extension if not exists unaccent;

      create text search configuration natter_text (copy = simple);
      alter text search configuration natter_text
        alter mapping for asciiword, asciihword, hword_asciipart, word, hword, hword_part, numword, numhword, hword_numpart
        with unaccent, simple;

      create table generations (
        projection text not null,
        generation integer not null,
        version integer not null,
        state text not null check (state in ('building', 'serving', 'retired')),
        indexed boolean not null,
        made_at timestamptz not null default now(),
        retired_at timestamptz,
        primary key (projection, generation)
      );
      -- The one row of a projection that every query reads.
      create unique index generations_serving on generations (projection) where state = 'serving';

      create table checkpoints (
        projection text not null,
        generation integer not null,
        stream text not null,
        sequence bigint not null,
        failure text,
        primary key (projection, generation, stream),
        foreign key (projection, generation) references generations on delete cascade
      ) with (fillfactor = 50);`,
  },
];
