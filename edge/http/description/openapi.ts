// The HTTP interface as an OpenAPI 3.1 document, made of the routes that are really there.
import { z } from 'zod';
import type { Dialect } from '../described.ts';
import { Components, type JsonSchema } from './components.ts';
import { ERRORS, operation, pathTemplate } from './operation.ts';
import type { DescribedRoute } from './routes.ts';

/** The interface's own version: a change that breaks a client changes its first number. */
export const INTERFACE_VERSION = '1.0.0';

export interface OpenApi {
  readonly openapi: '3.1.0';
  readonly info: JsonSchema;
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>;
}

/** The dialects, as a reader meets them. */
export const DIALECTS: Record<Dialect, string> = {
  native:
    'What our own widget and consoles call, and what belongs to no dialect. Errors: `{success, message}`.',
  token: 'Chats for programs that hold the API token. Errors: `{error}`.',
  widget:
    'Accounts, agents, widgets and their sessions. Errors: `{success, message, errors?}`, field to sentence.',
  support: 'Chats between users and agents, beside Socket.IO. Errors: `{success, message}`.',
  'live-chat': 'Guests start sessions, agents answer them. Errors: `{success, message}`.',
};

const error = z.object({ success: z.literal(false), message: z.string() });

const SECURITY_SCHEMES = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The token of a sign-in, of `POST /api/auth/token`, or the API token itself.',
  },
  apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: "The workspace's API token." },
  tokenQuery: { type: 'apiKey', in: 'query', name: 'token', description: "The workspace's API token." },
  visitorToken: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Visitor-Token',
    description:
      'What the creation of the session answered. Needed where the widget has `require_visitor_token`.',
  },
};

const whole = { type: 'integer', minimum: 0 };
const HEADERS = {
  'X-Request-Id': {
    description: "The request's id: the caller's, if it has 8 to 64 of `A-Za-z0-9._-`, else a new one.",
    schema: { type: 'string' },
  },
  'X-Event-Sequence': {
    description:
      'Where the write went: as `min_sequence` of a list, the list waits for it. Absent where nothing changed.',
    schema: whole,
  },
  'X-Projection-Lag': {
    description: 'Commits that this list does not show yet. Absent where it is current.',
    schema: whole,
  },
  'RateLimit-Limit': { description: 'Requests in a window of 15 minutes.', schema: whole },
  'RateLimit-Remaining': { description: 'How many of them are left.', schema: whole },
  'RateLimit-Reset': { description: 'Seconds until the window ends.', schema: whole },
  'Retry-After': { description: 'Seconds to wait before the same request.', schema: whole },
};

/** Builds the document. `publicUrl`: how clients reach this installation. */
export function openApi(routes: readonly DescribedRoute[], publicUrl: string): OpenApi {
  const components = new Components('draft-2020-12');
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const route of routes) {
    if (!route.description) continue;
    const path = pathTemplate(route.path);
    paths[path] = {
      ...paths[path],
      [route.method.toLowerCase()]: operation(route, route.description, components),
    };
  }
  const errors: Record<string, z.ZodType> = {
    Error: error,
    FieldsError: error.extend({ errors: z.record(z.string(), z.string()).optional() }),
    TokenError: z.object({ error: z.string() }),
  };
  const schemas = { ...components.all };
  for (const name of new Set(Object.values(ERRORS))) {
    const schema = errors[name];
    if (schema) schemas[name] = components.schema(schema);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Natter',
      version: INTERFACE_VERSION,
      description: [
        'Live chat over HTTP. Several dialects serve the same conversations.',
        `Sockets and events: [for people](${publicUrl}/api/docs/sockets), [AsyncAPI 3](${publicUrl}/api/asyncapi.json). This document: [OpenAPI 3.1](${publicUrl}/api/openapi.json), [Postman collection](${publicUrl}/api/postman.json).`,
        'To begin: `POST /api/auth/login` answers `data.token`, which goes into `Authorization: Bearer`. Programs use the API token that an admin makes at Settings → API Token. Guests need nothing but the id of their session.',
      ].join('\n\n'),
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: publicUrl }],
    tags: Object.entries(DIALECTS).map(([name, description]) => ({ name, description })),
    paths,
    components: { schemas, securitySchemes: SECURITY_SCHEMES, headers: HEADERS },
  };
}
