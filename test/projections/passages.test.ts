// How articles are cut into passages, and what counts as a word.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { passagesOf } from '../../projections/models/passages.ts';
import { askedWords, wordsIn } from '../../projections/models/words.ts';

/** Half a character. */
const HALF = /\p{Surrogate}/u;
const paragraph = (word: string, characters: number) =>
  `${word} `.repeat(characters / (word.length + 1)).trim();

describe('passages', () => {
  test('are one where an article is short', () => {
    expect(passagesOf('# Returns\n\nWithin 30 days.\n\nFree of charge.')).toEqual([
      '# Returns\n\nWithin 30 days.\n\nFree of charge.',
    ]);
    expect(passagesOf('')).toEqual([]);
  });
  test('begin at headings where there is enough before them', () => {
    const [one, two, three] = [paragraph('one', 600), paragraph('two', 200), paragraph('three', 300)];
    expect(passagesOf(`${one}\n\n# Two\n${two}\n## Three\n\n${three}`)).toEqual([
      one,
      `# Two\n${two}\n\n## Three\n\n${three}`,
    ]);
  });
  test('never part a heading from what it is the heading of', () => {
    const [one, two] = [paragraph('one', 1_100), paragraph('two', 1_000)];
    expect(passagesOf(`${one}\n\n# Two\n\n## And more\n\n${two}`)).toEqual([
      one,
      `# Two\n\n## And more\n\n${two}`,
    ]);
  });
  test('of one long paragraph end with a sentence, else with a word', () => {
    const sentences = 'This is one sentence of many. '.repeat(100).trim();
    for (const passage of passagesOf(sentences)) expect(passage).toMatch(/^This .*\.$/);
    for (const passage of passagesOf(paragraph('endless', 4_000)))
      expect(passage).toMatch(/^endless( endless)*$/);
    expect(passagesOf('x'.repeat(3_000)).map(({ length }) => length)).toEqual([1_200, 1_200, 600]);
  });
  test('are bounded, never empty, and lose nothing', () => {
    const piece = fc.oneof(
      fc.constantFrom('\n', '\n\n', '# A\n', '## B\n\n', '. ', ' ', '。', '😀', '```\n', '- item\n', '    '),
      fc.string({ unit: 'grapheme', maxLength: 30 }),
      fc.nat(3_000).map((length) => 'w'.repeat(length)),
      fc.nat(1_500).map((length) => '😀'.repeat(length)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const content = pieces.join('').trim();
        const passages = passagesOf(content);
        expect(passages.join('').replace(/\s/g, '')).toBe(content.replace(/\s/g, ''));
        for (const passage of passages) {
          expect(passage.length).toBeLessThanOrEqual(1_200);
          expect(passage.trim()).not.toBe('');
          if (!HALF.test(content)) expect(passage).not.toMatch(HALF);
        }
        expect(passages.length).toBeLessThanOrEqual(content.length / 200 + 2);
      }),
    );
  });
});

describe('words', () => {
  test('are folded, and pairs of letters where nobody writes spaces', () => {
    expect(wordsIn("L'été, naïve ÉCOLE: don't 100% Łódź!")).toEqual(
      'l ete naive ecole don t 100 łodz'.split(' '),
    );
    expect(wordsIn('如何退款 iPhone手机 中')).toEqual(['如何', '何退', '退款', 'iphone', '手机', '中']);
    expect(wordsIn('e-mail: a.b@example.com /x/y')).toEqual('e mail a b example com x y'.split(' '));
  });
  test('of a question are those that say something, each once, thirty at most', () => {
    const words = (question: string) => askedWords(question).map(({ word }) => word);
    expect(words('Hello, how can I return my order? The order!')).toEqual(['return', 'order']);
    expect(words('Was kostet der Versand nach Österreich?')).toEqual(['kostet', 'versand', 'osterreich']);
    expect(words('¿Dónde está mi pedido?')).toEqual(['pedido']);
    expect(words("Où est ma commande s'il vous plaît")).toEqual(['commande', 'plait']);
    expect(words('Коли прийде моє замовлення?')).toEqual(['прииде', 'замовлення']);
    expect(words(Array.from({ length: 90 }, (_, n) => `word${n}`).join(' '))).toHaveLength(30);
  });
});
