// The rules beside the table: messages and their files, joining, reopening, read marks, ratings, tags, what lists show.
import { describe, expect, test } from 'vitest';
import { conversationCommand } from '../../domain/conversation/commands.ts';
import { LIMITS } from '../../domain/conversation/values.ts';
import { later, NOON } from '../given.ts';
import {
  accept,
  addFile,
  ask,
  assign,
  assigned,
  by,
  byAi,
  byApi,
  bySystem,
  byVisitor,
  close,
  closed,
  erase,
  fact,
  file,
  fileAdded,
  given,
  jane,
  joined,
  markRead,
  omar,
  onceArchived,
  onceClosed,
  onceErased,
  rate,
  reopenedBy,
  said,
  saidBy,
  saidByAi,
  say,
  sayAs,
  setTags,
  started,
  startedWithAi,
  whileOpen,
  whileQueued,
} from './conversation-words.ts';

const DAY = 86_400_000;

describe('a message', () => {
  test('without text or file is refused', () =>
    given(...whileOpen)
      .when(say(''))
      .thenRefused('message-empty'));
  test('of blanks alone is refused', () =>
    given(...whileOpen)
      .when(say(' \n\t'))
      .thenRefused('message-empty'));
  test('keeps its blanks where there is text beside them', () =>
    given(...whileOpen)
      .when(say(' hello '))
      .then(said(' hello ')));
  test('may be a file without text, and shows neither its key nor its hash', () =>
    given(...whileOpen, fileAdded())
      .when(say('', { attachments: [file.id] }))
      .then(
        fact('MessagePosted', {
          text: '',
          attachments: [{ id: file.id, name: 'plan.png', type: 'image/png', size: 1_234 }],
          author: { kind: 'visitor' },
        }),
      ));
  test('with a file that nobody added is refused', () =>
    given(...whileOpen, fileAdded())
      .when(say('see', { attachments: [file.id, 'bbbbbbbbbbbbbbbbbbbbbbbbbb'] }))
      .thenRefused('attachment-unknown'));
  test('with the name of something every object has is refused like any unknown file', () =>
    given(...whileOpen)
      .when(say('see', { attachments: ['constructor'] }))
      .thenRefused('attachment-unknown'));
  test('over the bound of characters or files does not pass the door', () => {
    const accepts = (data: object) => conversationCommand.safeParse({ type: 'PostMessage', data }).success;
    expect(accepts({ text: 'x'.repeat(LIMITS.text) })).toBe(true);
    expect(accepts({ text: 'x'.repeat(LIMITS.text + 1) })).toBe(false);
    expect(accepts({ text: '', attachments: Array(LIMITS.attachmentsPerMessage).fill('a') })).toBe(true);
    expect(accepts({ text: '', attachments: Array(LIMITS.attachmentsPerMessage + 1).fill('a') })).toBe(false);
  });
  test('by the API is an agent’s without an id', () =>
    given(...whileQueued)
      .when(ask(byApi, { type: 'PostMessage', data: { text: 'hello', name: 'Shop' } }))
      .then(
        fact('MessagePosted', { text: 'hello', attachments: [], author: { kind: 'agent', name: 'Shop' } }),
      ));
  test('by the API or the system is refused once closed', () => {
    for (const actor of [byApi, bySystem])
      given(...onceClosed)
        .when(ask(actor, { type: 'PostMessage', data: { text: 'hello' } }))
        .thenRefused('conversation-closed');
  });
});

describe('a file', () => {
  test('is added before the message that shows it', () =>
    given(...whileOpen)
      .when(addFile())
      .then(fileAdded()));
  test('may be added once closed, for the message that reopens', () =>
    given(...onceClosed)
      .when(addFile())
      .then(fileAdded()));
  test('is refused once archived', () =>
    given(...onceArchived)
      .when(addFile())
      .thenRefused('conversation-archived'));
  test('is refused past the bound of one conversation', () => {
    const many = Array.from({ length: LIMITS.attachmentsPerConversation }, (_, index) =>
      fileAdded({ ...file, id: `f${index}` }),
    );
    given(started, ...many)
      .when(addFile())
      .thenRefused('too-many-attachments');
    given(started, ...many.slice(1))
      .when(addFile())
      .then(fileAdded());
  });
  test('is named for destruction when the conversation is erased', () =>
    given(...whileOpen, fileAdded())
      .when(erase)
      .then(fact('ConversationErased', { reason: '', files: [file.id] }))
      .leaving({ attachments: {} }));
});

describe('joining', () => {
  test('is said once, however much is then written', () =>
    given(...whileOpen, joined(omar))
      .when(sayAs(omar, 'me again', { mayJoin: true }))
      .then(saidBy(omar, 'me again')));
  test('ends where the right to join was taken away', () =>
    given(...whileOpen, joined(omar))
      .when(sayAs(omar, 'me again'))
      .thenRefused('not-the-owner'));
  test('is no matter for an owner by transfer', () =>
    given(...whileOpen, fact('ConversationTransferred', { from: jane, to: omar, reason: '' }))
      .when(sayAs(omar, 'hello'))
      .then(saidBy(omar, 'hello')));
  test('is what an owner must do who gave the conversation away', () =>
    given(...whileOpen, fact('ConversationTransferred', { from: jane, to: omar, reason: '' }))
      .when(sayAs(jane, 'hello'))
      .thenRefused('not-the-owner'));
});

describe('reopening by a visitor', () => {
  const ended = later(NOON, DAY);
  const history = [started, assigned(jane), closed(ended)];
  const reopened = [reopenedBy('visitor'), said('hello')];
  test('works to the last millisecond of seven days', () =>
    given(...history)
      .when(say('hello'), later(ended, 7 * DAY))
      .then(...reopened));
  test('is refused a millisecond later', () =>
    given(...history)
      .when(say('hello'), later(ended, 7 * DAY + 1))
      .thenRefused('conversation-closed'));
  test('follows the widget’s own number of days', () => {
    given(...history)
      .when(say('hello', { reopenDays: 1 }), later(ended, DAY))
      .then(...reopened);
    given(...history)
      .when(say('hello', { reopenDays: 1 }), later(ended, DAY + 1))
      .thenRefused('conversation-closed');
    given(...history)
      .when(say('hello', { reopenDays: 30 }), later(ended, 30 * DAY))
      .then(...reopened);
  });
  test('never happens at 0 days, not even in the moment of closing', () =>
    given(...history)
      .when(say('hello', { reopenDays: 0 }), ended)
      .thenRefused('conversation-closed'));
  test('counts from the newest closing', () =>
    given(...history, reopenedBy('visitor'), closed(later(ended, 5 * DAY)))
      .when(say('hello'), later(ended, 12 * DAY))
      .then(...reopened));
  test('clears a request for a human that an earlier round left behind', () =>
    given(startedWithAi, fact('HumanRequested', { reason: '' }), closed(), reopenedBy('visitor')).is({
      humanRequested: false,
    }));
  test('an empty message reopens nothing', () =>
    given(...history)
      .when(say(' '))
      .thenRefused('message-empty'));
});

describe('a rating', () => {
  const rated = (score: number, at?: string) => fact('ConversationRated', { score, feedback: '' }, at);
  const first = later(NOON, DAY);
  test('may be changed for 24 hours from the first one', () => {
    given(...onceClosed, rated(2, first))
      .when(rate(5), later(first, DAY))
      .then(rated(5));
    given(...onceClosed, rated(2, first))
      .when(rate(5), later(first, DAY + 1))
      .thenRefused('rating-final');
  });
  test('is not kept open by changing it', () =>
    given(...onceClosed, rated(2, first), rated(3, later(first, DAY - 1)))
      .when(rate(5), later(first, DAY + 1))
      .thenRefused('rating-final'));
  test('given again as it was changes nothing', () =>
    given(...onceClosed, rated(4))
      .when(rate(4))
      .thenNothing());
  test('with other words is another one', () =>
    given(...onceClosed, rated(4))
      .when(rate(4, 'kind'))
      .then(fact('ConversationRated', { score: 4, feedback: 'kind' })));
  test('may be given anew for each closing', () =>
    given(...onceClosed, rated(2, first), reopenedBy('visitor'), closed(later(first, 3 * DAY)))
      .when(rate(5))
      .then(rated(5))
      .leaving({ rating: expect.objectContaining({ score: 5, firstAt: later(first, 3 * DAY + 60_000) }) }));
  test('is a whole number from 1 to 5', () => {
    for (const score of [0, 6, 2.5, -1]) expect(() => rate(score)).toThrow();
  });
});

describe('read marks', () => {
  const talk = [...whileOpen, said('one'), said('two'), saidBy(jane, 'three')];
  test('count what each side has not read', () =>
    given(...talk).is({ unreadByAgent: 2, unreadByVisitor: 1 }));
  test('by an agent clear the visitor’s messages up to there', () =>
    given(...talk)
      .when(markRead(by(jane), 3))
      .then(fact('MessagesRead', { by: 'agent', upTo: 3 }))
      .leaving({ unreadByAgent: 1, unreadByVisitor: 1, readBy: { agent: 3, visitor: 0 } }));
  test('by the visitor clear the other side’s', () =>
    given(...talk)
      .when(markRead(byVisitor, 5))
      .then(fact('MessagesRead', { by: 'visitor', upTo: 5 }))
      .leaving({ unreadByAgent: 2, unreadByVisitor: 0 }));
  test('where nothing new was read are nothing', () => {
    given(...talk)
      .when(markRead(byVisitor, 4))
      .thenNothing();
    given(...talk, fact('MessagesRead', { by: 'agent', upTo: 4 }))
      .when(markRead(by(jane), 4))
      .thenNothing();
  });
  test('reach no further than the last message: what is yet to be written cannot have been read', () =>
    given(...talk)
      .when(markRead(byVisitor, 1_000_000))
      .then(fact('MessagesRead', { by: 'visitor', upTo: 5 })));
  test('may be set once closed and archived', () => {
    for (const end of [[closed()], [closed(), fact('ConversationArchived', {})]])
      given(...talk, ...end)
        .when(markRead(byVisitor, 5))
        .then(fact('MessagesRead', { by: 'visitor', upTo: 5 }));
  });
  test('stay out of what the system says', () =>
    given(
      started,
      fact('MessagePosted', { text: 'Welcome', attachments: [], author: { kind: 'system' } }),
    ).is({
      unreadByVisitor: 0,
      unreadByAgent: 0,
      messageCount: 1,
    }));
});

describe('tags, priority, department', () => {
  test('a tag named twice is set once', () =>
    given(started)
      .when(setTags('a', 'b', 'a'))
      .then(fact('TagsSet', { tags: ['a', 'b'] })));
  test('blanks around a tag do not make another one', () =>
    given(started)
      .when(setTags('a', ' a '))
      .then(fact('TagsSet', { tags: ['a'] })));
  test('tags that are set already change nothing', () =>
    given(started, fact('TagsSet', { tags: ['a', 'b'] }))
      .when(setTags('a', 'b'))
      .thenNothing());
  test('no tags take all away', () =>
    given(started, fact('TagsSet', { tags: ['a'] }))
      .when(setTags())
      .then(fact('TagsSet', { tags: [] })));
  test('the priority and the department that are set already change nothing', () => {
    given(started)
      .when(ask(by(jane), { type: 'SetPriority', data: { priority: 'medium' } }))
      .thenNothing();
    given(started)
      .when(ask(by(jane), { type: 'SetDepartment', data: { department: 'general' } }))
      .thenNothing();
  });
});

describe('starting and waiting', () => {
  const startAs = (data: object) =>
    ask(byVisitor, { type: 'StartConversation', data: { widget: 'w1', visitor: {}, origin: {}, ...data } });
  test('a welcome is the system’s first message', () =>
    given()
      .when(startAs({ welcome: 'Hello!' }))
      .then(
        fact('ConversationStarted', {
          widget: 'w1',
          visitor: {},
          origin: {},
          department: 'general',
          priority: 'medium',
          ai: false,
        }),
        fact('MessagePosted', {
          text: 'Hello!',
          attachments: [],
          author: { kind: 'system', name: 'System' },
        }),
      ));
  test('whoever speaks with the AI does not wait yet', () =>
    given(startedWithAi).is({ queuedAt: undefined }));
  test('the wait begins when a human is asked for, and is not begun anew', () =>
    given(startedWithAi, fact('HumanRequested', { reason: '' })).is({ queuedAt: later(NOON, 60_000) }));
  test('the wait ends with an agent', () => given(...whileOpen).is({ queuedAt: undefined }));
  test('a request for a human is met by a transfer as by an assignment', () => {
    const asked = [startedWithAi, fact('HumanRequested', { reason: '' })];
    given(...asked, assigned(jane)).is({ humanRequested: false });
    given(...asked, fact('ConversationTransferred', { to: jane, reason: '' })).is({ humanRequested: false });
  });
  test('a department’s queue is another one', () =>
    given(started)
      .when(ask(by(jane), { type: 'QueueConversation', data: { department: 'sales' } }))
      .then(fact('ConversationQueued', { department: 'sales', reason: '', since: NOON }))
      .leaving({ department: 'sales' }));
  test('the first response is a human’s, not the AI’s', () => {
    given(startedWithAi, saidByAi('hi')).is({ firstResponseAt: undefined });
    given(...whileOpen, saidBy(jane, 'hi'), saidBy(jane, 'there')).is({
      firstResponseAt: later(NOON, 120_000),
    });
  });
  test('what is learnt of a visitor adds to what was known', () =>
    given(started)
      .when(ask(byVisitor, { type: 'IdentifyVisitor', data: { visitor: { email: 'vera@example.com' } } }))
      .leaving({ visitor: { name: 'Vera', email: 'vera@example.com' } }));
  test('who ended it is said as it was', () => {
    const closing = (side: 'visitor' | 'agent' | 'system') => fact('ConversationClosed', { by: side });
    given(started)
      .when({ ...close, actor: byVisitor })
      .then(closing('visitor'));
    given(started).when(close).then(closing('agent'));
    for (const actor of [byAi, byApi, bySystem])
      given(started)
        .when({ ...close, actor })
        .then(closing('system'));
  });
  test('why it ended is known until it begins again', () => {
    const solved = fact('ConversationClosed', { by: 'agent', reason: 'Resolved' });
    given(started, solved).is({ status: 'closed', endReason: 'Resolved' });
    given(started, solved, reopenedBy('visitor')).is({ endReason: undefined });
  });
  test('who accepts takes what no agent has, and nothing from another', () => {
    given(started).when(accept(jane)).then(assigned(jane));
    given(startedWithAi).when(accept(jane)).then(assigned(jane));
    given(...whileOpen)
      .when(accept(jane))
      .thenNothing();
    given(...whileOpen)
      .when(accept(omar))
      .thenRefused('already-assigned', 'Jane');
    given(...onceClosed)
      .when(accept(jane))
      .thenRefused('conversation-closed');
    given(...onceArchived)
      .when(accept(jane))
      .thenRefused('conversation-archived');
    given(...onceErased)
      .when(accept(jane))
      .thenRefused('conversation-not-found');
  });
  test('an agent who took it over is not asked to accept again', () =>
    given(started, fact('ConversationTransferred', { to: omar, reason: '' }))
      .when(assign(omar))
      .thenNothing());
});

test('unread messages are counted exactly, also where more are unread than are listed', () => {
  const many = Array.from({ length: 70 }, (_, index) => said(`message ${index + 1}`));
  const read = (upTo: number) => fact('MessagesRead', { by: 'agent', upTo });
  given(started, ...many).is({ unreadByAgent: 70, unreadByVisitor: 0 });
  // The start is version 1, so that the messages are 2 to 71.
  given(started, ...many, read(61)).is({ unreadByAgent: 10 });
  given(started, ...many, read(71)).is({ unreadByAgent: 0 });
  given(started, ...many, read(5)).is({ unreadByAgent: 70 });
});
