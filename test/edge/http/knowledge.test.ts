// The knowledge base over HTTP: who writes it, who reads it, what an import makes of a file, and that nobody reaches another's.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type Answer,
  addAgent,
  ask,
  caughtUp,
  type Door,
  openDoor,
  register,
  type Servers,
  startServers,
} from './door.ts';

let servers: Servers;
let door: Door;
let other: Door;
let agent: string;
let admin: string;
let stranger: string;
let businesses = 0;

beforeAll(async () => {
  servers = await startServers();
  [door, other] = [await openDoor(servers), await openDoor(servers)];
  ({ token: stranger } = await register(door.url, 'stranger'));
}, 60_000);
// Each test has a business of its own.
beforeEach(async () => {
  businesses += 1;
  ({ token: admin } = await register(door.url, `owner${businesses}`));
  ({ token: agent } = await addAgent(door.url, admin, `Agent ${businesses}`));
});
afterAll(async () => {
  await door?.close();
  await other?.close();
  await servers?.stop();
});

const PATH = '/api/knowledge';
const text = { title: 'Returns', content: 'Within 30 days.' };
const post = (json: unknown, token: string | undefined = admin, path = PATH): Promise<Answer> =>
  ask(door.url, 'POST', path, { token, json });
const patch = (id: number, json: unknown, token: string | undefined = admin): Promise<Answer> =>
  ask(door.url, 'PATCH', `${PATH}/${id}`, { token, json });
const remove = (id: number, token: string | undefined = admin): Promise<Answer> =>
  ask(door.url, 'DELETE', `${PATH}/${id}`, { token });
const read = (id: number | string, token: string | undefined = agent): Promise<Answer> =>
  ask(door.url, 'GET', `${PATH}/${id}`, { token });
const list = (token: string | undefined = agent, query = '', url = door.url): Promise<Answer> =>
  soon(() => ask(url, 'GET', `${PATH}${query}`, { token }));
/** The first answer that does not say of itself that it is late: a busy machine may need longer than lists wait. */
async function soon(asked: () => Promise<Answer>): Promise<Answer> {
  for (const deadline = Date.now() + 15_000; ; ) {
    const answer = await asked();
    const late = answer.status === 503 || answer.headers.has('x-projection-lag');
    if (!late || Date.now() > deadline) return answer;
  }
}
const titles = ({ body }: Answer): string[] =>
  body.data.articles.map(({ title }: { title: string }) => title);
const add = async (json: unknown): Promise<number> => {
  const made = await post(json);
  expect(made.status).toBe(201);
  return made.body.data.article.id;
};
/** Sends a file as it is. */
const send = (type: string, body: string, query = '', token = admin): Promise<Answer> =>
  soon(() => sendNow(type, body, query, token));
const sendNow = async (type: string, body: string, query: string, token: string): Promise<Answer> => {
  const response = await fetch(`${door.url}${PATH}/import${query}`, {
    method: 'POST',
    headers: { 'content-type': type, authorization: `Bearer ${token}` },
    body,
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
};
const sequenceOf = ({ headers }: Answer): number => Number(headers.get('x-event-sequence'));

describe('an article', () => {
  test('is created, read, changed and deleted, and each write is seen at once', async () => {
    const made = await post(text);
    expect(made.status).toBe(201);
    const { article } = made.body.data;
    expect(article).toEqual({
      id: sequenceOf(made),
      ...text,
      created_at: expect.any(String),
      updated_at: article.created_at,
    });
    const { id } = article;
    const listed = await list(admin);
    expect(listed.body.data).toMatchObject({ total: 1, page: 1, pages: 1 });
    expect(listed.body.data.articles).toEqual([
      {
        id,
        title: 'Returns',
        excerpt: 'Within 30 days.',
        characters: 15,
        created_at: article.created_at,
        updated_at: article.updated_at,
      },
    ]);
    expect((await read(id)).body.data.article).toEqual(article);

    const changed = await patch(id, { content: 'Within 60 days.' });
    expect(sequenceOf(changed)).toBeGreaterThan(id);
    expect(changed.body.data.article).toMatchObject({ id, title: 'Returns', content: 'Within 60 days.' });
    expect(titles(await list(admin, '?search=60'))).toEqual(['Returns']);
    expect(titles(await list(admin, '?search=30'))).toEqual([]);
    expect((await patch(id, {})).body).toEqual(changed.body);

    const removed = await remove(id);
    expect(removed.body).toEqual({ success: true, message: 'Article deleted successfully' });
    expect((await list(admin)).body.data).toMatchObject({ articles: [], total: 0 });
    for (const again of [await read(id), await patch(id, text), await remove(id)])
      expect([again.status, again.body]).toEqual([404, { success: false, message: 'Article not found' }]);
  });
  test('is in a list that waits for it, at another edge as well', async () => {
    const made = await post(text);
    const elsewhere = await list(agent, `?min_sequence=${sequenceOf(made)}`, other.url);
    expect(titles(elsewhere)).toEqual(['Returns']);
    const removed = await remove(made.body.data.article.id);
    const gone = await list(agent, `?min_sequence=${sequenceOf(removed)}`, other.url);
    expect(gone.body.data).toMatchObject({ articles: [], total: 0 });
    expect((await list(agent, '?min_sequence=1')).status).toBeLessThan(500);
  });
  test('stays the text that it is, whatever it looks like', async () => {
    const markup = {
      title: '<img src=x onerror=alert(1)>',
      content: '<script>alert("x")</script>\n{{7*7}} \'; drop table articles; --',
    };
    const id = await add(markup);
    const answer = await read(id);
    expect(answer.body.data.article).toMatchObject(markup);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(titles(await list(admin, '?search=drop%20table'))).toEqual([markup.title]);
  });
  test('is bounded, and what does not fit is said in one sentence', async () => {
    for (const [json, sentence] of [
      [{ ...text, title: '' }, /^title must not be empty/],
      [{ ...text, title: 'x'.repeat(201) }, /^title must have at most 200 characters/],
      [{ ...text, content: ' \n' }, /^content must not be empty/],
      [{ ...text, content: 'x'.repeat(50_001) }, /^content must have at most 50000 characters/],
      [{ title: 'x' }, /^content is required/],
      [[], /./],
    ] as const) {
      const { status, body } = await post(json);
      expect([JSON.stringify(json).slice(0, 40), status, body.success]).toEqual([
        JSON.stringify(json).slice(0, 40),
        400,
        false,
      ]);
      expect(body.message).toMatch(sentence);
    }
    // The heaviest that fits: three bytes for each character.
    const heavy = '中'.repeat(50_000);
    const id = await add({ title: '中'.repeat(200), content: heavy });
    expect((await read(id)).body.data.article.content).toBe(heavy);
    expect((await list(admin)).body.data).toMatchObject({ total: 1 });
  });
});

describe('who', () => {
  test('reads: agents and admins of the workspace; who writes: its admins', async () => {
    const id = await add(text);
    for (const answer of [await list(''), await list('x.y.z'), await read(id, ''), await post(text, '')])
      expect(answer.status).toBe(401);
    for (const answer of [
      await post(text, agent),
      await patch(id, text, agent),
      await remove(id, agent),
      await post({ text: '# A\nb', format: 'markdown' }, agent, `${PATH}/import`),
      await send('text/markdown', '# A\nb', '', agent),
    ])
      expect([answer.status, answer.body.message]).toEqual([403, 'Insufficient permissions']);
    expect(titles(await list(agent, `?min_sequence=${id}`))).toEqual(['Returns']);
    expect((await read(id)).body.data.article).toMatchObject(text);
  });
  test('is of another workspace sees, changes, deletes and imports into none of it', async () => {
    const id = await add(text);
    for (const answer of [
      await read(id, stranger),
      await patch(id, { title: 'Mine' }, stranger),
      await remove(id, stranger),
    ])
      expect([answer.status, answer.body.message]).toEqual([404, 'Article not found']);
    const theirs = await send('text/markdown', '# Returns\nNever.', '', stranger);
    expect(theirs.body.data).toMatchObject({ created: 1, changed: 0 });
    expect(titles(await list(stranger, '?search=30'))).toEqual([]);
    expect((await read(id)).body.data.article).toMatchObject(text);
    await remove(theirs.body.data.articles[0].id, stranger);
  });
  test('asks for what is no article finds none', async () => {
    const id = await add(text);
    const { user } = (await ask(door.url, 'GET', '/api/auth/me', { token: admin })).body.data ?? {};
    const numbers = [1, 256, 65_536, id + 1, id - 1, id + 512, id + 1_024, user?.id ?? 7, 2 ** 53 - 1];
    for (const number of numbers) expect([number, (await read(number)).status]).toEqual([number, 404]);
    for (const number of ['0', '-1', '1.5', 'x', '%00', '9'.repeat(30)])
      expect([number, (await read(number)).status]).toEqual([number, 400]);
  });
});

describe('an import', () => {
  const file = 'Hello.\n\n# Returns\n\nWithin 14 days.\n\n## Shipping\n\nTwo days.\n';
  test('makes articles of headings and changes those that are there, and the same file again changes nothing', async () => {
    const id = await add(text);
    const first = await send('text/markdown; charset=utf-8', file, '?title=About%20us');
    expect(first.status).toBe(200);
    expect(first.body.data).toEqual({
      created: 2,
      changed: 1,
      unchanged: 0,
      articles: [
        { id: expect.any(Number), title: 'About us', outcome: 'created' },
        { id, title: 'Returns', outcome: 'changed' },
        { id: expect.any(Number), title: 'Shipping', outcome: 'created' },
      ],
    });
    expect(sequenceOf(first)).toBeGreaterThan(id);
    expect(titles(await list(admin)).sort()).toEqual(['About us', 'Returns', 'Shipping']);
    const json = { text: file, format: 'markdown', title: 'About us' };
    const again = await soon(() => post(json, admin, `${PATH}/import`));
    expect(again.body.data).toMatchObject({ created: 0, changed: 0, unchanged: 3 });
    expect((await list(admin)).body.data.total).toBe(3);
    expect((await read(id)).body.data.article.content).toBe('Within 14 days.');
  });
  test('at the same time as the same one makes each article once', async () => {
    const both = await Promise.all([1, 2, 3].map(() => send('text/markdown', file, '?title=About%20us')));
    expect(both.map(({ status }) => status)).toEqual([200, 200, 200]);
    const ids = both.map(({ body }) => body.data.articles.map(({ id }: { id: number }) => id));
    expect(ids[1]).toEqual(ids[0]);
    expect(ids[2]).toEqual(ids[0]);
    expect((await list(admin)).body.data.total).toBe(3);
  });
  test('finds what was renamed under its new title, and makes what was deleted anew', async () => {
    const made = await send('text/markdown', '# A\nfirst\n# B\nsecond');
    const [a, b] = made.body.data.articles;
    await patch(a.id, { title: 'C' });
    await remove(b.id);
    const again = await send('text/markdown', '# A\nfirst\n# B\nsecond\n# C\nthird');
    expect(again.body.data.articles).toEqual([
      { id: expect.any(Number), title: 'A', outcome: 'created' },
      { id: expect.any(Number), title: 'B', outcome: 'created' },
      { id: a.id, title: 'C', outcome: 'changed' },
    ]);
    const ids = again.body.data.articles.map(({ id }: { id: number }) => id);
    expect(new Set([...ids, b.id]).size).toBe(4);
    expect((await read(b.id)).status).toBe(404);
    expect((await read(a.id)).body.data.article.content).toBe('third');
  });
  test('of plain text is one article', async () => {
    const made = await send('text/plain', '# not a heading\ntext', '?title=Notes');
    expect(made.body.data).toMatchObject({ created: 1, articles: [{ title: 'Notes' }] });
    const [{ id }] = made.body.data.articles;
    expect((await read(id)).body.data.article.content).toBe('# not a heading\ntext');
  });
  test('of which a part does not fit imports nothing', async () => {
    const refused: [string, string, string, number, RegExp][] = [
      [
        'text/markdown',
        `# A\na\n# B\n${'x'.repeat(50_001)}`,
        '',
        400,
        /^The text under "B" has 50001 characters/,
      ],
      ['text/markdown', `# A\na\n# ${'x'.repeat(201)}\nb`, '', 400, /must have 1 to 200 characters$/],
      ['text/markdown', file, '', 400, /^The text before the first heading needs a title/],
      ['text/plain', 'text', '', 400, /^Plain text needs a title/],
      ['text/markdown', '', '', 400, /^text must not be empty/],
      ['text/markdown', '# A', '', 400, /^There is nothing in the text/],
      ['text/markdown', `# A\n${'x'.repeat(300 * 1_024)}`, '', 413, /too large/],
      ['text/html', '<h1>A</h1>', '', 415, /Unsupported content type/],
      ['application/json', '{"text":"# A\\na","format":"word"}', '', 400, /^format must be/],
    ];
    for (const [type, body, query, status, sentence] of refused) {
      const answer = await send(type, body, query);
      expect([type, body.slice(0, 30), answer.status]).toEqual([type, body.slice(0, 30), status]);
      expect(answer.body).toEqual({ success: false, message: expect.stringMatching(sentence) });
    }
    expect((await list(admin)).body.data.total).toBe(0);
  });
  test('of more than there is room for imports nothing', async () => {
    const sections = (from: number, count: number) =>
      Array.from({ length: count }, (_, n) => `# Article ${from + n}\nx`).join('\n');
    for (let from = 0; from < 5_000; from += 500) {
      const made = await send('text/markdown', sections(from, 500));
      expect([from, made.status, made.body.data?.created]).toEqual([from, 200, 500]);
    }
    const full = [409, 'A workspace may have at most 5000 articles; nothing was added'];
    for (const answer of [await post(text), await send('text/markdown', '# Article 1\nchanged\n# New\nx')])
      expect([answer.status, answer.body.message]).toEqual(full);
    expect((await list(admin, '?search=changed')).body.data.total).toBe(0);
    expect((await send('text/markdown', '# Article 1\nchanged')).body.data).toMatchObject({ changed: 1 });
    expect((await list(admin)).body.data.total).toBe(5_000);
  }, 120_000);
});

// From here on nothing moves the read models on.
test('what is deleted is gone also from lists that lag behind', async () => {
  const kept = await add({ ...text, title: 'Kept' });
  const gone = await add({ ...text, title: 'Gone' });
  await caughtUp(servers);
  await servers.projector.stop();
  const removed = await remove(gone);
  expect(removed.status).toBe(200);
  const lagging = await ask(door.url, 'GET', PATH, { token: admin });
  expect(Number(lagging.headers.get('x-projection-lag'))).toBeGreaterThan(0);
  expect(titles(lagging)).toEqual(['Kept']);
  expect((await read(gone)).status).toBe(404);
  expect((await read(kept)).status).toBe(200);
  const query = `?min_sequence=${sequenceOf(removed)}`;
  const waiting = await ask(door.url, 'GET', PATH + query, { token: admin });
  expect(waiting.status).toBe(503);
  const imported = await post({ text: '# Kept\nnew', format: 'markdown' }, admin, `${PATH}/import`);
  expect(imported.status).toBe(503);
  expect((await read(kept)).body.data.article.content).toBe(text.content);
});

test('nothing of it was a fault', () => {
  for (const { logged } of [door, other]) expect(logged()).not.toMatch(/"level":[56]0/);
});
