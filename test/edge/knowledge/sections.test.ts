// How a file becomes articles, and what does not fit.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Import, sectionsOf } from '../../../edge/knowledge/sections.ts';

const markdown = (text: string, title?: string) => sectionsOf({ text, format: 'markdown', title });
const misfit = (what: Import) => {
  const sections = sectionsOf(what);
  return 'misfit' in sections ? sections.misfit : undefined;
};

describe('Markdown', () => {
  test('is an article for each heading of the first two levels', () =>
    expect(
      markdown(
        '# Returns\r\nWithin 30 days.\r\n\r\n### How\nBy post.\n## Shipping ##\n\nTwo days.\n#no heading\n',
      ),
    ).toEqual([
      { title: 'Returns', content: 'Within 30 days.\n\n### How\nBy post.' },
      { title: 'Shipping', content: 'Two days.\n#no heading' },
    ]));
  test('has a title for what stands before the first heading, or is refused', () => {
    expect(markdown('\ufeffHello.\n# A\nb', 'About us')).toEqual([
      { title: 'About us', content: 'Hello.' },
      { title: 'A', content: 'b' },
    ]);
    expect(markdown('Hello.\n# A\nb')).toEqual({
      misfit: 'The text before the first heading needs a title; send one as title',
    });
    expect(markdown('\n \n# A\nb')).toEqual([{ title: 'A', content: 'b' }]);
  });
  test('has code in which nothing is a heading', () =>
    expect(markdown('# A\n```sh\n# a comment\n~~~\n```\n## B\n~~~~\n# no\n~~~\n# no\n~~~~\nend')).toEqual([
      { title: 'A', content: '```sh\n# a comment\n~~~\n```' },
      { title: 'B', content: '~~~~\n# no\n~~~\n# no\n~~~~\nend' },
    ]));
  test('makes one article of sections with the same heading, and none of an empty one', () =>
    expect(markdown('# Guide\n## Start\none\n## Empty\n\n# Start\ntwo\n#\nuntitled', 'Rest')).toEqual([
      { title: 'Start', content: 'one\n\ntwo' },
      { title: 'Rest', content: 'untitled' },
    ]));
  test('keeps markup as the text that it is', () =>
    expect(markdown('# <script>alert(1)</script>\n<img src=x onerror=alert(1)>')).toEqual([
      { title: '<script>alert(1)</script>', content: '<img src=x onerror=alert(1)>' },
    ]));
});

test('plain text is one article, headings or not', () => {
  expect(sectionsOf({ text: '# A\nb\n', format: 'text', title: 'Notes' })).toEqual([
    { title: 'Notes', content: '# A\nb' },
  ]);
  expect(misfit({ text: 'x', format: 'text' })).toBe('Plain text needs a title; send one as title');
});

test('what does not fit is said in one sentence', () => {
  for (const [text, sentence] of [
    [' \n\n', 'There is nothing in the text that could become an article'],
    ['# A', 'There is nothing in the text that could become an article'],
    [`# ${'x'.repeat(201)}\na`, `The heading "${'x'.repeat(60)}…" must have 1 to 200 characters`],
    ['# \u0000\na', 'The heading "\\u0000" must have 1 to 200 characters'],
    [
      `# A\na\n# B\n${'x'.repeat(50_001)}`,
      'The text under "B" has 50001 characters; an article has 1 to 50000',
    ],
    [
      Array.from({ length: 501 }, (_, n) => `# ${n}\na`).join('\n'),
      'The text would become 501 articles; at most 500 are imported at once',
    ],
  ] as const)
    expect(misfit({ text, format: 'markdown' })).toBe(sentence);
});

test('any text is articles within their bounds and with different titles, or a sentence', () => {
  const line = fc.oneof(
    fc.constantFrom('# A', '## B', '# A #', '```', '~~~', '#', '', ' ', '\u0000', '\ud800', '# \u0007'),
    fc.string({ unit: 'binary', maxLength: 20 }),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 40 }), fc.constantFrom(undefined, 'T'), (lines, title) => {
      const sections = markdown(lines.join('\n'), title);
      if ('misfit' in sections) {
        expect(sections.misfit).toMatch(/^[A-Z].{10,}$/s);
        return;
      }
      expect(new Set(sections.map((section) => section.title)).size).toBe(sections.length);
      for (const section of sections) {
        expect(section.title.length).toBeGreaterThan(0);
        expect(section.content.trim()).not.toBe('');
      }
      // The same again is the same, so that it can be imported again.
      expect(markdown(lines.join('\n'), title)).toEqual(sections);
    }),
  );
});
