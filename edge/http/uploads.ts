// Forms with files: read within bounds, then stored in the conversation one after another.
import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import type { Attachment, SealedAttachment } from '../../domain/conversation/values.ts';
import { LIMITS } from '../../domain/conversation/values.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/decider.ts';
import type { Edge } from '../context.ts';
import type { Principal } from '../identity/principals.ts';
import { networkOf } from '../visitors/addresses.ts';
import { bytesOf, formParts } from './form-parts.ts';

/** Bytes of files that this process holds at once; past it an upload is refused as busy. */
const HELD_AT_ONCE = 256 * 1024 * 1024;
/** What one form may hold, and what a small one is counted as. */
const FORM_BYTES = LIMITS.attachmentsPerMessage * LIMITS.attachmentBytes;
const LEAST_BYTES = 64 * 1024;
/** Large forms that one client may have under way: the others need room, too. */
const AT_ONCE = 4;
const LARGE_BYTES = 1024 * 1024;

export interface File {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface Form {
  /** Plain fields; of several with one name the last. */
  readonly fields: ReadonlyMap<string, string>;
  readonly files: readonly File[];
}

export interface StoredFiles {
  readonly attachments: readonly Attachment[];
  /** The position of the last event written. */
  readonly position: number;
}

export class Uploads {
  readonly #edge: Edge;
  readonly #underWay = new Map<string, number>();
  #held = 0;

  constructor(edge: Edge) {
    this.#edge = edge;
  }

  /** Reads a form of at most 5 files of 10 MB and hands it to `use`; its bytes are counted until that is done. */
  async withForm<Answer>(
    request: FastifyRequest,
    use: (form: Form) => Promise<Answer>,
  ): Promise<Answer | Refusal> {
    const announced = Number(request.headers['content-length'] ?? FORM_BYTES);
    const weight = Math.min(FORM_BYTES, Math.max(LEAST_BYTES, announced));
    const client = networkOf(request.ip);
    const others = this.#underWay.get(client) ?? 0;
    const crowded = weight > LARGE_BYTES && others >= AT_ONCE;
    if (this.#held + weight > HELD_AT_ONCE || crowded) return refuse('busy');
    this.#held += weight;
    this.#underWay.set(client, others + 1);
    try {
      return await use(await readForm(request));
    } finally {
      this.#held -= weight;
      const left = (this.#underWay.get(client) ?? 1) - 1;
      if (left > 0) this.#underWay.set(client, left);
      else this.#underWay.delete(client);
    }
  }

  /** Stores files and notes them in the conversation: all of them, or none where one is refused. */
  async store(
    principal: Principal,
    conversation: string,
    files: readonly File[],
  ): Promise<StoredFiles | Refusal> {
    const { desk, files: store } = this.#edge;
    const found = await desk.find(principal, conversation);
    if (isRefusal(found)) return found;
    const sealed: SealedAttachment[] = [];
    const undo = () =>
      store.destroy(
        principal.workspace,
        conversation,
        sealed.map(({ id }) => id),
      );
    for (const file of files) {
      const stored = await store.store(principal.workspace, conversation, file);
      if (isRefusal(stored)) {
        await undo();
        return stored;
      }
      sealed.push(stored);
    }
    let position = 0;
    for (const attachment of sealed) {
      const noted = await desk.addFile(principal, conversation, attachment);
      if (isRefusal(noted)) {
        if (noted.refused !== 'unavailable') await undo();
        return noted;
      }
      position = noted.position;
    }
    return { attachments: sealed, position };
  }
}

async function readForm(request: FastifyRequest): Promise<Form> {
  const fields = new Map<string, string>();
  const files: File[] = [];
  const parts = formParts(request, {
    fileSize: LIMITS.attachmentBytes,
    files: LIMITS.attachmentsPerMessage,
    fields: 20,
    parts: 20 + LIMITS.attachmentsPerMessage,
    fieldNameSize: 100,
    fieldSize: LIMITS.text * 4,
    headerPairs: 50,
  });
  for await (const part of parts) {
    if (part.type === 'file') files.push(await readFile(part));
    else if (typeof part.value === 'string') fields.set(part.fieldname, part.value);
  }
  return { fields, files };
}

async function readFile(part: MultipartFile): Promise<File> {
  return { name: part.filename ?? '', bytes: await bytesOf(part) };
}
