// A text as its words, without case, accents and punctuation: what phrases are looked for in.

/** Letters that are written with a stroke or joined, which no normal form takes apart. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  ı: 'i',
  þ: 'th',
  ς: 'σ',
};

/**
 * Lower case, without the accents of Latin, Greek and Cyrillic and the vowel points of Hebrew and Arabic.
 * Signs that are letters of their own (Hindi, Thai, Japanese, Korean) stay.
 */
export function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u0640\u064b-\u065f\u0670]/g, '')
    .normalize('NFC')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[ßæœøđðłıþς]/g, (letter) => LETTERS[letter] ?? letter);
}

/** The plain words of a text, in order. A script that is written without spaces gives whole phrases. */
export function plainWords(text: string): string[] {
  return plain(text).match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
}
