// Finds the links in what people write. Only text comes out: nothing a person wrote ever becomes markup.

export type Piece = { readonly text: string; readonly href?: string };

const LINK =
  /\bhttps?:\/\/[^\s<>"'`]{1,2000}|\bwww\.[^\s<>"'`]{3,2000}|\b[\w.+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,5}\b/giu;

/** Splits a text into pieces that, joined, are the text; `href` is http, https or mailto only. */
export function linkify(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    const shown = trimmed(match[0]);
    const href = hrefOf(shown);
    if (!href) continue;
    if (match.index > from) pieces.push({ text: text.slice(from, match.index) });
    pieces.push({ text: shown, href });
    from = match.index + shown.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from) });
  return pieces;
}

/** Punctuation at the end belongs to the sentence, a closing bracket only where it was opened before. */
function trimmed(link: string): string {
  let end = link.replace(/[.,;:!?…]+$/u, '');
  while (end.endsWith(')') && end.split('(').length < end.split(')').length) end = end.slice(0, -1);
  return end;
}

function hrefOf(shown: string): string | undefined {
  const address = !/^(https?:|www\.)/i.test(shown);
  const candidate = address ? `mailto:${shown}` : /^www\./i.test(shown) ? `https://${shown}` : shown;
  if (!URL.canParse(candidate)) return undefined;
  const { href, protocol } = new URL(candidate);
  return protocol === 'http:' || protocol === 'https:' || protocol === 'mailto:' ? href : undefined;
}
