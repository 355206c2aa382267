// File names come from strangers: what is stored and shown must be only a name.

const LONGEST = 120;
// Direction marks let `exe.png` be shown for `gnp.exe`; joiners inside emoji are left alone.
const INVISIBLE = /[\p{Cc}\p{Surrogate}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu;

/** The lower-case extension without its dot, or an empty string. */
export function extensionOf(name: string): string {
  return /\.([A-Za-z0-9]{1,10})\s*$/.exec(baseOf(name))?.[1]?.toLowerCase() ?? '';
}

/**
 * A name without path, control characters, direction overrides and what file systems do not take;
 * at most 120 characters. Where it has no extension, `extension` is added.
 */
export function cleanName(name: string, extension: string): string {
  const base = baseOf(name)
    .replace(/[<>:"|?*]/g, '_')
    .replace(/\s+/g, ' ')
    .replace(/^[\s.]+|[\s.]+$/g, '');
  const has = extensionOf(base);
  const stem = has ? base.slice(0, -(has.length + 1)).trim() : base;
  const kept = [...(stem || 'file')].slice(0, LONGEST - has.length - 1).join('');
  return `${kept}.${has || extension}`;
}

function baseOf(name: string): string {
  const plain = name.normalize('NFC').replace(INVISIBLE, '');
  return plain.slice(Math.max(plain.lastIndexOf('/'), plain.lastIndexOf('\\')) + 1);
}
