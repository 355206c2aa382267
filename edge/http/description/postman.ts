// The OpenAPI document as a Postman collection. Written here because the libraries that convert make names, examples and variables of their own; what is needed is one walk over the document.
import type { Example } from '../described.ts';
import type { JsonSchema } from './components.ts';
import type { OpenApi } from './openapi.ts';

/** Format 2.1 of Postman's collections. */
const SCHEMA = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json';

/** An operation as operation.ts writes it, as far as it is needed here. */
interface Operation {
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly security: readonly Readonly<Record<string, unknown>>[];
  readonly requestBody?: { readonly content: Readonly<Record<string, JsonSchema>> };
  readonly 'x-examples'?: readonly (Example & { readonly name: string })[];
}

interface Pair {
  readonly key: string;
  readonly value: string;
}

/** What a reader fills in once for all requests. */
const VARIABLES = ['token', 'apiKey', 'visitorToken', 'sessionId', 'siteKey'];

/** A folder for each dialect, in it a request for each example, or for the operation where it has none. */
export function postman(document: OpenApi): JsonSchema {
  const folders = document.tags.map(({ name, description }) => ({
    name,
    description,
    item: Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, said]) => {
        // Written by operation.ts: it has these fields.
        const operation = said as unknown as Operation;
        return operation.tags.includes(name) ? requests(path, method.toUpperCase(), operation) : [];
      }),
    ),
  }));
  return {
    info: {
      name: 'Natter',
      description: document.info.description,
      version: document.info.version,
      schema: SCHEMA,
    },
    variable: [
      { key: 'baseUrl', value: document.servers[0]?.url ?? '' },
      ...VARIABLES.map((key) => ({ key, value: '' })),
    ],
    item: folders.filter(({ item }) => item.length > 0),
  };
}

function requests(path: string, method: string, operation: Operation): JsonSchema[] {
  const examples = operation['x-examples'] ?? [];
  if (examples.length === 0) return [request(path, method, operation, operation.summary, undefined)];
  return examples.map((example) => request(path, method, operation, example.name, example));
}

function request(
  path: string,
  method: string,
  operation: Operation,
  name: string,
  example: Example | undefined,
): JsonSchema {
  const query = pairs(example?.query);
  const variables = [...path.matchAll(/\{(\w+)\}/g)].map(([, key = '']) => ({
    key,
    value: String(example?.params?.[key] ?? (VARIABLES.includes(key) ? `{{${key}}}` : '')),
  }));
  const raw = `{{baseUrl}}${path.replace(/\{(\w+)\}/g, ':$1')}`;
  const body = bodyOf(operation, example?.body);
  return {
    name,
    request: {
      method,
      description: operation.description,
      header: [...credentials(operation), ...(body ? [body.type] : []), ...pairs(example?.headers)],
      url: {
        raw:
          query.length > 0
            ? `${raw}${raw.includes('?') ? '&' : '?'}${query.map(({ key, value }) => `${key}=${value}`).join('&')}`
            : raw,
        host: ['{{baseUrl}}'],
        path: path
          .split('/')
          .slice(1)
          .map((part) => part.replace(/^\{(\w+)\}$/, ':$1')),
        ...(query.length > 0 ? { query } : {}),
        ...(variables.length > 0 ? { variable: variables } : {}),
      },
      ...(body ? { body: body.shown } : {}),
    },
    response: example?.answer === undefined ? [] : [response(name, example)],
  };
}

function bodyOf({ requestBody }: Operation, body: unknown) {
  if (body === undefined || !requestBody) return undefined;
  if (requestBody.content['application/json'])
    return {
      type: { key: 'Content-Type', value: 'application/json' },
      shown: { mode: 'raw', raw: JSON.stringify(body, null, 2), options: { raw: { language: 'json' } } },
    };
  return {
    type: { key: 'Content-Type', value: 'application/x-www-form-urlencoded' },
    shown: { mode: 'urlencoded', urlencoded: pairs(body as Record<string, unknown>) },
  };
}

/** The first way in that an operation names; a guest's token only where it is filled in, so it is switched off. */
function credentials({ security }: Operation): (Pair & { readonly disabled?: boolean })[] {
  const [first] = security;
  if (!first) return [];
  if ('bearer' in first) return [{ key: 'Authorization', value: 'Bearer {{token}}' }];
  if ('apiKey' in first || 'tokenQuery' in first) return [{ key: 'X-API-Key', value: '{{apiKey}}' }];
  return [{ key: 'X-Visitor-Token', value: '{{visitorToken}}', disabled: true }];
}

function response(name: string, { status, answer }: Example): JsonSchema {
  return {
    name,
    code: status,
    header: [{ key: 'Content-Type', value: 'application/json' }],
    body: JSON.stringify(answer, null, 2),
  };
}

function pairs(values: Readonly<Record<string, unknown>> = {}): Pair[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: String(value) }));
}
