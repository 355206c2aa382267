// Who may see which event: every type, for every audience.
import { describe, expect, test } from 'vitest';
import { type ConversationEventType, conversationEvent } from '../../../domain/conversation/events.ts';
import type { RecordedEvent } from '../../../domain/log/commit.ts';
import { sees, showEvent } from '../../../edge/chat/audience.ts';

const SECRET = 'for-the-business-alone';
const agent = { id: '42', name: 'Grace' };
const file = {
  id: 'a'.repeat(26),
  name: 'a.png',
  type: 'image/png',
  size: 7,
  preview: true,
};
const sealed = { ...file, key: SECRET, sha256: '0'.repeat(64), previewSha256: '1'.repeat(64) };

/** Data of every type; whatever a visitor must not read holds SECRET. */
const EVERY: Record<ConversationEventType, unknown> = {
  ConversationStarted: {
    widget: 'w',
    visitor: { name: 'Vera', email: 'vera@example.com' },
    origin: { ip: '192.0.2.7', userAgent: SECRET },
    department: 'general',
    priority: 'medium',
    ai: false,
  },
  VisitorIdentified: { visitor: { name: 'Vera' } },
  AttachmentAdded: { attachment: sealed },
  MessagePosted: { text: 'Hello', attachments: [file], author: { kind: 'agent', ...agent } },
  AiAnswered: {
    answers: 2,
    model: SECRET,
    promptTokens: 900,
    completionTokens: 40,
    latencyMs: 800,
    confidence: 0.8,
    sources: [],
  },
  AiFailed: { answers: 2, reason: 'time-out', attempts: 3, model: SECRET, latencyMs: 800 },
  MessagesRead: { by: 'agent', upTo: 2 },
  AgentAssigned: { agent },
  AgentJoined: { agent },
  ConversationTransferred: { from: { id: '7', name: SECRET }, to: agent, reason: SECRET },
  ConversationQueued: { department: 'billing', reason: SECRET },
  HumanRequested: { reason: SECRET, cause: 'keyword', summary: SECRET },
  ConversationReturnedToAi: {},
  NoteAdded: { text: SECRET, author: agent },
  TagsSet: { tags: [SECRET] },
  PrioritySet: { priority: 'urgent' },
  DepartmentSet: { department: 'billing' },
  ConversationClosed: { by: 'agent', reason: SECRET },
  ConversationReopened: { by: 'visitor' },
  ConversationRated: { score: 5, feedback: 'good' },
  IdleWarned: { idleSince: '2026-11-21T00:00:00.000Z', closesAt: '2026-11-21T00:10:00.000Z' },
  TargetBreached: { target: 'first-response', dueAt: '2026-11-21T00:00:00.000Z' },
  ReminderSet: { at: '2026-11-22T09:00:00.000Z', text: SECRET, author: agent },
  ReminderCleared: {},
  ReminderDue: { at: '2026-11-22T09:00:00.000Z', text: SECRET, author: agent },
  ConversationArchived: {},
  ConversationErased: { reason: SECRET, files: [SECRET] },
};
const NOT_FOR_VISITORS = [
  'AttachmentAdded',
  'AiAnswered',
  'AiFailed',
  'NoteAdded',
  'TagsSet',
  'PrioritySet',
  'DepartmentSet',
  'TargetBreached',
  'ReminderSet',
  'ReminderCleared',
  'ReminderDue',
];
const links = { link: () => ({ url: '/files/c/a?s=1', previewUrl: '/files/c/a?s=1&preview=1' }) };

const recorded = (type: string, actor: RecordedEvent['actor']): RecordedEvent => ({
  type,
  data: EVERY[type as ConversationEventType],
  actor,
  command: '01920000-0000-7000-8000-000000000000',
  cause: SECRET,
  version: 3,
  position: 65_536,
  at: '2026-11-21T00:00:00.000Z',
});
const types = conversationEvent.options.map((option) => option.shape.type.value);

test('every type of event is judged here', () => {
  expect(Object.keys(EVERY).sort()).toEqual([...types].sort());
  for (const type of types)
    expect(
      conversationEvent.safeParse({ type, data: { ...(EVERY[type] as object) } }).error?.issues ?? [],
    ).toEqual([]);
});

describe.each(types)('%s', (type) => {
  test('shows a visitor nothing of the business’s own', () => {
    for (const actor of [{ kind: 'visitor' }, { kind: 'agent', id: '42' }, { kind: 'system' }] as const) {
      const shown = showEvent(recorded(type, actor), 'c', 'visitor', links, 2);
      expect(JSON.stringify(shown ?? {})).not.toContain(SECRET);
      expect(JSON.stringify(shown ?? {})).not.toMatch(/billing|urgent|192\.0\.2/);
    }
    expect(sees('visitor', type)).toBe(!NOT_FOR_VISITORS.includes(type));
    expect(showEvent(recorded(type, { kind: 'system' }), 'c', 'visitor', links, 2) !== undefined).toBe(
      sees('visitor', type),
    );
  });

  test('shows agents everything but keys', () => {
    const shown = showEvent(recorded(type, { kind: 'visitor' }), 'c', 'agent', links, 2);
    expect(shown !== undefined).toBe(type !== 'AttachmentAdded');
    expect(JSON.stringify(shown ?? {})).not.toMatch(/sha256|"key"|"files"/);
  });

  test('tells its command to its own side alone', () => {
    for (const audience of ['visitor', 'agent'] as const)
      for (const actor of [
        { kind: 'visitor' },
        { kind: 'agent', id: '42' },
        { kind: 'api' },
        { kind: 'system' },
        { kind: 'ai' },
      ] as const) {
        const shown = showEvent(recorded(type, actor), 'c', audience, links, 2);
        if (shown) expect(shown.command !== undefined).toBe(actor.kind === audience);
      }
  });
});

test('a type that nobody here has judged is shown to nobody', () => {
  const event = { ...recorded('ConversationArchived', { kind: 'system' }), type: 'SomethingNew' };
  for (const audience of ['visitor', 'agent'] as const)
    expect(showEvent(event, 'c', audience, links, 2)).toBeUndefined();
});
