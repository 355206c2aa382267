// Every message as one row, found by its words.

import { type Model, type Projection, type Tables, type Transaction, tablesOf } from '../projection.ts';
import { asJson, storable } from '../rows.ts';
import type { Batch } from '../running/batch.ts';
import type { Generations } from '../running/generations.ts';
import type { Runner } from '../sql.ts';
import { createTranscript, indexTranscript } from '../tables/transcript.ts';
import { type Page, windowOf } from './paging.ts';

export const transcript: Projection = {
  name: 'transcript',
  version: 1,
  family: 'chat',
  tables: ['transcript'],
  create: createTranscript,
  indexes: indexTranscript,
  open: (tables, stream) => new TranscriptModel(tables, stream.shard),
};

class TranscriptModel implements Model {
  readonly #tables: Tables;
  readonly #shard: number;

  constructor(tables: Tables, shard: number) {
    this.#tables = tables;
    this.#shard = shard;
  }

  async apply(tx: Transaction, batch: Batch): Promise<void> {
    const messages: object[] = [];
    const erased: object[] = [];
    for (const { workspace, id: conversation, events } of batch.conversations) {
      let written: object[] = [];
      for (const event of events) {
        if (event.type === 'MessagePosted') {
          const { author, text } = event.data;
          const { position, version, at } = event;
          written.push({
            position,
            workspace,
            conversation,
            version,
            at,
            author: author.kind,
            author_id: author.id,
            author_name: author.name,
            text,
          });
        } else if (event.type === 'ConversationErased') {
          written = [];
          erased.push({ workspace, conversation });
        }
      }
      for (const message of written) messages.push(message);
    }
    const table = this.#tables('transcript');
    if (erased.length > 0) {
      await tx.unsafe(
        `delete from ${table} d using json_to_recordset($1::text::json) as r(workspace text, conversation text)
          where d.workspace = r.workspace collate "C" and d.conversation = r.conversation collate "C"`,
        [asJson(erased)],
      );
    }
    if (messages.length === 0) return;
    await tx.unsafe(
      `insert into ${table} (position, workspace, conversation, stream, version, at, author, author_id, author_name, text)
       select position, workspace, conversation, ${this.#shard}, version, at, author, author_id, author_name, text
         from json_to_recordset($1::text::json) as r(position bigint, workspace text, conversation text, version integer, at timestamptz,
              author text, author_id text, author_name text, text text)`,
      [asJson(messages)],
    );
  }

  /** Remembers nothing. */
  forget(): void {}
}

export interface FoundMessage {
  readonly conversation: string;
  readonly version: number;
  readonly position: number;
  /** ISO 8601. */
  readonly at: string;
  readonly author: {
    readonly kind: 'visitor' | 'agent' | 'ai' | 'system';
    readonly id?: string;
    readonly name?: string;
  };
  readonly text: string;
  /** A part of the text (plain, not HTML) in which each found word stands between U+0002 and U+0003. */
  readonly headline: string;
}

/** Totals are counted up to here. */
const COUNTED = 10_000;

/**
 * Messages of a workspace that hold all the words (`"a phrase"`, `or`, `-without` work; the last word may be
 * only begun), newest first. `total` is exact up to 10,000.
 */
export async function searchMessages(
  sql: Runner,
  generations: Generations,
  { workspace, query, ...page }: { readonly workspace: string; readonly query: string } & Page,
): Promise<{ rows: FoundMessage[]; total: number }> {
  const t = tablesOf(await generations.serving('transcript'));
  const { limit, offset } = windowOf(page);
  const asked = storable(query.slice(0, 500)).trim();
  if (asked === '') return { rows: [], total: 0 };
  // A word that is still being typed finds what begins with it; a quoted or excluded end stays as it was asked.
  const begun = /[\p{L}\p{N}]$/u.test(asked);
  const words = sql`(select case when ${begun} and numnode(q) > 0 and q::text like '%''' then (q::text || ':*')::tsquery else q end
                       from websearch_to_tsquery('natter_text', ${asked}) as q)`;
  const where = sql`m.workspace = ${workspace} and to_tsvector('natter_text', m.text) @@ ${words}`;
  const [counted, rows] = await Promise.all([
    sql<{
      n: number;
    }>`select count(*)::float8 as n from (select from ${sql(t('transcript'))} m where ${where} limit ${COUNTED}) found`,
    sql<StoredMessage>`
      select p.*, ts_headline('natter_text', p.text, ${words}, ${'StartSel=\u0002, StopSel=\u0003, MaxFragments=2, MaxWords=30, MinWords=10'}) as headline
        from (select m.conversation, m.version, m.position::float8 as position, m.at, m.author, m.author_id, m.author_name, m.text
                from ${sql(t('transcript'))} m where ${where}
               order by m.at desc, m.position desc limit ${limit} offset ${offset}) p
       order by p.at desc, p.position desc`,
  ]);
  return { rows: rows.map(found), total: counted[0]?.n ?? 0 };
}

interface StoredMessage {
  readonly conversation: string;
  readonly version: number;
  readonly position: number;
  readonly at: Date;
  readonly author: FoundMessage['author']['kind'];
  readonly author_id: string | null;
  readonly author_name: string | null;
  readonly text: string;
  readonly headline: string;
}

function found({
  conversation,
  version,
  position,
  at,
  author,
  author_id,
  author_name,
  text,
  headline,
}: StoredMessage): FoundMessage {
  const by = { kind: author, id: author_id ?? undefined, name: author_name ?? undefined };
  return { conversation, version, position, at: at.toISOString(), author: by, text, headline };
}
