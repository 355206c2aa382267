// Cuts what is imported into articles: Markdown at its top headings, plain text not at all.
import { type ArticleText, articleContent, articleTitle } from '../../domain/workspace/article.ts';

export interface Import {
  readonly text: string;
  readonly format: 'markdown' | 'text';
  /** Of what stands under no heading. */
  readonly title?: string;
}

/** Why nothing was imported, in a sentence. */
export interface Misfit {
  readonly misfit: string;
}

/** Articles of one import. */
export const MOST_SECTIONS = 500;

const HEADING = /^ {0,3}#{1,2}(?:[ \t]+(.*))?$/;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const SHOWN = 60;

/**
 * The articles of an import in their order, each within its bounds, or what does not fit. Sections with the
 * same heading are one article; a heading with nothing under it makes none.
 */
export function sectionsOf({ text, format, title }: Import): ArticleText[] | Misfit {
  const contents = new Map<string, string>();
  for (const section of format === 'markdown' ? cut(text) : [{ heading: undefined, content: text }]) {
    const content = section.content.trim();
    if (content === '') continue;
    const heading = section.heading || title;
    if (heading === undefined)
      return {
        misfit:
          format === 'markdown'
            ? 'The text before the first heading needs a title; send one as title'
            : 'Plain text needs a title; send one as title',
      };
    const read = articleTitle.safeParse(heading);
    if (!read.success) return { misfit: `The heading ${quoted(heading)} must have 1 to 200 characters` };
    const before = contents.get(read.data);
    contents.set(read.data, before === undefined ? content : `${before}\n\n${content}`);
  }
  if (contents.size === 0) return { misfit: 'There is nothing in the text that could become an article' };
  if (contents.size > MOST_SECTIONS)
    return {
      misfit: `The text would become ${contents.size} articles; at most ${MOST_SECTIONS} are imported at once`,
    };
  const articles: ArticleText[] = [];
  for (const [name, content] of contents) {
    const read = articleContent.safeParse(content);
    if (!read.success)
      return {
        misfit: `The text under ${quoted(name)} has ${content.length} characters; an article has 1 to 50000`,
      };
    articles.push({ title: name, content: read.data });
  }
  return articles;
}

interface Section {
  readonly heading: string | undefined;
  readonly content: string;
}

/** Markdown at `#` and `##`, but not within code. */
function cut(markdown: string): Section[] {
  const sections: { heading: string | undefined; lines: string[] }[] = [{ heading: undefined, lines: [] }];
  let fence: string | undefined;
  for (const line of markdown.replace(/^\ufeff/, '').split(/\r\n?|\n/)) {
    const [, mark] = FENCE.exec(line) ?? [];
    if (fence === undefined) fence = mark;
    else if (mark?.startsWith(fence) && line.trim() === mark) fence = undefined;
    const heading = fence === undefined && mark === undefined ? HEADING.exec(line) : null;
    if (heading) sections.push({ heading: headingText(heading[1] ?? ''), lines: [] });
    else sections.at(-1)?.lines.push(line);
  }
  return sections.map(({ heading, lines }) => ({ heading, content: lines.join('\n') }));
}

/** Without the hashes that may close a heading. */
function headingText(text: string): string {
  const trimmed = text.trim();
  const bare = trimmed.replace(/#+$/, '');
  return bare === '' || /\s$/.test(bare) ? bare.trim() : trimmed;
}

function quoted(name: string): string {
  return JSON.stringify(name.length > SHOWN ? `${name.slice(0, SHOWN)}…` : name);
}
