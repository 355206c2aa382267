// One route as an operation of OpenAPI: parameters, body, answers, refusals and examples.
import { STATUS_CODES } from 'node:http';
import type { Access, Description, Dialect, Example } from '../described.ts';
import type { Components, JsonSchema } from './components.ts';
import type { DescribedRoute } from './routes.ts';

/** What the documents and their tests know of an example: as it was written, with a name in any case. */
export type NamedExample = Example & { readonly name: string };

/** Who may call, in OpenAPI's words: any one of these schemes; an empty one means that nothing is needed. */
const SECURITY: Record<Access, readonly Readonly<Record<string, readonly string[]>>[]> = {
  public: [],
  guest: [{ visitorToken: [] }, {}],
  user: [{ bearer: [] }],
  admin: [{ bearer: [] }],
  either: [{ bearer: [] }, { visitorToken: [] }, {}],
  api: [{ tokenQuery: [] }, { apiKey: [] }, { bearer: [] }],
  support: [{ bearer: [] }, { apiKey: [] }],
};

const WHO: Record<Access, string> = {
  public: 'Anybody may call it.',
  guest: "Whoever knows the session's id may call it; where the widget wants it, with its visitor token.",
  user: 'A signed-in agent or admin may call it.',
  admin: 'An admin of the workspace may call it.',
  either: 'A signed-in agent or admin may call it, or the guest of the session.',
  api: "A program with the workspace's API token may call it.",
  support: 'Any token of `POST /api/auth/token` will do, a signed-in user, or the API key.',
};

/** How each dialect spells an error. */
export const ERRORS: Record<Dialect, string> = {
  native: 'Error',
  'live-chat': 'Error',
  support: 'Error',
  widget: 'FieldsError',
  token: 'TokenError',
};

/** The examples of a route, each with a name. */
export function namedExamples({ summary, examples = [] }: Description): NamedExample[] {
  const names = new Set<string>();
  return examples.map((example) => {
    let name = example.name ?? summary;
    for (let count = 2; names.has(name); count++) name = `${example.name ?? summary} (${count})`;
    names.add(name);
    return { ...example, name };
  });
}

/** `/api/widgets/{siteKey}` for `/api/widgets/:siteKey`. */
export function pathTemplate(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}').replace(/\*$/, '{path}');
}

export function operation(route: DescribedRoute, said: Description, components: Components): JsonSchema {
  const examples = namedExamples(said);
  const body = bodyOf(route, said, components, examples);
  const query = route.query && propertiesOf(components.schema(route.query), components);
  return {
    tags: [said.dialect],
    operationId: operationId(route),
    summary: said.summary,
    description: [said.description, WHO[said.access]].filter((part) => part !== undefined).join('\n\n'),
    security: SECURITY[said.access],
    parameters: [
      ...parameters(route, components, examples, 'path'),
      ...parameters(route, components, examples, 'query'),
    ],
    ...(body ? { requestBody: body } : {}),
    responses: responses(
      route,
      said,
      components,
      examples,
      query !== undefined && 'min_sequence' in query.properties,
    ),
    ...(examples.length > 0 ? { 'x-examples': examples } : {}),
  };
}

function operationId({ method, path }: DescribedRoute): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

interface Properties {
  readonly properties: Readonly<Record<string, JsonSchema>>;
  readonly required: readonly string[];
}

function propertiesOf(schema: JsonSchema, components: Components): Properties {
  const { $ref } = schema;
  const found = typeof $ref === 'string' ? components.all[$ref.slice($ref.lastIndexOf('/') + 1)] : schema;
  // zod writes an object's schema with exactly these.
  const { properties = {}, required = [] } = found as Partial<Properties>;
  return { properties, required };
}

function parameters(
  route: DescribedRoute,
  components: Components,
  examples: readonly NamedExample[],
  place: 'path' | 'query',
): JsonSchema[] {
  const schema = place === 'path' ? route.params : route.query;
  const names = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name ?? '');
  const { properties, required }: Properties = schema
    ? propertiesOf(components.schema(schema), components)
    : { properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])), required: [] };
  if (place === 'query' && !schema) return [];
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: rest,
    ...shown(examples, (example) => (place === 'path' ? example.params : example.query)?.[name]),
  }));
}

/** The values that the examples have for something, by the examples' names. */
function shown(examples: readonly NamedExample[], value: (example: NamedExample) => unknown): JsonSchema {
  const found = examples.flatMap((example) => {
    const one = value(example);
    return one === undefined ? [] : [[example.name, { value: one }] as const];
  });
  return found.length > 0 ? { examples: Object.fromEntries(found) } : {};
}

function bodyOf(
  route: DescribedRoute,
  said: Description,
  components: Components,
  examples: readonly NamedExample[],
): JsonSchema | undefined {
  const schema = said.body ?? route.body;
  if (!schema) return undefined;
  const json = components.schema(schema);
  const media = said.accepts ?? ['application/json'];
  const content = media.map((type) => {
    if (type === 'multipart/form-data') return [type, { schema: formSchema(json, components) }] as const;
    if (type.startsWith('text/')) return [type, { schema: { type: 'string' } }] as const;
    return [type, { schema: json, ...shown(examples, ({ body }) => body) }] as const;
  });
  return { required: !schema.safeParse(undefined).success, content: Object.fromEntries(content) };
}

/** A form has the same fields and files beside them. */
function formSchema(json: JsonSchema, components: Components): JsonSchema {
  const { properties, required } = propertiesOf(json, components);
  const files = {
    type: 'array',
    maxItems: 5,
    items: { type: 'string', format: 'binary' },
    description: 'Up to 5 files of 10 MB: jpg, jpeg, png, gif, webp, pdf, doc, docx, xls, xlsx, txt.',
  };
  return {
    type: 'object',
    properties: { ...properties, files },
    ...(required.length > 0 ? { required } : {}),
  };
}

function responses(
  route: DescribedRoute,
  said: Description,
  components: Components,
  examples: readonly NamedExample[],
  isList: boolean,
): JsonSchema {
  const media = said.media ?? 'application/json';
  const answers = Object.entries(said.answers).map(([status, schema]) => {
    const withBody = status !== '204' && status !== '304';
    const content = {
      [media]: {
        schema: components.schema(schema),
        ...shown(examples, (example) => (example.status === Number(status) ? example.answer : undefined)),
      },
    };
    return [
      status,
      {
        description: STATUS_CODES[status] ?? status,
        headers: headersOf(route, Number(status), isList),
        ...(withBody ? { content } : {}),
      },
    ] as const;
  });
  const refusals = refusalsOf(route, said, examples)
    .filter((status) => !(status in said.answers))
    .map((status) => {
      const content = {
        'application/json': {
          schema: { $ref: `#/components/schemas/${ERRORS[said.dialect]}` },
          ...shown(examples, (example) => (example.status === status ? example.answer : undefined)),
        },
      };
      const headers = headersOf(route, status, isList);
      return [String(status), { description: STATUS_CODES[status] ?? '', headers, content }] as const;
    });
  return Object.fromEntries([...answers, ...refusals]);
}

/** The statuses of a route's refusals: those that follow from what it is, and those it names. */
function refusalsOf(
  route: DescribedRoute,
  { access, refusals = [], body }: Description,
  examples: readonly NamedExample[],
): number[] {
  const statuses = new Set<number>([...refusals, 429, 500, 503]);
  const hasBody = (body ?? route.body) !== undefined;
  if (route.params || route.query || hasBody) statuses.add(400);
  if (access !== 'public') statuses.add(401);
  if (access !== 'public' && access !== 'user') statuses.add(403);
  if (route.params) statuses.add(404);
  if (hasBody) for (const status of [413, 415]) statuses.add(status);
  for (const { status } of examples) if (status >= 400) statuses.add(status);
  return [...statuses].sort((a, b) => a - b);
}

function headersOf(
  { method, path, description }: DescribedRoute,
  status: number,
  isList: boolean,
): JsonSchema {
  const names = ['X-Request-Id'];
  if ((method !== 'GET' || description?.writes) && status < 300) names.push('X-Event-Sequence');
  if (isList && (status < 300 || status === 503)) names.push('X-Projection-Lag');
  if (path.startsWith('/api/') && path !== '/api/health')
    names.push('RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset');
  if (status === 429 || status === 503) names.push('Retry-After');
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
