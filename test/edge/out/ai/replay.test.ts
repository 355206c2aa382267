// A candidate over past conversations: which turns it is asked, what it knows of them, and what the report says.
import { describe, expect, test } from 'vitest';
import { handOverRules } from '../../../../domain/policies/handover.ts';
import type { Answer, Answerer, NoAnswer, Question } from '../../../../edge/out/ai/answerer.ts';
import type { PastConversation, PastMessage } from '../../../../edge/out/ai/past.ts';
import { type ReplayedTurn, type ReplayOptions, replay, summaryOf } from '../../../../edge/out/ai/replay.ts';

const persona = { businessName: 'Acme', prompt: '', tone: '', model: undefined, temperature: 0 };
const at = '2026-11-28T12:00:00.000Z';

/** `v: Hello` and the like. */
function past(id: string, lines: readonly string[], handedOverAfter?: number): PastConversation {
  const sides = { v: 'visitor', a: 'ai', h: 'agent' } as const;
  const messages = lines.map((line): PastMessage => {
    const side = line[0] === 'v' || line[0] === 'a' ? line[0] : 'h';
    return { from: sides[side], text: line.slice(3), at };
  });
  return { id, widget: 'w1', messages, handedOverAfter };
}

interface Trial {
  readonly asked: Question[];
  readonly looked: string[];
  readonly options: ReplayOptions;
}

/** A candidate that answers by the last thing that was asked. */
function trial(answerOf: (text: string) => Partial<Answer> | NoAnswer | Promise<Partial<Answer>>): Trial {
  const asked: Question[] = [];
  const looked: string[] = [];
  let clock = 0;
  const answerer: Answerer = {
    async answer(question) {
      asked.push(question);
      const outcome = await answerOf(question.messages.at(-1)?.text ?? '');
      if ('failed' in outcome) return outcome;
      const empty = { model: 'm', promptTokens: 10, completionTokens: 5, sources: [], confidence: 0.9 };
      return { text: '', ...empty, ...outcome };
    },
  };
  return {
    asked,
    looked,
    options: {
      answerer,
      persona,
      rules: handOverRules.parse({}),
      findPassages: async (text) => {
        looked.push(text);
        return [{ article: 'a1', title: 'Delivery', text: `about ${text}`, rank: 1 }];
      },
      clock: () => (clock += 5),
    },
  };
}

async function all(turns: AsyncIterable<ReplayedTurn>): Promise<ReplayedTurn[]> {
  const list: ReplayedTurn[] = [];
  for await (const turn of turns) list.push(turn);
  return list;
}

test('a turn is asked with what was really said before it, and told beside what was answered then', async () => {
  const { options, asked, looked } = trial(() => ({
    text: 'New',
    sources: [{ article: 'a1', title: 'Delivery' }],
  }));
  const turns = await all(
    replay([past('c1', ['a: Welcome', 'v: Hi', 'v: How long?', 'a: Old', 'v: And returns?'])], options),
  );
  expect(asked.map(({ messages }) => messages.map(({ text }) => text))).toEqual([
    ['Welcome', 'Hi', 'How long?'],
    ['Welcome', 'Hi', 'How long?', 'Old', 'And returns?'],
  ]);
  expect(looked).toEqual(['Hi\nHow long?', 'And returns?']);
  expect(asked[0]?.passages[0]?.text).toBe('about Hi\nHow long?');
  expect(turns).toEqual([
    {
      conversation: 'c1',
      at,
      asked: 'Hi\nHow long?',
      saidThen: 'Old',
      saidBy: 'ai',
      saidNow: 'New',
      failed: undefined,
      confidence: 0.9,
      sources: ['Delivery'],
      latency: 5,
      tokens: 15,
      handOver: undefined,
    },
    expect.objectContaining({ asked: 'And returns?', saidThen: '', saidBy: 'nobody' }),
  ]);
});

test('nothing is asked after people took over, but what they answered is told', async () => {
  const { options, asked } = trial(() => ({ text: 'New' }));
  const lines = ['v: One?', 'a: Old', 'v: A human!', 'h: Jane here', 'v: Two?', 'h: Yes'];
  const turns = await all(replay([past('c1', lines, 3)], options));
  expect(turns.map(({ asked, saidThen, saidBy, handOver }) => [asked, saidThen, saidBy, handOver])).toEqual([
    ['One?', 'Old', 'ai', undefined],
    ['A human!', 'Jane here', 'agent', 'visitor-asked'],
  ]);
  expect(asked).toHaveLength(2);
  expect(await all(replay([past('c2', ['v: One?', 'h: Yes'], 0)], options))).toEqual([]);
});

test('says where it would hand over', async () => {
  const { options } = trial((text) => {
    if (text.startsWith('fail')) return { failed: 'unavailable', attempts: 3 };
    return { text: 'New', confidence: text === 'doubt' ? 0.1 : 0.9 };
  });
  const lines = [
    'v: agent please',
    'a: -',
    'v: doubt',
    'a: -',
    'v: fail 1',
    'a: -',
    'v: fail 2',
    'a: -',
    'v: fine',
  ];
  const turns = await all(replay([past('c1', lines)], options));
  expect(turns.map(({ handOver }) => handOver)).toEqual([
    'visitor-asked',
    'low-confidence',
    undefined,
    'failed-twice',
    undefined,
  ]);
  expect(summaryOf(turns)).toEqual({
    turns: 5,
    answered: 3,
    failures: 2,
    wouldHandOver: 3,
    meanConfidence: expect.closeTo((0.9 + 0.1 + 0.9) / 3),
    meanLatency: 5,
    tokens: 45,
  });
});

test('a summary of nothing has no means', () => {
  expect(summaryOf([])).toMatchObject({
    turns: 0,
    meanConfidence: undefined,
    meanLatency: undefined,
    tokens: 0,
  });
});

describe('many conversations', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, each) => past(`c${each}`, [`v: ${each}`]));

  test('are asked so many at once and no more, and told in their order', async () => {
    let under = 0;
    let most = 0;
    const { options } = trial(async (text) => {
      under += 1;
      most = Math.max(most, under);
      // The earlier, the slower.
      await new Promise((resolve) => setTimeout(resolve, 10 - (Number(text) % 10)));
      under -= 1;
      return { text };
    });
    const turns = await all(replay(many(20), { ...options, atOnce: 3 }));
    expect(turns.map(({ saidNow }) => Number(saidNow))).toEqual([...Array(20).keys()]);
    expect(most).toBe(3);
  });

  test('end when whoever listens has enough, or says so', async () => {
    const { options, asked } = trial((text) => ({ text }));
    for await (const turn of replay(many(100), { ...options, atOnce: 2 })) if (turn.saidNow === '3') break;
    expect(asked.length).toBeLessThan(10);
    const stop = new AbortController();
    stop.abort();
    expect(await all(replay(many(3), { ...options, signal: stop.signal }))).toEqual([]);
  });

  test('end with the fault of who finds passages', async () => {
    const { options } = trial((text) => ({ text }));
    const findPassages = async (text: string) => {
      if (text === '4') throw new Error('the read models are away');
      return [];
    };
    await expect(all(replay(many(9), { ...options, findPassages }))).rejects.toThrow(
      'the read models are away',
    );
  });
});
