// Given events, the rows: what each list, search and figure says about conversations that could have happened.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeCommit, encodeEvent } from '../../domain/log/commit.ts';
import { settingsDefaults, widgetDefaults } from '../../domain/workspace/values.ts';
import { bob, by, Chat, jane, system, visitor } from './chat.ts';
import { foreign, type Projecting, startProjecting, workspace } from './projecting.ts';

let p: Projecting;
beforeAll(async () => {
  p = await startProjecting();
  const { log } = p.storage;

  const ann = new Chat(log, workspace, 'chat-ann', '2026-11-01T10:00:00.000Z');
  await ann.start(
    { name: 'Ann Café', email: 'Ann@Example.com' },
    { welcome: 'Welcome!', department: 'sales' },
  );
  await ann.say('My coffee order never arrived');
  await ann.say('I am looking into the refund', by(jane), 60_000);
  await ann.ask(by(jane), { type: 'SetTags', data: { tags: ['refund'] } });
  await ann.ask(by(jane), { type: 'CloseConversation', data: {} });
  await ann.ask(visitor, { type: 'RateConversation', data: { score: 5 } });

  const again = new Chat(log, workspace, 'chat-again', '2026-11-02T23:30:00.000Z');
  await again.start({ name: 'Ann', email: 'ann@example.com' });
  await again.say('And again 100% broken_thing');

  const cy = new Chat(log, workspace, 'chat-cy', '2026-11-03T00:10:00.000Z');
  await cy.start({ name: 'Cy' }, { priority: 'urgent' });
  await cy.say('Bonjour, où est mon café ?');
  await cy.say('On its way', by(bob), 15_000);
  await cy.ask(visitor, { type: 'IdentifyVisitor', data: { visitor: { email: 'cy@example.com' } } });

  const talksToAi = new Chat(log, workspace, 'chat-ai', '2026-11-03T05:00:00.000Z');
  await talksToAi.start({}, { ai: true });

  const gone = new Chat(log, workspace, 'chat-gone', '2026-11-01T10:20:00.000Z');
  await gone.start({ name: 'Gone Girl', email: 'gone@example.com' });
  await gone.say('Forget this secret coffee');
  await gone.say('Answered at once', by(jane), 1);
  await gone.ask(system, { type: 'EraseConversation', data: {} });

  const other = new Chat(log, foreign, 'chat-other', '2026-11-01T10:00:00.000Z');
  await other.start({ name: 'Ann Elsewhere', email: 'ann@example.com' });
  await other.say('coffee elsewhere');

  p.projector();
  await p.settled();
}, 60_000);
afterAll(() => p.stop());

test('the inbox lists a workspace, the latest event first, with counts whatever the status filter says', async () => {
  const all = await p.models.inbox.findInbox({ workspace });
  expect(all.rows.map(({ conversation }) => conversation)).toEqual([
    'chat-ai',
    'chat-cy',
    'chat-again',
    'chat-ann',
  ]);
  expect(all.total).toBe(4);
  const closed = await p.models.inbox.findInbox({ workspace, status: 'closed' });
  expect(closed.rows.map(({ conversation }) => conversation)).toEqual(['chat-ann']);
  expect(closed.total).toBe(1);
  expect(closed.counts).toEqual({ queued: 2, open: 1, closed: 1, archived: 0 });
  const second = await p.models.inbox.findInbox({ workspace, page: 2, limit: 3 });
  expect(second.rows.map(({ conversation }) => conversation)).toEqual(['chat-ann']);
});

test('a row says what the fold says', async () => {
  const row = await p.models.inbox.findOne({ workspace, conversation: 'chat-ann' });
  expect(row).toMatchObject({
    conversation: 'chat-ann',
    workspace,
    status: 'closed',
    department: 'sales',
    priority: 'medium',
    tags: ['refund'],
    widget: 'w1',
    visitor: { name: 'Ann Café', email: 'Ann@Example.com' },
    owner: { kind: 'agent', agent: { id: 'jane' } },
    messageCount: 3,
    unreadByAgent: 1,
    rating: { score: 5 },
    lastMessage: { text: 'I am looking into the refund', author: 'agent' },
    startedAt: '2026-11-01T10:00:01.000Z',
    firstResponseAt: '2026-11-01T10:01:02.000Z',
    endedAt: '2026-11-01T10:01:04.000Z',
  });
  expect(row?.number).toBeGreaterThan(65_536);
  expect(row).not.toHaveProperty('attachments');
});

test('the inbox is filtered by department, priority, agent, owner and search', async () => {
  const ids = async (filter: object) => {
    const found = await p.models.inbox.findInbox({ workspace, ...filter });
    expect(found.total).toBe(found.rows.length);
    expect(Object.values(found.counts).reduce((a, b) => a + b)).toBe(found.rows.length);
    return found.rows.map(({ conversation }) => conversation);
  };
  expect(await ids({ department: 'sales' })).toEqual(['chat-ann']);
  expect(await ids({ priority: 'urgent' })).toEqual(['chat-cy']);
  expect(await ids({ assigned: 'bob' })).toEqual(['chat-cy']);
  expect(await ids({ assigned: 'unassigned' })).toEqual(['chat-ai', 'chat-again']);
  expect(await ids({ owner: 'ai' })).toEqual(['chat-ai']);
  expect(await ids({ search: 'CAFE' })).toEqual(['chat-ann']);
  expect(await ids({ search: 'ann@' })).toEqual(['chat-again', 'chat-ann']);
  expect(await ids({ search: 'chat-c' })).toEqual(['chat-cy']);
  expect(await ids({ search: 'cy@example' })).toEqual(['chat-cy']);
  expect(await ids({ search: 'ann', department: 'general' })).toEqual(['chat-again']);
  expect(await ids({ search: '%' })).toEqual([]);
  expect(await ids({ search: '_' })).toEqual([]);
  expect(await ids({ search: "'; drop table inbox" })).toEqual([]);
});

test('a foreign workspace finds nothing of ours', async () => {
  expect(await p.models.inbox.findOne({ workspace: foreign, conversation: 'chat-ann' })).toBeUndefined();
  expect(
    (await p.models.transcript.searchMessages({ workspace: foreign, query: 'coffee' })).rows.map(
      ({ conversation }) => conversation,
    ),
  ).toEqual(['chat-other']);
  expect(
    (await p.models.customers.findCustomerHistory({ workspace: foreign, email: 'ann@example.com' })).total,
  ).toBe(1);
});

test('messages are found by their words, accents or not, and the last word may be only begun', async () => {
  const texts = async (query: string) =>
    (await p.models.transcript.searchMessages({ workspace, query })).rows.map(
      ({ conversation }) => conversation,
    );
  expect(await texts('coffee')).toEqual(['chat-ann']);
  expect(await texts('cafe')).toEqual(['chat-cy']);
  expect(await texts('order arri')).toEqual(['chat-ann']);
  expect(await texts('"refund the"')).toEqual([]);
  expect(await texts('"the refund"')).toEqual(['chat-ann']);
  expect(await texts('bonjour or broken')).toEqual(['chat-cy', 'chat-again']);
  expect(await texts('')).toEqual([]);
  expect(await texts("& | ! ( ) <-> ' \\ :*")).toEqual([]);
  const [found] = (await p.models.transcript.searchMessages({ workspace, query: 'refund' })).rows;
  expect(found).toMatchObject({
    author: { kind: 'agent', id: 'jane', name: 'jane' },
    at: '2026-11-01T10:01:02.000Z',
    headline: 'looking into the \u0002refund\u0003',
  });
});

test('a customer is an e-mail address, whatever its case, with all conversations', async () => {
  const history = await p.models.customers.findCustomerHistory({ workspace, email: 'ANN@example.com' });
  expect(history.total).toBe(2);
  expect(
    history.rows.map(({ conversation, status, messageCount }) => [conversation, status, messageCount]),
  ).toEqual([
    ['chat-again', 'queued', 1],
    ['chat-ann', 'closed', 3],
  ]);
  const { rows, total } = await p.models.customers.findCustomers({ workspace });
  expect(total).toBe(2);
  expect(rows).toEqual([
    {
      email: 'ann@example.com',
      name: 'Ann',
      phone: undefined,
      conversations: 2,
      firstAt: '2026-11-01T10:00:01.000Z',
      lastAt: '2026-11-02T23:30:01.000Z',
    },
    {
      email: 'cy@example.com',
      name: 'Cy',
      phone: undefined,
      conversations: 1,
      firstAt: '2026-11-03T00:10:01.000Z',
      lastAt: '2026-11-03T00:10:01.000Z',
    },
  ]);
});

test('figures count conversations by their start, to the second, and know nothing of erased ones', async () => {
  expect(
    await p.models.analytics.findChatAnalytics({
      workspace,
      from: '2026-11-01T00:00:00.000Z',
      to: '2026-12-01T00:00:00.000Z',
    }),
  ).toEqual({
    totalSessions: 4,
    avgMessages: 6 / 4,
    closedSessions: 1,
    avgRating: 5,
    responseTime: { avg: (61_000 + 16_000) / 2, min: 16_000, max: 61_000 },
    sessionsByDay: [
      { day: '2026-11-01', count: 1 },
      { day: '2026-11-02', count: 1 },
      { day: '2026-11-03', count: 2 },
    ],
    topAgents: [
      { agent: 'bob', sessionsHandled: 1, avgRating: null },
      { agent: 'jane', sessionsHandled: 1, avgRating: 5 },
    ],
  });
  const cut = await p.models.analytics.findChatAnalytics({
    workspace,
    from: '2026-11-02T23:30:01.001Z',
    to: '2026-11-03T05:00:01.000Z',
  });
  expect(cut).toMatchObject({ totalSessions: 1, responseTime: { min: 16_000, max: 16_000 } });
  const nothing = await p.models.analytics.findChatAnalytics({
    workspace,
    from: '2020-01-01T00:00:00.000Z',
    to: '2020-01-02T00:00:00.000Z',
  });
  expect(nothing).toMatchObject({
    totalSessions: 0,
    avgMessages: null,
    avgRating: null,
    responseTime: { avg: null, min: null, max: null },
  });
});

test('an erased conversation has left no row in any table', async () => {
  const tables = await p.sql<{
    name: string;
  }>`select tablename as name from pg_tables where schemaname = 'natter'`;
  expect(tables.length).toBeGreaterThan(10);
  for (const { name } of tables) {
    const [row] = await p.sql.unsafe<{ n: number }>(
      `select count(*)::int as n from ${name} t where t::text ilike '%gone%' or t::text ilike '%secret%'`,
    );
    expect([name, row?.n]).toEqual([name, 0]);
  }
});

test('what Postgres cannot store stops nothing', async () => {
  const chat = new Chat(p.storage.log, workspace, 'chat-odd', '2026-11-04T10:00:00.000Z');
  await chat.start({ name: 'Nul\u0000Name \\u0000', email: 'odd@example.com' });
  await chat.say('half a \ud800 pair, a nul \u0000, and the words \\u0000 \\ud800');
  await p.settled();
  const row = await p.models.inbox.findOne({ workspace, conversation: 'chat-odd' });
  expect(row?.visitor.name).toBe('Nul\uFFFDName \\u0000');
  expect(row?.lastMessage?.text).toBe('half a \uFFFD pair, a nul \uFFFD, and the words \\u0000 \\ud800');
  expect((await p.models.transcript.searchMessages({ workspace, query: 'half pair' })).total).toBe(1);
  expect(await p.models.inbox.findInbox({ workspace, search: 'nul\u0000' })).toMatchObject({ total: 1 });
  expect(p.faults).toEqual([]);
});

test('people, widgets and workspaces are rows, removed ones only by name', async () => {
  const { log } = p.storage;
  const put = async (
    kind: 'settings' | 'user' | 'widget',
    id: string,
    events: { type: string; data: unknown }[],
  ) => {
    const spelled = events.map((event) => encodeEvent({ ...event, actor: system, command: randomUUID() }));
    await log.append(
      log.subjects.aggregate(workspace, kind, id),
      encodeCommit(1, '2026-11-01T09:00:00.000Z', spelled),
      0,
    );
  };
  await put('settings', 'main', [
    { type: 'WorkspaceCreated', data: { name: 'Acme', ...settingsDefaults } },
    { type: 'WorkspaceSettingsChanged', data: { maxChats: 7 } },
  ]);
  const profile = {
    username: 'jane',
    email: 'Jane@acme.example',
    fullName: 'Jane Smith',
    role: 'admin',
    departments: [],
  };
  await put('user', 'jane', [{ type: 'UserRegistered', data: profile }]);
  await put('user', 'left', [
    { type: 'UserRegistered', data: { ...profile, email: 'left@acme.example', fullName: 'Left Already' } },
    { type: 'UserRemoved', data: {} },
  ]);
  await put('widget', 'w1', [
    {
      type: 'WidgetCreated',
      data: { siteKey: 'widget-aaaaaaaaaaaa', config: { businessName: 'Acme', ...widgetDefaults } },
    },
  ]);
  await p.settled();
  const users = await p.models.people.findUsers({ workspace });
  expect(users).toMatchObject({
    total: 1,
    rows: [{ id: 'jane', removed: false, profile: { fullName: 'Jane Smith', role: 'admin' } }],
  });
  expect((await p.models.people.findUsers({ workspace, role: 'support' })).total).toBe(0);
  const named = await p.models.people.findUsersById({ workspace, ids: ['left', 'nobody'] });
  expect([...named.values()]).toMatchObject([
    { id: 'left', removed: true, profile: { fullName: 'Left Already' } },
  ]);
  expect((await p.models.people.findUsersById({ workspace: foreign, ids: ['left'] })).size).toBe(0);
  expect(await p.models.people.findWidgets({ workspace })).toMatchObject({
    total: 1,
    rows: [{ id: 'w1', siteKey: 'widget-aaaaaaaaaaaa' }],
  });
  expect(await p.models.people.findWorkspaces()).toMatchObject({
    total: 1,
    rows: [{ workspace, settings: { name: 'Acme', maxChats: 7 } }],
  });
});

test('a read that waits for its own write sees it', async () => {
  const chat = new Chat(p.storage.log, workspace, 'chat-fresh', '2026-11-05T10:00:00.000Z');
  await chat.start({ name: 'Fresh' });
  const place = { stream: chat.address.stream, sequence: chat.sequence };
  expect(await p.models.freshness.waitFor(['inbox', 'customers'], place, 5_000)).toBe('fresh');
  expect(await p.models.inbox.findOne({ workspace, conversation: 'chat-fresh' })).toBeDefined();
  expect(await p.models.freshness.waitFor(['inbox'], { ...place, sequence: place.sequence + 1 }, 50)).toEqual(
    { lag: expect.any(Number) },
  );
});

test('reads whose connections are cut fail as reads that may be asked again, and the next ones are answered', async () => {
  let cut = true;
  let failed = 0;
  const reading = Array.from({ length: 6 }, async () => {
    while (cut) {
      const asked = p.models.inbox.findInbox({ workspace, search: 'coffee' });
      await asked.catch((fault: Error) => {
        expect(fault.name, String(fault)).toBe('ReadModelsDown');
        failed++;
      });
    }
  });
  for (let times = 0; times < 40; times++) {
    await p.sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'natter-queries' and datname = current_database()`;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  cut = false;
  await Promise.all(reading);
  expect(failed).toBeGreaterThan(0);
  expect((await p.models.inbox.findInbox({ workspace })).rows).not.toHaveLength(0);
});
