// Where the interface's descriptions are served: made at the first request, then kept.
import { createHash } from 'node:crypto';
import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { App, Http } from '../context.ts';
import { described, hidden } from '../described.ts';
import { PAGE_POLICY } from '../security-headers.ts';
import { asyncApi } from './asyncapi.ts';
import { openApi } from './openapi.ts';
import { postman } from './postman.ts';
import type { DescribedRoute } from './routes.ts';
import { SOCKETS_STYLE, socketsPage } from './sockets-page.ts';

/** The reference page's library adds one sheet of its own, known by its hash; nothing else may stand in the page. */
const REFERENCE_POLICY = PAGE_POLICY.replace(
  "style-src 'self'",
  "style-src 'self' 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='",
);

/** The page's bar shows whose interface it is. The address field that stands there could open nothing else. */
const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" width="88" height="40"><text x="0" y="28" font-family="system-ui, sans-serif" font-size="24" font-weight="700" fill="#fff">Natter</text></svg>';

/** Where the pages for people are. */
const DOCS = '/api/docs';

/** `/api/openapi.json`, `/api/asyncapi.json`, `/api/postman.json`, and pages for people: `/api/docs`, `/api/docs/sockets`. */
export async function documentRoutes(
  app: App,
  { edge }: Http,
  routes: readonly DescribedRoute[],
): Promise<void> {
  const { publicUrl } = edge.settings;
  const openapi = once(() => openApi(routes, publicUrl));

  const serve = (path: string, summary: string, make: () => unknown) => {
    const spelled = once(() => Buffer.from(JSON.stringify(make())));
    app.get(
      path,
      {
        schema: described({
          dialect: 'native',
          summary,
          access: 'public',
          answers: { 200: z.looseObject({}), 304: z.undefined() },
          examples: [{ status: 200 }],
        }),
      },
      async (request, reply) => send(request, reply, 'application/json; charset=utf-8', spelled()),
    );
  };
  const asyncapi = once(() => asyncApi(publicUrl));
  serve('/api/openapi.json', 'The HTTP interface as OpenAPI 3.1', openapi);
  serve('/api/postman.json', 'The HTTP interface as a Postman collection', () => postman(openapi()));

  serve('/api/asyncapi.json', 'The sockets and events as AsyncAPI 3', asyncapi);

  const style = `${DOCS}/sockets.css`;
  const socketsHtml = once(() => Buffer.from(socketsPage(asyncapi(), style)));
  const styleText = Buffer.from(SOCKETS_STYLE);
  const page = { schema: hidden('a page for people, or a part of one') };
  app.get(`${DOCS}/sockets`, page, async (request, reply) =>
    send(
      request,
      reply.header('content-security-policy', PAGE_POLICY),
      'text/html; charset=utf-8',
      socketsHtml(),
    ),
  );
  app.get(style, page, async (request, reply) => send(request, reply, 'text/css; charset=utf-8', styleText));

  // The page asks for a document at its start; ours is made when somebody reads it.
  await app.register(fastifySwagger, {
    mode: 'static',
    specification: { document: { openapi: '3.1.0', info: { title: 'Natter', version: '' }, paths: {} } },
  });
  await app.register(fastifySwaggerUi, {
    routePrefix: DOCS,
    staticCSP: REFERENCE_POLICY,
    transformSpecification: () => ({ ...openapi() }),
    transformSpecificationClone: false,
    logo: { type: 'image/svg+xml', content: Buffer.from(LOGO) },
    theme: {
      title: 'Natter: the interface',
      css: [
        { filename: 'natter.css', content: '.swagger-ui .topbar .download-url-wrapper { display: none; }' },
      ],
    },
    uiConfig: { docExpansion: 'none', defaultModelsExpandDepth: 0, persistAuthorization: false },
  });
}

function once<Made>(make: () => Made): () => Made {
  let made: { readonly value: Made } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

const etags = new WeakMap<Buffer, string>();

function send(request: FastifyRequest, reply: FastifyReply, type: string, bytes: Buffer): FastifyReply {
  const etag = etags.get(bytes) ?? `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  etags.set(bytes, etag);
  reply.headers({ etag, 'cache-control': 'no-cache' });
  if (request.headers['if-none-match'] === etag) return reply.code(304).send();
  return reply.type(type).send(bytes);
}
