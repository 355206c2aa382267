// What goes wrong before or inside a route, in the words of the one catalogue; real faults are logged here, once.
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { LogUnreachable } from '../../domain/log/log-unreachable.ts';
import { explain } from '../refusals.ts';
import type { ErrorShape } from './answers.ts';
import { isListsDown } from './lists.ts';

interface Said {
  readonly status: number;
  readonly message: string;
  readonly fields?: Readonly<Record<string, string>>;
}

/** Codes of fastify and its plugins that are the caller's doing. */
const CODES: Readonly<Record<string, Said>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    message: 'Unsupported content type; send application/json, or multipart/form-data where files go',
  },
  FST_INVALID_MULTIPART_CONTENT_TYPE: { status: 415, message: 'Files are sent as multipart/form-data' },
  FST_ERR_CTP_BODY_TOO_LARGE: { status: 413, message: 'The request is too large' },
  FST_REQ_FILE_TOO_LARGE: explain('file-too-large'),
  FST_FILES_LIMIT: explain('too-many-files'),
  FST_PARTS_LIMIT: { status: 400, message: 'The form has too many parts' },
  FST_FIELDS_LIMIT: { status: 400, message: 'The form has too many fields' },
  NATTER_BROKEN_FORM: { status: 400, message: 'The form has no boundary, or breaks off before its end' },
  FST_PROTO_VIOLATION: { status: 400, message: 'The form has a field that is not allowed' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    status: 400,
    message: 'The body is not as long as was announced',
  },
  FST_ERR_CTP_EMPTY_JSON_BODY: { status: 400, message: 'The body is empty' },
  FST_ERR_CTP_INVALID_JSON_BODY: { status: 400, message: 'The body is not valid JSON' },
  FST_ERR_BAD_URL: { status: 400, message: 'The address is not valid' },
  FST_ERR_ASYNC_CONSTRAINT: { status: 400, message: 'The request is not valid' },
  FST_ERR_MAX_PARAM_LENGTH: { status: 404, message: 'Route not found' },
};

/** Gives a scope of routes its error answers, in the dialect's shape. */
export function answerFaults(app: FastifyInstance, shape: ErrorShape): void {
  app.setErrorHandler((fault: FastifyError, request, reply) => answerFault(fault, request, reply, shape));
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(shape(404, 'Route not found')));
}

/** Answers one fault; logs it where it is not the caller's doing. */
export function answerFault(
  fault: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
  shape: ErrorShape,
): FastifyReply {
  const left = fault.name === 'AbortError' && request.raw.destroyed;
  if (left || reply.raw.headersSent) {
    // Too late for an answer. An attempt would have the address logged, which may be one that opens a file.
    if (!left) request.log.error({ err: fault }, 'an answer was cut off');
    reply.hijack();
    reply.raw.destroy();
    return reply;
  }
  const said = say(fault);
  if (!said) {
    request.log.error({ err: fault }, 'a request failed');
    return reply.code(500).send(shape(500, 'Internal server error'));
  }
  if (said.status === 503) reply.header('retry-after', '1');
  return reply.code(said.status).send(shape(said.status, said.message, said.fields));
}

function say(fault: FastifyError): Said | undefined {
  if (fault.validation) return sayInvalid(fault.validation, fault.validationContext);
  const known = CODES[fault.code];
  if (known) return known;
  if (isListsDown(fault)) return explain('lists-away');
  if (fault instanceof LogUnreachable) return explain('unavailable');
  // What the JSON parser says, and forms that are no forms: told apart by who threw, not by words.
  if (fault instanceof SyntaxError) return { status: 400, message: 'The body is not valid JSON' };
  if (fault.statusCode === 400) return { status: 400, message: 'The request is not valid' };
  return undefined;
}

type Problem = NonNullable<FastifyError['validation']>[number];

/** What a problem is one of that concerns no field. */
const WHOLE = {
  body: 'The body',
  querystring: 'The query',
  params: 'The address',
  headers: 'A header',
} as const satisfies Record<NonNullable<FastifyError['validationContext']>, string>;

function sayInvalid(problems: readonly Problem[], context: FastifyError['validationContext'] = 'body'): Said {
  const fields: Record<string, string> = {};
  const sentences = problems.map((problem) => {
    const path = problem.instancePath.split('/').filter((part) => part !== '');
    const sentence = sentenceOf(path.join('.') || WHOLE[context], problem.message ?? 'is not valid');
    const [field = 'body'] = path;
    fields[field] ??= sentence;
    return sentence;
  });
  return { status: 400, message: sentences[0] ?? 'The request is not valid', fields };
}

/** One sentence: a message that begins with a capital stands alone, any other goes on after the field's name. */
function sentenceOf(field: string, message: string): string {
  return /^[a-z]/.test(message) ? `${field} ${message}` : message;
}
