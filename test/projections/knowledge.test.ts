// Given articles, what of them is listed, found by its words, and quoted in answer to a question, in a real Postgres.
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeCommit, encodeEvent } from '../../domain/log/commit.ts';
import { positionOf } from '../../domain/log/position.ts';
import type { ArticleEvent } from '../../domain/workspace/article.ts';
import { rebuild } from '../../projections/running/rebuild.ts';
import { system } from './chat.ts';
import { contentsOf } from './contents.ts';
import { foreign, type Projecting, startProjecting, workspace } from './projecting.ts';

let p: Projecting;
const written = new Map<string, { version: number; sequence: number }>();
const numbers: Record<string, number> = {};

/** Appends facts of one article as one commit; answers the position of the first. */
async function put(of: string, id: string, ...facts: readonly ArticleEvent[]): Promise<number> {
  const { log } = p.storage;
  const key = `${of} ${id}`;
  const { version, sequence } = written.get(key) ?? { version: 0, sequence: 0 };
  const address = log.subjects.aggregate(of, 'article', id);
  const spelled = facts.map((fact) => encodeEvent({ ...fact, actor: system, command: randomUUID() }));
  const at = new Date(Date.parse('2026-11-01T09:00:00.000Z') + written.size * 60_000 + version * 1_000);
  const appended = await log.append(address, encodeCommit(version + 1, at.toISOString(), spelled), sequence);
  if (appended.kind !== 'stored') throw new Error(appended.kind);
  written.set(key, { version: version + facts.length, sequence: appended.sequence });
  return positionOf(address, appended.sequence, 0);
}
const created = (title: string, content: string): ArticleEvent => ({
  type: 'ArticleCreated',
  data: { title, content },
});
const filler = (word: string, characters: number) =>
  `${word} `.repeat(Math.ceil(characters / (word.length + 1))).trim();

beforeAll(async () => {
  p = await startProjecting();
  const articles: [string, string, string][] = [
    [
      'returns',
      'Returns and refunds',
      'You may send an order back within 30 days. The money is refunded to your card.',
    ],
    [
      'shipping',
      'Shipping',
      'Parcels within Germany take two days, to France four days.\n\n## Costs\n\nShipping is free from 50 euros.',
    ],
    [
      'hours',
      'Öffnungszeiten',
      'Unser Geschäft in der Große Straße ist montags bis freitags von 9 bis 18 Uhr geöffnet.',
    ],
    ['cafe', 'Le café', 'Nos machines à café sont garanties deux ans après l’achat.'],
    ['polish', 'Zwroty', 'Towar można zwrócić w ciągu czternastu dni. Łączny koszt pokrywa sklep.'],
    ['ukrainian', 'Доставка', 'Ми доставляємо замовлення Новою Поштою по всій Україні.'],
    ['turkish', 'İade koşulları', 'Ürünleri otuz gün içinde iade edebilirsiniz.'],
    ['chinese', '退款政策', '您可以在三十天内申请退款。运费由买家承担。'],
    [
      'long',
      'Handbook',
      `# Begin\n\n${filler('alpha', 1_000)}\n\n# Middle\n\n${filler('bravo', 1_000)} kettle\n\n# End\n\n${filler('charlie', 3_000)}`,
    ],
    ['html', '<b>Bold</b>', '<script>alert("x")</script> & <img src=x onerror=alert(1)>'],
    ['gone', 'Secret recipe', 'Nobody may read of the zanzibar spice any more.'],
  ];
  for (const [id, title, content] of articles)
    numbers[id] = await put(workspace, id, created(title, content));
  await put(workspace, 'gone', { type: 'ArticleDeleted', data: {} });
  await put(workspace, 'hours', { type: 'ArticleChanged', data: { title: 'Opening hours, Öffnungszeiten' } });
  numbers.theirs = await put(
    foreign,
    'theirs',
    created('Their returns', 'Elsewhere refunds take 90 days by pigeon.'),
  );
  p.projector();
  await p.settled();
}, 60_000);
afterAll(() => p.stop());

const find = async (text: string, most = 5, of = workspace) =>
  p.models.knowledge.findPassages({ workspace: of, text, most });
/** The ids of the articles whose passages are found, best first. */
const idsFor = async (text: string) => {
  const names = new Map(Object.entries(numbers).map(([id, number]) => [String(number), id]));
  return (await find(text)).map(({ article }) => names.get(article));
};

describe('articles', () => {
  test('are listed, those changed last first, a page at a time, with what they begin with', async () => {
    const all = await p.models.knowledge.findArticles({ workspace });
    expect(all.total).toBe(10);
    const there = Object.entries(numbers).filter(([id]) => id !== 'gone' && id !== 'theirs');
    expect(new Set(all.rows.map(({ number }) => number))).toEqual(new Set(there.map(([, number]) => number)));
    const times = all.rows.map(({ updatedAt }) => updatedAt);
    expect(times).toEqual([...times].sort().reverse());
    const long = all.rows.find(({ number }) => number === numbers.long);
    expect(long?.excerpt).toHaveLength(200);
    expect(long?.characters).toBeGreaterThan(5_000);
    const second = await p.models.knowledge.findArticles({ workspace, page: 2, limit: 4 });
    expect([second.total, second.rows.map(({ number }) => number)]).toEqual([
      10,
      all.rows.slice(4, 8).map(({ number }) => number),
    ]);
    expect((await p.models.knowledge.findArticles({ workspace: foreign })).total).toBe(1);
  });
  test('are searched for all words at once, wherever in the article they are', async () => {
    const found = async (search: string) => {
      const { rows, total } = await p.models.knowledge.findArticles({ workspace, search });
      expect(total).toBe(rows.length);
      return rows.map(({ number }) => number);
    };
    expect(await found('refund')).toEqual([numbers.returns]);
    expect(await found('REFUNDED order')).toEqual([numbers.returns]);
    expect(await found('alpha charl')).toEqual([numbers.long]);
    expect(await found('alpha returns')).toEqual([]);
    expect(await found('offnungszeiten strasse')).toEqual([numbers.hours]);
    expect(await found('退款')).toEqual([numbers.chinese]);
    expect(await found(' ')).toHaveLength(10);
    expect(await found("'; drop table articles; --")).toEqual([]);
    expect(await found('zanzibar')).toEqual([]);
    expect(await found('pigeon')).toEqual([]);
  });
  test('are read one by one and by their titles, of the own workspace alone', async () => {
    const read = (of: string, number = 0) => p.models.knowledge.findArticle({ workspace: of, number });
    expect(await read(workspace, numbers.html)).toMatchObject({
      title: '<b>Bold</b>',
      content: '<script>alert("x")</script> & <img src=x onerror=alert(1)>',
    });
    expect(await read(foreign, numbers.html)).toBeUndefined();
    expect(await read(workspace, numbers.theirs)).toBeUndefined();
    expect(await read(workspace, numbers.gone)).toBeUndefined();
    const titles = ['Shipping', 'shipping', 'Secret recipe', 'Their returns'];
    expect([...(await p.models.knowledge.findTitled({ workspace, titles }))]).toEqual([
      ['Shipping', numbers.shipping],
    ]);
  });
});

describe('questions', () => {
  test('find what answers them, in many languages and other forms of a word', async () => {
    for (const [question, id] of [
      ['How long do I have to send my order back?', 'returns'],
      ['Hello, can I get a refund please', 'returns'],
      ['what does SHIPPING cost?', 'shipping'],
      ['Wann habt ihr geöffnet?', 'hours'],
      ['Wie sind die Oeffnungszeiten im Geschäft in der Grosse Strasse', 'hours'],
      ['Quelle est la garantie de la machine a cafe ?', 'cafe'],
      ['Jaki jest laczny koszt zwrotu towaru', 'polish'],
      ['Як працює доставка замовлень в Україні?', 'ukrainian'],
      ['Ürünü nasıl iade edebilirim', 'turkish'],
      ['怎么申请退款', 'chinese'],
      ['运费', 'chinese'],
    ] as const)
      expect([question, (await idsFor(question))[0]]).toEqual([question, id]);
  });
  test('are answered with the part of a long article that fits', async () => {
    const [found, ...others] = await find('where is the kettle?');
    expect(found?.article).toBe(String(numbers.long));
    expect(found?.title).toBe('Handbook');
    expect(found?.text).toMatch(/^# Middle\n\nbravo .* kettle$/s);
    expect(others).toEqual([]);
  });
  test('with a misspelled word find the article whose title it resembles', async () => {
    expect((await idsFor('shiping'))[0]).toBe('shipping');
    const [misspelled] = await find('Shpping');
    expect(misspelled).toMatchObject({ article: String(numbers.shipping), rank: expect.closeTo(0.6) });
  });
  test('that say nothing, or nothing of ours, find nothing', async () => {
    for (const nothing of ['', ' ', 'what is it?', '?!', '😀', 'quantum chromodynamics', 'zanzibar spice'])
      expect([nothing, await find(nothing)]).toEqual([nothing, []]);
  });
  test('of another workspace are answered from its own articles alone', async () => {
    const theirs = await find('refunds returns order shipping', 20, foreign);
    expect(theirs.map(({ article }) => article)).toEqual([String(numbers.theirs)]);
    expect((await find('pigeon')).length).toBe(0);
    expect((await find('refund', 20)).map(({ article }) => article)).toEqual([String(numbers.returns)]);
  });
  test('rank 1 where every significant word is found, less in other forms, little for one word in common', async () => {
    expect((await find('Is the money refunded to my card?'))[0]?.rank).toBe(1);
    expect((await find('cards'))[0]?.rank).toBeCloseTo(0.8);
    const [one] = await find('Which card games for elephants do penguins recommend?');
    expect(one?.article).toBe(String(numbers.returns));
    expect(one?.rank).toBeLessThan(0.4);
    const [rare] = await find('kettle days shipping order');
    for (const { rank } of [one, rare].flatMap((found) => found ?? [])) expect(rank).toBeGreaterThan(0);
    const kettle = (await find('kettle days shipping order', 20)).find(
      ({ article }) => article === String(numbers.long),
    );
    expect(kettle?.rank).toBeLessThan(0.5);
  });
  test('never rank a passage below another that has fewer of their words', async () => {
    const words = ['tangerine', 'umbrella', 'violin', 'walnut', 'xylophone'];
    for (let has = 1; has <= words.length; has++)
      numbers[`ladder${has}`] = await put(
        foreign,
        `ladder${has}`,
        created(`Ladder ${has}`, `It holds ${words.slice(0, has).join(', ')} and more.`),
      );
    await p.settled();
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(words, { minLength: 1 }), async (asked) => {
        const found = await find(`Where is the ${asked.join(' or the ')}?`, 20, foreign);
        const ranks = [1, 2, 3, 4, 5].map(
          (has) => found.find(({ article }) => article === String(numbers[`ladder${has}`]))?.rank ?? 0,
        );
        expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
        expect(ranks[4]).toBe(1);
        expect(found.map(({ rank }) => rank)).toEqual([...ranks].filter((rank) => rank > 0).reverse());
      }),
      { numRuns: 20 },
    );
  });
  test('of any text at all are no fault', async () => {
    const odd = fc.constantFrom(
      ...[
        '\u0000',
        "'",
        '"',
        '\\',
        ':*',
        '&',
        '|',
        '!',
        '(',
        ')',
        '<->',
        '<2>',
        '%',
        '_',
        '😀',
        '\ud800',
        'é',
        'e\u0301',
        '中文',
        '$1',
        '\n',
        'ｆｕｌｌ',
        'कि',
        'ไทย',
        'ـ',
        'İ',
        '٣',
        '½',
        'ſ',
        'refund',
        ' ',
      ],
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc
        .array(fc.oneof(odd, fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 60 })
        .map((parts) => parts.join('')),
      fc.tuple(odd, odd).map(([one, other]) => (one + other).repeat(3_500).slice(0, 10_000)),
    );
    await fc.assert(
      fc.asyncProperty(text, async (asked) => {
        for (const { rank, text: quoted } of await find(asked)) {
          expect(rank).toBeGreaterThan(0);
          expect(rank).toBeLessThanOrEqual(1);
          expect(quoted).not.toBe('');
        }
        await p.models.knowledge.findArticles({ workspace, search: asked });
      }),
      { numRuns: 150 },
    );
    expect((await find(`refund ${'x'.repeat(10_000)}`))[0]?.article).toBe(String(numbers.returns));
    expect(await find('refund', Number.NaN)).toHaveLength(1);
  });
});

test('what was deleted or replaced has left no row, also where it comes back', async () => {
  await put(workspace, 'hours', { type: 'ArticleChanged', data: { content: 'Nur noch nach Vereinbarung.' } });
  const again = await put(workspace, 'gone', created('Public recipe', 'Everybody may read of parsley.'));
  await p.settled();
  for (const table of ['articles', 'passages'])
    for (const words of ['zanzibar', 'montags', 'Secret recipe']) {
      const [row] = await p.sql.unsafe<{ n: number }>(
        `select count(*)::int as n from ${table}_g1 t where t::text ilike $1`,
        [`%${words}%`],
      );
      expect([table, words, row?.n]).toEqual([table, words, 0]);
    }
  expect(await find('parsley')).toMatchObject([{ article: String(again), title: 'Public recipe' }]);
  expect(again).not.toBe(numbers.gone);
  expect((await find('Vereinbarung'))[0]?.title).toBe('Opening hours, Öffnungszeiten');
});

test('what Postgres cannot store stops nothing, and a rebuild says the same', async () => {
  await put(workspace, 'odd', created('Nul \u0000 title', 'half a \ud800 pair and a nul \u0000 of marzipan'));
  await p.settled();
  expect(await find('marzipan')).toMatchObject([
    { title: 'Nul \uFFFD title', text: 'half a \uFFFD pair and a nul \uFFFD of marzipan' },
  ]);
  const before = await contentsOf(p.sql);
  const rebuilt = await rebuild(['knowledge'], { url: p.url, log: p.storage.log });
  expect(rebuilt).toMatchObject([{ projection: 'knowledge', comparison: 'equal' }]);
  expect(await contentsOf(p.sql)).toEqual(before);
  expect((await find('marzipan')).length).toBe(1);
  expect(p.faults).toEqual([]);
});
