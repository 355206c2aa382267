// Which files may be uploaded, told by their bytes; what a name or a client says must agree with them.
import { fileTypeFromBuffer } from 'file-type';
import { type Refusal, refuse } from '../../domain/decider.ts';
import { extensionOf } from './file-names.ts';

/** What a file is. `extension`: the usual one, without a dot. */
export interface Sniffed {
  readonly type: string;
  readonly extension: string;
  readonly image: boolean;
}

interface Kind {
  readonly type: string;
  readonly extensions: readonly string[];
}

const IMAGES: Readonly<Record<string, Kind>> = {
  'image/jpeg': { type: 'image/jpeg', extensions: ['jpg', 'jpeg'] },
  'image/png': { type: 'image/png', extensions: ['png'] },
  'image/apng': { type: 'image/png', extensions: ['png'] },
  'image/gif': { type: 'image/gif', extensions: ['gif'] },
  'image/webp': { type: 'image/webp', extensions: ['webp'] },
};
const OFFICE = 'application/vnd.openxmlformats-officedocument.';
const DOCUMENTS: Readonly<Record<string, Kind>> = {
  'application/pdf': { type: 'application/pdf', extensions: ['pdf'] },
  [`${OFFICE}wordprocessingml.document`]: {
    type: `${OFFICE}wordprocessingml.document`,
    extensions: ['docx'],
  },
  [`${OFFICE}spreadsheetml.sheet`]: { type: `${OFFICE}spreadsheetml.sheet`, extensions: ['xlsx'] },
};
/** The container of the old office formats; which one it holds is told by the name of its main stream. */
const COMPOUND = 'application/x-cfb';
const OLD_OFFICE = [
  { type: 'application/msword', extension: 'doc', streams: ['WordDocument'] },
  { type: 'application/vnd.ms-excel', extension: 'xls', streams: ['Workbook', 'Book'] },
];

const MARKUP = /<(?:!doctype|html|script|svg|iframe|body|\?xml|\?php)/i;
/** How much a browser that sniffs would look at, and a bit more. */
const SNIFFED_BYTES = 4_096;

/** Tells a file's type, or refuses it as `file-type`: unknown, disguised, or two things at once. */
export async function sniff(name: string, bytes: Uint8Array): Promise<Sniffed | Refusal> {
  const extension = extensionOf(name);
  const found = await fileTypeFromBuffer(bytes);
  if (!found) return sniffText(extension, bytes);
  if (found.mime === COMPOUND) return sniffOldOffice(extension, bytes);
  const image = IMAGES[found.mime];
  const kind = image ?? DOCUMENTS[found.mime];
  const usual = kind?.extensions[0];
  if (!kind || !usual) return refuse('file-type');
  // A name without an extension, such as a pasted picture's, says nothing that could be wrong.
  if (extension !== '' && !kind.extensions.includes(extension)) return refuse('file-type');
  if (image ? isPolyglotImage(bytes) : hasMarkupAtStart(bytes)) return refuse('file-type');
  return { type: kind.type, extension: usual, image: image !== undefined };
}

function sniffText(extension: string, bytes: Uint8Array): Sniffed | Refusal {
  if (extension !== 'txt' || bytes.includes(0)) return refuse('file-type');
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Not UTF-8: so it is not text as we take it.
    return refuse('file-type');
  }
  return hasMarkupAtStart(bytes)
    ? refuse('file-type')
    : { type: 'text/plain', extension: 'txt', image: false };
}

function sniffOldOffice(extension: string, bytes: Uint8Array): Sniffed | Refusal {
  const kind = OLD_OFFICE.find((one) => one.extension === extension);
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const holds = kind?.streams.some((stream) => file.includes(Buffer.from(`${stream}\0`, 'utf16le')));
  return kind && holds ? { type: kind.type, extension, image: false } : refuse('file-type');
}

function hasMarkupAtStart(bytes: Uint8Array): boolean {
  return MARKUP.test(Buffer.from(bytes.subarray(0, SNIFFED_BYTES)).toString('latin1'));
}

/** Whether an image is also a page, a script or an archive: no camera or editor makes such a file. */
function isPolyglotImage(bytes: Uint8Array): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (/<(?:!doctype|html|script|svg|iframe)[\s>/]/i.test(file.toString('latin1'))) return true;
  if (file.subarray(0, SNIFFED_BYTES).includes('%PDF-')) return true;
  // A zip is found by its end: the directory's record, whose comment reaches exactly to the end of the file.
  const from = Math.max(0, file.length - 65_557);
  for (
    let at = file.indexOf('PK\x05\x06', from, 'latin1');
    at >= 0;
    at = file.indexOf('PK\x05\x06', at + 1, 'latin1')
  )
    if (at + 22 <= file.length && at + 22 + file.readUInt16LE(at + 20) === file.length) return true;
  return false;
}
