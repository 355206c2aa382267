// What holds for every conversation, whatever is asked of it and in whatever order.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Actor } from '../../domain/actor.ts';
import { conversationCommand } from '../../domain/conversation/commands.ts';
import type { Conversation } from '../../domain/conversation/conversation.ts';
import { initial } from '../../domain/conversation/conversation.ts';
import { type ConversationCommand, decide } from '../../domain/conversation/decide.ts';
import { type ConversationEvent, conversationEvent } from '../../domain/conversation/events.ts';
import { evolve } from '../../domain/conversation/evolve.ts';
import { isRefusal, type Placed } from '../../domain/decider.ts';
import { frozen, later, NOON } from '../given.ts';
import { file } from './conversation-words.ts';

type Type = (typeof conversationCommand.options)[number]['shape']['type']['value'];
type Fact = ConversationEvent & Placed & { readonly actor: Actor };

const agent = fc.constantFrom({ id: '7', name: 'Jane' }, { id: '8', name: 'Omar' });
const actor: fc.Arbitrary<Actor> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Actor>({ kind: 'visitor' }) },
  { weight: 3, arbitrary: agent.map(({ id }): Actor => ({ kind: 'agent', id })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Actor>({ kind: 'ai' }, { kind: 'api' }, { kind: 'system' }),
  },
);
const fileId = fc.constantFrom(file.id, 'bbbbbbbbbbbbbbbbbbbbbbbbbb');
const reason = fc.constantFrom('', 'away');
const department = fc.constantFrom('general', 'sales');
const priority = fc.constantFrom('low', 'medium', 'high', 'urgent');
const visitor = fc.record(
  { name: fc.constantFrom('Vera', 'Vera B.'), phone: fc.constant('1') },
  { requiredKeys: [] },
);

const unanswered = fc.integer({ min: 1, max: 60 });
const idle = fc.constantFrom(
  { warnAfterMinutes: 10, closeAfterMinutes: 15 },
  { warnAfterMinutes: null, closeAfterMinutes: 1 },
  { warnAfterMinutes: 1, closeAfterMinutes: null },
);
const promise = { firstResponseMinutes: 1, resolutionMinutes: 60 };
const targets = { low: promise, medium: promise, urgent: { ...promise, resolutionMinutes: null } };
/** Some of them are past by the time they are set. */
const moment = fc.constantFrom(1, 30, 120).map((days) => later(NOON, days * 86_400_000));

const handOver = fc.constantFrom(undefined, { cause: 'low-confidence' as const, summary: 'opening hours' });

/** The data of every command there is: a new one without an entry does not compile. */
const data: Record<Type, fc.Arbitrary<object>> = {
  StartConversation: fc.record({
    widget: fc.constant('w1'),
    visitor,
    origin: fc.constant({}),
    ai: fc.boolean(),
    welcome: fc.constantFrom('', 'Hello!'),
  }),
  IdentifyVisitor: fc.record({ visitor }),
  AddAttachment: fileId.map((id) => ({ attachment: { ...file, id } })),
  PostMessage: fc.record({
    text: fc.constantFrom('hello', '👋', 'x'.repeat(300), ''),
    attachments: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(fileId, { maxLength: 2 })),
    mayJoin: fc.boolean(),
    reopenDays: fc.constantFrom(0, 1, 7),
  }),
  AnswerByAi: fc.record({
    answers: fc.integer({ min: 1, max: 60 }),
    text: fc.constant('We are open from nine to five.'),
    model: fc.constant('m'),
    promptTokens: fc.nat(9),
    completionTokens: fc.nat(9),
    latencyMs: fc.nat(9),
    confidence: fc.constantFrom(0, 0.5, 1),
    handOver,
  }),
  FailByAi: fc.record({
    answers: fc.integer({ min: 1, max: 60 }),
    text: fc.constant('I cannot answer right now.'),
    reason: fc.constantFrom('time-out', 'limit'),
    attempts: fc.nat(3),
    model: fc.constant('m'),
    latencyMs: fc.nat(9),
    handOver,
  }),
  MarkRead: fc.record({ upTo: fc.integer({ min: 1, max: 60 }) }),
  AssignAgent: fc.record({ agent }),
  AcceptConversation: fc.record({ agent }),
  TransferConversation: fc.record({ to: agent, reason }),
  QueueConversation: fc.record({ department, reason }, { requiredKeys: ['reason'] }),
  RequestHuman: fc.record({ reason }),
  ReturnToAi: fc.constant({}),
  AddNote: fc.record({ text: fc.constant('calls back'), author: agent }),
  SetTags: fc.record({ tags: fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 4 }) }),
  SetPriority: fc.record({ priority }),
  SetDepartment: fc.record({ department }),
  CloseConversation: fc.record({ reason }, { requiredKeys: [] }),
  ReopenConversation: fc.record({ agent }),
  RateConversation: fc.record({ score: fc.integer({ min: 1, max: 5 }), feedback: reason }),
  SetReminder: fc.record({ at: moment, text: fc.constantFrom('', 'call back'), author: agent }),
  ClearReminder: fc.constant({}),
  WarnIdle: fc.record({ unanswered, idle }),
  CloseIdle: fc.record({ unanswered, idle }),
  BreachTarget: fc.record({
    target: fc.constantFrom('first-response', 'resolution'),
    targets: fc.constant(targets),
  }),
  Remind: fc.record({ at: moment }),
  ArchiveConversation: fc.constant({}),
  EraseConversation: fc.record({ reason }),
};
const RARE: readonly Type[] = ['EraseConversation'];

const asked = fc.record({
  request: fc.oneof(
    ...(Object.keys(data) as Type[]).map((type) => ({
      weight: type === 'PostMessage' ? 40 : RARE.includes(type) ? 1 : 6,
      arbitrary: data[type].map((data) => conversationCommand.parse({ type, data })),
    })),
  ),
  actor,
  /** Milliseconds since the command before. */
  wait: fc.constantFrom(0, 1, 60_000, 86_400_000, 8 * 86_400_000),
});
type Asked = typeof asked extends fc.Arbitrary<infer Value> ? Value : never;

const startFirst = asked.map(
  (first): Asked => ({
    ...first,
    request: conversationCommand.parse({
      type: 'StartConversation',
      data: { widget: 'w1', visitor: {}, origin: {}, ai: first.wait > 0 },
    }),
  }),
);
const talk = fc
  .tuple(startFirst, fc.array(asked, { minLength: 10, maxLength: 50, size: 'max' }))
  .map(([first, rest]) => [first, ...rest]);

/** Most answers and timers mean what is there: by chance alone hardly any would. */
function aimed(
  request: Asked['request'],
  { asked: { version }, silence, reminder }: Conversation,
): Asked['request'] {
  if (request.type === 'WarnIdle' && silence && request.data.unanswered > 20)
    return { ...request, data: { ...request.data, unanswered: silence.version } };
  if (request.type === 'CloseIdle' && silence && request.data.unanswered > 20)
    return { ...request, data: { ...request.data, unanswered: silence.version } };
  if (request.type === 'Remind' && reminder) return { type: 'Remind', data: { at: reminder.at } };
  if (request.type === 'AnswerByAi' && version > 0 && request.data.answers > 20)
    return { ...request, data: { ...request.data, answers: version } };
  if (request.type === 'FailByAi' && version > 0 && request.data.answers > 20)
    return { ...request, data: { ...request.data, answers: version } };
  return request;
}

/** Asks everything in turn; calls `each` after every command. Everything handed over is frozen. */
function run(
  commands: readonly Asked[],
  each: (step: {
    before: Conversation;
    command: ConversationCommand;
    news: Fact[];
    now: Conversation;
  }) => void = () => {},
): { facts: Fact[]; state: Conversation } {
  let state = frozen(initial);
  let at = NOON;
  const facts: Fact[] = [];
  for (const { request, actor, wait } of commands) {
    at = later(at, wait);
    const command = frozen({ ...aimed(request, state), actor, at });
    const decision = decide(command, state);
    const before = state;
    const news = (isRefusal(decision) ? [] : decision).map((fact, index): Fact => {
      const version = facts.length + index + 1;
      return { ...fact, actor, version, position: version * 65_536, at };
    });
    state = news.reduce((now, fact) => frozen(evolve(now, frozen(fact))), before);
    facts.push(...news);
    each({ before, command, news, now: state });
  }
  return { facts, state };
}

const holds = (check: (commands: Asked[]) => void, numRuns = 200) =>
  fc.assert(fc.property(talk, check), { numRuns });

test('a decision is the same whenever it is made, and changes nothing that it is handed', () =>
  holds((commands) => {
    run(commands, ({ before, command, news }) => {
      const again = decide(structuredClone(command), structuredClone(before));
      const { actor, at } = command;
      if (!isRefusal(again))
        expect(again.map((fact, index) => ({ ...fact, actor, at, version: news[index]?.version }))).toEqual(
          news.map(({ position: _, ...fact }) => fact),
        );
      else expect(news).toEqual([]);
    });
  }));

test('a command carried out again changes nothing that it said, unless it speaks', () =>
  holds((commands) => {
    const speaks: readonly Type[] = ['PostMessage', 'AddNote', 'AddAttachment', 'IdentifyVisitor'];
    run(commands, ({ command, now, news }) => {
      if (speaks.includes(command.type) || news.length === 0) return;
      const again = decide(command, now);
      expect(isRefusal(again) ? again.refused : again).toEqual(
        command.type === 'StartConversation' ? 'conversation-exists' : [],
      );
    });
  }));

test('the unread counts are those of what is unread, and never more than the messages', () =>
  holds((commands) => {
    run(commands, ({ now }) => {
      const { byAgent, byVisitor } = now.unread;
      // Histories here are shorter than the list, so that what is listed is all there is.
      expect([now.unreadByAgent, now.unreadByVisitor]).toEqual([byAgent.length, byVisitor.length]);
      expect(byAgent.length + byVisitor.length).toBeLessThanOrEqual(now.messageCount);
      for (const version of byAgent) expect(version).toBeGreaterThan(now.readBy.agent);
      for (const version of byVisitor) expect(version).toBeGreaterThan(now.readBy.visitor);
      expect(Math.max(now.readBy.agent, now.readBy.visitor)).toBeLessThanOrEqual(
        now.lastMessage?.version ?? 0,
      );
    });
  }));

test('status, owner, waiting and ending always fit together', () =>
  holds((commands) => {
    run(commands, ({ now }) => {
      if (now.status === 'open') expect(now.owner.kind).toBe('agent');
      if (now.status === 'queued') expect(now.owner.kind).not.toBe('agent');
      expect(now.queuedAt !== undefined).toBe(now.status === 'queued' && now.owner.kind === 'nobody');
      expect(now.endedAt !== undefined).toBe(now.status === 'closed' || now.status === 'archived');
      if (now.rating) expect(['closed', 'archived']).toContain(now.status);
      if (now.silence) expect(['queued', 'open']).toContain(now.status);
      if (now.reminder) expect(now.status).not.toBe('archived');
      expect(new Set(now.opening.breached).size).toBe(now.opening.breached.length);
      if (now.humanRequested) expect(now.owner.kind).not.toBe('ai');
      expect(new Set(now.joined).size).toBe(now.joined.length);
      expect(new Set(now.tags).size).toBe(now.tags.length);
    });
  }));

test('the clock of a conversation follows its facts', () =>
  holds((commands) => {
    const { facts, state } = run(commands);
    expect(facts.map((fact) => fact.at)).toEqual(facts.map((fact) => fact.at).sort());
    expect(state.updatedAt).toBe(facts.at(-1)?.at);
  }));

test('folding in parts, or from what was stored, is folding', () =>
  fc.assert(
    fc.property(talk, fc.nat(), (commands, cut) => {
      const { facts, state } = run(commands);
      const stored = JSON.parse(JSON.stringify(facts)) as Fact[];
      const at = cut % (stored.length + 1);
      const half = JSON.parse(JSON.stringify(stored.slice(0, at).reduce(evolve, initial))) as Conversation;
      expect(stored.slice(at).reduce(evolve, half)).toEqual(state);
    }),
    { numRuns: 200 },
  ));

test('every fact fits its own schema, unchanged, and every type of fact is reached', () => {
  const seen = new Set<string>();
  holds((commands) => {
    for (const { type, data } of run(commands).facts) {
      const fact = JSON.parse(JSON.stringify({ type, data }));
      expect(conversationEvent.parse(fact)).toEqual(fact);
      seen.add(type);
    }
    // Once in some hundred times 200 talks leave one of them out.
  }, 1_000);
  expect([...seen].sort()).toEqual(conversationEvent.options.map((option) => option.shape.type.value).sort());
});

test('once erased, nothing of what was said or known is left', () =>
  holds((commands) => {
    run(commands, ({ now }) => {
      if (now.status === 'erased')
        expect(now).toEqual({ ...initial, status: 'erased', updatedAt: now.updatedAt });
    });
  }));
