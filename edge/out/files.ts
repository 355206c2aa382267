// Attachments beside the log: checked, encrypted and stored; opened again only with the key that their event holds.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import type { Attachment, SealedAttachment } from '../../domain/conversation/values.ts';
import { LIMITS } from '../../domain/conversation/values.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/decider.ts';
import { base32 } from '../../domain/ids.ts';
import type { Objects } from '../../domain/log/log.ts';
import type { Tokens } from '../identity/tokens.ts';
import { cleanName } from './file-names.ts';
import { sniff } from './file-types.ts';
import { previewOf } from './previews.ts';

export interface FilesParts {
  readonly objects: Objects;
  readonly tokens: Tokens;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Where a file can be fetched for some days: paths on this server. */
export interface Link {
  readonly url: string;
  readonly previewUrl?: string;
}

/** What links are made of, wherever an attachment is shown. */
export interface Links {
  link(conversation: string, attachment: Attachment): Link;
}

/** Links that work from any page: with the server's own address before them. */
export function absoluteLinks(files: Links, publicUrl: string): Links {
  return {
    link(conversation, attachment) {
      const { url, previewUrl } = files.link(conversation, attachment);
      return { url: publicUrl + url, previewUrl: previewUrl && publicUrl + previewUrl };
    },
  };
}

const DAY = 86_400;
/** Days a link is good for, and the rest of the day it ends on: so links made on one day are the same, and can be cached. */
const LINK_DAYS = 7;
const SEAL = 'file';
const IV_BYTES = 12;
const TAG_BYTES = 16;

export class Files implements Links {
  readonly #parts: FilesParts;

  constructor(parts: FilesParts) {
    this.#parts = parts;
  }

  /**
   * Checks and stores a file of at most 10 MB, with a preview where it is an image. The answer is for
   * the conversation's event. Refused: `file-empty`, `file-too-large`, `file-type`, `image-too-large`.
   */
  async store(
    workspace: string,
    conversation: string,
    file: { readonly name: string; readonly bytes: Uint8Array },
  ): Promise<SealedAttachment | Refusal> {
    const { bytes } = file;
    if (bytes.length === 0) return refuse('file-empty');
    if (bytes.length > LIMITS.attachmentBytes) return refuse('file-too-large');
    const sniffed = await sniff(file.name, bytes);
    if (isRefusal(sniffed)) return sniffed;
    const image = sniffed.image ? await previewOf(bytes) : undefined;
    if (image && isRefusal(image)) return image;

    const id = base32(randomBytes(16));
    const key = randomBytes(32);
    const { objects } = this.#parts;
    // The preview first: whoever finds the file by its name finds both.
    if (image)
      await objects.put(
        nameOf(workspace, conversation, id, true),
        encrypt(key, image.preview, `${id} preview`),
      );
    await objects.put(nameOf(workspace, conversation, id, false), encrypt(key, bytes, id));
    return {
      id,
      name: cleanName(file.name, sniffed.extension),
      type: sniffed.type,
      size: bytes.length,
      width: image?.width,
      height: image?.height,
      preview: image ? true : undefined,
      key: key.toString('base64'),
      sha256: sha256(bytes),
      previewSha256: image && sha256(image.preview),
    };
  }

  /** The plain bytes of a file or its preview; undefined where they are gone. Throws where they are not what was stored. */
  async open(
    workspace: string,
    conversation: string,
    sealed: SealedAttachment,
    preview = false,
  ): Promise<Uint8Array | undefined> {
    const expected = preview ? sealed.previewSha256 : sealed.sha256;
    if (!expected) return undefined;
    const stored = await this.#parts.objects.get(nameOf(workspace, conversation, sealed.id, preview));
    if (!stored) return undefined;
    const key = Buffer.from(sealed.key, 'base64');
    const bytes = decrypt(key, stored, preview ? `${sealed.id} preview` : sealed.id);
    if (sha256(bytes) !== expected) throw new Error('a stored file does not hash to what its event says');
    return bytes;
  }

  /** Links that open the file for 7 to 8 days, for whoever holds them. */
  link(conversation: string, { id, preview }: Pick<Attachment, 'id' | 'preview'>): Link {
    const expiry = (Math.floor(this.#parts.now() / 1_000 / DAY) + 1 + LINK_DAYS) * DAY;
    const seal = this.#parts.tokens.seal(SEAL, `${conversation} ${id} ${expiry}`);
    const url = `/files/${conversation}/${id}?e=${expiry}&s=${seal}`;
    return preview ? { url, previewUrl: `${url}&preview=1` } : { url };
  }

  /** Whether a link's seal is right and its time not over. `expiry`: seconds since 1970. */
  mayOpen(conversation: string, id: string, expiry: number, seal: string): boolean {
    const right = this.#parts.tokens.sealed(SEAL, `${conversation} ${id} ${expiry}`, seal);
    return right && expiry * 1_000 > this.#parts.now();
  }

  /** Removes files and their previews; ids that are gone already do no harm. */
  async destroy(workspace: string, conversation: string, ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      await this.#parts.objects.delete(nameOf(workspace, conversation, id, true));
      await this.#parts.objects.delete(nameOf(workspace, conversation, id, false));
    }
  }
}

function nameOf(workspace: string, conversation: string, id: string, preview: boolean): string {
  return `${workspace}/${conversation}/${id}${preview ? '.preview' : ''}`;
}

function encrypt(key: Uint8Array, bytes: Uint8Array, what: string): Uint8Array {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(what));
  const body = cipher.update(bytes);
  return Buffer.concat([iv, body, cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Uint8Array, stored: Uint8Array, what: string): Uint8Array {
  const decipher = createDecipheriv('aes-256-gcm', key, stored.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  })
    .setAAD(Buffer.from(what))
    .setAuthTag(stored.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(stored.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
