// Bodies as PHP's cURL sends them: urlencoded, and multipart where it was given an array.
import type { FastifyRequest } from 'fastify';
import { LIMITS } from '../../../../domain/conversation/values.ts';
import type { App } from '../../../http/context.ts';
import { formParts } from '../../../http/form-parts.ts';

const MOST_FIELDS = 20;

/** Reads urlencoded bodies in this scope. Of several fields with one name the last counts, as in PHP. */
export function takeForms(scope: App): void {
  scope.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, fieldsOf(new URLSearchParams(body as string))),
  );
}

/** A hook that reads a multipart form's fields into the body. Files are refused. */
export async function readMultipart(request: FastifyRequest): Promise<void> {
  if (!request.isMultipart()) return;
  const fields: [string, string][] = [];
  const parts = formParts(request, {
    files: 0,
    fields: MOST_FIELDS,
    parts: MOST_FIELDS,
    fieldNameSize: 100,
    // Bytes; a character has at most four.
    fieldSize: LIMITS.text * 4,
    headerPairs: 20,
  });
  for await (const part of parts) {
    if (part.type !== 'file' && typeof part.value === 'string') fields.push([part.fieldname, part.value]);
  }
  request.body = fieldsOf(fields);
}

function fieldsOf(pairs: Iterable<readonly [string, string]>): Record<string, string> {
  const fields: Record<string, string> = Object.create(null);
  let count = 0;
  for (const [name, value] of pairs) {
    if (++count > MOST_FIELDS) break;
    fields[name] = value;
  }
  return fields;
}
