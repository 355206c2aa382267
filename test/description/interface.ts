// The interface's documents as a test reads them: their operations, examples, and schemas that allow no field more than they name.
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Example } from '../../edge/http/described.ts';
import type { OpenApi } from '../../edge/http/description/openapi.ts';

export type NamedExample = Example & { readonly name: string };

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly tags: readonly string[];
  readonly security: readonly Readonly<Record<string, unknown>>[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
  readonly 'x-examples'?: readonly NamedExample[];
}

/** Every operation of the document. */
export function operationsOf(document: OpenApi): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, said]) => {
      // The document's own validity is another test's business.
      return { ...(said as unknown as Operation), method: method.toUpperCase(), path };
    }),
  );
}

export type Check = (value: unknown) => string | undefined;

/** Holds values against an operation's answer with that status; what it answers says what is wrong. */
export function answerCheck(document: OpenApi): (operation: Operation, status: number) => Check | undefined {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });
  addFormats.default(ajv);
  const components = closed({ schemas: document.components.schemas });
  const checks = new Map<string, Check>();
  return (operation, status) => {
    const schema = operation.responses[status]?.content?.['application/json']?.schema;
    if (!schema) return undefined;
    const key = `${operation.method} ${operation.path} ${status}`;
    let check = checks.get(key);
    if (!check) {
      const validate = ajv.compile({ ...(closed(schema) as object), components });
      check = (value) => (validate(value) ? undefined : ajv.errorsText(validate.errors, { separator: '\n' }));
      checks.set(key, check);
    }
    return check;
  };
}

/** The same schema, in which an object has the fields that it names and no others. */
export function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      key === 'examples' || key === 'const' || key === 'enum' || key === 'default' ? value : closed(value),
    ]),
  );
  const open = 'properties' in inner && inner.type === 'object' && !('additionalProperties' in inner);
  return open ? { ...inner, additionalProperties: false } : inner;
}

/** The fields that `shown` has and `real` has not, by path: where a document shows what an answer does not hold. */
export function missing(shown: unknown, real: unknown, path = ''): string[] {
  if (Array.isArray(shown)) {
    if (!Array.isArray(real)) return [path];
    const [first] = shown;
    return first === undefined
      ? []
      : real.length === 0
        ? [`${path}[0]`]
        : missing(first, real[0], `${path}[0]`);
  }
  if (typeof shown !== 'object' || shown === null) return [];
  if (typeof real !== 'object' || real === null) return [path];
  return Object.entries(shown).flatMap(([key, value]) =>
    Object.hasOwn(real, key)
      ? missing(value, (real as Record<string, unknown>)[key], `${path}.${key}`)
      : [`${path}.${key}`],
  );
}
