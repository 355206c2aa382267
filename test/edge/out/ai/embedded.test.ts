// The answerer without a model: what it answers with, and what it says where it does not know.
import { describe, expect, test } from 'vitest';
import type { Answer, Passage } from '../../../../edge/out/ai/answerer.ts';
import { embeddedAnswerer } from '../../../../edge/out/ai/embedded.ts';
import { bestFitting, sentencesOf } from '../../../../edge/out/ai/fitting.ts';
import { SENTENCES } from '../../../../edge/out/ai/sentences.ts';

const persona = { businessName: 'Acme', prompt: '', tone: '', model: undefined, temperature: 0 };
const passages: Passage[] = [
  {
    article: 'delivery',
    title: 'Delivery times',
    text: 'We ship from Rotterdam. Delivery within the EU takes three working days. Express parcels arrive the next morning. Our warehouse is closed on Sundays.',
    rank: 0.6,
  },
  {
    article: 'returns',
    title: 'Returns and refunds',
    text: '# Returns\n\n- You can send everything back within 30 days.\n- Refunds are paid within a week after we have received the parcel.\n- Gift cards are not taken back.',
    rank: 0.5,
  },
  {
    article: 'lieferung',
    title: 'Lieferung nach Österreich',
    text: 'Wir liefern auch nach Österreich. Die Lieferung kostet 9 Euro. Inseln werden nicht beliefert.',
    rank: 0.4,
  },
  {
    article: 'henpin',
    title: '返品について',
    text: '商品は30日以内に返品できます。送料はお客様の負担です。',
    rank: 0.3,
  },
];

async function ask(...said: string[]): Promise<{ answer: Answer; heard: string[] }> {
  const heard: string[] = [];
  const messages = said.map((text) => ({ from: 'visitor' as const, text }));
  const answer = await embeddedAnswerer.answer(
    { persona, messages, passages },
    (text) => heard.push(text),
    new AbortController().signal,
  );
  if ('failed' in answer) throw new Error(answer.failed);
  return { answer, heard };
}

describe('an answer', () => {
  test.each([
    ['How long does delivery take?', 'delivery', 'Delivery within the EU takes three working days.'],
    ['when will i get my refund', 'returns', 'Refunds are paid within a week'],
    ['What is your return policy?', 'returns', '30 days'],
    ['Are gift cards taken back?', 'returns', 'Gift cards are not taken back.'],
    ['Was kostet die Lieferung nach Österreich?', 'lieferung', 'Die Lieferung kostet 9 Euro.'],
    ['返品できますか', 'henpin', '商品は30日以内に返品できます。'],
  ])('to %j is of the article %s', async (question, article, part) => {
    const { answer, heard } = await ask(question);
    expect(answer.text).toContain(part);
    expect(answer.text.endsWith(' [1]')).toBe(true);
    expect(answer.sources.map((source) => source.article)).toEqual([article]);
    expect(answer.confidence).toBeGreaterThanOrEqual(0.5);
    expect(answer.confidence).toBeLessThanOrEqual(0.9);
    expect(answer).toMatchObject({ model: 'embedded', promptTokens: 0, completionTokens: 0 });
    expect(heard).toEqual([answer.text]);
  });

  test('has the fitting sentences only', async () => {
    const { answer } = await ask('Are gift cards taken back?');
    expect(answer.text).toBe('Gift cards are not taken back. [1]');
  });

  test('to a short question thinks of the one before', async () => {
    expect((await ask('Express?')).answer.sources[0]?.article).toBe('delivery');
    const { answer } = await ask('Do express parcels arrive on Mondays?', 'How long?');
    expect(answer.sources[0]?.article).toBe('delivery');
    expect((await ask('Hello', 'How long?')).answer.confidence).toBe(0);
  });
});

describe('what it does not know', () => {
  test.each([
    ['Do you sell bicycles?', 'en'],
    ['Wie wird morgen das Wetter?', 'de'],
    ['Quel est le numéro de téléphone du directeur ?', 'fr'],
    ['¿Dónde está la tienda de Madrid?', 'es'],
    ['Де?', 'uk'],
    ['Де знаходиться ваш магазин?', 'uk'],
    ['店舗はどこにありますか', 'ja'],
    ['Где ваш магазин?', 'en'],
  ] as const)('%j is said so in %s', async (question, language) => {
    const { answer, heard } = await ask(question);
    expect(answer).toMatchObject({ text: SENTENCES[language].doesNotKnow, confidence: 0, sources: [] });
    expect(heard).toEqual([answer.text]);
  });

  test('is said in the language of before, where the last words are too few to tell', async () => {
    expect((await ask('Wo ist meine Rechnung?', 'XJ-900')).answer.text).toBe(SENTENCES.de.doesNotKnow);
  });
});

test('greetings and thanks are answered', async () => {
  expect((await ask('Guten Tag')).answer).toMatchObject({ text: SENTENCES.de.greeting, confidence: 1 });
  expect((await ask('Was kostet die Lieferung?', 'merci')).answer.text).toBe(SENTENCES.fr.thanks);
});

test('who is told to stop says nothing', async () => {
  const heard: string[] = [];
  const question = { persona, messages: [{ from: 'visitor' as const, text: 'Hello' }], passages };
  expect(await embeddedAnswerer.answer(question, (text) => heard.push(text), AbortSignal.abort())).toEqual({
    failed: 'aborted',
    attempts: 0,
  });
  expect(heard).toEqual([]);
});

describe('fitting', () => {
  test('takes the better rank where the words fit equally', () => {
    const twice = [
      { article: 'a', title: 'Opening hours', text: 'We open at nine.', rank: 0.1 },
      { article: 'b', title: 'Opening hours', text: 'We open at nine.', rank: 0.2 },
    ];
    expect(bestFitting('opening hours', twice)?.passage.article).toBe('b');
  });
  test('is none without a word that says anything', () => {
    expect(bestFitting('what is this?', passages)).toBeUndefined();
    expect(bestFitting('delivery', [])).toBeUndefined();
  });
  test('finds sentences in lines, lists and scripts without spaces', () => {
    expect(sentencesOf('# Title\n\n- One. Two! "Three?" 3.5 euros\n一です。二です')).toEqual([
      'One.',
      'Two!',
      '"Three?"',
      '3.5 euros',
      '一です。',
      '二です',
    ]);
  });
  test('of an endless text ends', () => {
    const text = 'delivery and more. '.repeat(5_000);
    expect(bestFitting('delivery', [{ article: 'a', title: '', text, rank: 1 }])?.text.length).toBeLessThan(
      1_300,
    );
  });
});
