// Cuts an article into passages that can be quoted: at headings and between paragraphs, else between sentences.

/** Characters a passage may have, and those it has at least before a heading begins the next one. */
const MOST = 1_200;
const LEAST = 400;

const HEADING = /^ {0,3}#{1,6}(?:\s|$)/;

/** The passages of an article in their order: none is empty or longer than 1,200 characters, no word of it is lost. */
export function passagesOf(content: string): string[] {
  const passages: string[] = [];
  let passage = '';
  for (const block of blocksOf(content)) {
    const full = passage.length + 2 + block.length > MOST;
    if (passage !== '' && (full || (HEADING.test(block) && passage.length >= LEAST))) {
      passages.push(passage);
      passage = '';
    }
    passage = passage === '' ? block : `${passage}\n\n${block}`;
    while (passage.length > MOST) {
      const cut = cutOf(passage);
      passages.push(passage.slice(0, cut).trimEnd());
      passage = passage.slice(cut).trimStart();
    }
  }
  return passage === '' ? passages : [...passages, passage];
}

/** Paragraphs; a heading goes with the paragraph that follows it. */
function blocksOf(content: string): string[] {
  const blocks: string[] = [];
  let headings = '';
  for (const part of content.split(/\n\s*\n|\n(?= {0,3}#{1,6}\s)/)) {
    const text = part.trim();
    if (text === '') continue;
    const whole = headings === '' ? text : `${headings}\n\n${text}`;
    const alone = HEADING.test(text) && !text.includes('\n');
    // Headings upon headings are text at some point.
    if (alone && whole.length < LEAST) headings = whole;
    else {
      blocks.push(whole);
      headings = '';
    }
  }
  return headings === '' ? blocks : [...blocks, headings];
}

/** Where a long text is best cut: behind a line, a sentence or a word, not before a third of a passage; never within a character. */
function cutOf(text: string): number {
  const part = text.slice(0, MOST);
  for (const border of [/\n/g, /[.!?…](?=\s)|[。！？]/g, /\s/g]) {
    let last = 0;
    for (const { index } of part.matchAll(border)) last = index + 1;
    if (last >= MOST / 3) return last;
  }
  return /[\ud800-\udbff]$/.test(part) ? MOST - 1 : MOST;
}
