// The parts of a multipart form as they come; a form that is none is its sender's doing, and no fault of ours.
import type { Multipart, MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';

type Limits = NonNullable<NonNullable<Parameters<FastifyRequest['parts']>[0]>['limits']>;

/** What a form's reader throws where it cannot be read: see the codes in faults.ts. */
export class BrokenForm extends Error {
  readonly code = 'NATTER_BROKEN_FORM';

  constructor(cause: unknown) {
    super('a form could not be read', { cause });
  }
}

/** The parts of the request's form. Throws `BrokenForm` where it has no boundary or breaks off. */
export async function* formParts(request: FastifyRequest, limits: Limits): AsyncGenerator<Multipart> {
  try {
    yield* request.parts({ limits });
  } catch (fault) {
    throw blamed(fault);
  }
}

/** The bytes of a file in a form. Throws as above. */
export async function bytesOf(file: MultipartFile): Promise<Buffer> {
  try {
    return await file.toBuffer();
  } catch (fault) {
    throw blamed(fault);
  }
}

/** The parser's own errors have no code; all that concern something else, a limit or a connection, have one. */
function blamed(fault: unknown): unknown {
  const known = !(fault instanceof Error) || 'code' in fault || fault.name === 'AbortError';
  return known ? fault : new BrokenForm(fault);
}
