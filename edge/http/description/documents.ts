// Where the interface's descriptions are served: made at the first request, then kept.
import { createHash } from 'node:crypto';
import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { App, Http } from '../context.ts';
import { described } from '../described.ts';
import { PAGE_POLICY } from '../security-headers.ts';
import { openApi } from './openapi.ts';
import { postman } from './postman.ts';
import type { DescribedRoute } from './routes.ts';

/** `/api/openapi.json`, `/api/postman.json`, and the reference page `/api/docs`. */
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
          answers: { 200: z.looseObject({}) },
          examples: [{ status: 200 }],
        }),
      },
      async (request, reply) => send(request, reply, 'application/json; charset=utf-8', spelled()),
    );
  };
  serve('/api/openapi.json', 'The HTTP interface as OpenAPI 3.1', openapi);
  serve('/api/postman.json', 'The HTTP interface as a Postman collection', () => postman(openapi()));

  // The page asks for a document at its start; ours is made when somebody reads it.
  await app.register(fastifySwagger, {
    mode: 'static',
    specification: { document: { openapi: '3.1.0', info: { title: 'Natter', version: '' }, paths: {} } },
  });
  await app.register(fastifySwaggerUi, {
    routePrefix: '/api/docs',
    staticCSP: PAGE_POLICY,
    transformSpecification: () => ({ ...openapi() }),
    transformSpecificationClone: false,
    theme: { title: 'Natter: the interface' },
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
