// Whatever is asked of conversations, in whatever order, their rows say what the domain's own fold says.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bob, by, Chat, jane, system, visitor } from './chat.ts';
import { type Projecting, startProjecting, workspace } from './projecting.ts';

let p: Projecting;
beforeAll(async () => {
  p = await startProjecting();
  p.projector();
  await p.settled();
}, 60_000);
afterAll(() => p.stop());

const agents = fc.constantFrom(jane, bob);
const anything = fc.oneof(
  fc
    .record({
      who: fc.constantFrom(visitor, by(jane), by(bob), { kind: 'ai' as const }, system),
      text: fc.string({ minLength: 1, maxLength: 300, unit: 'binary' }),
    })
    .map(
      ({ who, text }) =>
        (chat: Chat) =>
          chat.say(text, who),
    ),
  fc
    .record({
      name: fc.option(fc.string({ maxLength: 20 }), { nil: undefined }),
      email: fc.constantFrom('A@example.com', 'b@example.com', undefined),
    })
    .map((data) => (chat: Chat) => chat.ask(visitor, { type: 'IdentifyVisitor', data: { visitor: data } })),
  agents.map((agent) => (chat: Chat) => chat.ask(by(agent), { type: 'AssignAgent', data: { agent } })),
  agents.map((to) => (chat: Chat) => chat.ask(system, { type: 'TransferConversation', data: { to } })),
  fc
    .integer({ min: 1, max: 30 })
    .map(
      (upTo) => (chat: Chat) => chat.ask(upTo % 2 ? visitor : by(jane), { type: 'MarkRead', data: { upTo } }),
    ),
  fc
    .constantFrom('low' as const, 'urgent' as const)
    .map((priority) => (chat: Chat) => chat.ask(by(jane), { type: 'SetPriority', data: { priority } })),
  fc
    .uniqueArray(fc.constantFrom('a', 'b', 'c'))
    .map((tags) => (chat: Chat) => chat.ask(by(jane), { type: 'SetTags', data: { tags } })),
  fc
    .constantFrom('sales', 'support')
    .map(
      (department) => (chat: Chat) => chat.ask(by(jane), { type: 'QueueConversation', data: { department } }),
    ),
  fc.constant((chat: Chat) => chat.ask(visitor, { type: 'RequestHuman', data: {} })),
  fc.constant((chat: Chat) => chat.ask(system, { type: 'ReturnToAi', data: {} })),
  fc.constant((chat: Chat) => chat.ask(by(jane), { type: 'CloseConversation', data: {} })),
  fc
    .integer({ min: 1, max: 5 })
    .map((score) => (chat: Chat) => chat.ask(visitor, { type: 'RateConversation', data: { score } })),
  fc.constant((chat: Chat) => chat.ask(by(jane), { type: 'ArchiveConversation', data: {} })),
  fc.constant((chat: Chat) =>
    chat.ask(visitor, {
      type: 'AddAttachment',
      data: {
        attachment: {
          id: 'a'.repeat(26),
          name: 'a.png',
          type: 'image/png',
          size: 1,
          key: 'a-secret-key',
          sha256: 'a'.repeat(64),
        },
      },
    }),
  ),
);
// Rare, so that most histories have something to fold.
const erase = fc.constant((chat: Chat) => chat.ask(system, { type: 'EraseConversation', data: {} }));

let made = 0;

test('random histories', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          ai: fc.boolean(),
          acts: fc.array(fc.oneof({ weight: 40, arbitrary: anything }, { weight: 1, arbitrary: erase }), {
            maxLength: 25,
          }),
        }),
        { minLength: 1, maxLength: 6 },
      ),
      async (histories) => {
        const chats = await Promise.all(
          histories.map(async ({ ai, acts }) => {
            made += 1;
            const chat = new Chat(p.storage.log, workspace, `random-${made}`);
            await chat.start({ name: 'Random' }, { ai });
            for (const act of acts) await act(chat);
            return chat;
          }),
        );
        for (const { address, sequence } of chats) {
          expect(
            await p.models.freshness.waitFor(
              ['inbox', 'transcript', 'customers', 'analytics'],
              { stream: address.stream, sequence },
              10_000,
            ),
          ).toBe('fresh');
        }
        for (const { address, state, version } of chats) {
          const row = await p.models.inbox.findOne({ workspace, conversation: address.id });
          if (state.status === 'erased') expect(row).toBeUndefined();
          else {
            const { attachments: _attachments, unread: _unread, joined: _joined, ...listed } = state;
            // JSON has no undefined; what Postgres cannot store was replaced.
            expect(row).toEqual(
              JSON.parse(stored({ ...listed, workspace, conversation: address.id, version })),
            );
          }
        }
      },
    ),
    { numRuns: 40 },
  );
  expect(p.faults).toEqual([]);

  // Kept sums against a count of the rows themselves, after all these changes and erasures.
  const kept =
    await p.sql`select workspace, stream, status, department, priority, owner, agent, conversations from inbox_counts_g1 order by 1, 2, 3, 4, 5, 6, 7`;
  const counted = await p.sql`
    select workspace, stream, status, department, priority, owner, coalesce(agent, '') as agent, count(*)::int as conversations
      from inbox_g1 group by 1, 2, 3, 4, 5, 6, 7 order by 1, 2, 3, 4, 5, 6, 7`;
  expect(kept).toEqual(counted);
  const hours =
    await p.sql`select sum(sessions)::int as n, sum(messages)::int as messages, sum(closed)::int as closed, sum(rated)::int as rated, sum(rating_sum)::int as rating, sum(responded)::int as responded,
    sum(response_sum)::float8 as ms, min(response_min)::float8 as least, max(response_max)::float8 as most from hours_g1`;
  const facts =
    await p.sql`select count(*)::int as n, sum(messages)::int as messages, sum(closed::int)::int as closed, count(rating)::int as rated, sum(rating)::int as rating, count(first_response_ms)::int as responded,
    sum(first_response_ms)::float8 as ms, min(first_response_ms)::float8 as least, max(first_response_ms)::float8 as most from conversation_facts_g1`;
  expect(hours).toEqual(facts);
  const agentsKept =
    await p.sql`select agent, sum(sessions)::int as n, sum(rating_sum)::int as rating, sum(responded)::int as answered, sum(response_sum)::float8 as ms from agent_hours_g1 group by 1 order by 1`;
  expect(agentsKept).toEqual(
    await p.sql`
      select agent, sum(n)::int as n, sum(rating)::int as rating, sum(answered)::int as answered, sum(ms)::float8 as ms from (
        select agent, 1 as n, coalesce(rating, 0) as rating, 0 as answered, 0 as ms from conversation_facts_g1 where agent is not null
        union all select responder, 0, 0, 1, first_response_ms from conversation_facts_g1 where responder is not null) parts
       group by 1 order by 1`,
  );
  const waiting =
    await p.sql`select conversation, queued_at from inbox_g1 where queued_at is not null order by 1`;
  expect(waiting).toEqual(
    await p.sql`select conversation, (state->>'queuedAt')::timestamptz as queued_at from inbox_g1
                 where status = 'queued' and owner = 'nobody' order by 1`,
  );
  // Whoever waits by the inbox waits by the facts; who is back in the queue has a place of before, and waits since then.
  const apart =
    await p.sql`select i.conversation from inbox_g1 i join conversation_facts_g1 f using (workspace, conversation)
                 where (f.waiting_since is null) <> (i.queued_at is null) or f.waiting_since < i.queued_at
                    or (f.waiting_since <> i.queued_at and not i.state ? 'lastAgent' and i.state->'placeSince' is null)`;
  expect(apart).toHaveLength(0);
  const customers =
    await p.sql`select email, sum(conversations)::int as n from customers_g1 group by 1 order by 1`;
  expect(customers).toEqual(
    await p.sql`select email, count(*)::int as n from customer_conversations_g1 where email is not null group by 1 order by 1`,
  );
  const messages =
    await p.sql`select conversation, count(*)::int as n from transcript_g1 group by 1 order by 1`;
  expect(messages).toEqual(
    await p.sql`select conversation, (state->>'messageCount')::int as n from inbox_g1 where (state->>'messageCount')::int > 0 order by 1`,
  );

  const secrets = await p.sql`select from inbox_g1 i where i::text like '%a-secret-key%'`;
  expect(secrets).toHaveLength(0);
}, 90_000);

function stored(value: unknown): string {
  return JSON.stringify(value, (_key, item) =>
    typeof item === 'string' ? item.replace(/\p{Surrogate}|\0/gu, '\uFFFD') : item,
  );
}
