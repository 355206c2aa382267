// Every cell of the table of states and commands, as a sentence.
import { describe, test } from 'vitest';
import { system } from '../../domain/actor.ts';
import { NOON } from '../given.ts';
import {
  archive,
  archived,
  ask,
  assign,
  assigned,
  by,
  close,
  closed,
  erase,
  erased,
  fact,
  given,
  jane,
  note,
  omar,
  onceArchived,
  onceClosed,
  onceErased,
  queue,
  rate,
  reopen,
  reopenedBy,
  requestHuman,
  returnToAi,
  said,
  saidBy,
  saidByAi,
  say,
  sayAs,
  sayAsAi,
  setDepartment,
  setPriority,
  setTags,
  start,
  started,
  startedWithAi,
  transfer,
  whileAiSpeaks,
  whileOpen,
  whileQueued,
} from './conversation-words.ts';

describe('starting', () => {
  test('an id that nobody used starts a conversation, which then waits', () =>
    given()
      .when(start)
      .then(started)
      .leaving({ status: 'queued', owner: { kind: 'nobody' } }));
  for (const [state, facts] of Object.entries({ queued: whileQueued, open: whileOpen, closed: onceClosed }))
    test(`an id of a conversation that is ${state} starts nothing`, () =>
      given(...facts)
        .when(start)
        .thenRefused('conversation-exists'));
  test('an id of an archived conversation starts nothing', () =>
    given(...onceArchived)
      .when(start)
      .thenRefused('conversation-exists'));
  test('an id of an erased conversation is never used again', () =>
    given(...onceErased)
      .when(start)
      .thenRefused('conversation-exists'));
});

describe('a message by the visitor', () => {
  test('is taken while the conversation waits', () =>
    given(...whileQueued)
      .when(say('hello'))
      .then(said('hello')));
  test('is taken while the AI speaks', () =>
    given(...whileAiSpeaks)
      .when(say('hello'))
      .then(said('hello')));
  test('is taken while an agent owns the conversation', () =>
    given(...whileOpen)
      .when(say('hello'))
      .then(said('hello')));
  test('reopens a closed conversation, which then waits', () =>
    given(...onceClosed)
      .when(say('hello'))
      .then(reopenedBy('visitor'), said('hello'))
      .leaving({ status: 'queued', owner: { kind: 'nobody' }, endedAt: undefined }));
  test('is refused once archived', () =>
    given(...onceArchived)
      .when(say('hello'))
      .thenRefused('conversation-archived'));
  test('finds nothing once erased', () =>
    given(...onceErased)
      .when(say('hello'))
      .thenRefused('conversation-not-found'));
  test('finds nothing where nothing was started', () =>
    given().when(say('hello')).thenRefused('conversation-not-found'));
});

describe('a message by an agent', () => {
  test('is refused while the conversation waits, for an agent without the right to join', () =>
    given(...whileQueued)
      .when(sayAs(jane, 'hello'))
      .thenRefused('not-the-owner'));
  test('takes a waiting conversation first, so that its owner writes', () =>
    given(...whileQueued)
      .when(sayAs(jane, 'hello', { mayJoin: true }))
      .then(assigned(jane), saidBy(jane, 'hello'))
      .leaving({ status: 'open', owner: { kind: 'agent', agent: jane } }));
  test('is refused while the AI speaks, for an agent without the right to join', () =>
    given(...whileAiSpeaks)
      .when(sayAs(jane, 'hello'))
      .thenRefused('not-the-owner'));
  test('takes the conversation from the AI first, so that its owner writes', () =>
    given(...whileAiSpeaks)
      .when(sayAs(jane, 'hello', { mayJoin: true }))
      .then(assigned(jane), saidBy(jane, 'hello'))
      .leaving({ owner: { kind: 'agent', agent: jane } }));
  test('is taken from the owner', () =>
    given(...whileOpen)
      .when(sayAs(jane, 'hello'))
      .then(saidBy(jane, 'hello')));
  test('is refused from another agent without the right to join', () =>
    given(...whileOpen)
      .when(sayAs(omar, 'hello'))
      .thenRefused('not-the-owner'));
  test('makes another agent with the right to join one who joined, and the owner stays', () =>
    given(...whileOpen)
      .when(sayAs(omar, 'hello', { mayJoin: true }))
      .then(fact('AgentJoined', { agent: omar }), saidBy(omar, 'hello'))
      .leaving({ owner: { kind: 'agent', agent: jane }, joined: [omar.id] }));
  test('reopens a closed conversation, which is then that agent’s', () =>
    given(...onceClosed)
      .when(sayAs(omar, 'hello'))
      .then(reopenedBy('agent'), assigned(omar), saidBy(omar, 'hello'))
      .leaving({ status: 'open', owner: { kind: 'agent', agent: omar } }));
  test('is refused once archived', () =>
    given(...onceArchived)
      .when(sayAs(jane, 'hello'))
      .thenRefused('conversation-archived'));
  test('finds nothing once erased', () =>
    given(...onceErased)
      .when(sayAs(jane, 'hello'))
      .thenRefused('conversation-not-found'));
  test('finds nothing where nothing was started', () =>
    given().when(sayAs(jane, 'hello')).thenRefused('conversation-not-found'));
});

describe('a message by the AI', () => {
  test('is taken while it owns the conversation', () =>
    given(...whileAiSpeaks)
      .when(sayAsAi('hello'))
      .then(saidByAi('hello')));
  test('is refused while the conversation waits for a human', () =>
    given(...whileQueued)
      .when(sayAsAi('hello'))
      .thenRefused('not-the-owner'));
  test('is refused once a human has been asked for', () =>
    given(startedWithAi, fact('HumanRequested', { reason: '' }))
      .when(sayAsAi('hello'))
      .thenRefused('not-the-owner'));
  test('is refused once a human has joined', () =>
    given(...whileOpen)
      .when(sayAsAi('hello'))
      .thenRefused('not-the-owner'));
  test('is refused once closed', () =>
    given(...onceClosed)
      .when(sayAsAi('hello'))
      .thenRefused('conversation-closed'));
  test('is refused once archived', () =>
    given(...onceArchived)
      .when(sayAsAi('hello'))
      .thenRefused('conversation-archived'));
  test('finds nothing once erased', () =>
    given(...onceErased)
      .when(sayAsAi('hello'))
      .thenRefused('conversation-not-found'));
  test('finds nothing where nothing was started', () =>
    given().when(sayAsAi('hello')).thenRefused('conversation-not-found'));
});

const toOmar = (from?: typeof jane) => fact('ConversationTransferred', { from, to: omar, reason: '' });
const queued = fact('ConversationQueued', { reason: 'away' });
const humanRequested = fact('HumanRequested', { reason: 'help' });
const returned = fact('ConversationReturnedToAi', {});

describe('assign, transfer, escalate, return to AI', () => {
  test('a waiting conversation is assigned', () =>
    given(...whileQueued)
      .when(assign(jane))
      .then(assigned(jane))
      .leaving({ status: 'open' }));
  test('the AI’s conversation is assigned', () =>
    given(...whileAiSpeaks)
      .when(assign(jane))
      .then(assigned(jane))
      .leaving({ status: 'open' }));
  test('an open conversation assigned to another agent is transferred', () =>
    given(...whileOpen)
      .when(assign(omar))
      .then(toOmar(jane)));
  test('an agent who accepts again is the owner already', () =>
    given(...whileOpen)
      .when(assign(jane))
      .thenNothing());

  test('a waiting conversation is transferred from nobody', () =>
    given(...whileQueued)
      .when(transfer(omar))
      .then(toOmar())
      .leaving({ status: 'open' }));
  test('the AI’s conversation is transferred from nobody', () =>
    given(...whileAiSpeaks)
      .when(transfer(omar))
      .then(toOmar()));
  test('an open conversation is transferred to another agent', () =>
    given(...whileOpen)
      .when(transfer(omar))
      .then(toOmar(jane))
      .leaving({ owner: { kind: 'agent', agent: omar } }));
  test('a transfer to its owner changes nothing', () =>
    given(...whileOpen)
      .when(transfer(jane))
      .thenNothing());

  test('the AI’s conversation goes to the queue', () =>
    given(...whileAiSpeaks)
      .when(queue)
      .then(queued)
      .leaving({ owner: { kind: 'nobody' } }));
  test('an open conversation goes back to the queue, at the place that it had, and not to who put it there', () =>
    given(...whileOpen)
      .when(queue)
      .then(fact('ConversationQueued', { reason: 'away', since: NOON, from: jane }))
      .leaving({ status: 'queued', owner: { kind: 'nobody' }, queuedAt: NOON, putBackBy: jane.id }));
  test('an agent who has gone leaves what they have to the others, once', () => {
    const gone = { type: 'QueueConversation', data: { reason: '', left: jane.id }, actor: system } as const;
    given(...whileOpen)
      .when(gone)
      .then(fact('ConversationQueued', { reason: '', since: NOON, from: jane, left: true }))
      .leaving({ status: 'queued', queuedAt: NOON, putBackBy: undefined, lastAgent: { ...jane, since: 2 } });
    given(...whileOpen, fact('ConversationTransferred', { from: jane, to: omar, reason: '' }))
      .when(gone)
      .thenNothing();
    given(...whileQueued)
      .when(gone)
      .thenNothing();
  });
  test('a visitor who waits keeps the place when the department changes', () =>
    given(...whileQueued)
      .when(ask(by(jane), { type: 'QueueConversation', data: { reason: '', department: 'billing' } }))
      .leaving({ department: 'billing', queuedAt: NOON }));
  test('an agent for whom no place was taken takes nothing by writing', () => {
    const write = ask(by(jane), {
      type: 'PostMessage',
      data: { text: 'Hello', attachments: [], name: 'Jane', mayJoin: true, place: 'needed', reopenDays: 0 },
    });
    given(...whileQueued)
      .when(write)
      .thenRefused('place-needed');
    given(...onceClosed)
      .when(write)
      .thenRefused('place-needed');
  });
  test('an agent who has no room lends a hand: the visitor keeps waiting', () => {
    const write = ask(by(jane), {
      type: 'PostMessage',
      data: { text: 'Hello', attachments: [], name: 'Jane', mayJoin: true, place: 'none', reopenDays: 0 },
    });
    given(...whileQueued)
      .when(write)
      .leaving({ status: 'queued', owner: { kind: 'nobody' }, joined: [jane.id] });
    given(...onceClosed)
      .when(write)
      .leaving({ status: 'queued', owner: { kind: 'nobody' }, endedAt: undefined });
  });
  test('more than an agent takes is marked where an admin wanted it', () =>
    given(...whileQueued)
      .when(ask(by(jane), { type: 'AssignAgent', data: { agent: omar, overCapacity: true } }))
      .then(fact('AgentAssigned', { agent: omar, overCapacity: true })));
  test('a conversation that waits is not queued again', () =>
    given(...whileQueued)
      .when(queue)
      .thenNothing());

  test('a visitor whom the AI answers may ask for a human, and then waits', () =>
    given(...whileAiSpeaks)
      .when(requestHuman)
      .then(humanRequested)
      .leaving({ status: 'queued', owner: { kind: 'nobody' }, humanRequested: true }));
  test('a visitor who waits may ask for a human once', () =>
    given(...whileQueued)
      .when(requestHuman)
      .then(humanRequested));
  test('a human asked for again is asked for already', () =>
    given(...whileQueued, humanRequested)
      .when(requestHuman)
      .thenNothing());
  test('a human asked for while one is there is there already', () =>
    given(...whileOpen)
      .when(requestHuman)
      .thenNothing());

  test('a waiting conversation goes to the AI', () =>
    given(...whileQueued)
      .when(returnToAi)
      .then(returned)
      .leaving({ owner: { kind: 'ai' } }));
  test('an open conversation goes back to the AI', () =>
    given(...whileOpen)
      .when(returnToAi)
      .then(returned)
      .leaving({ status: 'queued', owner: { kind: 'ai' } }));
  test('the AI has what is its own already', () =>
    given(...whileAiSpeaks)
      .when(returnToAi)
      .thenNothing());

  const all = {
    assign: assign(omar),
    transfer: transfer(omar),
    queue,
    escalate: requestHuman,
    'return to AI': returnToAi,
  };
  for (const [name, command] of Object.entries(all)) {
    test(`${name}: refused once closed`, () =>
      given(...onceClosed)
        .when(command)
        .thenRefused('conversation-closed'));
    test(`${name}: refused once archived`, () =>
      given(...onceArchived)
        .when(command)
        .thenRefused('conversation-archived'));
    test(`${name}: nothing is found once erased`, () =>
      given(...onceErased)
        .when(command)
        .thenRefused('conversation-not-found'));
    test(`${name}: nothing is found where nothing was started`, () =>
      given().when(command).thenRefused('conversation-not-found'));
  }
});

describe('note, tag, priority, department', () => {
  const all = {
    'a note': { command: note, follows: fact('NoteAdded', { text: 'calls back', author: jane }) },
    'a tag': { command: setTags('vip'), follows: fact('TagsSet', { tags: ['vip'] }) },
    'a priority': { command: setPriority, follows: fact('PrioritySet', { priority: 'high' }) },
    'a department': { command: setDepartment, follows: fact('DepartmentSet', { department: 'sales' }) },
  };
  const taken = {
    'while it waits': whileQueued,
    'while the AI speaks': whileAiSpeaks,
    'while it is open': whileOpen,
    'once closed': onceClosed,
    'once archived': onceArchived,
  };
  for (const [name, { command, follows }] of Object.entries(all)) {
    for (const [when, facts] of Object.entries(taken))
      test(`${name} is set ${when}`, () =>
        given(...facts)
          .when(command)
          .then(follows));
    test(`${name} finds nothing once erased`, () =>
      given(...onceErased)
        .when(command)
        .thenRefused('conversation-not-found'));
    test(`${name} finds nothing where nothing was started`, () =>
      given().when(command).thenRefused('conversation-not-found'));
  }
});

describe('end', () => {
  for (const [when, facts] of Object.entries({
    waits: whileQueued,
    'is the AI’s': whileAiSpeaks,
    'is open': whileOpen,
  }))
    test(`a conversation that ${when} is ended`, () =>
      given(...facts)
        .when(close)
        .then(closed())
        .leaving({ status: 'closed' }));
  test('ending twice is ending once', () =>
    given(...onceClosed)
      .when(close)
      .thenNothing());
  test('an archived conversation is ended already', () =>
    given(...onceArchived)
      .when(close)
      .thenNothing());
  test('an erased conversation is not found', () =>
    given(...onceErased)
      .when(close)
      .thenRefused('conversation-not-found'));
  test('nothing is found where nothing was started', () =>
    given().when(close).thenRefused('conversation-not-found'));
});

describe('rate', () => {
  test('not while waiting', () =>
    given(...whileQueued)
      .when(rate(5))
      .thenRefused('conversation-not-closed'));
  test('not while the AI speaks', () =>
    given(...whileAiSpeaks)
      .when(rate(5))
      .thenRefused('conversation-not-closed'));
  test('not while open', () =>
    given(...whileOpen)
      .when(rate(5))
      .thenRefused('conversation-not-closed'));
  test('once closed', () =>
    given(...onceClosed)
      .when(rate(5, 'kind'))
      .then(fact('ConversationRated', { score: 5, feedback: 'kind' })));
  test('refused once archived', () =>
    given(...onceArchived)
      .when(rate(5))
      .thenRefused('conversation-archived'));
  test('not found once erased', () =>
    given(...onceErased)
      .when(rate(5))
      .thenRefused('conversation-not-found'));
  test('not found where nothing was started', () =>
    given().when(rate(5)).thenRefused('conversation-not-found'));
});

describe('reopen by an agent', () => {
  test('a closed conversation is open again and that agent’s', () =>
    given(...onceClosed)
      .when(reopen)
      .then(reopenedBy('agent'), assigned(jane))
      .leaving({ status: 'open' }));
  test('an open conversation is open already', () =>
    given(...whileOpen)
      .when(reopen)
      .thenNothing());
  test('refused once archived', () =>
    given(...onceArchived)
      .when(reopen)
      .thenRefused('conversation-archived'));
  test('not found once erased', () =>
    given(...onceErased)
      .when(reopen)
      .thenRefused('conversation-not-found'));
});

describe('archive and erase', () => {
  for (const [when, facts] of Object.entries({
    waits: whileQueued,
    'is the AI’s': whileAiSpeaks,
    'is open': whileOpen,
  })) {
    test(`a conversation that ${when} is not archived`, () =>
      given(...facts)
        .when(archive)
        .thenRefused('conversation-not-closed'));
    test(`a conversation that ${when} is erased`, () =>
      given(...facts)
        .when(erase)
        .then(erased)
        .leaving({ status: 'erased', visitor: {}, messageCount: 0 }));
  }
  test('a closed conversation is archived', () =>
    given(...onceClosed)
      .when(archive)
      .then(archived)
      .leaving({ status: 'archived' }));
  test('a closed conversation is erased', () =>
    given(...onceClosed)
      .when(erase)
      .then(erased));
  test('archiving twice is archiving once', () =>
    given(...onceArchived)
      .when(archive)
      .thenNothing());
  test('an archived conversation is erased', () =>
    given(...onceArchived)
      .when(erase)
      .then(erased));
  test('erasing twice is erasing once', () =>
    given(...onceErased)
      .when(erase)
      .thenNothing());
  test('there is nothing left to archive once erased', () =>
    given(...onceErased)
      .when(archive)
      .thenRefused('conversation-not-found'));
  test('nothing is erased where nothing was started', () =>
    given().when(erase).thenRefused('conversation-not-found'));
  test('nothing is archived where nothing was started', () =>
    given().when(archive).thenRefused('conversation-not-found'));
});
