// The AI's turns: it answers the visitor's newest message, once, while it has the conversation; a person who joins silences it.
import { describe, expect, test } from 'vitest';
import type { ConversationRequestInput } from '../../domain/conversation/commands.ts';
import { conversationEvent } from '../../domain/conversation/events.ts';
import {
  ask,
  assigned,
  byAi,
  closed,
  fact,
  given,
  jane,
  requestHuman,
  returnToAi,
  said,
  saidBy,
  started,
  startedWithAi,
} from './conversation-words.ts';

type Data<Type> = Extract<ConversationRequestInput, { type: Type }>['data'];
const source = { article: '65536', title: 'Opening hours' };
const spent = { model: 'm', promptTokens: 90, completionTokens: 9, latencyMs: 700 };
const answer = (answers: number, more: Partial<Data<'AnswerByAi'>> = {}) =>
  ask(byAi, {
    type: 'AnswerByAi',
    data: {
      answers,
      text: 'From nine.',
      confidence: 0.9,
      sources: [source],
      ...spent,
      ...more,
    },
  });
const fail = (answers: number, more: Partial<Data<'FailByAi'>> = {}) =>
  ask(byAi, {
    type: 'FailByAi',
    data: {
      answers,
      text: 'I cannot answer right now.',
      reason: 'time-out',
      attempts: 3,
      model: 'm',
      latencyMs: 9,
      ...more,
    },
  });
const author = { kind: 'ai' } as const;
const posted = fact('MessagePosted', { text: 'From nine.', attachments: [], author, sources: [source] });
const answered = (answers: number) =>
  fact('AiAnswered', { answers, confidence: 0.9, sources: [source], ...spent });
const failed = (answers: number) =>
  fact('AiFailed', { answers, reason: 'time-out', attempts: 3, model: 'm', latencyMs: 9 });
/** The visitor's message has version 2. */
const asked = [startedWithAi, said('When are you open?')];

describe('an answer', () => {
  test('is a message with its sources, and beside it what it cost', () =>
    given(...asked)
      .when(answer(2))
      .then(posted, answered(2))
      .leaving({ asked: { version: 2, answered: 2, failures: 0 }, owner: { kind: 'ai' } }));
  test('is given once, however often it is tried', () =>
    given(...asked, posted, answered(2))
      .when(answer(2))
      .thenNothing());
  test('to a message that is not the newest any more is outdated', () =>
    given(...asked, said('On Sunday?'))
      .when(answer(2))
      .thenRefused('answer-outdated'));
  test('to what was never asked is outdated', () =>
    given(...asked)
      .when(answer(7))
      .thenRefused('answer-outdated'));
  test('is refused from the moment a person has it', () =>
    given(...asked, assigned(jane))
      .when(answer(2))
      .thenRefused('not-the-owner'));
  test('is refused while it waits for people, and once it has ended', () => {
    given(started, said('Hello?')).when(answer(2)).thenRefused('not-the-owner');
    given(...asked, closed())
      .when(answer(2))
      .thenRefused('conversation-closed');
  });
  test('that is unsure hands over in the same breath, with a summary for whoever takes it', () =>
    given(...asked)
      .when(answer(2, { handOver: { cause: 'low-confidence', summary: 'Asks for opening hours.' } }))
      .then(
        posted,
        answered(2),
        fact('HumanRequested', { reason: '', cause: 'low-confidence', summary: 'Asks for opening hours.' }),
      )
      .leaving({ owner: { kind: 'nobody' }, humanRequested: true }));
});

describe('a failure', () => {
  const sorry = fact('MessagePosted', { text: 'I cannot answer right now.', attachments: [], author });
  test('is said and noted, and counted until one succeeds', () => {
    given(...asked)
      .when(fail(2))
      .then(sorry, failed(2))
      .leaving({ asked: { version: 2, answered: 2, failures: 1 } });
    given(...asked, sorry, failed(2), said('And now?')).is({
      asked: { version: 5, answered: 2, failures: 1 },
    });
    given(...asked, sorry, failed(2), said('And now?'), posted, answered(5)).is({
      asked: { version: 5, answered: 5, failures: 0 },
    });
  });
  test('is not tried again until the visitor writes again', () =>
    given(...asked, sorry, failed(2))
      .when(answer(2))
      .thenNothing());
});

describe('given back to the AI', () => {
  test('what a person has answered is no question any more', () =>
    given(...asked, assigned(jane), saidBy(jane, 'From nine.'))
      .when(returnToAi)
      .then(fact('ConversationReturnedToAi', {}))
      .leaving({ asked: { version: 2, answered: 2, failures: 0 } }));
  test('what nobody has answered is answered now', () =>
    given(...asked, fact('HumanRequested', { reason: '' }), fact('ConversationReturnedToAi', {}))
      .when(answer(2))
      .then(posted, answered(2)));
  test('asking for a person while it speaks takes it from it', () =>
    given(...asked)
      .when(requestHuman)
      .then(fact('HumanRequested', { reason: 'help' }))
      .leaving({ owner: { kind: 'nobody' } }));
});

test('what was stored before there were sources and causes is read as it is', () => {
  for (const old of [
    { type: 'MessagePosted', data: { text: 'Hi', attachments: [], author: { kind: 'ai' } } },
    { type: 'HumanRequested', data: { reason: 'help' } },
  ])
    expect(conversationEvent.parse(old)).toEqual(old);
});
