// How names, e-mails and ids are folded for substring search, the same way when written and when asked.

/** Lower case without accents, so that `cafe` finds `Café`. */
export function searchable(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/** A LIKE pattern that finds `text` anywhere, with its own wildcards taken literally. */
export function containing(text: string): string {
  return `%${searchable(text).replace(/[\\%_]/g, '\\$&')}%`;
}
