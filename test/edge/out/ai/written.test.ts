// What a visitor sees of what a model writes, while it is written and at its end.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutAtSentence, shownAtEnd, shownSoFar } from '../../../../edge/out/ai/written.ts';

const passages = [
  { article: 'a1', title: 'Delivery', text: '', rank: 1 },
  { article: 'a2', title: 'Returns', text: '', rank: 1 },
  { article: 'a1', title: 'Delivery', text: '', rank: 1 },
];
const delivery = { article: 'a1', title: 'Delivery' };
const returns = { article: 'a2', title: 'Returns' };

describe('the last line', () => {
  test.each([
    ['Yes.\n[[confidence: 0.8; sources: 1]]', 0.8],
    ['Yes.\n[[confidence: 0,8; sources: 1]]', 0.8],
    ['Yes.\n[[ Confidence = 80%; Sources: 1 ]]', 0.8],
    ['Yes.\n[[confidence: 80, sources: 1]]', 0.8],
    ['Yes.\n[[confidence: .8]]'.replace(' .', ' 0.'), 0.8],
    ['Yes.\n`[[confidence: 0.8; sources: 1]]`', 0.8],
    ['Yes.\n**[[confidence: 0.8; sources: [1], [2]]]**', 0.8],
    ['Yes.\n[confidence: 0.8; sources: 1]', 0.8],
    ['Yes.\n[[Konfidenz: 0.8; Quellen: 1]]', 0.8],
    ['Yes.\n[[уверенность: 0.8]]', 0.8],
    ['Yes.\n[[confidence: 0.8; sour', 0.3],
    ['Yes.\n[[confidence: 0.8]', 0.8],
    ['[[confidence: 0.1]] Yes. [[confidence: 0.8]]', 0.8],
  ])('%j is not shown, and read', (raw, confidence) => {
    expect(shownAtEnd(raw, passages)).toMatchObject({ text: 'Yes.', confidence });
  });

  test('that is missing says 0.5 where something is cited, 0.4 where nothing was given, else 0.3', () => {
    expect(shownAtEnd('Three days [1].', passages).confidence).toBe(0.5);
    expect(shownAtEnd('Hello!', []).confidence).toBe(0.4);
    expect(shownAtEnd('Three days.', passages).confidence).toBe(0.3);
  });

  test('names sources that the text did not mark', () => {
    expect(shownAtEnd('Free [2].\n[[confidence: 0.9; sources: 3, 2, 8]]', passages).sources).toEqual([
      returns,
      delivery,
    ]);
  });

  test('is not brackets that mean something else', () => {
    const text = 'Write [[your name]] and [here] an *asterisk*.';
    expect(shownAtEnd(text, passages).text).toBe(text);
  });
});

describe('citations', () => {
  test('count the articles in the order in which they appear', () => {
    expect(shownAtEnd('Free [2], three days [1][3], or both [1, 2].', passages)).toMatchObject({
      text: 'Free [1], three days [2][2], or both [2][1].',
      sources: [returns, delivery],
    });
  });

  test('of passages that nobody gave are left out', () => {
    expect(shownAtEnd('Free [7] of charge [0].', passages)).toMatchObject({
      text: 'Free of charge.',
      sources: [],
    });
    expect(shownAtEnd('The first is list[0].', []).text).toBe('The first is list[0].');
  });
});

test('thoughts are not shown, finished or not', () => {
  expect(shownAtEnd('<think>They ask [1].</think>\n\nYes.', passages)).toMatchObject({
    text: 'Yes.',
    sources: [],
  });
  expect(shownAtEnd('<think>They ask', passages).text).toBe('');
  for (const part of ['<', '<thi', '<think>They', '<think>They</thi'])
    expect(shownSoFar(part, passages)).toBe('');
  expect(shownAtEnd('<3 to you', passages).text).toBe('<3 to you');
});

test('what is shown while it is written only grows into what is shown at the end, and no mark flashes up', () => {
  const part = fc.constantFrom(
    'Three days',
    '. ',
    ' [1]',
    '[2]',
    ' [9]',
    '[1, 3]',
    ' **bold** ',
    '`code`',
    '\n',
    '[here](x)',
    '[[',
    ']]',
    '🚚',
    '[[confidence: 0.8; sources: 1, 2]]',
    '\n[[confidence: 0.75]]',
    '[confidence: 1]',
    'list[0]',
    '[a',
    ']',
    'z',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const raw = `${parts.join('')}\nDone.\n[[confidence: 0.6; sources: 2]]`;
      const { text } = shownAtEnd(raw, passages);
      let before = '';
      for (let length = 0; length <= raw.length; length += 1) {
        const shown = shownSoFar(raw.slice(0, length), passages);
        expect(shown.startsWith(before), `${JSON.stringify(before)} became ${JSON.stringify(shown)}`).toBe(
          true,
        );
        expect(text.startsWith(shown), `${JSON.stringify(shown)} was shown of ${JSON.stringify(text)}`).toBe(
          true,
        );
        expect(shown).not.toMatch(/\[\[?\s*confidence/i);
        before = shown;
      }
    }),
    { numRuns: 500 },
  );
});

describe('a cut', () => {
  test('is after a sentence, in any script', () => {
    expect(cutAtSentence('One. Two! Three', 12)).toBe('One. Two!');
    expect(cutAtSentence('一です。二です。三です', 10)).toBe('一です。二です。');
    expect(cutAtSentence('He said "No." Then he left', 20)).toBe('He said "No."');
    expect(cutAtSentence('It costs 3.5 euros in all', 12)).toBe('It costs 3.5…');
  });
  test('is none where all fits, and never within a character', () => {
    expect(cutAtSentence('One. Two', 8)).toBe('One. Two');
    expect(cutAtSentence(`aaa${'🚚'.repeat(5)}`, 6)).toBe('aaa🚚…');
  });
});

test.each(['[', '[[', '[[a: 1[2]', '[[confidence: 1', '[[[1] ', '*_`['])(
  '%j without end is read all the same',
  (part) => {
    // With a pattern that could read it in two ways this would never end.
    const raw = part.repeat(1_000);
    expect(raw.startsWith(shownSoFar(raw, []).slice(0, 1))).toBe(true);
    expect(shownAtEnd(raw, []).confidence).toBeGreaterThan(0);
  },
);
