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

type Values = Readonly<Record<string, unknown>>;

interface Pair {
  readonly key: string;
  readonly value: string;
}

/** What a reader fills in once for all requests. */
const VARIABLES: Readonly<Record<string, { readonly value: string; readonly description: string }>> = {
  token: { value: '', description: '`data.token` of a sign-in, for what agents and admins do.' },
  apiKey: { value: '', description: 'The API token: Settings → API Token in the admin.' },
  visitorToken: {
    value: '',
    description: 'What creating a session answered; needed where its widget wants it.',
  },
  sessionId: { value: 'session_abc123', description: 'The session that the requests are about.' },
  siteKey: { value: '', description: 'The widget that the requests are about.' },
};
/** Which of them stands for a value, by the value's name. */
const STANDS_FOR: readonly (readonly [RegExp, string])[] = [
  [/^site_?key$/i, 'siteKey'],
  [/^(?:session|target)_?id$/i, 'sessionId'],
];

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
      ...Object.entries(VARIABLES).map(([key, said]) => ({ key, ...said })),
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
  const [template = '', flags] = path.split('?');
  // A flag of the path is a part of the query like any other: Postman puts an address together from its parts.
  const query = [
    ...pairs(Object.fromEntries(new URLSearchParams(flags))),
    ...pairs(filled(operation, example, example?.query)),
  ];
  const shown: Values = filled(operation, example, example?.params) ?? {};
  const variables = [...template.matchAll(/\{(\w+)\}/g)].map(([, key = '']) => ({
    key,
    value: String(shown[key] ?? (key in VARIABLES ? `{{${key}}}` : '')),
  }));
  const parts = template
    .split('/')
    .slice(1)
    .map((part) => part.replace(/^\{(\w+)\}$/, ':$1'));
  const asked = query.map(({ key, value }) => `${key}=${value}`).join('&');
  const body = bodyOf(operation, filled(operation, example, example?.body));
  return {
    name,
    request: {
      method,
      description: operation.description,
      header: [...credentials(operation), ...(body ? [body.type] : []), ...pairs(example?.headers)],
      url: {
        raw: `{{baseUrl}}/${parts.join('/')}${asked === '' ? '' : `?${asked}`}`,
        host: ['{{baseUrl}}'],
        path: parts,
        ...(query.length > 0 ? { query } : {}),
        ...(variables.length > 0 ? { variable: variables } : {}),
      },
      ...(body ? { body: body.shown } : {}),
    },
    response: example?.answer === undefined ? [] : [response(name, example)],
  };
}

/** An example's values with the collection's variables in them; one that shows a refusal keeps what is refused. */
function filled<Shown>({ security }: Operation, example: Example | undefined, values: Shown): Shown {
  if (!example || example.status >= 400) return values;
  const named = (key: string, value: unknown): unknown => {
    if (typeof value === 'object' && value !== null) return inner(value);
    if (key === 'token' && security.some((way) => 'tokenQuery' in way)) return '{{apiKey}}';
    const variable = STANDS_FOR.find(([names]) => names.test(key))?.[1];
    return variable ? `{{${variable}}}` : value;
  };
  const inner = <Held>(held: Held): Held => {
    if (typeof held !== 'object' || held === null || Array.isArray(held)) return held;
    // Its keys are the same, and a variable stands for a string.
    return Object.fromEntries(Object.entries(held).map(([key, one]) => [key, named(key, one)])) as Held;
  };
  return inner(values);
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
